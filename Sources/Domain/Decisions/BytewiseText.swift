/// Comparisons of texts as policies make them. Swift's own `==` also equates what Unicode calls canonically equivalent,
/// such as U+212A (Kelvin sign) and `K`: nobody may slip into a group by such a spelling.
extension String {
    /// With the ASCII letters in lowercase, and all else as it is.
    package var lowercasedASCII: String { String(decoding: utf8.map(\.lowercasedASCII), as: UTF8.self) }

    /// Equality of bytes.
    func matchesExactly(_ other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Equality of bytes but for the case of ASCII letters.
    func matchesIgnoringCase(_ other: String) -> Bool { utf8.matchesIgnoringCase(other.utf8) }

    /// Whether the part behind the last `@` is `domain`, but for the case of ASCII letters.
    func hasMailDomain(_ domain: String) -> Bool {
        guard let at = utf8.lastIndex(of: UInt8(ascii: "@")) else { return false }
        return utf8[utf8.index(after: at)...].matchesIgnoringCase(domain.utf8)
    }
}

extension Collection<UInt8> {
    fileprivate func matchesIgnoringCase(_ other: some Collection<UInt8>) -> Bool {
        count == other.count && elementsEqual(other) { $0.lowercasedASCII == $1.lowercasedASCII }
    }
}

extension UInt8 {
    fileprivate var lowercasedASCII: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}
