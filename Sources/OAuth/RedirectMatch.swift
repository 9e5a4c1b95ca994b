import Domain
import HTTP
import Primitives

/// Whether an authorization answer may go where a request says (RFC 6749 §3.1.2.3, RFC 8252 §7.3).
package enum RedirectMatch {
    /// Equal byte for byte, except that the port of a loopback address or of `localhost` may differ: native applications
    /// listen where they find a free port.
    package static func matches(_ presented: String, registered: String) -> Bool {
        guard presented.utf8.count <= RedirectURI.maxBytes else { return false }
        if presented.utf8.elementsEqual(registered.utf8) { return true }
        guard let one = withoutLoopbackPort(presented), let other = withoutLoopbackPort(registered) else {
            return false
        }
        return one.utf8.elementsEqual(other.utf8)
    }

    package static func matches(_ presented: String, anyOf registered: [String]) -> Bool {
        registered.contains { matches(presented, registered: $0) }
    }

    /// Whether the answer stays on the person's own machine.
    package static func isLoopback(_ uri: String) -> Bool { withoutLoopbackPort(uri) != nil }

    /// The URI with its port cut out, where its host is `localhost`, `127.0.0.1` or `[::1]`, spelled so; `nil` for any
    /// other. Everything else stays as it was written.
    private static func withoutLoopbackPort(_ uri: String) -> String? {
        guard let address = WebAddress(uri), !address.hasUserInfo, address.fragment == nil else { return nil }
        let scheme = "\(address.scheme.rawValue)://"
        guard uri.hasPrefix(scheme) else { return nil }
        let rest = uri.dropFirst(scheme.count)
        for host in ["localhost", "127.0.0.1", "[::1]"] where rest.hasPrefix(host) {
            var tail = rest.dropFirst(host.count)
            if tail.utf8.first == UInt8(ascii: ":") {
                tail = tail.dropFirst().drop { ("0"..."9").contains($0) }
            }
            guard tail.isEmpty || tail.utf8.first == UInt8(ascii: "/") || tail.utf8.first == UInt8(ascii: "?") else {
                return nil
            }
            return scheme + host + tail
        }
        return nil
    }
}
