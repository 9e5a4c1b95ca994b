package import Primitives

/// A key that signs the tokens of an account, without its private half.
package struct SigningKey: Sendable, Equatable {
    package let id: SigningKeyID
    /// SubjectPublicKeyInfo in DER.
    package let publicDER: [UInt8]
    /// Signs from here on.
    package let activeFrom: Timestamp
    /// Verifies until then; `nil` for the newest key.
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
    /// When the next key begins to sign, once it is made.
    package let scheduled: Timestamp?

    /// How long before it signs a key is listed, so that those who verify know it in time.
    package static let lead = Duration.seconds(86_400)
    /// The shortest interval that clients may ask for (contract 20 §15).
    package static let shortest = Duration.seconds(21 * 86_400)

    package init(intervalDays: Int, lastRotation: Timestamp, scheduled: Timestamp? = nil) {
        self.intervalDays = intervalDays
        self.lastRotation = lastRotation
        self.scheduled = scheduled
    }

    /// When the next rotation is due by the interval.
    package var due: Timestamp { lastRotation + .seconds(Int64(intervalDays) * 86_400) }

    /// Whole days until the next rotation; 0 when it is due.
    package func daysLeft(at now: Timestamp) -> Int {
        max(0, Int((((scheduled ?? due) - now).wholeSeconds + 86_399) / 86_400))
    }
}
