/// The identity of one `Entity`: 16 bytes, written as 32 lowercase hexadecimal digits or as a UUID.
///
/// New identifiers are time-ordered in the layout of UUID version 7 (RFC 9562 §5.7): neighbouring rows share database
/// pages, which makes durable inserts several times cheaper. They are names, not secrets.
package struct Identifier<Entity>: Hashable, Sendable, Comparable {
    package let high: UInt64
    package let low: UInt64

    @inlinable
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A fresh identifier that sorts by `instant`: 48 bits of milliseconds and 74 random bits.
    package init(at instant: Timestamp) {
        let random = RandomWords.pair()
        let milliseconds = UInt64(bitPattern: instant.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
        low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    }

    /// The smallest identifier that sorts by `instant`: whatever was made earlier is smaller.
    package static func first(at instant: Timestamp) -> Self {
        let milliseconds = UInt64(bitPattern: instant.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        return Self(high: milliseconds << 16, low: 0)
    }

    /// The milliseconds since 1970 of an identifier that `init(at:)` made; of no meaning in another.
    package var milliseconds: Int64 { Int64(high >> 16) }

    @inlinable
    package static func < (left: Self, right: Self) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    @inlinable
    package static func == (left: Self, right: Self) -> Bool { left.low == right.low && left.high == right.high }

    @inlinable
    package func hash(into hasher: inout Hasher) {
        hasher.combine(high)
        hasher.combine(low)
    }
}

extension Identifier {
    /// Reads exactly 32 lowercase hexadecimal digits.
    @inlinable
    package init?(hex text: some StringProtocol) {
        let digits = text.utf8
        guard
            let value = digits.withContiguousStorageIfAvailable(Hex.words)
                ?? Array(digits).withUnsafeBufferPointer(Hex.words)
        else { return nil }
        self.init(high: value.high, low: value.low)
    }

    /// Reads exactly the lowercase 8-4-4-4-12 form of RFC 9562 §4.
    @inlinable
    package init?(uuid text: some StringProtocol) {
        let bytes = text.utf8
        guard
            let value = bytes.withContiguousStorageIfAvailable(Hex.uuidWords)
                ?? Array(bytes).withUnsafeBufferPointer(Hex.uuidWords)
        else { return nil }
        self.init(high: value.high, low: value.low)
    }

    /// Reads the 16 big-endian bytes that ``bytes`` gives.
    @inlinable
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        var position = 0
        for byte in bytes {
            if position < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
            position += 1
        }
        self.init(high: high, low: low)
    }

    /// The 16 bytes in big-endian order, so that byte order and creation order agree.
    @inlinable
    package var bytes: [UInt8] { IdentifierText.bytes(high, low) }

    /// 32 lowercase hexadecimal digits.
    @inlinable
    package var hex: String { IdentifierText.hex(high, low) }

    /// The lowercase 8-4-4-4-12 form of RFC 9562 §4.
    @inlinable
    package var uuid: String { IdentifierText.uuid(high, low) }
}

/// The forms of an identifier, whatever it names: compiled once.
@usableFromInline
package enum IdentifierText {
    @usableFromInline
    static func bytes(_ high: UInt64, _ low: UInt64) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for position in 0..<8 {
                buffer[position] = UInt8(truncatingIfNeeded: high >> UInt64(56 - position * 8))
                buffer[position + 8] = UInt8(truncatingIfNeeded: low >> UInt64(56 - position * 8))
            }
            count = 16
        }
    }

    @usableFromInline
    static func hex(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 32) { writeHex(high, low, to: $0) }
    }

    @usableFromInline
    static func uuid(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 36) { writeUUID(high, low, to: $0) }
    }

    /// Writes 32 digits and says so.
    package static func writeHex(_ high: UInt64, _ low: UInt64, to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        precondition(buffer.count >= 32)
        let target = UnsafeMutableRawBufferPointer(buffer)
        Hex.write(high, to: target)
        Hex.write(low, to: UnsafeMutableRawBufferPointer(rebasing: target[16...]))
        return 32
    }

    /// Writes 36 characters and says so.
    package static func writeUUID(_ high: UInt64, _ low: UInt64, to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        precondition(buffer.count >= 36)
        let target = UnsafeMutableRawBufferPointer(buffer)
        let dash = UInt8(ascii: "-")
        target.storeBytes(of: Hex.digits(UInt32(truncatingIfNeeded: high >> 32)).littleEndian, as: UInt64.self)
        // Four digits, a dash, four digits, a dash: and the same once more.
        let second = Hex.digits(UInt32(truncatingIfNeeded: high))
        let third = Hex.digits(UInt32(truncatingIfNeeded: low >> 32))
        buffer[8] = dash
        target.storeBytes(of: UInt32(truncatingIfNeeded: second).littleEndian, toByteOffset: 9, as: UInt32.self)
        buffer[13] = dash
        target.storeBytes(of: UInt32(truncatingIfNeeded: second >> 32).littleEndian, toByteOffset: 14, as: UInt32.self)
        buffer[18] = dash
        target.storeBytes(of: UInt32(truncatingIfNeeded: third).littleEndian, toByteOffset: 19, as: UInt32.self)
        buffer[23] = dash
        target.storeBytes(of: UInt32(truncatingIfNeeded: third >> 32).littleEndian, toByteOffset: 24, as: UInt32.self)
        target.storeBytes(
            of: Hex.digits(UInt32(truncatingIfNeeded: low)).littleEndian, toByteOffset: 28, as: UInt64.self)
        return 36
    }
}

extension Identifier: CustomStringConvertible {
    package var description: String { hex }
}
