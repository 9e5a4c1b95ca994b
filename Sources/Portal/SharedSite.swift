import ControlPlane
import Domain
import HTML
import HTTP
import HTTPServer
import JSON
import Primitives
import Store

/// What answers alike on team hosts and application hosts.
extension PortalHandler {
    /// - Returns: `nil` for a path that is not shared.
    func sharedSite(_ path: String, _ account: AccountID, _ request: Request) throws(Failure) -> Answer? {
        switch (path, request.method) {
        case ("/cdn-cgi/access/certs", .get), ("/cdn-cgi/access/certs", .head):
            if let document = try gate.certs(of: account) { return .now(Self.certs(document)) }
            return later(request) { (portal) throws(Failure) in
                _ = try await portal.desk.key(of: account)
                guard let document = try portal.gate.certs(of: account) else {
                    throw .inconsistent("an account has no signing key")
                }
                return Self.certs(document)
            }
        case (Pages.stylesheetPath, .get), (Pages.stylesheetPath, .head):
            return .now(Pages.stylesheet())
        case (Pages.themePath, .get), (Pages.themePath, .head):
            return try desk.team(of: account)?.theme.map { .now(Pages.css($0.css, for: 60)) }
        default: return nil
        }
    }

    /// The keys that an account's tokens verify with (contract 40 §6).
    private static func certs(_ document: [UInt8]) -> Response {
        var response = Response(.ok, json: document)
        response.fields.append(.cacheControl, "public, max-age=300")
        response.fields.append(.accessControlAllowOrigin, "*")
        return response
    }

    // MARK: Who am I

    /// `get-identity` (contract 40 §7).
    func identity(of someone: Acquaintance?, in account: AccountID, _ request: Request) throws(Failure) -> Answer {
        guard let someone else {
            var response = Response(.unauthorized, json: Array(#"{"err":"no valid session"}"#.utf8))
            response.fields.append(.cacheControl, "no-store")
            return .now(response)
        }
        let isTold = isTrusted(request.peer)
        let report = IdentityReport(
            account: account, address: clientAddress(of: request), country: country(of: request),
            certificate: isTold ? Self.certificate(of: request) : nil)
        var response = Response(
            .ok, json: report.document(of: someone, serviceName: try gate.commonName(of: someone.holder)))
        response.fields.append(.cacheControl, "no-store")
        return .now(response)
    }

    // MARK: Logout

    /// Ends the sessions of who is there, and clears the cookies of this host.
    ///
    /// - Parameter clearing: Set-Cookie lines.
    func logOut(
        _ someone: Acquaintance?, at team: TeamSettings, clearing: [String], _ request: Request
    ) throws(Failure) -> Answer {
        guard let someone, case .person(let session) = someone.holder, let identity = someone.identity else {
            return .now(try loggedOut(request, team, clearing))
        }
        return later(request) { (portal) throws(Failure) in
            let facts = portal.facts(of: request, BrowserSecret())
            try await portal.desk.logOut(session, of: identity, from: someone.application, facts)
            try portal.desk.refresh()
            return try portal.loggedOut(request, team, clearing)
        }
    }

    private func loggedOut(
        _ request: Request, _ team: TeamSettings, _ clearing: [String]
    ) throws(Failure) -> Response {
        var response: Response
        if let wanted = request.query?["returnTo"], let address = try desk.returnAddress(wanted, at: team) {
            response = Self.redirect(to: address)
        } else {
            response = pages(request, team).loggedOut()
        }
        for line in clearing { response.fields.append(.setCookie, line) }
        return response
    }
}
