import ControlPlane
import Domain
import HTTP
import HTTPServer
import OAuth
import Primitives
import Store

/// Access as an OIDC provider: what answers below the issuer of a SaaS application (contract 40 §9).
extension PortalHandler {
    static let oidcPath = "/cdn-cgi/access/sso/oidc/"

    /// - Parameter rest: `<client_id>/<endpoint>`.
    func oidcSite(_ rest: Substring, _ team: TeamSettings, _ request: Request) throws(Failure) -> Answer {
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let client = try desk.oidcClient(parts[0], at: team) else {
            return .now(pages(request, team).notFound())
        }
        let method = request.method == .head ? .get : request.method
        switch (parts[1], method) {
        case (".well-known/openid-configuration", .get): return .now(Self.document(client.discovery(), isPublic: true))
        case ("jwks", .get):
            return later(request) { (portal) throws(Failure) in try await portal.jwks(of: team.account) }
        case ("authorization", .get), ("authorization", .post):
            return authorization(client, through: nil, team, request)
        case ("token", .post), ("revoke", .post): return form(parts[1] == "token", client, team, request)
        case ("userinfo", .get), ("userinfo", .post): return .now(try userinfo(client, request))
        case ("token", .options), ("userinfo", .options), ("revoke", .options): return .now(Self.preflight)
        case ("token", _), ("revoke", _): return .now(pages(request, team).wrongMethod("POST"))
        default:
            if let provider = Self.chosenProvider(parts[1]), method == .get {
                return authorization(client, through: provider, team, request)
            }
            return .now(pages(request, team).notFound())
        }
    }

    /// `authorization/idp/<id>`
    private static func chosenProvider(_ endpoint: Substring) -> IdentityProviderID? {
        let parts = endpoint.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "authorization", parts[1] == "idp" else { return nil }
        return IdentityProviderID(uuid: parts[2])
    }

    private func authorization(
        _ client: OIDCClient, through provider: IdentityProviderID?, _ team: TeamSettings, _ request: Request
    ) -> Answer {
        let sent =
            request.method == .post
            ? QueryString(request.body) : request.queryBytes == nil ? QueryString() : request.query
        guard let query = sent else { return .now(unregistered(team, request)) }
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            return try await portal.authorize(client, query, through: provider, team, request)
        }
    }

    // MARK: For machines

    private func jwks(of account: AccountID) async throws(Failure) -> Response {
        try desk.refresh()
        _ = try await desk.key(of: account)
        return Self.document(try desk.jwks(of: account), isPublic: true)
    }

    /// The token and the revocation endpoint.
    private func form(
        _ isToken: Bool, _ client: OIDCClient, _ team: TeamSettings, _ request: Request
    ) -> Answer {
        guard let type = request.value(.contentType).flatMap({ MediaType($0) }),
            type.essence == "application/x-www-form-urlencoded", let form = QueryString(request.body)
        else {
            return .now(
                Self.response(.refused(OAuthError(.invalidRequest, "the body must be a form"), usedBasic: false)))
        }
        let authorization = request.values(.authorization)
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let facts = portal.facts(of: request, BrowserSecret())
            let answer =
                isToken
                ? try await portal.desk.oidcToken(form, authorization: authorization, of: client, at: team, facts)
                : try await portal.desk.revokeOIDCToken(form, authorization: authorization, of: client)
            return Self.response(answer)
        }
    }

    /// The token in the field Authorization, or in the form of a POST (RFC 6750 §2.1, §2.2).
    private func userinfo(_ client: OIDCClient, _ request: Request) throws(Failure) -> Response {
        var tokens = request.values(.authorization).map(Self.bearer)
        if request.method == .post, let form = QueryString(request.body) { tokens += form.values("access_token") }
        guard let token = tokens.first else {
            // Without credentials nothing is said of an error (RFC 6750 §3).
            var response = Self.document([], isPublic: false)
            response.status = .unauthorized
            response.fields.append(.wwwAuthenticate, "Bearer realm=\"OIDC\"")
            return response
        }
        guard tokens.count == 1 else {
            return Self.response(
                .refused(OAuthError(.invalidRequest, "the access token comes in more than one way"), usedBasic: false))
        }
        return Self.response(try desk.userinfo(token, of: client))
    }

    /// The token of a field Authorization; empty for another scheme.
    private static func bearer(_ field: String) -> String {
        let parts = field.split(separator: " ")
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : ""
    }
}
