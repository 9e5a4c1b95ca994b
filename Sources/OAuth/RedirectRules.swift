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

    /// Schemes that run or open something in the browser instead of reaching a client.
    private static let refusedSchemes: Set<String> = [
        "javascript", "data", "file", "blob", "about", "vbscript", "ws", "wss",
    ]

    package func allow(_ uri: String) -> Bool {
        guard (1...RedirectMatch.maxBytes).contains(uri.utf8.count),
            uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !uri.utf8.contains(UInt8(ascii: "#")),
            !uri.utf8.contains(UInt8(ascii: "\\")), !uri.utf8.contains(UInt8(ascii: "*")),
            let scheme = Self.scheme(of: uri), !Self.refusedSchemes.contains(scheme)
        else { return false }
        guard scheme == "http" || scheme == "https" else {
            return !Self.hasUserInfo(uri, scheme) && entries.contains { $0.utf8.elementsEqual(uri.utf8) }
        }
        guard let address = WebAddress(uri), !address.hasUserInfo else { return false }
        if address.host == "localhost" {
            if allowsLocalhost { return true }
        } else if address.ip == .loopbackV4 || address.ip == .loopbackV6 {
            if allowsLoopback { return true }
        }
        // Plain http leaves the machine for nobody but the machine itself.
        guard address.scheme == .https || address.host == "localhost" || address.ip?.isLoopback == true else {
            return false
        }
        return entries.contains { Self.covers($0, address, uri) }
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

    private static func hasUserInfo(_ uri: String, _ scheme: String) -> Bool {
        let rest = uri.dropFirst(scheme.utf8.count + 1)
        guard rest.hasPrefix("//") else { return false }
        return rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }.contains("@")
    }

    /// RFC 3986 §3.1, in lowercase.
    private static func scheme(of uri: String) -> String? {
        guard let colon = uri.firstIndex(of: ":") else { return nil }
        let scheme = uri[..<colon].lowercased()
        guard let first = scheme.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            scheme.utf8.allSatisfy({ byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.".utf8.contains(byte)
            })
        else { return nil }
        return scheme
    }
}
