import JSON

/// The parts of a discovery document that are used or shown (OpenID Connect Discovery 1.0 §3).
package struct Discovery: Sendable, Equatable {
    package let issuer: String
    package let keySetURL: String
    package let authorizationEndpoint: String?
    package let tokenEndpoint: String?
    package let userInfoEndpoint: String?
    package let signingAlgorithms: [String]
    /// How clients may prove who they are at the token endpoint; empty where the document does not say.
    package let tokenAuthMethods: [String]

    /// Where the document of an issuer is: the issuer without a final slash, then the well-known path (§4).
    package static func url(of issuer: String) -> String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    /// - Parameter issuers: those for which the document was fetched; it must name one of them, byte by byte, or it
    /// could
    ///   speak for somebody else (§4.3).
    init(_ body: [UInt8], naming issuers: [String]) throws(FetchFailure) {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(body)
        } catch { throw FetchFailure("the discovery document is not JSON") }
        guard let issuer = document["issuer"]?.stringValue else {
            throw FetchFailure("the discovery document names no issuer")
        }
        guard issuers.contains(where: { $0.hasSameBytes(as: issuer) }) else {
            throw FetchFailure("the discovery document names another issuer than the one it was fetched for")
        }
        guard let keySetURL = document["jwks_uri"]?.stringValue else {
            throw FetchFailure("the discovery document names no jwks_uri")
        }
        self.issuer = issuer
        self.keySetURL = keySetURL
        authorizationEndpoint = document["authorization_endpoint"]?.stringValue
        tokenEndpoint = document["token_endpoint"]?.stringValue
        userInfoEndpoint = document["userinfo_endpoint"]?.stringValue
        signingAlgorithms =
            document["id_token_signing_alg_values_supported"]?.arrayValue?.compactMap(\.stringValue) ?? []
        tokenAuthMethods =
            document["token_endpoint_auth_methods_supported"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
}
