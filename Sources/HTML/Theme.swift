import Glibc

/// The colours that an organization may choose for the pages it shows before a login. They are the ground and the text on
/// it; what lies on cards keeps the colours of ``Stylesheet``, so that a careless choice hides no button.
package struct Theme: Hashable, Sendable {
    package let background: HexColor?
    package let text: HexColor?

    package init(background: HexColor?, text: HexColor?) {
        self.background = background
        self.text = text
    }

    /// CSS to be loaded after ``Stylesheet/text``. Where one of the two is missing or they are too close to each other to be
    /// read, the text becomes black or white.
    package var css: String {
        guard let background else { return "" }
        let chosen = text.flatMap { $0.contrast(to: background) >= 3 ? $0 : nil }
        let readable = chosen ?? (HexColor.white.contrast(to: background) >= 4.5 ? .white : .black)
        return ":root { --backdrop: \(background.text); --on-backdrop: \(readable.text); }\n"
    }
}

/// A colour written as `#rrggbb`.
package struct HexColor: Hashable, Sendable {
    private let value: UInt32

    /// `nil` for any other spelling.
    package init?(_ text: some StringProtocol) {
        let digits = text.dropFirst()
        guard text.first == "#", digits.utf8.count == 6, digits.utf8.allSatisfy({ Self.isHexDigit($0) }),
            let value = UInt32(digits, radix: 16)
        else { return nil }
        self.value = value
    }

    private init(value: UInt32) { self.value = value }

    package static let black = HexColor(value: 0)
    package static let white = HexColor(value: 0xFFFFFF)

    package var text: String {
        let digits = String(value, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
    package func contrast(to other: HexColor) -> Double {
        let (one, two) = (luminance, other.luminance)
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)
    }

    private var luminance: Double {
        let channels = [16, 8, 0].map { Self.linear[Int(value >> UInt32($0) & 0xFF)] }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }

    /// The light of each of the 256 values of a channel (sRGB).
    private static let linear: [Double] = (0...255).map { value in
        let channel = Double(value) / 255
        return channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
