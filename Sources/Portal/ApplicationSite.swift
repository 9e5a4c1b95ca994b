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
        guard let place = try desk.access.anyPlace(host: host, in: desk.reader) else {
            return .now(pages(request).notFound())
        }
        let path = request.path
        if let answer = try sharedSite(path, place.account, request) { return answer }
        switch (path, request.method) {
        case ("/cdn-cgi/access/authorized", .get): return authorized(request)
        case (EagerRound.path, .get): return eager(request)
        default: return .now(pages(request).notFound())
        }
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
            LoginDesk.hostName(state.host) == LoginDesk.hostName(authority(of: request))
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
