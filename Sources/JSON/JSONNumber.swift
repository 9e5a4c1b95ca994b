/// A JSON number in the spelling it was read with, so that nothing is lost on the way through.
package struct JSONNumber: Sendable {
    package let text: String

    /// The caller vouches that `text` follows the grammar of RFC 8259 §6 and fits a finite double.
    init(validated text: String) { self.text = text }

    package init(_ value: Int64) { text = String(value) }

    /// `nil` for NaN and the infinities, which JSON cannot spell.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = value.description
    }
}

extension JSONNumber {
    /// The value when it is whole and fits 64 bits, decided on the digits and therefore exact: `20.0` and `2e1` are 20,
    /// and 2⁶³ is `nil` rather than its neighbour.
    package var integer: Int64? {
        if let value = Int64(text) { return value }
        var digits: [UInt8] = []
        var exponent = 0
        var isNegative = false
        var isFraction = false
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") {
            isNegative = true
            rest.removeFirst()
        }
        while let byte = rest.first {
            rest.removeFirst()
            switch byte {
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                // A power beyond Int is still a number when every digit is zero, and no integer otherwise.
                guard let power = Int(Substring(rest)) else { return digits.allSatisfy { $0 == 0 } ? 0 : nil }
                guard abs(power) < 1 << 32 else { return digits.allSatisfy { $0 == 0 } ? 0 : nil }
                exponent += power
                rest = rest[rest.endIndex...]
            default:
                digits.append(byte - UInt8(ascii: "0"))
                if isFraction { exponent -= 1 }
            }
        }
        return Self.whole(digits[...], exponent: exponent, isNegative: isNegative)
    }

    private static func whole(_ digits: ArraySlice<UInt8>, exponent: Int, isNegative: Bool) -> Int64? {
        var digits = digits.drop { $0 == 0 }
        var exponent = exponent
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        guard !digits.isEmpty else { return 0 }
        guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
        var magnitude: UInt64 = 0
        for digit in digits { magnitude = magnitude * 10 + UInt64(digit) }
        for _ in 0..<exponent { magnitude *= 10 }
        if isNegative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int64(exactly: magnitude)
    }

    /// The nearest double; always finite.
    package var double: Double { Double(text) ?? 0 }
}

extension JSONNumber: Equatable {
    /// Equality of values: `20` equals `20.0`. Beyond 64 bits and for fractions, equality of the nearest doubles.
    package static func == (left: Self, right: Self) -> Bool {
        if left.text == right.text { return true }
        let integers = (left.integer, right.integer)
        if integers.0 != nil || integers.1 != nil { return integers.0 == integers.1 }
        return left.double == right.double
    }
}
