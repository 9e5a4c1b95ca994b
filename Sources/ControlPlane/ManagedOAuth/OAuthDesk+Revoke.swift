import Crypto
import Domain
package import HTTP
package import OAuth
import Primitives
package import Store

extension OAuthDesk {
    /// Ends the grant that a token belongs to (RFC 7009). A token that is unknown or somebody else's changes nothing, and
    /// the answer does not tell.
    ///
    /// - Returns: why the client cannot ask; `nil` when it could.
    package func revoke(_ form: QueryString, _ caller: TokenCaller) async throws(Failure) -> OAuthError? {
        let credential: ClientCredential
        let digest: [UInt8]
        do throws(OAuthError) {
            let parameters = try Parameters(form)
            credential = try ClientCredential.read(authorization: caller.authorization, parameters)
            digest = SHA256.hash(try parameters.required("token")).bytes
        } catch { return error }
        let (issuer, now) = (caller.issuer, self.now)
        return try await plane.store.writes.perform { (transaction) throws(Failure) -> OAuthError? in
            let found = try transaction.grant(ofToken: digest)
            let known = try transaction.oauthClient(credential.clientID, at: issuer, holder: found?.client, now: now)
            guard let client = known,
                credential.isGood(for: [client.method], secretDigest: client.secretDigest)
            else {
                // Only adds: nothing that lets somebody in ends here.
                transaction.onlyAdds()
                return .invalidClient
            }
            guard let found, found.client == client.id else {
                // Only adds: nothing that lets somebody in ends here.
                transaction.onlyAdds()
                return nil
            }
            try transaction.endGrant(found.grant)
            return nil
        }
    }
}
