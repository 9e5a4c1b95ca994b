package import Primitives

/// Somebody signed in to the admin console. It says for which credential it stands and nothing about rights: those are the
/// credential's, at every request anew.
package struct ConsoleSession: Sendable, Equatable {
    package enum Credential: Sendable, Equatable {
        /// An API token, by the SHA-256 of the value that was shown: a token that gets another value ends its sessions.
        case token(APITokenID, digest: [UInt8])
        /// A member of an organization who came in through its primary identity provider.
        case member(UserID, through: IdentityProviderID)
    }

    package let credential: Credential
    package let address: String
    package let createdAt: Timestamp
    package let lastSeenAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        credential: Credential, address: String, createdAt: Timestamp, lastSeenAt: Timestamp, expiresAt: Timestamp
    ) {
        self.credential = credential
        self.address = address
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.expiresAt = expiresAt
    }

    /// A session that begins now.
    package init(of credential: Credential, address: String, at now: Timestamp) {
        self.init(
            credential: credential, address: address, createdAt: now, lastSeenAt: now, expiresAt: now + Self.longest)
    }

    /// How long nothing may come.
    package static let idle = Duration.seconds(30 * 60)
    /// How long a session lasts at most.
    package static let longest = Duration.seconds(12 * 3600)
    /// How often a session is noted as used.
    package static let noting = Duration.seconds(60)

    /// Also one that began or was used in the future: the clock was set back since.
    package func isOver(at now: Timestamp) -> Bool {
        !expiresAt.isAhead(of: now, byAtMost: Self.longest) || !lastSeenAt.isWithin(Self.idle, before: now)
    }
}
