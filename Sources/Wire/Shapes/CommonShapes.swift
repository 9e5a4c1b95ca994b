import Primitives

/// The value rules of contract 10 §8, as shapes.
extension Shape {
    package static let name = Shape.text(1...255)
    package static let accountName = Shape.text(1...100)
    package static let email = Shape.checked({ $0.isEmailAddress }, "an e-mail address")
    package static let url = Shape.checked({ $0.isSecureURL }, "an absolute https URL (http only with a loopback host)")
    package static let color = Shape.checked({ $0.isHexColor }, "a color such as #1a2b3c")
    package static let cidr = Shape.checked({ CIDR($0) != nil }, "an IPv4 or IPv6 address or CIDR")
    package static let country = Shape.checked({ $0.isCountryCode }, "an ISO 3166-1 alpha-2 code in upper case")
    /// `0s` to one month, as sessions of applications and policies last.
    package static let sessionDuration = Shape.duration(.zero ... .seconds(730 * 3600), or: [])
}

extension StringProtocol {
    /// At most 254 bytes with exactly one `@` that has something on both sides and no space or control character.
    package var isEmailAddress: Bool {
        guard utf8.count <= 254, !unicodeScalars.contains(where: { $0.isControl || $0 == " " }) else { return false }
        let parts = split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].lowercased().isHostName
    }

    /// LDH labels of at most 63 bytes, at most 253 bytes in all, lowercase.
    package var isHostName: Bool {
        guard !isEmpty, utf8.count <= 253 else { return false }
        return split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy(\.isLowercaseLDH)
        }
    }

    package var isHexColor: Bool {
        utf8.count == 7 && first == "#" && utf8.dropFirst().allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }

    package var isCountryCode: Bool {
        self == "T1" || utf8.count == 2 && utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    /// Absolute, https or http to a loopback host, no userinfo, no fragment, at most 2048 bytes.
    package var isSecureURL: Bool {
        guard utf8.count <= 2048, utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !contains("#"), !contains("\\") else {
            return false
        }
        let secure = lowercased().hasPrefix("https://")
        guard secure || lowercased().hasPrefix("http://") else { return false }
        let authority = dropFirst(secure ? 8 : 7).prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { return false }
        let host: String
        let rest: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return false }
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            rest = Substring(authority[authority.index(after: end)...])
            guard host.contains(":"), CIDR(host) != nil else { return false }
        } else {
            host = authority.prefix { $0 != ":" }.lowercased()
            rest = Substring(authority.dropFirst(host.count))
            guard host.isHostName else { return false }
        }
        if !rest.isEmpty {
            guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0 else { return false }
        }
        return secure || host.isLoopbackHost
    }

    /// `localhost`, a name below it, or a loopback address.
    package var isLoopbackHost: Bool {
        self == "localhost" || hasSuffix(".localhost") || self == "::1"
            || hasPrefix("127.") && CIDR(String(self)) != nil
    }
}

extension UInt8 {
    var isLowercaseLDH: Bool {
        self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") || self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9")
            || self == UInt8(ascii: "-")
    }
}
