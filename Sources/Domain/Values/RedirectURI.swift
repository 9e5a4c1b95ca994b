import Primitives

/// Places that an authorization answer may be sent to (contract 50, redirect URIs).
package enum RedirectURI {
    private static let refusedSchemes: Set<String> = [
        "javascript", "data", "file", "blob", "about", "vbscript", "ws", "wss",
    ]

    /// An exact URI: https, http to a loopback host, or a private-use scheme. No credentials, no fragment.
    package static func isExact(_ text: String) -> Bool {
        guard (1...2048).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !text.contains("#"),
            !text.contains("\\"), !text.contains("*"), let scheme = scheme(of: text)
        else { return false }
        if scheme == "https" || scheme == "http" { return text.isSecureURL }
        guard !refusedSchemes.contains(scheme) else { return false }
        let rest = text.dropFirst(scheme.utf8.count + 1)
        guard !rest.isEmpty, rest != "//" else { return false }
        let authority = rest.hasPrefix("//") ? rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" } : ""
        return !authority.contains("@")
    }

    /// An exact URI, or an http(s) one whose last path segment is `*`.
    package static func isPattern(_ text: String) -> Bool {
        guard text.hasSuffix("/*"), let scheme = scheme(of: text), scheme == "https" || scheme == "http" else {
            return isExact(text)
        }
        let base = text.dropLast(2)
        return !base.contains("?") && base.utf8.count > scheme.utf8.count + 3 && isExact(String(base))
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
