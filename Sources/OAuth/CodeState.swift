package import Primitives

/// An authorization code as it is remembered (RFC 6749 §4.1): everything it was bound to when it was made.
///
/// Read it and carry the verdict out in one transaction, so that of two redemptions one succeeds.
package struct CodeState: Sendable, Equatable {
    package let clientID: String
    /// As the authorization request spelled it.
    package let redirectURI: String
    /// Absent where the client may do without PKCE and did.
    package let challenge: CodeChallenge?
    /// The issuer whose authorization endpoint made it.
    package let issuer: String
    /// Whether it was redeemed before.
    package let isSpent: Bool
    package let expiresAt: Timestamp

    /// How long a code lasts.
    package static let lifetime = Duration.seconds(60)

    package init(
        clientID: String, redirectURI: String, challenge: CodeChallenge?, issuer: String, isSpent: Bool,
        expiresAt: Timestamp
    ) {
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.challenge = challenge
        self.issuer = issuer
        self.isSpent = isSpent
        self.expiresAt = expiresAt
    }

    /// What to do with a code.
    package enum Verdict: Sendable, Equatable {
        /// Mark it spent and issue tokens.
        case good
        /// It was spent: whatever it produced must end, for one of the two who hold it is a thief (RFC 6749 §4.1.2). Answer
        /// `invalid_grant`.
        case replayed
        /// Change nothing and answer so.
        case refused(OAuthError)
    }

    /// Judges a redemption by a client that has authenticated.
    ///
    /// A request that another client makes, or one with a wrong redirect URI or verifier, uses nothing up: whoever saw
    /// a code and cannot use it cannot take it from its owner either.
    package func judge(_ redemption: CodeRedemption, at now: Timestamp) -> Verdict {
        guard redemption.clientID.utf8.elementsEqual(clientID.utf8),
            redemption.issuer.utf8.elementsEqual(issuer.utf8)
        else { return .refused(.invalidGrant) }
        // Before all else: a second use is a sign of theft even where it would fail for another reason.
        guard !isSpent else { return .replayed }
        guard expiresAt.isAhead(of: now, byAtMost: Self.lifetime),
            redemption.redirectURI.utf8.elementsEqual(redirectURI.utf8)
        else {
            return .refused(.invalidGrant)
        }
        switch (challenge, redemption.verifier) {
        case (nil, nil): return .good
        // A verifier without a challenge: somebody took the challenge out of the request on its way (RFC 9700 §2.1.1).
        case (nil, .some), (.some, nil): return .refused(.invalidGrant)
        case (.some(let challenge), .some(let verifier)):
            return challenge.isMet(by: verifier) ? .good : .refused(.invalidGrant)
        }
    }
}

/// A token request with a code (RFC 6749 §4.1.3, RFC 7636 §4.5).
package struct CodeRedemption: Sendable {
    package let code: String
    package let clientID: String
    package let redirectURI: String
    package let verifier: String?
    /// The issuer whose token endpoint was asked.
    package let issuer: String

    package init(code: String, clientID: String, redirectURI: String, verifier: String?, issuer: String) {
        self.code = code
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.verifier = verifier
        self.issuer = issuer
    }

    /// - Throws: `invalid_request` for a missing parameter.
    package init(_ parameters: Parameters, clientID: String, issuer: String) throws(OAuthError) {
        self.init(
            code: try parameters.required("code"), clientID: clientID,
            redirectURI: try parameters.required("redirect_uri"), verifier: parameters["code_verifier"], issuer: issuer)
    }
}
