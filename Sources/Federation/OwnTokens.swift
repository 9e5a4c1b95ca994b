package import Domain
package import JOSE
package import JSON
package import Primitives

extension TokenJudge {
    /// Judges a token that the account itself may have issued. Never remembered: its keys are at hand, and an
    /// application may go at any time.
    ///
    /// - Parameters:
    ///   - issuer: the origin of the account's team.
    ///   - keys: the account's keys, asked for only when the token claims that issuer.
    ///   - isLive: whether the server still stands by the token, asked last: its claims are good.
    ///   - isAudience: whether a value of `aud` names an application of the account; not asked where the caller expects
    ///     a certain audience.
    /// - Returns: `nil` when the token does not claim the issuer.
    package func ownVerdict<Failing: Error>(
        on token: [UInt8], issuer: String, _ expectation: TokenExpectation, at now: Timestamp,
        keys: () throws(Failing) -> JWKSet, isAudience: (String) throws(Failing) -> Bool,
        isLive: (JSONObject) throws(Failing) -> Bool
    ) throws(Failing) -> TokenVerdict? {
        let opened: CompactJWS
        let algorithm: JWSAlgorithm
        do throws(TokenRejection) {
            (opened, algorithm) = try TokenValidator.open(token)
        } catch { return .invalid(error) }
        guard let claimed = opened.registered.issuer, claimed.hasSameBytes(as: issuer) else { return nil }
        guard algorithm == .rs256 else {
            return .invalid(TokenRejection(.unsupportedAlgorithm, "alg is not that of the account's keys"))
        }
        let claims = opened.registered
        var isExpected = false
        let set = try keys()
        do throws(TokenRejection) {
            try validator.checkSignature(of: opened, algorithm, set)
            try ClaimRules.checkTimes(claims, maxAge: expectation.maxAge, at: now)
        } catch { return .invalid(error) }
        for audience in claims.audience where !isExpected {
            if let expected = expectation.audience {
                isExpected = expected.contains { $0.hasSameBytes(as: audience) }
            } else {
                isExpected = try isAudience(audience)
            }
        }
        guard isExpected else {
            return .invalid(TokenRejection(.wrongAudience, "aud names no application of the account"))
        }
        do throws(TokenRejection) {
            try ClaimRules.checkNonce(claims, expectation.nonce)
        } catch { return .invalid(error) }
        // A service token's session has no person in it: `sub` is empty and `common_name` names the token.
        let isService = opened.claims["common_name"]?.stringValue.map { !$0.isEmpty } ?? false
        guard isService || claims.subject.map({ !$0.isEmpty && $0.utf8.count <= 255 }) ?? false else {
            return .invalid(TokenRejection(.missingSubject, "sub is absent, empty or longer than 255 bytes"))
        }
        let email = opened.claims["email"]?.stringValue
        guard isService || email.map({ !$0.isEmpty }) ?? false else {
            return .invalid(TokenRejection(.emailMissing, "email holds no address"))
        }
        guard try isLive(opened.claims) else {
            return .invalid(TokenRejection(.revoked, "the session or token was ended, or what it was for is gone"))
        }
        return .valid(
            ValidToken(
                identityProvider: nil, issuer: issuer, subject: claims.subject ?? "", email: email,
                audience: claims.audience, issuedAt: claims.issuedAt, expiresAt: claims.expiresAt ?? now,
                keyID: opened.keyID, algorithm: algorithm.rawValue, claims: .emptyObject))
    }
}
