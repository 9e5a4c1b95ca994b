import ControlPlane
import Domain
import HTTP
import HTTPServer
import OAuth
import Primitives
import Store

/// The authorization endpoint in the browser: sign in where that is needed, then back to the application.
extension PortalHandler {
    /// - Parameter provider: the choice on the login page.
    func authorize(
        _ client: OIDCClient, _ query: QueryString, through provider: IdentityProviderID?, _ team: TeamSettings,
        _ request: Request
    ) async throws(Failure) -> Response {
        guard let uri = client.redirectURI(of: query) else { return unregistered(team, request) }
        let answer = client.answer(to: uri, of: query)
        let asked: OIDCRequest
        do throws(OAuthError) {
            asked = try client.request(query, answer)
        } catch { return deliver(answer.refusing(error), of: client, team, request) }
        let browser = browser(of: request)
        let current = try desk.session(teamTokens(request), at: team)
        if let provider {
            // Whoever has a session and sees the choices all the same has to prove again who they are.
            return try await signIn(
                through: provider, isFresh: asked.asksForLogin || current != nil, asked, client, query, team, browser,
                request)
        }
        let step = try await desk.authorize(
            asked, of: client, current, askedAt: AskedAt.read(query, vault: plane.vault, at: desk.now), at: team,
            browser.facts)
        switch step {
        case .answer(let answer): return deliver(answer, of: client, team, request)
        case .login(let isFresh):
            return try await signIn(isFresh: isFresh, asked, client, query, team, browser, request)
        case .denied(let application, let email, let reason, let url):
            if let url { return Self.redirect(to: url) }
            var again = Self.unasked(query)
            again = QueryString(items: again.items.filter { $0.name != "prompt" })
            again.append("prompt", "login")
            let address = "\(client.issuer)/authorization?\(again.text)"
            return try deniedPage(
                application, email: email, because: reason,
                tryAgain: "\(client.issuer)/authorization?\(Self.unasked(query).text)",
                otherAccount: "\(Pages.logoutPath)?returnTo=\(PercentEncoding.encode(address))", request)
        }
    }

    func unregistered(_ team: TeamSettings, _ request: Request) -> Response {
        pages(request, team).unregisteredClient()
    }

    private func deliver(
        _ answer: AuthorizationAnswer, of client: OIDCClient, _ team: TeamSettings, _ request: Request
    ) -> Response {
        switch answer.mode {
        case .query, .fragment:
            var response = Self.redirect(to: answer.address)
            response.fields.append(.referrerPolicy, "no-referrer")
            return response
        case .formPost: return pages(request, team).formPost(answer, client.application.application.name)
        }
    }

    // MARK: Signing in first

    /// Shows the choices, or leaves at once for the only one.
    private func signIn(
        isFresh: Bool, _ asked: OIDCRequest, _ client: OIDCClient, _ query: QueryString, _ team: TeamSettings,
        _ browser: KnownBrowser, _ request: Request
    ) async throws(Failure) -> Response {
        let application = client.application.application
        let offered = team.logins.offered(
            allowed: application.allowedIdPs, breakingGlass: query["break_glass"] == "1")
        let usable = offered.filter { desk.obstacle(to: $0) == nil }
        if usable.count == 1, offered.count == 1 || team.isAutoRedirecting || application.isAutoRedirecting {
            return try await signIn(
                through: usable[0].id, isFresh: isFresh, asked, client, query, team, browser, request)
        }
        return try choices(
            offered, below: "\(Self.oidcPath)\(client.id.hex)/authorization/idp/", Self.unasked(query),
            client.application, team, browser, request)
    }

    private func signIn(
        through provider: IdentityProviderID, isFresh: Bool, _ asked: OIDCRequest, _ client: OIDCClient,
        _ query: QueryString, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) async throws(Failure) -> Response {
        var back = Self.unasked(query)
        back.append(AskedAt.parameter, AskedAt.sealed(desk.now, for: back, by: plane.vault))
        let path = "\(Self.oidcPath)\(client.id.hex)/authorization?\(back.text)"
        let isAllowed = team.logins.offered(
            allowed: client.application.application.allowedIdPs, breakingGlass: query["break_glass"] == "1"
        ).contains { $0.id == provider }
        guard isAllowed else {
            try await desk.refuse(provider, at: team, client.application, browser.facts)
        }
        guard LocalPath.isSafe(path) else {
            let error = OAuthError(.invalidRequest, "the request is longer than 8192 bytes")
            return deliver(asked.answer.refusing(error), of: client, team, request)
        }
        var wish = LoginWish(provider: provider, destination: .local(path))
        wish.breaksGlass = query["break_glass"] == "1"
        wish.isFresh = isFresh
        wish.loginHint = asked.loginHint
        let step = try await desk.begin(wish, at: team, browser.facts)
        return try answer(step, wish.destination, team, browser, request)
    }

    /// The request as the application sent it.
    private static func unasked(_ query: QueryString) -> QueryString {
        QueryString(items: query.items.filter { $0.name != AskedAt.parameter })
    }

    /// Where the answer to a form may lead that stands between a login and an application: a browser holds every redirect
    /// up to the application against the page.
    func oidcFormTargets(_ path: String, _ team: TeamSettings) throws(Failure) -> [String] {
        guard path.hasPrefix(Self.oidcPath), let mark = path.firstIndex(of: "?"),
            let query = QueryString(path[path.index(after: mark)...]),
            let client = try desk.oidcClient(path.dropFirst(Self.oidcPath.count).prefix { $0 != "/" }, at: team),
            let uri = client.redirectURI(of: query)
        else { return [] }
        var targets = [Pages.formTarget(uri)]
        if let url = client.application.text("custom_deny_url"), let address = WebAddress(url) {
            targets.append(address.origin)
        }
        return targets
    }
}
