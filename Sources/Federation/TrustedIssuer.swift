package import Domain
package import JOSE
import JSON

/// An identity provider as one account knows it.
package struct TrustedIssuer: Sendable {
    package enum Standing: Sendable {
        case allowed
        /// An enforced primary IdP keeps it from being used.
        case enforcedOff
        /// A connection that the account no longer has.
        case ended
    }

    /// The id of the account's own provider, or of its connection.
    package let id: IdentityProviderID
    package let profile: VerificationProfile
    package let standing: Standing

    package init(id: IdentityProviderID, profile: VerificationProfile, standing: Standing) {
        self.id = id
        self.profile = profile
        self.standing = standing
    }
}

/// Whose tokens somebody believes.
package struct IssuerTrust: Sendable {
    private let issuers: [TrustedIssuer]
    private let named: [String: [TrustedIssuer]]
    /// Those whose issuer is still to be learnt.
    private let unnamed: [TrustedIssuer]

    package init(_ issuers: [TrustedIssuer]) {
        self.issuers = issuers
        named = Dictionary(grouping: issuers.filter { $0.profile.issuer != nil }) { $0.profile.issuer ?? "" }
        unnamed = issuers.filter { $0.profile.issuer == nil }
    }

    /// The providers that may have issued a token: rules 7 to 9 of contract 40 §10.
    ///
    /// - Throws: the rule that leaves none.
    package func candidates(
        issuer: String?, algorithm: JWSAlgorithm, only identityProvider: IdentityProviderID?
    ) throws(TokenRejection) -> [TrustedIssuer] {
        if let identityProvider {
            let chosen = issuers.filter { $0.id == identityProvider }
            if !chosen.isEmpty { _ = try Self.accepting(algorithm, chosen) }
        }
        guard let issuer, !issuer.isEmpty else { throw TokenRejection(.unknownIssuer, "iss is absent") }
        // Equal as bytes, not merely as text.
        var matching = named[issuer]?.filter { $0.profile.issuer?.hasSameBytes(as: issuer) ?? false } ?? []
        if matching.isEmpty { matching = unnamed }
        if let identityProvider { matching = matching.filter { $0.id == identityProvider } }
        guard !matching.isEmpty else {
            throw TokenRejection(
                .unknownIssuer,
                identityProvider == nil
                    ? "no identity provider of the account is the issuer" : "idp_id does not name the issuer")
        }
        let accepting = try Self.accepting(algorithm, matching)
        let allowed = accepting.filter { $0.standing == .allowed }
        guard !allowed.isEmpty else {
            let isEnforced = accepting.contains { $0.standing == .enforcedOff }
            throw TokenRejection(
                .idpNotAllowed,
                isEnforced ? "the organization enforces its primary identity provider" : "the connection has ended")
        }
        return allowed
    }

    private static func accepting(
        _ algorithm: JWSAlgorithm, _ issuers: [TrustedIssuer]
    ) throws(TokenRejection) -> [TrustedIssuer] {
        let accepting = issuers.filter { $0.profile.algorithms.contains(algorithm) }
        guard !accepting.isEmpty else {
            throw TokenRejection(.unsupportedAlgorithm, "alg is not in the list of the identity provider")
        }
        return accepting
    }
}
