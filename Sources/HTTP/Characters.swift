/// Byte classes of RFC 9110 §5.6 and RFC 3986 as tables, because the parser looks at every byte of a head.
enum Characters {
    /// The lowercase form of each token character, 0 for any other byte.
    static let lowerToken: [UInt8] = table { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte) ? byte : 0
        }
    }

    /// 1 for what may stand in a field value: HTAB, SP, visible ASCII and obs-text.
    static let fieldValue: [UInt8] = table { byte in
        byte == 9 || (byte >= 0x20 && byte != 0x7F) ? 1 : 0
    }

    /// 1 for what may stand in a request target: visible ASCII but `#`, since a fragment is never sent (RFC 9112 §3.2).
    static let target: [UInt8] = table { byte in
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#") ? 1 : 0
    }

    /// 1 for the unreserved characters of RFC 3986 §2.3.
    static let unreserved: [UInt8] = table { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            1
        default: "-._~".utf8.contains(byte) ? 1 : 0
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// The value of a hexadecimal digit of either case.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func table(_ entry: (UInt8) -> UInt8) -> [UInt8] { (0...255).map { entry(UInt8($0)) } }
}

extension Span where Element == UInt8 {
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return withUnsafeBufferPointer { bytes in
            for position in 0..<bytes.count where bytes[position] != text.utf8Start[position] { return false }
            return true
        }
    }

    var string: String { withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
}

extension Collection<UInt8> {
    /// Compares ASCII letters without regard to case; `text` is lowercase.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        var position = 0
        for byte in self {
            let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            guard lower == text.utf8Start[position] else { return false }
            position += 1
        }
        return true
    }
}
