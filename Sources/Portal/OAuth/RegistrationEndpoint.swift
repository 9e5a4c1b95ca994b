import ControlPlane
import Domain
import HTTP
import HTTPServer
import JSON
import OAuth
import Primitives
import Store

/// Dynamic client registration (RFC 7591, contract 50 §5).
extension PortalHandler {
    func registration(_ issuer: OAuthIssuer, _ request: Request) -> Answer {
        let metadata = Self.metadata(of: request)
        return laterForClient(request) { (portal) throws(Failure) in
            let outcome = try await portal.oauth.register(
                metadata, at: issuer, from: portal.clientAddress(of: request))
            return Self.answer(outcome)
        }
    }

    private static func metadata(of request: Request) -> JSONObject? {
        guard request.value(.contentType).flatMap({ MediaType($0) })?.essence == "application/json" else { return nil }
        do throws(JSONError) {
            return try JSONParser.parse(request.body, limits: JSONLimits(maxDepth: 10, maxMembers: 200)).objectValue
        } catch { return nil }
    }

    private static func answer(_ outcome: RegistrationOutcome) -> Response {
        switch outcome {
        case .registered(let client, let secret):
            var response = openToAll(Response(.created, json: document(client, secret)))
            response.fields.append(.cacheControl, "no-store")
            return response
        case .refused(let error): return refusal(error)
        case .switchedOff:
            return openToAll(
                refusal(
                    .forbidden, OAuthError.Code.invalidClientMetadata.rawValue,
                    "clients may not register themselves here"))
        case .tooMany(let wait):
            return tooMany(
                OAuthError.Code.temporarilyUnavailable.rawValue, "too many clients have registered: try again later",
                wait)
        }
    }

    /// RFC 7591 §3.2.1. Nothing is `null` or empty: some clients take what is there for something.
    private static func document(_ client: ManagedClient, _ secret: Secret<String>?) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("client_id", client.clientID)
        writer.member("client_id_issued_at", client.createdAt.seconds)
        if let secret {
            writer.member("client_secret", secret.exposed())
            writer.member("client_secret_expires_at", 0)
        }
        writer.member("client_name", client.name)
        writer.member("redirect_uris", client.redirectURIs)
        writer.member(
            "grant_types", client.mayRefresh ? ["authorization_code", "refresh_token"] : ["authorization_code"])
        writer.member("response_types", ["code"])
        writer.member("token_endpoint_auth_method", client.method.rawValue)
        writer.rawMembers(of: client.document)
        writer.endObject()
        return writer.bytes
    }
}
