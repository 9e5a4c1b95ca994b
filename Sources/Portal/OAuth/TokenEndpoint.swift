import ControlPlane
import Domain
import HTTP
import HTTPServer
import JSON
import OAuth
import Primitives
import Store

/// Where clients exchange codes and refresh tokens, and give tokens back (contract 50 §8 and §10).
extension PortalHandler {
    func token(_ issuer: OAuthIssuer, _ request: Request) -> Answer {
        if let wait = oauth.waitForToken(clientAddress(of: request)) {
            return .now(Self.tooMany(OAuthError.Code.slowDown.rawValue, "too many requests from this address", wait))
        }
        guard let form = Self.form(of: request) else { return .now(Self.noForm()) }
        let caller = caller(issuer, request)
        return laterForClient(request) { (portal) throws(Failure) in
            switch try await portal.oauth.token(form, caller) {
            case .success(let tokens): return Self.answer(tokens)
            case .failure(let error): return Self.refusal(error, of: caller)
            }
        }
    }

    func revocation(_ issuer: OAuthIssuer, _ request: Request) -> Answer {
        if let wait = oauth.waitForToken(clientAddress(of: request)) {
            return .now(Self.tooMany(OAuthError.Code.slowDown.rawValue, "too many requests from this address", wait))
        }
        guard let form = Self.form(of: request) else { return .now(Self.noForm()) }
        let caller = caller(issuer, request)
        return laterForClient(request) { (portal) throws(Failure) in
            if let error = try await portal.oauth.revoke(form, caller) { return Self.refusal(error, of: caller) }
            var response = Self.openToAll(Response(.ok))
            response.fields.append(.cacheControl, "no-store")
            return response
        }
    }

    // MARK: Reading

    private func caller(_ issuer: OAuthIssuer, _ request: Request) -> TokenCaller {
        TokenCaller(
            issuer: issuer, address: clientAddress(of: request), country: country(of: request),
            ray: request.rayText + "-ORG", authorization: request.values(.authorization),
            userAgent: request.value(.userAgent) ?? "")
    }

    /// The parameters of a body; those of a query do not count, for they end up in logs.
    private static func form(of request: Request) -> QueryString? {
        guard request.value(.contentType).flatMap({ MediaType($0) })?.essence == "application/x-www-form-urlencoded"
        else { return nil }
        return QueryString(request.body)
    }

    // MARK: Answers

    private static func noForm() -> Response {
        refusal(OAuthError(.invalidRequest, "the body must be a form: application/x-www-form-urlencoded"))
    }

    private static func refusal(_ error: OAuthError, of caller: TokenCaller) -> Response {
        var response = refusal(error)
        if error.code == .invalidClient, !caller.authorization.isEmpty {
            response.fields.append(.wwwAuthenticate, "Basic realm=\"OAuth\"")
        }
        return response
    }

    private static func answer(_ tokens: IssuedTokens) -> Response {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("access_token", tokens.access)
        writer.member("token_type", "Bearer")
        writer.member("expires_in", tokens.lifetime)
        if let refresh = tokens.refresh { writer.member("refresh_token", refresh) }
        writer.member("scope", "")
        writer.member("resource", tokens.resource)
        writer.endObject()
        var response = openToAll(Response(.ok, json: writer.bytes))
        response.fields.append(.cacheControl, "no-store")
        response.fields.append(.pragma, "no-cache")
        return response
    }
}
