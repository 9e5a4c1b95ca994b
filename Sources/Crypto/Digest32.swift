import Primitives

/// 32 bytes, such as a SHA-256, held in place: fit to be a dictionary key without an allocation.
package struct Digest32: Hashable, Sendable {
    /// The bytes as four words in big-endian order.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    @inlinable
    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    @inlinable
    package static func == (left: Self, right: Self) -> Bool {
        // No early exit, so that comparing with a secret digest takes the same time for every guess.
        let difference =
            (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1)
            | (left.words.2 ^ right.words.2) | (left.words.3 ^ right.words.3)
        return difference == 0
    }

    @inlinable
    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Digest32 {
    /// Exactly 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for (position, byte) in bytes.enumerated() {
            switch position / 8 {
            case 0: words.0 = words.0 << 8 | UInt64(byte)
            case 1: words.1 = words.1 << 8 | UInt64(byte)
            case 2: words.2 = words.2 << 8 | UInt64(byte)
            default: words.3 = words.3 << 8 | UInt64(byte)
            }
        }
        self.init(words: words)
    }

    /// Exactly 64 lowercase hexadecimal digits.
    package init?(hex text: some StringProtocol) {
        guard let bytes = Hex.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return bytes
    }

    /// 64 lowercase hexadecimal digits.
    package var hex: String { Hex.encode(bytes) }
}

extension Digest32: CustomStringConvertible {
    package var description: String { hex }
}
