import JSON
package import Primitives

/// The access that a person gave this program to one resource: what is kept between runs.
package struct AgentGrant: Sendable {
    package let resource: String
    package let issuer: String
    package let client: String
    package let tokenEndpoint: String
    package let revocationEndpoint: String?
    package var accessToken: Secret<String>
    package var refreshToken: Secret<String>?
    /// `nil` when the server does not say; then a refusal tells.
    package var expires: Timestamp?

    /// Whether the access token is worth sending. One that ends within seconds may be over on arrival.
    package func isFresh(at now: Timestamp) -> Bool { expires.map { now + .seconds(10) < $0 } ?? true }

    /// The file's text. It holds tokens: write it with mode 0600.
    var json: Secret<String> {
        var object: JSONObject = [
            "resource": .string(resource), "issuer": .string(issuer), "client_id": .string(client),
            "token_endpoint": .string(tokenEndpoint), "access_token": .string(accessToken.exposed()),
        ]
        object["revocation_endpoint"] = revocationEndpoint.map { .string($0) }
        object["refresh_token"] = refreshToken.map { .string($0.exposed()) }
        object["expires_at"] = expires.map { .integer($0.seconds) }
        return Secret(JSONValue.object(object).pretty() + "\n")
    }

    /// `nil` for a file that is not one of ours.
    init?(json text: String) {
        guard let value = try? JSONParser.parse(text) else { return nil }
        func string(_ name: String) -> String? { value[name]?.stringValue }
        guard let resource = string("resource"), let issuer = string("issuer"), let client = string("client_id"),
            let endpoint = string("token_endpoint"), let access = string("access_token")
        else { return nil }
        self.init(
            resource: resource, issuer: issuer, client: client, tokenEndpoint: endpoint,
            revocationEndpoint: string("revocation_endpoint"), accessToken: Secret(access),
            refreshToken: string("refresh_token").map { Secret($0) },
            expires: value["expires_at"]?.integerValue.map { Timestamp(seconds: $0) })
    }

    init(
        resource: String, issuer: String, client: String, tokenEndpoint: String, revocationEndpoint: String?,
        accessToken: Secret<String>, refreshToken: Secret<String>?, expires: Timestamp?
    ) {
        self.resource = resource
        self.issuer = issuer
        self.client = client
        self.tokenEndpoint = tokenEndpoint
        self.revocationEndpoint = revocationEndpoint
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expires = expires
    }
}
