import JSON
import OAuth

/// What a client can read of its issuer without credentials.
extension OIDCClient {
    /// OpenID Connect Discovery 1.0 §3, RFC 8414 §2.
    package func discovery() -> [UInt8] {
        var writer = JSONWriter(reserving: 2048)
        writer.beginObject()
        writer.member("issuer", issuer)
        writer.member("authorization_endpoint", issuer + "/authorization")
        writer.member("token_endpoint", issuer + "/token")
        writer.member("userinfo_endpoint", issuer + "/userinfo")
        writer.member("revocation_endpoint", issuer + "/revoke")
        writer.member("jwks_uri", issuer + "/jwks")
        writer.member("scopes_supported", offeredScopes)
        writer.member("response_types_supported", responseTypes.map(\.text))
        writer.member("response_modes_supported", ResponseMode.allCases.map(\.rawValue))
        writer.member("grant_types_supported", grantTypes)
        writer.member("subject_types_supported", ["public"])
        writer.member("id_token_signing_alg_values_supported", ["RS256"])
        writer.member("token_endpoint_auth_methods_supported", authMethods.map(\.rawValue))
        writer.member("revocation_endpoint_auth_methods_supported", authMethods.map(\.rawValue))
        writer.member("code_challenge_methods_supported", ["S256"])
        writer.member("prompt_values_supported", ["none", "login"])
        writer.member(
            "claims_supported",
            [
                "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "c_hash", "email", "email_verified",
                "name", "groups",
            ]
                + claimRules.names)
        writer.member("request_parameter_supported", false)
        writer.member("request_uri_parameter_supported", false)
        writer.member("authorization_response_iss_parameter_supported", true)
        writer.endObject()
        return writer.bytes
    }
}
