import Primitives

extension Base64URL {
    /// What ``decode(_:)`` gives, on memory: tokens are decoded on every request, and the generic form costs several
    /// nanoseconds a byte there.
    static func decode(_ digits: Span<UInt8>) -> [UInt8]? {
        guard digits.count % 4 != 1 else { return nil }
        let table = table.span
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: digits.count / 4 * 3 + 2) { buffer, count in
            // Four digits are three bytes; what is left over goes digit by digit.
            var next = 0
            while next + 4 <= digits.count {
                let one = UInt32(table[Int(digits[next])])
                let two = UInt32(table[Int(digits[next + 1])])
                let three = UInt32(table[Int(digits[next + 2])])
                let four = UInt32(table[Int(digits[next + 3])])
                guard one | two | three | four < 64 else {
                    isValid = false
                    return
                }
                let word = one << 18 | two << 12 | three << 6 | four
                buffer[count] = UInt8(truncatingIfNeeded: word >> 16)
                buffer[count + 1] = UInt8(truncatingIfNeeded: word >> 8)
                buffer[count + 2] = UInt8(truncatingIfNeeded: word)
                count += 3
                next += 4
            }
            var accumulator: UInt32 = 0
            var bits = 0
            for index in next..<digits.count {
                let value = table[Int(digits[index])]
                guard value < 64 else {
                    isValid = false
                    return
                }
                accumulator = accumulator << 6 | UInt32(value)
                bits += 6
                if bits >= 8 {
                    bits -= 8
                    buffer[count] = UInt8(truncatingIfNeeded: accumulator >> UInt32(bits))
                    count += 1
                }
            }
            // The unused bits of the last digit are zero, so that one value has one spelling.
            if accumulator & ((1 << UInt32(bits)) - 1) != 0 { isValid = false }
        }
        return isValid ? bytes : nil
    }

    /// Appends what ``encode(_:)`` gives, without a string in between.
    static func append(_ bytes: Span<UInt8>, to digits: inout [UInt8]) {
        let alphabet = alphabet.span
        digits.reserveCapacity(digits.count + (bytes.count * 4 + 2) / 3)
        var accumulator: UInt32 = 0
        var bits = 0
        for index in bytes.indices {
            accumulator = accumulator << 8 | UInt32(bytes[index])
            bits += 8
            while bits >= 6 {
                bits -= 6
                digits.append(alphabet[Int(accumulator >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { digits.append(alphabet[Int(accumulator << UInt32(6 - bits) & 63)]) }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The value of each byte, 255 where the byte is no digit.
    private static let table: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, digit) in alphabet.enumerated() { table[Int(digit)] = UInt8(value) }
        return table
    }()
}
