import Primitives

/// A place that an authorization answer may be sent to (contract 50 §5): https, http to the person's own machine, or a
/// private-use scheme. Without credentials, fragment and wildcard. What is no `RedirectURI` is neither stored as one nor ever
/// redirected to.
package struct RedirectURI: Sendable, Equatable {
    package let text: String
    /// In lowercase.
    package let scheme: String

    package static let maxBytes = 2048

    /// Schemes that run or open something in the browser instead of reaching a client.
    private static let refusedSchemes: Set<String> = [
        "javascript", "data", "file", "blob", "about", "vbscript", "ws", "wss",
    ]

    package init?(_ text: String) {
        guard (1...Self.maxBytes).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed),
            let scheme = Self.scheme(of: text), !Self.refusedSchemes.contains(scheme)
        else { return nil }
        if scheme == "https" || scheme == "http" {
            guard text.isSecureURL else { return nil }
        } else {
            let rest = text.dropFirst(scheme.utf8.count + 1)
            guard !rest.isEmpty, rest != "//" else { return nil }
            let authority = rest.hasPrefix("//") ? rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" } : ""
            guard !authority.contains("@") else { return nil }
        }
        self.text = text
        self.scheme = scheme
    }

    /// Whether it is an http or https URL.
    package var isWeb: Bool { scheme == "https" || scheme == "http" }

    package static func isExact(_ text: String) -> Bool { RedirectURI(text) != nil }

    /// An exact URI, or an http(s) one whose last path segment is `*`.
    package static func isPattern(_ text: String) -> Bool {
        guard text.hasSuffix("/*"), let base = RedirectURI(String(text.dropLast(2))), base.isWeb else {
            return isExact(text)
        }
        return !base.text.contains("?")
    }

    /// Characters of a URI (RFC 3986 §2), without those that begin a fragment or stand for others in a pattern.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"\"<>\\^`{|}#*".utf8.contains(byte)
    }

    /// RFC 3986 §3.1, in lowercase.
    private static func scheme(of text: String) -> String? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let scheme = text[..<colon].lowercased()
        guard let first = scheme.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            scheme.utf8.allSatisfy({ $0.isLowercaseLDH || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: ".") })
        else { return nil }
        return scheme
    }
}
