import ControlPlane
import Domain
import HTML
import HTTP
import HTTPServer
import JSON
import Primitives
import Store

/// The login page of a team (contract 40 §1, steps 2 and 3).
extension PortalHandler {
    /// `<app host>` or `<app host>/idp/<id>`.
    func login(_ rest: Substring, _ team: TeamSettings, _ request: Request) -> Answer {
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        guard let host = parts.first.flatMap({ PercentEncoding.decode($0) })?.lowercased(),
            let query = request.query ?? (request.queryBytes == nil ? QueryString() : nil)
        else { return .now(pages(request, team).notFound()) }
        switch parts.count {
        case 1:
            return later(request) { (portal) throws(Failure) in
                try await portal.loginPage(host, query, team, request)
            }
        case 3 where parts[1] == "idp":
            guard let provider = IdentityProviderID(uuid: parts[2]) else {
                return .now(pages(request, team).notFound())
            }
            return later(request) { (portal) throws(Failure) in
                try portal.desk.refresh()
                return try await portal.leave(to: provider, try portal.visit(host, query, team), team, request)
            }
        default: return .now(pages(request, team).notFound())
        }
    }

    /// What an address of the login page asks for.
    struct Visit {
        let host: String
        let destination: LoginDestination
        let application: GuardedApplication?
        /// Enforcement may be passed by (contract 30 §9).
        let breaksGlass: Bool
        /// The person has to prove who they are, whoever is signed in.
        let isFresh: Bool
        let hint: String?

        var allowed: [IdentityProviderID] { application?.application.allowedIdPs ?? [] }
    }

    /// Reads an address: it leads to an application, or to a page of the team's own host.
    private func visit(_ host: String, _ query: QueryString, _ team: TeamSettings) throws(Failure) -> Visit {
        let isFresh = query["prompt"] == "login"
        let breaksGlass = query["break_glass"] == "1"
        let hint = query["login_hint"].flatMap { Self.isHint($0) ? $0 : nil }
        if Authority.host(of: host) == "\(team.team).\(settings.accessDomain)" {
            let path = query["redirect_url"] ?? "/"
            guard LocalPath.isSafe(path) else {
                throw .turnedAway(.sessionInvalid, "This sign-in page leads nowhere. Open the application again.")
            }
            return Visit(
                host: host, destination: .local(path), application: try desk.launcher(at: team),
                breaksGlass: breaksGlass, isFresh: isFresh, hint: hint)
        }
        let ticket = try desk.ticket(host: host, query, at: team)
        return Visit(
            host: host, destination: .application(ticket.destination), application: ticket.application,
            breaksGlass: breaksGlass, isFresh: isFresh || ticket.application.asksEachTime, hint: hint)
    }

    private static func isHint(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 254
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    private func loginPage(
        _ host: String, _ query: QueryString, _ team: TeamSettings, _ request: Request
    ) async throws(Failure) -> Response {
        try desk.refresh()
        let visit = try visit(host, query, team)
        let browser = browser(of: request)
        if query["prompt"] != "login",
            let (session, identity) = try desk.session(teamTokens(request), at: team), mayReuse(session, visit)
        {
            let next = try await desk.proceed(
                session, identity, to: visit.destination, at: team, browser.facts, isNewLogin: false)
            if case .signInAgain = next {
                try desk.refresh()
            } else {
                return try await answer(LoginOutcome(teamCookie: nil, next: next), team, browser, request)
            }
        }
        let offered = team.logins.offered(allowed: visit.allowed, breakingGlass: visit.breaksGlass)
        let usable = offered.filter { desk.obstacle(to: $0) == nil }
        let isAutomatic = team.isAutoRedirecting || visit.application?.application.isAutoRedirecting == true
        if usable.count == 1, offered.count == 1 || isAutomatic {
            return try await leave(to: usable[0].id, visit, team, request)
        }
        let base = "/cdn-cgi/access/login/\(PercentEncoding.encode(visit.host))/idp/"
        return try choices(offered, below: base, query, visit.application, team, browser, request)
    }

    /// - Parameter base: what the address of each choice begins with; its id and the query follow.
    func choices(
        _ offered: [LoginChoice], below base: String, _ query: QueryString, _ application: GuardedApplication?,
        _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) throws(Failure) -> Response {
        let suffix = query.isEmpty ? "" : "?" + query.text
        let choices = offered.map { choice in
            Pages.Choice(
                name: choice.name, type: choice.type, address: base + choice.id.uuid + suffix,
                obstacle: desk.obstacle(to: choice))
        }
        let pages = pages(request, team)
        var response: Response
        if let custom = try customPage(.login, of: application, team) {
            response = custom.response(
                .ok,
                CustomPageText.Words(
                    message: pages.design("header_text") ?? "", application: application?.application.name ?? "",
                    ray: pages.ray), ending: pages.list(choices))
        } else {
            response = pages.login(choices, Self.welcome(application))
        }
        browser.keep(in: &response)
        return response
    }

    private static func welcome(_ application: GuardedApplication?) -> Pages.Welcome {
        var welcome = Pages.Welcome()
        guard let application else { return welcome }
        guard application.application.type == .appLauncher else {
            welcome.application = application.application.name
            return welcome
        }
        if !application.flag("skip_app_launcher_login_page") {
            let design = application.document["landing_page_design"]
            welcome.title = design?["title"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            welcome.message = design?["message"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        }
        return welcome
    }

    /// A session opens an application where that takes its identity provider and does not ask for a login each time.
    private func mayReuse(_ session: Session, _ visit: Visit) -> Bool {
        guard let application = visit.application, let identity = Identity(document: session.identity) else {
            return visit.application == nil
        }
        return application.accepts(identity.provider, email: session.email)
            && application.tokenLifetime(nil) != .zero
    }

    private func leave(
        to provider: IdentityProviderID, _ visit: Visit, _ team: TeamSettings, _ request: Request
    ) async throws(Failure) -> Response {
        let browser = browser(of: request)
        var wish = LoginWish(provider: provider, destination: visit.destination)
        wish.breaksGlass = visit.breaksGlass
        wish.isFresh = visit.isFresh
        wish.loginHint = visit.hint
        let step = try await desk.begin(wish, at: team, browser.facts)
        return try answer(step, visit.destination, team, browser, request)
    }

    /// - Parameter destination: where the login leads in the end.
    func answer(
        _ step: LoginStep, _ destination: LoginDestination, _ team: TeamSettings, _ browser: KnownBrowser,
        _ request: Request
    ) throws(Failure) -> Response {
        var response: Response
        switch step {
        case .redirect(let address): response = Self.redirect(to: address)
        case .pin(let state):
            response = pages(request, team).askForAddress(state: state, formsTo: try formTargets(destination, team))
        case .memberToken(let state):
            response = pages(request, team).askForMemberToken(state: state, formsTo: try formTargets(destination, team))
        }
        browser.keep(in: &response)
        return response
    }

    /// The origins that the answer to a form may lead to, on the way to where a login goes.
    func formTargets(_ destination: LoginDestination, _ team: TeamSettings) throws(Failure) -> [String] {
        if case .local(let path) = destination {
            if let uri = oauth.redirectURI(in: path, at: team) { return [RedirectTarget(uri).source] }
            return try oidcFormTargets(path, team)
        }
        guard case .application(let way) = destination,
            let application = try desk.application(way.application, of: team.account)
        else { return [] }
        var origins = ["\(settings.scheme)://\(way.host)"]
        for host in try desk.eagerHosts(of: application, beside: way.host) {
            origins.append("\(settings.scheme)://\(host)")
        }
        if let url = application.text("custom_deny_url"), let address = WebAddress(url) {
            origins.append(address.origin)
        }
        return origins
    }
}
