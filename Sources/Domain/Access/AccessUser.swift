package import Primitives

/// Somebody who logs in to an account's applications: an address, its seats, and the subject of its tokens.
package struct AccessUser: Sendable, Equatable {
    /// The `sub` of its tokens. A user who is created again gets a new one.
    package let id: AccessUserID
    package var email: String
    package var name: String
    package let seat: SeatID
    package var hasAccessSeat: Bool
    package var hasGatewaySeat: Bool
    package let lastSuccessfulLogin: Timestamp?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package init(
        id: AccessUserID, email: String, name: String, seat: SeatID, hasAccessSeat: Bool, hasGatewaySeat: Bool,
        lastSuccessfulLogin: Timestamp?, createdAt: Timestamp, updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.email = email
        self.name = name
        self.seat = seat
        self.hasAccessSeat = hasAccessSeat
        self.hasGatewaySeat = hasGatewaySeat
        self.lastSuccessfulLogin = lastSuccessfulLogin
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// What a caller asks for when creating or replacing a user.
package struct AccessUserDraft: Sendable, Equatable {
    package let email: String
    package let name: String

    package init(email: String, name: String) {
        self.email = email
        self.name = name
    }
}

/// A change of the seats of one user.
package struct SeatChange: Sendable, Equatable {
    package let seat: SeatID
    package let hasAccessSeat: Bool
    package let hasGatewaySeat: Bool

    package init(seat: SeatID, hasAccessSeat: Bool, hasGatewaySeat: Bool) {
        self.seat = seat
        self.hasAccessSeat = hasAccessSeat
        self.hasGatewaySeat = hasGatewaySeat
    }
}
