import ControlPlane
import Domain
import HTTP
import HTTPServer
import OAuth
import Primitives
import Store

/// Where people decide whether a program may act for them (contract 50 §7).
extension PortalHandler {
    /// On an application's host, and under the public URL: nobody signs in there, so that the request goes on at a team's.
    func authorizationElsewhere(_ issuer: OAuthIssuer, _ request: Request) throws(Failure) -> Answer {
        let query = String(decoding: request.queryBytes ?? [], as: UTF8.self)
        guard query.utf8.count <= OAuthDesk.longestQuery else {
            return .now(pages(request, issuer.team).clientFault("The request of this program is too long."))
        }
        guard let team = issuer.team else { return try authorizationAtSomeTeam(issuer, query, request) }
        return .now(Self.redirect(to: oauth.forwardAddress(query, from: issuer, at: team)))
    }

    /// At the team of the person's organization. Where there are several, the person says which: their names are not for
    /// everybody.
    private func authorizationAtSomeTeam(
        _ issuer: OAuthIssuer, _ query: String, _ request: Request
    ) throws(Failure) -> Answer {
        let teams = try oauth.teamsOfAPI()
        if teams.count == 1, let only = teams.first {
            return .now(Self.redirect(to: oauth.forwardAddress(query, from: issuer, at: only)))
        }
        guard let parameters = QueryString(query) else {
            return .now(pages(request).clientFault("The request of this program cannot be read."))
        }
        let others = parameters.items.filter { $0.name != OAuthDesk.teamParameter }
        guard let wanted = parameters[OAuthDesk.teamParameter] else {
            return .now(pages(request).askForTeam(others, suffix: settings.accessDomain, isUnknown: false))
        }
        let name = Authority.host(of: wanted.lowercased().filter { $0 != " " })
        guard let team = teams.first(where: { $0.team == name || "\($0.team).\(settings.accessDomain)" == name }) else {
            return .now(pages(request).askForTeam(others, suffix: settings.accessDomain, isUnknown: true))
        }
        let address = oauth.forwardAddress(QueryString(items: others).text, from: issuer, at: team)
        return .now(pages(request).goOn(to: address, at: settings.teamHost(team.team)))
    }

    func authorization(_ team: TeamSettings, _ request: Request) -> Answer {
        guard let query = request.query, (request.queryBytes?.count ?? 0) <= 2 * OAuthDesk.longestQuery else {
            return .now(pages(request, team).clientFault("The request of this program cannot be read."))
        }
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let browser = portal.browser(of: request)
            let step = try await portal.oauth.authorize(
                query, at: team, cookies: portal.teamTokens(request), browser.facts)
            return portal.answer(step, team, browser, request)
        }
    }

    /// Back from the login page.
    func authorizationGoesOn(_ team: TeamSettings, _ request: Request) -> Answer {
        let sealed = request.query?["request"] ?? ""
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let browser = portal.browser(of: request)
            let step = try await portal.oauth.resume(
                sealed, at: team, cookies: portal.teamTokens(request), browser.facts)
            return portal.answer(step, team, browser, request)
        }
    }

    func consent(_ team: TeamSettings, _ request: Request) -> Answer {
        guard let form = QueryString(request.body), form.count("ticket") == 1, let ticket = form["ticket"],
            form.count("decision") == 1, let decision = form["decision"].flatMap({ ConsentDecision(rawValue: $0) }),
            !isForeign(request)
        else { return .now(pages(request, team).clientFault("This decision did not come from our page.")) }
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let browser = portal.browser(of: request)
            let step = try await portal.oauth.decide(
                decision, ticket, at: team, cookies: portal.teamTokens(request), browser.facts)
            return portal.answer(step, team, browser, request)
        }
    }

    /// Whether a browser says that another site sent a form.
    func isForeign(_ request: Request) -> Bool {
        if let site = request.value(.fetchSite) { return site != "same-origin" && site != "none" }
        guard let origin = request.value(.origin), origin != "null" else { return false }
        return WebAddress(origin).map { Authority.host(of: $0.host) != Authority.host(of: authority(of: request)) }
            ?? true
    }

    private func answer(
        _ step: AuthorizationStep, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) -> Response {
        var response: Response
        switch step {
        case .page(let fault): response = pages(request, team).clientFault(fault.detail)
        case .answer(let address): response = Self.redirect(to: address)
        case .login(let path, let isFresh, let hint):
            var query = QueryString()
            query.append("redirect_url", path)
            if isFresh { query.append("prompt", "login") }
            if let hint { query.append("login_hint", hint) }
            let host = PercentEncoding.encode(settings.teamHost(team.team))
            response = Self.redirect(to: "/cdn-cgi/access/login/\(host)?\(query.text)")
        case .consent(let question): response = pages(request, team).consent(question)
        }
        browser.keep(in: &response)
        return response
    }
}
