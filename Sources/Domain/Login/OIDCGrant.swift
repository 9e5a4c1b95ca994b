package import Primitives

package enum OIDCGrantTag {}
package typealias OIDCGrantID = Identifier<OIDCGrantTag>

/// One authorization of one person at one SaaS application: its code, and the tokens that came of it (contract 40 §9).
package struct OIDCGrant: Sendable, Equatable {
    package let id: OIDCGrantID
    package let account: AccountID
    package let application: ApplicationID
    package let client: SaaSClientID
    package let user: AccessUserID
    package let provider: IdentityProviderID
    package let sourceAccount: AccountID?
    /// As the identity provider wrote it.
    package let email: String
    package let session: SessionNonce
    /// What policies are judged with at each refresh.
    package let identity: JSONText
    /// Where the person was when the application was opened.
    package let address: String
    package let country: String
    package let policy: PolicyID
    package let issuer: String
    package let scopes: [String]
    package let nonce: String?
    package let code: OIDCCode
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        id: OIDCGrantID, account: AccountID, application: ApplicationID, client: SaaSClientID, user: AccessUserID,
        provider: IdentityProviderID, sourceAccount: AccountID?, email: String, session: SessionNonce,
        identity: JSONText, address: String, country: String, policy: PolicyID, issuer: String, scopes: [String],
        nonce: String?, code: OIDCCode, createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.application = application
        self.client = client
        self.user = user
        self.provider = provider
        self.sourceAccount = sourceAccount
        self.email = email
        self.session = session
        self.identity = identity
        self.address = address
        self.country = country
        self.policy = policy
        self.issuer = issuer
        self.scopes = scopes
        self.nonce = nonce
        self.code = code
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// What the code of a grant was bound to.
package struct OIDCCode: Sendable, Equatable {
    package let redirectURI: String
    /// `code_challenge` (RFC 7636, S256).
    package let challenge: String?
    package let expiresAt: Timestamp
    package let isSpent: Bool

    package init(redirectURI: String, challenge: String?, expiresAt: Timestamp, isSpent: Bool) {
        self.redirectURI = redirectURI
        self.challenge = challenge
        self.expiresAt = expiresAt
        self.isSpent = isSpent
    }
}
