package import Primitives

/// A credential of a machine: a public client id and a secret, good for applications with a `non_identity` policy.
package struct ServiceToken: Sendable, Equatable {
    package let id: ServiceTokenID
    package var name: String
    package let clientID: ServiceTokenClientID
    package var secretVersion: Int
    /// As sent: a duration, or `forever`.
    package var lifetime: ServiceTokenLifetime
    package var isEnabled: Bool
    /// `nil` for `forever`.
    package var expiresAt: Timestamp?
    package var lastSeenAt: Timestamp?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package init(
        id: ServiceTokenID, name: String, clientID: ServiceTokenClientID, secretVersion: Int,
        lifetime: ServiceTokenLifetime, isEnabled: Bool, expiresAt: Timestamp?, lastSeenAt: Timestamp?,
        createdAt: Timestamp, updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.name = name
        self.clientID = clientID
        self.secretVersion = secretVersion
        self.lifetime = lifetime
        self.isEnabled = isEnabled
        self.expiresAt = expiresAt
        self.lastSeenAt = lastSeenAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// How long a service token lasts from its creation or renewal.
package enum ServiceTokenLifetime: Sendable, Hashable {
    case limited(DurationText)
    case forever

    /// One year.
    package static let standard = ServiceTokenLifetime("8760h") ?? .forever
    /// The shortest that is accepted.
    package static let minimum = Duration.seconds(60)

    package init?(_ text: String) {
        if text == "forever" {
            self = .forever
        } else if let duration = DurationText(text), duration.duration >= Self.minimum {
            self = .limited(duration)
        } else {
            return nil
        }
    }

    package var text: String {
        switch self {
        case .limited(let duration): duration.text
        case .forever: "forever"
        }
    }

    package func end(from start: Timestamp) -> Timestamp? {
        switch self {
        case .limited(let duration): start + duration.duration
        case .forever: nil
        }
    }
}

/// What a caller asks for when creating a service token.
package struct ServiceTokenDraft: Sendable, Equatable {
    package var name: String
    package var lifetime: ServiceTokenLifetime
    package var isEnabled: Bool
    package var secretVersion: Int
    package var previousSecretExpiresAt: Timestamp?

    package init(
        name: String, lifetime: ServiceTokenLifetime, isEnabled: Bool, secretVersion: Int,
        previousSecretExpiresAt: Timestamp?
    ) {
        self.name = name
        self.lifetime = lifetime
        self.isEnabled = isEnabled
        self.secretVersion = secretVersion
        self.previousSecretExpiresAt = previousSecretExpiresAt
    }
}
