import ControlPlane
import Domain
import HTTP
import HTTPServer
import JSON
import OAuth
import Primitives
import Store

/// Where clients of managed OAuth come (contract 50): on the team's host, on those of applications, and for the control
/// plane's own API under the public URL, alike but for the issuer.
extension PortalHandler {
    var oauth: OAuthDesk { OAuthDesk(desk) }

    static let oauthPath = "/cdn-cgi/access/oauth/"
    static let resourcePath = "/.well-known/oauth-protected-resource"
    /// The same under the name that public deployments use.
    static let otherResourcePath = "/.well-known/cloudflare-access-protected-resource"
    static let serverPath = "/.well-known/oauth-authorization-server"
    static let openIDPath = "/.well-known/openid-configuration"

    /// Whether a path belongs to managed OAuth on the hosts of applications, beside those below `/cdn-cgi/access/`.
    static func isOAuthDocument(_ path: ArraySlice<UInt8>) -> Bool {
        guard path.starts(with: "/.well-known/".utf8) else { return false }
        return [resourcePath, otherResourcePath, serverPath, openIDPath].contains { name in
            path.starts(with: name.utf8)
                && (path.count == name.utf8.count || path.dropFirst(name.utf8.count).first == UInt8(ascii: "/"))
        }
    }

    /// What answers for clients on a team's host; `nil` for other paths.
    func oauthSite(_ path: String, _ team: TeamSettings, _ request: Request) throws(Failure) -> Answer? {
        guard path.hasPrefix(Self.oauthPath) || Self.isOAuthDocument(request.pathBytes) else { return nil }
        return try oauthSite(path, oauth.issuer(of: team), request)
    }

    /// The same on the host of an application.
    func oauthSite(_ path: String, host: String, _ request: Request) throws(Failure) -> Answer? {
        guard path.hasPrefix(Self.oauthPath) || Self.isOAuthDocument(request.pathBytes) else { return nil }
        guard let issuer = try oauth.issuer(ofHost: authority(of: request)) else { return .now(Self.noDocument()) }
        return try oauthSite(path, issuer, request)
    }

    /// The same under the public URL.
    func serverSite(_ request: Request) throws(Failure) -> Answer {
        guard let issuer = try oauth.apiIssuer() else { return .now(Self.noDocument()) }
        return try oauthSite(request.path, issuer, request)
    }

    private func oauthSite(_ path: String, _ issuer: OAuthIssuer, _ request: Request) throws(Failure) -> Answer {
        if path.hasPrefix("/.well-known/") { return .now(try document(path, issuer, request)) }
        var team: TeamSettings?
        if case .team(let own) = issuer.place { team = own }
        switch (path.dropFirst(Self.oauthPath.count), request.method) {
        case ("registration", .post): return registration(issuer, request)
        case ("token", .post): return token(issuer, request)
        case ("revoke", .post): return revocation(issuer, request)
        case ("authorization", .get):
            guard let team else { return try authorizationElsewhere(issuer, request) }
            return authorization(team, request)
        case ("continue", .get): if let team { return authorizationGoesOn(team, request) }
        case ("consent", .post): if let team { return consent(team, request) }
        case ("registration", .options), ("token", .options), ("revoke", .options):
            return .now(Self.crossOriginPreflight("POST"))
        case ("registration", _), ("token", _), ("revoke", _):
            return .now(Self.wrongMethod("POST, OPTIONS"))
        default: break
        }
        return .now(pages(request, team).notFound())
    }

    // MARK: Answers

    /// Answers a client by a task on this loop. Failures become errors that clients can read.
    func laterForClient(
        _ request: Request, _ body: @escaping @Sendable (PortalHandler) async throws(Failure) -> Response
    ) -> Answer {
        later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            return try await body(portal)
        }
    }

    /// Scripts of other sites may ask: nothing here looks at cookies.
    static func openToAll(_ response: Response) -> Response {
        var response = response
        response.fields.append(.accessControlAllowOrigin, "*")
        return response
    }

    static func crossOriginPreflight(_ methods: String) -> Response {
        var response = openToAll(Response(.noContent))
        response.fields.append(.accessControlAllowMethods, methods)
        response.fields.append(.accessControlAllowHeaders, "Authorization, Content-Type, MCP-Protocol-Version")
        response.fields.append(.accessControlMaxAge, "86400")
        return response
    }

    static func wrongMethod(_ allowed: String) -> Response {
        var response = openToAll(refusal(.methodNotAllowed, "invalid_request", "this address takes \(allowed)"))
        response.fields.append(.allow, allowed)
        return response
    }

    /// An error as clients read it (RFC 6749 §5.2).
    static func refusal(_ status: Status, _ code: String, _ detail: String) -> Response {
        let body: JSONValue = ["error": .string(code), "error_description": .string(detail)]
        var response = Response(status, json: body.serializedBytes())
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    static func refusal(_ error: OAuthError) -> Response {
        openToAll(refusal(Status(error.status), error.code.rawValue, error.detail))
    }

    /// - Parameter wait: what `Retry-After` says, in whole seconds.
    static func tooMany(_ code: String, _ detail: String, _ wait: Duration) -> Response {
        var response = openToAll(refusal(.tooManyRequests, code, detail))
        response.fields.append(.retryAfter, String(max(1, (wait.wholeMicroseconds + 999_999) / 1_000_000)))
        return response
    }
}
