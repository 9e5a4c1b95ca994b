import ControlPlane
import Domain
import HTML
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
        if let answer = entrySite(path, team, request) { return answer }
        if path.hasPrefix(Self.oidcPath) { return try oidcSite(path.dropFirst(Self.oidcPath.count), team, request) }
        switch (path, request.method) {
        case (Pages.launcherThemePath, .get):
            let css = try desk.launcher(at: team)?.launcherTheme
            return .now(css.map { Pages.css($0, for: 60) } ?? pages(request, team).notFound())
        case (Self.grantsPath, .get): return grants(team, request)
        case (Self.grantsPath, .post): return takeBackGrant(team, request)
        case ("/cdn-cgi/access/login", .get), ("/", .get): return launcher(team, request)
        case (ConsoleHop.path, .get): return toConsole(team, request)
        case ("/cdn-cgi/access/callback", .get), ("/cdn-cgi/access/callback", .post):
            return callback(team, request)
        default: break
        }
        if let grant = Self.bridgeGrant(path), request.method == .get {
            return bridge(grant, team, request)
        }
        return .now(pages(request, team).notFound())
    }

    // MARK: Members on their way to the admin console

    private func toConsole(_ team: TeamSettings, _ request: Request) -> Answer {
        later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let query = request.query ?? QueryString()
            guard let (session, _) = try portal.desk.session(portal.teamTokens(request), at: team),
                let address = try portal.desk.wayToConsole(
                    state: query["state"] ?? "", next: query["next"] ?? "/", session, at: team)
            else {
                throw .turnedAway(
                    .sessionInvalid, "This way to the admin console is not open any more. Begin again there.")
            }
            return Self.redirect(to: address)
        }
    }

    // MARK: Coming back

    private func callback(_ team: TeamSettings, _ request: Request) -> Answer {
        let answer = request.method == .post ? QueryString(request.body) : request.query
        guard let answer, let state = answer["state"], !state.isEmpty, state.utf8.count <= 1024,
            answer.count("state") == 1, answer.count("code") <= 1
        else {
            return .now(
                pages(request, team).fault(
                    LoginFault(
                        .stateMismatch, "This address is where sign-ins come back to. Open the application again.")))
        }
        let callback = CallbackAnswer(
            state: state, code: answer["code"], error: answer["error"], issuer: answer["iss"])
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let browser = portal.browser(of: request)
            let outcome = try await portal.desk.finish(callback, at: team, browser.facts)
            return try await portal.answer(outcome, team, browser, request)
        }
    }

    func answer(
        _ outcome: LoginOutcome, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) async throws(Failure) -> Response {
        var response: Response
        switch outcome.next {
        case .redirect(let address): response = Self.redirect(to: address)
        case .denied(let denial):
            if let url = denial.url {
                response = Self.redirect(to: url)
            } else {
                let again = try await desk.freshAddress(for: denial.destination, denial.application)
                try desk.refresh()
                response = try deniedPage(
                    denial.application, email: denial.email, because: denial.reason,
                    tryAgain: "\(settings.scheme)://\(denial.destination.host)\(denial.destination.path)",
                    otherAccount: otherAccount(again, team), request)
            }
        case .purpose(let question, let prompt):
            response = pages(request, team).askForPurpose(
                question, prompt: prompt, formsTo: try formTargets(.application(question.destination), team))
        case .awaitingApproval(let question): response = pages(request, team).awaitingApproval(question)
        case .signInAgain: throw .inconsistent("a login led to another login")
        }
        if let cookie = outcome.teamCookie {
            response.fields.append(.setCookie, AccessCookies(settings).team(cookie))
        }
        browser.keep(in: &response)
        return response
    }

    /// Signs out, then leads to a login page that asks again who somebody is.
    private func otherAccount(_ address: String, _ team: TeamSettings) -> String {
        "\(Pages.logoutPath)?returnTo=\(PercentEncoding.encode(address))"
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
                    LoginFault(
                        .bridgeInvalid, "This address is where bridged sign-ins pass. Open the application again.")))
        }
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let browser = portal.browser(of: request)
            let session = try portal.desk.session(portal.teamTokens(request), at: team)?.session
            let (outcome, step) = try await portal.desk.acceptBridge(
                grant, request: signed, at: team, browser.facts, session: session)
            if let outcome { return try await portal.answer(outcome, team, browser, request) }
            guard let step else { throw .inconsistent("a bridge leads nowhere") }
            return try portal.answer(step, .local("/"), team, browser, request)
        }
    }

    // MARK: App Launcher

    private func launcher(_ team: TeamSettings, _ request: Request) -> Answer {
        later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            guard let (_, identity) = try portal.desk.session(portal.teamTokens(request), at: team) else {
                return Self.redirect(to: portal.localLogin("/", team))
            }
            let browser = portal.browser(of: request).facts
            let launcher = try portal.desk.launcher(at: team)
            guard try portal.desk.mayLaunch(launcher, identity, browser) else {
                guard let launcher else { throw .inconsistent("a launcher that is not there admits nobody") }
                let again = portal.localLogin("/", team) + "&prompt=login"
                return try portal.deniedPage(
                    launcher, email: identity.email,
                    otherAccount: portal.otherAccount(portal.settings.teamOrigin(team.team) + again, team), request)
            }
            return portal.pages(request, team).launcher(
                identity, try portal.desk.tiles(for: identity, at: team, browser), launcher,
                isApprover: try portal.desk.isApprover(identity.email, at: team))
        }
    }
}
