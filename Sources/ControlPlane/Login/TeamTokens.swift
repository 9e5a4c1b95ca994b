import Crypto
package import Domain
import JSON
package import Primitives
import Store

/// Tokens that accounts sign (contract 40 §4).
package enum TeamTokens {
    /// The global session: it opens no application.
    static func team(
        _ identity: Identity, _ session: SessionNonce, country: String, issuer: String, account: AccountID,
        from start: Timestamp, until end: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("type", "org")
        writer.key("aud")
        writer.beginArray()
        writer.value(audience(of: account))
        writer.endArray()
        writePerson(identity, session, country, issuer, from: start, until: end, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// A person's token for an application.
    package static func application(
        _ application: GuardedApplication, _ identity: Identity, _ session: SessionNonce, country: String,
        issuer: String, policy: PolicyID, from start: Timestamp, until end: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("type", "app")
        writer.key("aud")
        writer.beginArray()
        writer.value(application.application.audience.hex)
        writer.endArray()
        writePerson(identity, session, country, issuer, from: start, until: end, to: &writer)
        writer.member("policy_id", uuid: policy)
        writer.member("jti", Self.tokenID())
        writer.endObject()
        return writer.bytes
    }

    /// A service token's token for an application.
    package static func service(
        _ application: GuardedApplication, clientID: ServiceTokenClientID, issuer: String, policy: PolicyID,
        from start: Timestamp, until end: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 384)
        writer.beginObject()
        writer.member("type", "app")
        writer.key("aud")
        writer.beginArray()
        writer.value(application.application.audience.hex)
        writer.endArray()
        writer.member("exp", end.seconds)
        writer.member("iat", start.seconds)
        writer.member("iss", issuer)
        writer.member("common_name", "\(clientID.hex).access")
        writer.member("sub", "")
        writer.member("policy_id", uuid: policy)
        writer.member("jti", Self.tokenID())
        writer.endObject()
        return writer.bytes
    }

    /// Two tokens of one second would be one token, and one row, without it.
    private static func tokenID() -> String { RandomToken.base64URL(bytes: 12) }

    private static func writePerson(
        _ identity: Identity, _ session: SessionNonce, _ country: String, _ issuer: String, from start: Timestamp,
        until end: Timestamp, to writer: inout JSONWriter
    ) {
        writer.member("email", identity.email)
        writer.member("exp", end.seconds)
        writer.member("iat", start.seconds)
        writer.member("nbf", start.seconds)
        writer.member("iss", issuer)
        writer.member("identity_nonce", session.text)
        writer.member("sub", uuid: identity.user)
        writer.member("country", country)
        writer.member("custom", raw: identity.oidcFields)
    }

    /// The account's own tag: the audience of its global session tokens.
    package static func audience(of account: AccountID) -> String {
        SHA256.hash("orgd:team:\(account.hex)").hex
    }
}

extension SessionNonce {
    /// A new one: 95 random bits.
    static func random() throws(Failure) -> SessionNonce {
        guard let nonce = SessionNonce(RandomToken.alphanumeric(16)) else {
            throw .inconsistent("random letters are not letters")
        }
        return nonce
    }
}
