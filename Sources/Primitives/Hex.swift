/// Lowercase hexadecimal (RFC 4648 §8). Uppercase digits are refused on input, so that one value has one spelling.
package enum Hex {
    /// The digit of the lowest four bits of `value`.
    @inlinable
    package static func digit(_ value: UInt64) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: value & 15)
        return nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a")
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
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var position = 0
            for byte in bytes {
                buffer[position] = digit(UInt64(byte >> 4))
                buffer[position + 1] = digit(UInt64(byte))
                position += 2
            }
            return position
        }
    }

    /// `nil` for an odd number of digits or anything but lowercase digits.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var pending: UInt8?
        for digit in text.utf8 {
            guard let nibble = value(digit) else { return nil }
            if let first = pending {
                bytes.append(first << 4 | nibble)
                pending = nil
            } else {
                pending = nibble
            }
        }
        return pending == nil ? bytes : nil
    }

    /// Exactly 32 digits as two words.
    static func words(_ digits: some Collection<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard digits.count == 32 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (position, digit) in digits.enumerated() {
            guard let nibble = value(digit) else { return nil }
            if position < 16 { high = high << 4 | UInt64(nibble) } else { low = low << 4 | UInt64(nibble) }
        }
        return (high, low)
    }
}
