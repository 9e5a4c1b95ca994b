import ControlPlane
import Domain
import HTTP
import HTTPServer
import JSON
import Primitives
import Store

/// What answers below `/cdn-cgi/access/` on the hosts of applications.
extension PortalHandler {
    func applicationSite(_ host: String, _ request: Request) throws(Failure) -> Answer {
        let host = host.hasSuffix(".") ? String(host.dropLast()) : host
        if let answer = try oauthSite(request.path, host: host, request) { return answer }
        guard let place = try desk.access.anyPlace(host: host, in: desk.reader),
            let team = try desk.team(of: place.account)
        else { return .now(pages(request).notFound()) }
        let path = request.path
        if let answer = try sharedSite(path, place.account, request) { return answer }
        switch (path, request.method) {
        case ("/cdn-cgi/access/authorized", .get): return authorized(request)
        case ("/cdn-cgi/access/get-identity", .get), ("/cdn-cgi/access/get-identity", .head):
            return try identity(of: acquaintance(request, host, team), in: team.account, request)
        case ("/cdn-cgi/access/logout", .get):
            return try logOut(
                acquaintance(request, host, team), at: team, clearing: try applicationCookies(host), request)
        case (EagerRound.path, .get): return eager(request)
        default: return .now(pages(request).notFound())
        }
    }

    private func acquaintance(
        _ request: Request, _ host: String, _ team: TeamSettings
    ) throws(Failure) -> Acquaintance? {
        let cookies = Cookies(request)
        let question = GateRequest(
            address: clientAddress(of: request), cookies: cookies.values(AccessCookies.authorization),
            binding: cookies[AccessCookies.binding], presented: request.values(.accessToken), ray: request.ray)
        return try gate.acquaintance(question, on: host, of: team.account)
    }

    /// Lines that take back whatever an application on this host may have set.
    private func applicationCookies(_ host: String) throws(Failure) -> [String] {
        let cookies = AccessCookies(settings)
        var paths = ["/"]
        for place in try desk.access.allPlaces(host: host, in: desk.reader).prefix(20) {
            let path = place.destination.path
            if !path.isEmpty, !path.utf8.contains(UInt8(ascii: "*")), !paths.contains(path) { paths.append(path) }
        }
        var lines = [cookies.clear(AccessCookies.appSession)]
        for path in paths {
            lines.append(cookies.clear(AccessCookies.authorization, path: path))
            lines.append(cookies.clear(AccessCookies.binding, path: path))
        }
        return lines
    }

    /// Takes the admission that the team's host made out (contract 40 §1, step 7).
    private func authorized(_ request: Request) -> Answer {
        let invalid = LoginFault(
            .sessionInvalid,
            "This sign-in was used already, took longer than a minute, or began in another browser. Open the application again."
        )
        guard let query = request.query, let nonce = query["nonce"], let sealed = query["state"],
            let state = HandoverState(sealed, vault: plane.vault),
            let secret = BrowserSecret(cookie: Cookies(request)[AccessCookies.appSession]),
            Authority.host(of: state.host) == Authority.host(of: authority(of: request))
        else { return .now(pages(request).fault(invalid)) }
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let taken = try await portal.desk.takeOver(
                nonce: nonce, state: state, portal.facts(of: request, secret))
            var response = Self.redirect(to: portal.destination(after: taken))
            for cookie in AccessCookies(portal.settings).application(taken) {
                response.fields.append(.setCookie, cookie)
            }
            return response
        }
    }
}

/// Who is who on a team's host.
extension PortalHandler {
    /// `get-identity` and `logout` of a team's host; `nil` for other paths.
    func teamSessionSite(_ path: String, _ team: TeamSettings, _ request: Request) throws(Failure) -> Answer? {
        switch (path, request.method) {
        case ("/cdn-cgi/access/get-identity", .get), ("/cdn-cgi/access/get-identity", .head):
            return try identity(of: teamAcquaintance(request, team), in: team.account, request)
        case ("/cdn-cgi/access/logout", .get):
            let cookies = AccessCookies(settings)
            return try logOut(
                teamAcquaintance(request, team), at: team,
                clearing: [cookies.clear(AccessCookies.authorization), cookies.clear(AccessCookies.session)], request)
        default: return nil
        }
    }

    private func teamAcquaintance(_ request: Request, _ team: TeamSettings) throws(Failure) -> Acquaintance? {
        try desk.session(teamTokens(request), at: team).map { session, identity in
            Acquaintance(
                holder: .person(session), identity: identity, application: nil, issuedAt: session.createdAt)
        }
    }
}
