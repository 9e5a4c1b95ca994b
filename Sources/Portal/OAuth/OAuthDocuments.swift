import ControlPlane
import Domain
import HTTP
import HTTPServer
import JSON
import Primitives
import Store

/// What clients read before anything else: who guards a resource, and how its authorization server works (contract 50 §3).
extension PortalHandler {
    /// - Parameter path: below `/.well-known/`, as sent: a slash at its end counts.
    func document(_ path: String, _ issuer: OAuthIssuer, _ request: Request) throws(Failure) -> Response {
        switch request.method {
        case .get, .head: break
        case .options: return Self.crossOriginPreflight("GET")
        default: return Self.wrongMethod("GET, HEAD, OPTIONS")
        }
        if path == Self.serverPath { return Self.published(serverMetadata(issuer)) }
        for name in [Self.resourcePath, Self.otherResourcePath] where path.hasPrefix(name) {
            let suffix = String(path.dropFirst(name.utf8.count))
            if case .server = issuer.place {
                guard let resource = oauth.apiResource(suffix: suffix) else { break }
                return Self.published(resourceMetadata(resource, of: issuer.text, named: Self.apiName))
            }
            guard let found = try oauth.resource(at: issuer, suffix: suffix) else { break }
            return Self.published(
                resourceMetadata(
                    found.resource, of: settings.teamOrigin(found.application.team.team),
                    named: found.application.application.name))
        }
        return Self.noDocument()
    }

    static func noDocument() -> Response {
        openToAll(refusal(.notFound, "not_found", "there is no such document here"))
    }

    private static func published(_ json: [UInt8]) -> Response {
        var response = openToAll(Response(.ok, json: json))
        response.fields.append(.cacheControl, "public, max-age=300")
        return response
    }

    private static let apiName = "Control plane API"

    /// RFC 9728 §2. Tokens are opaque and there are no scopes, so that neither keys nor scopes are named.
    private func resourceMetadata(_ resource: String, of issuer: String, named name: String) -> [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.member("resource", resource)
        writer.member("authorization_servers", [issuer])
        writer.member("bearer_methods_supported", ["header"])
        writer.member("resource_name", name)
        writer.endObject()
        return writer.bytes
    }

    /// RFC 8414 §2.
    private func serverMetadata(_ issuer: OAuthIssuer) -> [UInt8] {
        let base = issuer.text + Self.oauthPath
        let methods = ["client_secret_basic", "client_secret_post", "none"]
        let isOpen = issuer.admitsUnknownClients
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        writer.member("issuer", issuer.text)
        writer.member("authorization_endpoint", base + "authorization")
        writer.member("token_endpoint", base + "token")
        writer.member("revocation_endpoint", base + "revoke")
        if isOpen { writer.member("registration_endpoint", base + "registration") }
        writer.member("response_types_supported", ["code"])
        writer.member("response_modes_supported", ["query"])
        writer.member("grant_types_supported", ["authorization_code", "refresh_token"])
        writer.member("token_endpoint_auth_methods_supported", methods)
        writer.member("revocation_endpoint_auth_methods_supported", methods)
        writer.member("code_challenge_methods_supported", ["S256"])
        writer.member("authorization_response_iss_parameter_supported", true)
        writer.member("client_id_metadata_document_supported", isOpen)
        // The API takes opaque tokens alone: there is no key of the server to verify anything with.
        if issuer.team != nil { writer.member("jwks_uri", issuer.text + "/cdn-cgi/access/certs") }
        writer.member("service_documentation", settings.publicURL + "/docs/managed-oauth")
        writer.endObject()
        return writer.bytes
    }
}
