package import Domain
package import Primitives

package enum ManagedGrantTag {}
package typealias ManagedGrantID = Identifier<ManagedGrantTag>

/// What a person allowed a client at one application, or at the control plane's own API (contract 50 §1). It carries the identity of the login it rests on,
/// and policies are judged with that from then on.
package struct ManagedGrant: Sendable, Equatable {
    package let id: ManagedGrantID
    package let account: AccountID
    /// Absent for the API.
    package let application: ApplicationID?
    package let client: ManagedClientID
    package let user: AccessUserID
    package let provider: IdentityProviderID
    package let sourceAccount: AccountID?
    /// Lowercase.
    package let email: String
    package let identity: JSONText
    /// The session of the consent, which may have ended since.
    package let session: SessionNonce
    package let country: String
    /// The policy that admitted; the API has none.
    package let policy: PolicyID?
    package let issuer: String
    /// SHA-256 of the client's redirect URIs at consent.
    package let redirectsDigest: [UInt8]
    /// One short access token and nothing after it.
    package let isMomentary: Bool
    package let createdAt: Timestamp
    package let redeemedAt: Timestamp?
    package let refreshedAt: Timestamp?
    package let expiresAt: Timestamp

    package init(
        id: ManagedGrantID, account: AccountID, application: ApplicationID?, client: ManagedClientID,
        user: AccessUserID,
        provider: IdentityProviderID, sourceAccount: AccountID?, email: String, identity: JSONText,
        session: SessionNonce, country: String, policy: PolicyID?, issuer: String, redirectsDigest: [UInt8],
        isMomentary: Bool, createdAt: Timestamp, redeemedAt: Timestamp? = nil, refreshedAt: Timestamp? = nil,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.application = application
        self.client = client
        self.user = user
        self.provider = provider
        self.sourceAccount = sourceAccount
        self.email = email
        self.identity = identity
        self.session = session
        self.country = country
        self.policy = policy
        self.issuer = issuer
        self.redirectsDigest = redirectsDigest
        self.isMomentary = isMomentary
        self.createdAt = createdAt
        self.redeemedAt = redeemedAt
        self.refreshedAt = refreshedAt
        self.expiresAt = expiresAt
    }

    /// When its newest tokens were issued.
    package var renewedAt: Timestamp { refreshedAt ?? redeemedAt ?? createdAt }

    /// The longest that a grant may last (contract 50 §8).
    package static let maxLifetime = Duration.seconds(730 * 3600)
    /// Live grants of one person for one client at one application: one for each place that they use it in.
    package static let maxPerClient = 20
    /// How long the access token of a momentary grant lasts.
    package static let momentaryLifetime = Duration.seconds(60)
    /// How long after its first use a refresh token counts as repeated rather than stolen.
    package static let lostResponseWindow = Duration.seconds(10)
}

/// A code of managed OAuth as it is stored, beside what the grant holds.
package struct ManagedCode: Sendable, Equatable {
    package let grant: ManagedGrantID
    package let redirectURI: String
    package let challenge: CodeChallenge
    /// As the client spelled it.
    package let resource: String
    package let isSpent: Bool
    package let expiresAt: Timestamp

    package init(
        grant: ManagedGrantID, redirectURI: String, challenge: CodeChallenge, resource: String, isSpent: Bool = false,
        expiresAt: Timestamp
    ) {
        self.grant = grant
        self.redirectURI = redirectURI
        self.challenge = challenge
        self.resource = resource
        self.isSpent = isSpent
        self.expiresAt = expiresAt
    }
}
