import JSON
package import OAuth
import Primitives

/// What the token, userinfo and revocation endpoints say.
package enum OIDCAnswer: Sendable {
    /// 200 with this JSON.
    case document([UInt8])
    /// 200 without a body.
    case done
    /// - Parameter usedBasic: whether the client must be told that it may authenticate (RFC 6749 §5.2).
    case refused(OAuthError, usedBasic: Bool)

    static func refused(_ error: OAuthError) -> OIDCAnswer { .refused(error, usedBasic: false) }
}

/// Tokens for one answer of the token endpoint (RFC 6749 §5.1).
struct IssuedOIDCTokens: Sendable {
    let accessToken: String
    let idToken: String
    let refreshToken: String?
    let scopes: [String]
    let lifetime: Duration

    var document: [UInt8] {
        var writer = JSONWriter(reserving: 4096)
        writer.beginObject()
        writer.member("access_token", accessToken)
        writer.member("token_type", "Bearer")
        writer.member("expires_in", lifetime.wholeSeconds)
        if let refreshToken { writer.member("refresh_token", refreshToken) }
        writer.member("scope", scopes.joined(separator: " "))
        writer.member("id_token", idToken)
        writer.endObject()
        return writer.bytes
    }
}
