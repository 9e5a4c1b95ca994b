package import Domain
package import JSON
package import Primitives
package import Store

/// An identity of a session, or of the last one, in the form of get-identity (contract 40 §7).
package struct StoredIdentity: Sendable {
    package let identity: Identity
    package let account: AccountID
    package let address: String
    package let country: String
    package let issuedAt: Timestamp
    /// For the API: whether the session is still good.
    package var isActive: Bool?

    /// - Throws: ``Failure/inconsistent(_:)`` for an identity that cannot be read.
    package init(_ session: Session) throws(Failure) {
        try self.init(
            document: session.identity, account: session.account, address: session.address, country: session.country,
            issuedAt: session.createdAt)
    }

    package init(_ login: LastLogin, in account: AccountID) throws(Failure) {
        try self.init(
            document: login.identity, account: account, address: login.address, country: login.country,
            issuedAt: login.at)
    }

    private init(
        document: JSONText, account: AccountID, address: String, country: String, issuedAt: Timestamp
    ) throws(Failure) {
        guard let identity = Identity(document: document) else {
            throw .inconsistent("the identity of a session cannot be read")
        }
        self.identity = identity
        self.account = account
        self.address = address
        self.country = country
        self.issuedAt = issuedAt
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", uuid: identity.user)
        writer.member("name", identity.name)
        writer.member("email", identity.email)
        writer.key("idp")
        writer.beginObject()
        writer.member("id", uuid: identity.provider.id)
        writer.member("type", identity.provider.type.rawValue)
        if let source = identity.provider.source {
            writer.member("source_account_id", hex: source.account)
            writer.member("source_idp_id", uuid: source.provider)
        }
        writer.endObject()
        writer.member("groups", identity.groups)
        writer.key("geo")
        writer.beginObject()
        writer.member("country", country)
        writer.endObject()
        writer.member("user_uuid", uuid: identity.user)
        writer.member("account_id", hex: account)
        writer.member("iat", issuedAt.seconds)
        writer.member("ip", address)
        // No person comes with a client certificate or a service token, and no device is enrolled with this server.
        writer.member("auth_status", "NONE")
        writer.member("common_name", "")
        writer.member("service_token_id", "")
        writer.member("service_token_status", false)
        writer.member("is_warp", false)
        writer.member("is_gateway", false)
        writer.member("device_id", "")
        writer.member("device_sessions", JSONObject())
        writer.member("devicePosture", JSONObject())
        writer.key("mtls_auth")
        writer.beginObject()
        writer.member("auth_status", "NONE")
        writer.member("cert_presented", false)
        writer.endObject()
        writer.member("oidc_fields", raw: identity.oidcFields)
        writer.member("custom", raw: identity.oidcFields)
        writer.member("amr", identity.amr)
        writer.member("version", 2)
        if let isActive { writer.member("isActive", isActive) }
        writer.endObject()
    }
}
