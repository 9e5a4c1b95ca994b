package import Primitives

/// A key that signs the tokens of an account, without its private half.
package struct SigningKey: Sendable, Equatable {
    package let id: SigningKeyID
    /// SubjectPublicKeyInfo in DER.
    package let publicDER: [UInt8]
    /// Signs from here on.
    package let activeFrom: Timestamp
    /// Verifies until then; `nil` for the key that signs.
    package let verifiesUntil: Timestamp?

    /// How long a key goes on verifying after another has replaced it.
    package static let grace = Duration.seconds(7 * 86_400)

    package init(id: SigningKeyID, publicDER: [UInt8], activeFrom: Timestamp, verifiesUntil: Timestamp?) {
        self.id = id
        self.publicDER = publicDER
        self.activeFrom = activeFrom
        self.verifiesUntil = verifiesUntil
    }
}

/// When the keys of an account rotate.
package struct KeyRotation: Sendable, Equatable {
    package let intervalDays: Int
    package let lastRotation: Timestamp

    package init(intervalDays: Int, lastRotation: Timestamp) {
        self.intervalDays = intervalDays
        self.lastRotation = lastRotation
    }

    /// Whole days until the next rotation; 0 when it is due.
    package func daysLeft(at now: Timestamp) -> Int {
        let next = lastRotation + .seconds(Int64(intervalDays) * 86_400)
        return max(0, Int(((next - now).wholeSeconds + 86_399) / 86_400))
    }
}
