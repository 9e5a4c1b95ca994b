/// Text from elsewhere, made harmless for a terminal: names of resources are chosen by other people, and an escape
/// sequence in one could rewrite what an administrator sees.
package enum SafeText {
    /// One line: line breaks and tabs become spaces; other control characters and bidirectional overrides become `U+FFFD`.
    package static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { replacement(of: $0) != nil }) else { return text }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { safe.append(replacement(of: scalar) ?? scalar) }
        return String(safe)
    }

    private static func replacement(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.value {
        case 0x09, 0x0a, 0x0d, 0x2028, 0x2029: " "
        case 0x00..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: "\u{fffd}"
        default: nil
        }
    }
}
