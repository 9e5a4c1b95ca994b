import Domain
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

    package var isHexColor: Bool {
        utf8.count == 7 && first == "#" && utf8.dropFirst().allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }

    package var isCountryCode: Bool {
        self == "T1" || utf8.count == 2 && utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}
