/// Lowercase hexadecimal (RFC 4648 §8). Uppercase digits are refused on input, so that one value has one spelling.
package enum Hex {
    /// The digit of the lowest four bits of `value`.
    @inlinable
    package static func digit(_ value: UInt64) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: value & 15)
        return nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a")
    }

    /// The eight digits of `value`, the first in the lowest byte.
    ///
    /// All at once: the nibbles are spread to a byte each, and those above nine are moved on to the letters.
    @inlinable
    package static func digits(_ value: UInt32) -> UInt64 {
        var spread = UInt64(value)
        spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
        spread = (spread | spread << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = ((spread &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return (spread &+ 0x3030_3030_3030_3030 &+ letters &* 39).byteSwapped
    }

    /// Writes the 16 digits of a word.
    @inlinable
    package static func write(_ word: UInt64, to target: UnsafeMutableRawBufferPointer) {
        target.storeBytes(of: digits(UInt32(truncatingIfNeeded: word >> 32)).littleEndian, as: UInt64.self)
        target.storeBytes(
            of: digits(UInt32(truncatingIfNeeded: word)).littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    /// The value of one lowercase digit.
    @inlinable
    package static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        bytes.withContiguousStorageIfAvailable(encode) ?? Array(bytes).withUnsafeBufferPointer(encode)
    }

    private static func encode(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for position in bytes.indices {
                buffer[position * 2] = digit(UInt64(bytes[position] >> 4))
                buffer[position * 2 + 1] = digit(UInt64(bytes[position]))
            }
            return bytes.count * 2
        }
    }

    /// `nil` for an odd number of digits or anything but lowercase digits.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8
        return digits.withContiguousStorageIfAvailable(decode) ?? Array(digits).withUnsafeBufferPointer(decode)
    }

    private static func decode(_ digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard digits.count & 1 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for position in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[position]), let low = value(digits[position + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// 16 digits as a word; the caller has counted them.
    @usableFromInline
    static func word(_ digits: UnsafeBufferPointer<UInt8>, from start: Int) -> UInt64? {
        var word: UInt64 = 0
        for position in start..<start + 16 {
            guard let nibble = value(digits[position]) else { return nil }
            word = word << 4 | UInt64(nibble)
        }
        return word
    }

    /// Exactly 32 digits as two words.
    @usableFromInline
    package static func words(_ digits: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard digits.count == 32, let high = word(digits, from: 0), let low = word(digits, from: 16) else { return nil }
        return (high, low)
    }

    /// Exactly 8-4-4-4-12 digits as two words.
    @usableFromInline
    static func uuidWords(_ text: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard text.count == 36 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for position in 0..<36 {
            switch position {
            case 8, 13, 18, 23: guard text[position] == UInt8(ascii: "-") else { return nil }
            default:
                guard let nibble = value(text[position]) else { return nil }
                if position < 18 { high = high << 4 | UInt64(nibble) } else { low = low << 4 | UInt64(nibble) }
            }
        }
        return (high, low)
    }
}
