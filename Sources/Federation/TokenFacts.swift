import Domain
package import JOSE
import JSON
package import Primitives

/// What a token says, reduced to what the rules look at and answers show. Small enough to be kept for each token in
/// use.
package struct TokenFacts: Sendable {
    package let registered: RegisteredClaims
    package let email: String?
    package let emailVerified: EmailVerification
    /// `hd` or `tid`, whichever the profile looks at.
    package let tenant: String?
    /// The claims to pass on.
    package let claims: JSONText
    package let algorithm: JWSAlgorithm
    package let keyID: String?

    package enum EmailVerification: Sendable { case unstated, verified, unverified }

    init(_ token: CompactJWS, _ algorithm: JWSAlgorithm, for profile: VerificationProfile) {
        registered = token.registered
        let claims = token.claims
        let address = claims[profile.emailClaim]?.stringValue
        email = address?.isEmpty == true ? nil : address
        emailVerified =
            switch claims["email_verified"] {
            case nil: .unstated
            case .bool(true)?, .string("true")?: .verified
            default: .unverified
            }
        tenant =
            switch profile.tenant {
            case .hostedDomain?: claims["hd"]?.stringValue
            case .directory?: claims["tid"]?.stringValue
            case nil: nil
            }
        var passed = JSONObject()
        for name in profile.claims {
            if let value = claims[name] { passed[name] = value }
        }
        self.claims = passed.isEmpty ? .emptyObject : passed.jsonText
        self.algorithm = algorithm
        keyID = token.keyID
    }

    /// As an account sees it that knows the issuer by `identityProvider`.
    func shown(as identityProvider: IdentityProviderID?) -> ValidToken {
        ValidToken(
            identityProvider: identityProvider, issuer: registered.issuer ?? "", subject: registered.subject ?? "",
            email: email, audience: registered.audience, issuedAt: registered.issuedAt,
            expiresAt: registered.expiresAt ?? Timestamp(seconds: 0), keyID: keyID, algorithm: algorithm.rawValue,
            claims: claims)
    }
}
