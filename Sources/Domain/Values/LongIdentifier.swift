import Primitives

package enum SaaSClientTag {}
package enum SigningKeyTag {}

/// The audience of an application's tokens; never changes while the application lives.
package typealias Audience = LongIdentifier<ApplicationTag>
/// The client id of an OIDC SaaS application.
package typealias SaaSClientID = LongIdentifier<SaaSClientTag>
/// SHA-256 of a signing key's SPKI: its `kid`.
package typealias SigningKeyID = LongIdentifier<SigningKeyTag>

/// 32 bytes that name one `Entity`, written as 64 lowercase hexadecimal digits.
package struct LongIdentifier<Entity>: Hashable, Sendable {
    private let first, second, third, fourth: UInt64

    /// Reads exactly 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard
            let value = bytes.withContiguousStorageIfAvailable(Self.init(buffer:))
                ?? Array(bytes).withUnsafeBufferPointer(Self.init(buffer:))
        else { return nil }
        self = value
    }

    package init?(buffer bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 32 else { return nil }
        func word(_ start: Int) -> UInt64 {
            var word: UInt64 = 0
            for position in start..<start + 8 { word = word << 8 | UInt64(bytes[position]) }
            return word
        }
        (first, second, third, fourth) = (word(0), word(8), word(16), word(24))
    }

    /// Reads exactly 64 lowercase hexadecimal digits.
    package init?(hex text: String) {
        guard text.utf8.count == 64, let bytes = Hex.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    /// The 32 bytes in the order in which they are written.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            for position in 0..<32 {
                buffer[position] = UInt8(truncatingIfNeeded: word(position >> 3) >> UInt64(56 - (position & 7) * 8))
            }
            count = 32
        }
    }

    /// 64 lowercase hexadecimal digits.
    package var hex: String {
        String(unsafeUninitializedCapacity: 64) { writeHex(to: $0) }
    }

    /// Writes the 64 digits and says so.
    package func writeHex(to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let target = UnsafeMutableRawBufferPointer(buffer)
        for index in 0..<4 {
            Hex.write(word(index), to: UnsafeMutableRawBufferPointer(rebasing: target[(index * 16)...]))
        }
        return 64
    }

    private func word(_ index: Int) -> UInt64 {
        switch index {
        case 0: first
        case 1: second
        case 2: third
        default: fourth
        }
    }
}

/// An audience begins like the identity of its application: new ones share a page of the database, and the application
/// is found without an index of audiences.
extension LongIdentifier<ApplicationTag> {
    /// A name and no secret; 192 of its bits are random.
    package init(startingLike application: ApplicationID) {
        first = application.high
        (second, third) = RandomWords.pair()
        fourth = RandomWords.pair().0
    }

    /// The identity of its application is neither below the first nor above the last of these.
    package var firstIdentifier: ApplicationID { ApplicationID(high: first, low: 0) }
    package var lastIdentifier: ApplicationID { ApplicationID(high: first, low: .max) }
}

extension LongIdentifier: CustomStringConvertible {
    package var description: String { hex }
}
