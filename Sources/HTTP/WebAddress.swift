package import Primitives

/// An absolute `http` or `https` URL (RFC 3986), taken apart. The parts keep their percent-encoding; host names are
/// lowercase.
package struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Sendable {
        case http, https

        package var defaultPort: UInt16 { self == .https ? 443 : 80 }
    }

    package let scheme: Scheme
    /// A name or an IPv4 address, or an IPv6 address without its brackets.
    package let host: String
    /// The port as written; `nil` means the scheme's own.
    package let explicitPort: UInt16?
    /// Starts with `/`.
    package let path: String
    /// What follows `?`.
    package let query: String?
    package let hasUserInfo: Bool
    /// What follows `#`.
    package let fragment: String?

    /// `nil` unless the text is an absolute URL of visible ASCII with a well-formed host.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"<>\"\\^`{|}".utf8.contains($0) }) else { return nil }
        var rest = bytes[...]
        if rest.prefix(8).equalsIgnoringCase("https://") {
            scheme = .https
            rest = rest.dropFirst(8)
        } else if rest.prefix(7).equalsIgnoringCase("http://") {
            scheme = .http
            rest = rest.dropFirst(7)
        } else {
            return nil
        }
        func string(_ slice: ArraySlice<UInt8>) -> String { String(decoding: slice, as: UTF8.self) }
        if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
            fragment = string(rest[(hash + 1)...])
            rest = rest[..<hash]
        } else {
            fragment = nil
        }
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = string(rest[(mark + 1)...])
            rest = rest[..<mark]
        } else {
            query = nil
        }
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        path = slash == rest.endIndex ? "/" : string(rest[slash...])
        var authority = rest[..<slash]
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            hasUserInfo = true
            authority = authority[(at + 1)...]
        } else {
            hasUserInfo = false
        }
        guard HostSyntax.isValid(authority) else { return nil }
        var port: ArraySlice<UInt8> = []
        if authority.first == UInt8(ascii: "[") {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")),
                let address = IPAddress(string(authority[(authority.startIndex + 1)..<close]))
            else { return nil }
            host = address.text
            port = authority[(close + 1)...].dropFirst()
        } else {
            let colon = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
            host = string(authority[..<colon]).lowercased()
            port = authority[colon...].dropFirst()
        }
        guard !port.isEmpty else {
            explicitPort = nil
            return
        }
        guard let number = UInt16(string(port)), number > 0 else { return nil }
        explicitPort = number
    }

    package var port: UInt16 { explicitPort ?? scheme.defaultPort }

    /// The literal address, when the host is one.
    package var ip: IPAddress? { IPAddress(host) }

    /// `localhost`, a name below it, or a loopback address.
    package var isLoopback: Bool { host == "localhost" || host.hasSuffix(".localhost") || ip?.isLoopback == true }

    /// Host and port as the Host field carries them; a default port is left out.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    /// `scheme://host[:port]`, the origin of RFC 6454.
    package var origin: String { "\(scheme.rawValue)://\(authority)" }

    /// Path and query as a request target.
    package var target: String { query.map { "\(path)?\($0)" } ?? path }

    package var description: String { origin + target + (fragment.map { "#\($0)" } ?? "") }

    /// Whether the address may be configured: `https`, or `http` on loopback; no user information, no fragment, at most
    /// 2048 bytes.
    package var isAcceptable: Bool {
        (scheme == .https || isLoopback) && !hasUserInfo && fragment == nil && description.utf8.count <= 2048
    }
}
