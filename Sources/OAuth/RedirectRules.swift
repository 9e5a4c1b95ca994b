import Domain
import HTTP
import Primitives

/// Which redirect URIs clients that register themselves may have (contract 50 §5). Rules are asked at registration and
/// again at each authorization, so that tighter ones stop old clients.
package struct RedirectRules: Sendable, Equatable {
    /// `http(s)://localhost[:port]/…`
    package let allowsLocalhost: Bool
    /// `http(s)://127.0.0.1[:port]/…` and `http(s)://[::1][:port]/…`
    package let allowsLoopback: Bool
    /// Exact URIs, and http(s) ones that end in `/*`.
    package let entries: [String]

    package init(allowsLocalhost: Bool, allowsLoopback: Bool, entries: [String]) {
        self.allowsLocalhost = allowsLocalhost
        self.allowsLoopback = allowsLoopback
        self.entries = entries
    }

    package func allow(_ text: String) -> Bool {
        guard let uri = RedirectURI(text) else { return false }
        guard uri.isWeb else { return entries.contains { $0.utf8.elementsEqual(text.utf8) } }
        guard let address = WebAddress(text) else { return false }
        if address.host == "localhost" {
            if allowsLocalhost { return true }
        } else if address.ip == .loopbackV4 || address.ip == .loopbackV6 {
            if allowsLoopback { return true }
        }
        return entries.contains { Self.covers($0, address, text) }
    }

    private static func covers(_ entry: String, _ address: WebAddress, _ uri: String) -> Bool {
        guard entry.hasSuffix("/*") else { return entry.utf8.elementsEqual(uri.utf8) }
        guard let base = WebAddress(entry.dropLast(1)), base.scheme == address.scheme, base.host == address.host,
            base.port == address.port, let path = normalised(address.path)
        else { return false }
        // The base ends in a slash, so a prefix of it ends on a segment border.
        return path.utf8.starts(with: base.path.utf8)
    }

    /// The path without dot segments (RFC 3986 §5.2.4); `nil` where an encoded separator or dot could be read in two ways.
    private static func normalised(_ path: String) -> String? {
        let lower = path.lowercased()
        guard !lower.contains("%2f"), !lower.contains("%5c"), !lower.contains("%2e"), !lower.contains("%25") else {
            return nil
        }
        var segments: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch part {
            case ".": if isLast { segments.append("") }
            case "..":
                _ = segments.popLast()
                if isLast { segments.append("") }
            default: segments.append(part)
            }
        }
        return "/" + segments.joined(separator: "/")
    }
}
