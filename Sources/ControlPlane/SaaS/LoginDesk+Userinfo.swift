import Crypto
package import Domain
package import HTTP
import JOSE
import JSON
import OAuth
import Primitives
package import Store

/// What an OIDC application can do with its tokens.
extension LoginDesk {
    /// The claims behind an access token (OpenID Connect Core 1.0 §5.3).
    package func userinfo(_ token: String, of client: OIDCClient) throws(Failure) -> OIDCAnswer {
        let account = client.application.account
        guard let (grant, scopes) = try reader.oidcGrant(accessToken: SHA256.hash(token).bytes, in: account, at: now),
            grant.application == client.application.id, try isStillWelcome(grant, at: client),
            let identity = Identity(document: grant.identity)
        else { return .refused(OAuthError(.invalidToken, "the access token is unknown, expired or revoked")) }
        var claims = JSONObject()
        claims["sub"] = .string(grant.user.uuid)
        for (name, value) in client.claimRules.claims(of: identity, for: scopes).claims { claims[name] = value }
        return .document(JSONValue.object(claims).serializedBytes())
    }

    /// Ends a token (RFC 7009): an access token alone, a refresh token with everything of its authorization. One that is
    /// unknown or another client's has ended, as far as the caller is concerned.
    package func revokeOIDCToken(
        _ form: QueryString, authorization: [String], of client: OIDCClient
    ) async throws(Failure) -> OIDCAnswer {
        let token: Result<String, OAuthError> = Result { () throws(OAuthError) in
            let parameters = try Parameters(form)
            _ = try client.authenticated(parameters, authorization)
            return try parameters.required("token")
        }
        switch token {
        case .failure(let error): return .refused(error, usedBasic: !authorization.isEmpty)
        case .success(let text):
            let (digest, account, now) = (SHA256.hash(text).bytes, client.application.account, self.now)
            let (application, id) = (client.application.id, client.id)
            try await plane.store.writes.perform { (transaction) throws(Failure) in
                if let (grant, _) = try transaction.oidcGrant(refreshToken: digest, in: account, at: now),
                    grant.application == application, grant.client == id
                {
                    try transaction.endOIDCGrant(grant.id)
                } else if let (grant, _) = try transaction.oidcGrant(accessToken: digest, in: account, at: now),
                    grant.application == application, grant.client == id
                {
                    try transaction.endOIDCAccessToken(digest)
                } else {
                    // Only adds: nothing was found to revoke.
                    transaction.onlyAdds()
                }
            }
            return .done
        }
    }

    /// The keys that ID tokens verify with, as a JWK set and nothing else.
    package func jwks(of account: AccountID) throws(Failure) -> [UInt8] {
        let keys = try ownKeys(of: account)
        var writer = JSONWriter(reserving: 2048)
        writer.beginObject()
        writer.key("keys")
        do throws(CryptoError) {
            try keys.writeKeys(to: &writer)
        } catch { throw .inconsistent("a public key cannot be written: \(error)") }
        writer.endObject()
        return writer.bytes
    }

    /// The SaaS application whose live access token this is: what `linked_app_token` rules ask (contract 20 §12).
    package func saasApplication(ofAccessToken token: String, in account: AccountID) throws(Failure) -> ApplicationID? {
        guard let (grant, _) = try reader.oidcGrant(accessToken: SHA256.hash(token).bytes, in: account, at: now),
            let application = try application(grant.application, of: account),
            let identity = Identity(document: grant.identity),
            application.accepts(identity.provider, email: identity.email)
        else { return nil }
        return application.id
    }
}
