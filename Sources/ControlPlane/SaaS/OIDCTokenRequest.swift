import Domain
import HTTP
import OAuth

/// A token request of a client that has authenticated.
enum OIDCTokenRequest {
    /// - Parameter isPublic: whether the client proved nothing but that it has the verifier.
    case code(CodeRedemption, isPublic: Bool)
    case refresh(String, scopes: [String]?)

    static func read(
        _ form: QueryString, _ authorization: [String], _ client: OIDCClient
    ) -> Result<OIDCTokenRequest, OAuthError> {
        Result { () throws(OAuthError) in
            let parameters = try Parameters(form)
            let credential = try client.authenticated(parameters, authorization)
            switch try parameters.required("grant_type") {
            case "authorization_code":
                guard client.hasCodes else { throw notConfigured }
                return .code(
                    try CodeRedemption(parameters, clientID: client.id.hex, issuer: client.issuer),
                    isPublic: credential.method == .none)
            case "refresh_token":
                guard client.hasRefresh else { throw notConfigured }
                return .refresh(
                    try parameters.required("refresh_token"),
                    scopes: parameters["scope"] == nil ? nil : parameters.list("scope"))
            default:
                throw OAuthError(.unsupportedGrantType, "grant_type must be authorization_code or refresh_token")
            }
        }
    }

    private static let notConfigured = OAuthError(
        .unauthorizedClient, "the application is not configured for this grant_type")
}

extension OIDCClient {
    /// - Throws: `invalid_client` for another client, a wrong secret, and a method that it is not registered for.
    func authenticated(_ parameters: Parameters, _ authorization: [String]) throws(OAuthError) -> ClientCredential {
        let credential = try ClientCredential.read(authorization: authorization, parameters)
        guard credential.clientID == id.hex, credential.isGood(for: authMethods, secretDigest: secretDigest) else {
            throw .invalidClient
        }
        return credential
    }
}
