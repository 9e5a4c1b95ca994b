package import Primitives

/// Why a token is not valid, in the order in which the rules are checked (contract 40 §10). The raw value is what
/// clients see.
package enum TokenReason: String, Error, Sendable, CaseIterable {
    case tooLarge = "too_large"
    case encrypted
    case malformed
    case duplicateKey = "duplicate_key"
    case unsupportedCritical = "unsupported_critical"
    case wrongType = "wrong_type"
    case unsupportedAlgorithm = "unsupported_algorithm"
    case unknownIssuer = "unknown_issuer"
    case idpNotAllowed = "idp_not_allowed"
    case idpUnreachable = "idp_unreachable"
    case unknownKey = "unknown_key"
    case weakKey = "weak_key"
    case badSignature = "bad_signature"
    case expired
    case notYetValid = "not_yet_valid"
    case tooOld = "too_old"
    case wrongAudience = "wrong_audience"
    case wrongAuthorizedParty = "wrong_authorized_party"
    case wrongNonce = "wrong_nonce"
    case missingSubject = "missing_subject"
    case emailMissing = "email_missing"
    case emailUnverified = "email_unverified"
    case wrongTenant = "wrong_tenant"
    /// Only for tokens of the account itself.
    case revoked

    /// Its place in the order: the higher, the more rules a token has passed.
    package var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The first rule that a token breaks.
package struct TokenRejection: Error, Sendable, Equatable {
    package let reason: TokenReason
    /// A sentence for people. Holds nothing that the token says, apart from distances in time.
    package let detail: String

    package init(_ reason: TokenReason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// What a caller expects of a token beyond the rules of its issuer.
package struct TokenExpectation: Sendable, Equatable {
    /// Only this identity provider or connection of the account may be the issuer.
    package var identityProvider: IdentityProviderID?
    /// Any one of these must be in `aud`; `nil` stands for the issuer's own default.
    package var audience: [String]?
    package var nonce: String?
    /// The longest time since the person signed in.
    package var maxAge: Duration?

    package init(
        identityProvider: IdentityProviderID? = nil, audience: [String]? = nil, nonce: String? = nil,
        maxAge: Duration? = nil
    ) {
        self.identityProvider = identityProvider
        self.audience = audience
        self.nonce = nonce
        self.maxAge = maxAge
    }
}

/// What a valid token says, as an account sees it.
package struct ValidToken: Sendable, Equatable {
    /// The identity provider, or the connection over which the account knows it; absent for a token of the account
    /// itself.
    package let identityProvider: IdentityProviderID?
    package let issuer: String
    package let subject: String
    package let email: String?
    package let audience: [String]
    package let issuedAt: Timestamp?
    package let expiresAt: Timestamp
    package let keyID: String?
    package let algorithm: String
    /// The further claims that the identity provider is configured to pass on, as a JSON object.
    package let claims: JSONText

    package init(
        identityProvider: IdentityProviderID?, issuer: String, subject: String, email: String?, audience: [String],
        issuedAt: Timestamp?, expiresAt: Timestamp, keyID: String?, algorithm: String, claims: JSONText
    ) {
        self.identityProvider = identityProvider
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.audience = audience
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.keyID = keyID
        self.algorithm = algorithm
        self.claims = claims
    }
}
