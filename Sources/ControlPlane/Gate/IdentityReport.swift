package import Domain
import JSON
package import Primitives
package import Store

/// What `get-identity` tells somebody about themselves (contract 40 §7).
package struct IdentityReport {
    package let account: AccountID
    package let address: IPAddress
    /// From a trusted proxy, or empty.
    package let country: String
    package let certificate: ClientCertificate?

    package init(account: AccountID, address: IPAddress, country: String, certificate: ClientCertificate?) {
        self.account = account
        self.address = address
        self.country = country
        self.certificate = certificate
    }

    package func document(of someone: Acquaintance, serviceName: String) -> [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        write(someone, serviceName: serviceName, to: &writer)
        return writer.bytes
    }

    func write(_ someone: Acquaintance, serviceName: String, to writer: inout JSONWriter) {
        writer.beginObject()
        if let identity = someone.identity { writePerson(identity, to: &writer) } else { Self.writeNobody(to: &writer) }
        writer.key("geo")
        writer.beginObject()
        writer.member("country", country)
        writer.endObject()
        writer.member("account_id", hex: account)
        writer.member("iat", someone.issuedAt.seconds)
        writer.member("ip", address.text)
        writer.member("auth_status", certificate == nil ? "NONE" : "SUCCESS")
        switch someone.holder {
        case .person:
            writer.member("common_name", certificate?.commonName ?? "")
            writer.member("service_token_id", "")
            writer.member("service_token_status", false)
        case .service(let token):
            writer.member("common_name", serviceName)
            writer.member("service_token_id", uuid: token)
            writer.member("service_token_status", true)
        }
        writer.member("is_warp", false)
        writer.member("is_gateway", false)
        writer.member("device_id", "")
        writer.member("device_sessions", JSONObject())
        writer.member("devicePosture", JSONObject())
        writer.key("mtls_auth")
        writer.beginObject()
        writer.member("auth_status", certificate == nil ? "NONE" : "SUCCESS")
        writer.member("cert_presented", certificate != nil)
        writer.member("cert_common_name", certificate?.commonName ?? "")
        writer.endObject()
        writer.member("version", 2)
        writer.endObject()
    }

    private func writePerson(_ identity: Identity, to writer: inout JSONWriter) {
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
        writer.member("user_uuid", uuid: identity.user)
        writer.member("oidc_fields", raw: identity.oidcFields)
        writer.member("custom", raw: identity.oidcFields)
        writer.member("amr", identity.amr)
    }

    private static func writeNobody(to writer: inout JSONWriter) {
        writer.member("id", "")
        writer.member("name", "")
        writer.member("email", "")
        writer.member("idp", JSONObject())
        writer.member("groups", [String]())
        writer.member("user_uuid", "")
        writer.member("oidc_fields", JSONObject())
        writer.member("custom", JSONObject())
        writer.member("amr", [String]())
    }
}

extension Gatekeeper {
    /// The common name under which a service token's tokens go.
    package func commonName(of holder: TokenHolder) throws(Failure) -> String {
        guard case .service(let token) = holder, let client = try desk.reader.clientID(of: token) else { return "" }
        return "\(client.hex).access"
    }
}
