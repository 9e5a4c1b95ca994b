package import Domain
package import JOSE
package import JSON
package import Primitives

extension TokenJudge {
    /// The claims of a token that an account of this server signed for itself or for another: signature and times are
    /// good. What the token is for is the caller's to check.
    ///
    /// - Parameter keys: the account's own.
    package func claims(
        of token: [UInt8], signedBy keys: JWKSet, at now: Timestamp
    ) throws(TokenRejection) -> JSONObject {
        let (opened, algorithm) = try TokenValidator.open(token)
        guard algorithm == .rs256 else {
            throw TokenRejection(.unsupportedAlgorithm, "alg is not that of the account's keys")
        }
        try validator.checkSignature(of: opened, algorithm, keys)
        try ClaimRules.checkTimes(opened.registered, maxAge: nil, at: now)
        return opened.claims
    }
}
