/// The authority of a request: a host, perhaps with a port (RFC 9110 §7.2).
package enum Authority {
    /// The host in lower case, without its port and without the brackets of an IPv6 address.
    package static func host(of authority: String) -> String {
        let lower = authority.lowercased()
        if lower.hasPrefix("[") { return String(lower.dropFirst().prefix { $0 != "]" }) }
        return String(lower.prefix { $0 != ":" })
    }
}
