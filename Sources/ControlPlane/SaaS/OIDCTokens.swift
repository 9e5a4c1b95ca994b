import Crypto
import Domain
import JSON
import Primitives

/// The tokens of an OIDC application (contract 40 §9).
enum OIDCTokens {
    /// An ID token (OpenID Connect Core 1.0 §2).
    ///
    /// - Parameters:
    ///   - accessToken: the token that it is issued with in the same answer, for `at_hash`.
    ///   - code: the same for `c_hash`.
    static func idToken(
        _ grant: OIDCGrant, _ identity: Identity, claims: JSONObject, nonce: String?, accessToken: String? = nil,
        code: String? = nil, from start: Timestamp, until end: Timestamp
    ) -> [UInt8] {
        var payload = JSONObject()
        payload["iss"] = .string(grant.issuer)
        payload["aud"] = .string(grant.client.hex)
        payload["sub"] = .string(grant.user.uuid)
        payload["iat"] = .integer(start.seconds)
        payload["exp"] = .integer(end.seconds)
        payload["auth_time"] = .integer(identity.authenticatedAt.seconds)
        if let nonce { payload["nonce"] = .string(nonce) }
        if let accessToken { payload["at_hash"] = .string(halfHash(accessToken)) }
        if let code { payload["c_hash"] = .string(halfHash(code)) }
        for (name, value) in claims { payload[name] = value }
        return JSONValue.object(payload).serializedBytes()
    }

    /// An access token: an application token (contract 40 §4) that only the userinfo endpoint and `linked_app_token` rules
    /// take.
    static func accessToken(
        _ grant: OIDCGrant, _ application: GuardedApplication, scopes: [String], teamIssuer: String,
        from start: Timestamp, until end: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("type", "app")
        writer.member("aud", [application.application.audience.hex])
        writer.member("email", grant.email)
        writer.member("exp", end.seconds)
        writer.member("iat", start.seconds)
        writer.member("nbf", start.seconds)
        writer.member("iss", teamIssuer)
        writer.member("identity_nonce", grant.session.text)
        writer.member("sub", uuid: grant.user)
        writer.member("country", grant.country)
        writer.member("policy_id", uuid: grant.policy)
        writer.member("azp", grant.client.hex)
        writer.member("scope", scopes.joined(separator: " "))
        // Signatures are deterministic: without it two tokens of one second would be one.
        writer.member("jti", RandomToken.base64URL(bytes: 16))
        writer.endObject()
        return writer.bytes
    }

    /// The left half of the SHA-256 (OpenID Connect Core 1.0 §3.1.3.6, §3.3.2.11).
    static func halfHash(_ text: String) -> String { Base64URL.encode(SHA256.hash(text).bytes.prefix(16)) }
}
