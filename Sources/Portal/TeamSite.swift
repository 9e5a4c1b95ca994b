import ControlPlane
import Domain
import HTTP
import HTTPServer
import JSON
import Primitives
import Store

/// What answers on a team's host.
extension PortalHandler {
    func teamSite(_ name: String, _ request: Request) throws(Failure) -> Answer {
        guard let team = try desk.team(name) else {
            guard try desk.reader.isRetired(team: name, at: desk.now) else { return .now(pages(request).unknownTeam()) }
            return .now(pages(request).retiredTeam())
        }
        let path = request.path
        if let answer = try sharedSite(path, team.account, request) { return answer }
        if let answer = try oauthSite(path, team, request) { return answer }
        if let answer = try teamSessionSite(path, team, request) { return answer }
        if path.hasPrefix("/cdn-cgi/access/login/") {
            guard request.method == .get else { return .now(pages(request, team).wrongMethod("GET")) }
            return login(path.dropFirst("/cdn-cgi/access/login/".count), team, request)
        }
        switch (path, request.method) {
        case ("/cdn-cgi/access/login", .get), ("/", .get): return launcher(team, request)
        case ("/cdn-cgi/access/callback", .get), ("/cdn-cgi/access/callback", .post):
            return callback(team, request)
        default: break
        }
        if let grant = Self.bridgeGrant(path), request.method == .get {
            return bridge(grant, team, request)
        }
        return .now(pages(request, team).notFound())
    }

    // MARK: Login

    /// `<app host>` or `<app host>/idp/<id>`.
    private func login(_ rest: Substring, _ team: TeamSettings, _ request: Request) -> Answer {
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        guard let host = parts.first.flatMap({ PercentEncoding.decode($0) })?.lowercased(), let query = request.query
        else { return .now(pages(request, team).notFound()) }
        switch parts.count {
        case 1: return later(request) { (portal) throws(Failure) in try await portal.loginPage(host, query, team, request) }
        case 3 where parts[1] == "idp":
            guard let provider = IdentityProviderID(uuid: parts[2]) else { return .now(pages(request, team).notFound()) }
            return later(request) { (portal) throws(Failure) in
                try await portal.leave(to: provider, host, query, team, request)
            }
        default: return .now(pages(request, team).notFound())
        }
    }

    /// Where a login goes: to an application, or to a page of the team's own host.
    private func destination(
        _ host: String, _ query: QueryString, _ team: TeamSettings
    ) throws(Failure) -> (destination: LoginDestination, application: GuardedApplication?) {
        if LoginDesk.hostName(host) == "\(team.team).\(settings.accessDomain)" {
            let path = query["redirect_url"] ?? "/"
            guard LocalPath.isSafe(path) else {
                throw .turnedAway(.sessionInvalid, "This sign-in page leads nowhere. Open the application again.")
            }
            return (.local(path), nil)
        }
        let ticket = try desk.ticket(host: host, query, at: team)
        return (.application(ticket.destination), ticket.application)
    }

    private func loginPage(
        _ host: String, _ query: QueryString, _ team: TeamSettings, _ request: Request
    ) async throws(Failure) -> Response {
        try desk.refresh()
        let (destination, application) = try destination(host, query, team)
        let browser = browser(of: request)
        if let (session, identity) = try desk.session(teamTokens(request), at: team), mayReuse(session, application) {
            let next = try await desk.proceed(
                session, identity, to: destination, at: team, browser.facts, isNewLogin: false)
            return answer(LoginOutcome(teamCookie: nil, next: next), team, browser, request)
        }
        let offered = team.logins.offered(
            allowed: application?.application.allowedIdPs ?? [], breakingGlass: query["break_glass"] == "1")
        let usable = offered.filter(\.type.canLogIn)
        if usable.count == 1, offered.count == 1 || application?.application.isAutoRedirecting == true {
            return try await leave(to: usable[0].id, host, query, team, request)
        }
        let base = "/cdn-cgi/access/login/\(PercentEncoding.encode(host))/idp/"
        let suffix = request.queryBytes.map { "?" + String(decoding: $0, as: UTF8.self) } ?? ""
        var response = pages(request, team).login(
            offered.map { choice in
                Pages.Choice(name: choice.name, type: choice.type, address: base + choice.id.uuid + suffix)
            }, application: application?.application.name)
        browser.keep(in: &response)
        return response
    }

    /// A session opens an application where that takes its identity provider and does not ask for a login each time.
    private func mayReuse(_ session: Session, _ application: GuardedApplication?) -> Bool {
        guard let application else { return true }
        guard let identity = Identity(document: session.identity) else { return false }
        return application.accepts(identity.provider, email: session.email)
            && application.tokenLifetime(nil) != .zero
    }

    private func leave(
        to provider: IdentityProviderID, _ host: String, _ query: QueryString, _ team: TeamSettings, _ request: Request
    ) async throws(Failure) -> Response {
        try desk.refresh()
        let (destination, _) = try destination(host, query, team)
        let browser = browser(of: request)
        var wish = LoginWish(provider: provider, destination: destination)
        wish.breaksGlass = query["break_glass"] == "1"
        return answer(try await desk.begin(wish, at: team, browser.facts), team, browser, request)
    }

    func answer(_ step: LoginStep, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request) -> Response {
        var response: Response
        switch step {
        case .redirect(let address): response = Self.redirect(to: address)
        case .pin(let state): response = pages(request, team).askForAddress(state: state)
        case .memberToken(let state): response = pages(request, team).askForMemberToken(state: state)
        }
        browser.keep(in: &response)
        return response
    }

    // MARK: Coming back

    private func callback(_ team: TeamSettings, _ request: Request) -> Answer {
        let answer = request.method == .post ? QueryString(request.body) : request.query
        guard let answer, let state = answer["state"], !state.isEmpty, state.utf8.count <= 1024,
            answer.count("state") == 1, answer.count("code") <= 1
        else {
            return .now(
                pages(request, team).fault(
                    LoginFault(.stateMismatch, "This address is where sign-ins come back to. Open the application again.")))
        }
        let callback = CallbackAnswer(
            state: state, code: answer["code"], error: answer["error"], issuer: answer["iss"])
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let browser = portal.browser(of: request)
            let outcome = try await portal.desk.finish(callback, at: team, browser.facts)
            return portal.answer(outcome, team, browser, request)
        }
    }

    func answer(
        _ outcome: LoginOutcome, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) -> Response {
        var response: Response
        switch outcome.next {
        case .redirect(let address): response = Self.redirect(to: address)
        case .denied(let application, let email, let url):
            response = url.map(Self.redirect) ?? pages(request, team).denied(application, email: email)
        case .purpose(let application, let prompt, _):
            response = pages(request, team).askForPurpose(application, prompt: prompt)
        case .awaitingApproval(let application): response = pages(request, team).awaitingApproval(application)
        }
        if let cookie = outcome.teamCookie {
            response.fields.append(.setCookie, AccessCookies(settings).team(cookie))
        }
        browser.keep(in: &response)
        return response
    }

    // MARK: Bridge

    /// `/cdn-cgi/access/bridge/<grant_id>/authorize`
    private static func bridgeGrant(_ path: String) -> GrantID? {
        let parts = path.split(separator: "/")
        guard parts.count == 5, parts[2] == "bridge", parts[4] == "authorize" else { return nil }
        return GrantID(uuid: parts[3])
    }

    private func bridge(_ grant: GrantID, _ team: TeamSettings, _ request: Request) -> Answer {
        guard let signed = request.query?["request"] else {
            return .now(
                pages(request, team).fault(
                    LoginFault(.bridgeInvalid, "This address is where bridged sign-ins pass. Open the application again.")))
        }
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let browser = portal.browser(of: request)
            let session = try portal.desk.session(portal.teamTokens(request), at: team)?.session
            let (outcome, step) = try await portal.desk.acceptBridge(
                grant, request: signed, at: team, browser.facts, session: session)
            if let outcome { return portal.answer(outcome, team, browser, request) }
            guard let step else { throw .inconsistent("a bridge leads nowhere") }
            return portal.answer(step, team, browser, request)
        }
    }

    // MARK: App Launcher

    private func launcher(_ team: TeamSettings, _ request: Request) -> Answer {
        later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            guard let (_, identity) = try portal.desk.session(portal.teamTokens(request), at: team) else {
                let host = portal.settings.teamHost(team.team)
                return Self.redirect(to: "/cdn-cgi/access/login/\(PercentEncoding.encode(host))?redirect_url=%2F")
            }
            return portal.pages(request, team).launcher(identity, [])
        }
    }
}
