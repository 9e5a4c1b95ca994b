import ControlPlane
import Domain
import HTML
import HTTP
import HTTPServer
import OAuth
import Primitives
import Store

/// `/oauth/grants` of the team's host: what somebody has allowed programs, to be taken back (contract 50 §10).
extension PortalHandler {
    static let grantsPath = "/oauth/grants"

    func grants(_ team: TeamSettings, _ request: Request) -> Answer {
        later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            guard let (session, identity) = try portal.desk.session(portal.teamTokens(request), at: team) else {
                return Self.redirect(to: portal.localLogin(Self.grantsPath, team))
            }
            let browser = portal.browser(of: request)
            let seal = portal.formSeal(session, browser.facts)
            var response = portal.pages(request, team).grants(
                try portal.oauth.grants(of: identity, at: team), email: identity.email, seal: seal)
            browser.keep(in: &response)
            return response
        }
    }

    func takeBackGrant(_ team: TeamSettings, _ request: Request) -> Answer {
        let form = QueryString(request.body)
        let grant = form?["grant"].flatMap { ManagedGrantID(uuid: $0) }
        let seal = form?["seal"] ?? ""
        let isForeign = isForeign(request)
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            guard let (session, identity) = try portal.desk.session(portal.teamTokens(request), at: team) else {
                return Self.redirect(to: portal.localLogin(Self.grantsPath, team))
            }
            let browser = portal.browser(of: request).facts
            guard let grant, !isForeign, portal.isSealed(seal, session, browser) else {
                throw .turnedAway(
                    .sessionInvalid, "This form was not from our page, or is too old. Open the page again.")
            }
            try await portal.oauth.takeBack(grant, by: identity, at: team, browser)
            return Self.redirect(to: Self.grantsPath)
        }
    }

    /// Ties a form to a browser and a session.
    private func formSeal(_ session: Session, _ browser: Browser) -> String {
        Base64URL.encode(plane.vault.authenticator(of: Self.sealed(session, browser)))
    }

    private func isSealed(_ text: String, _ session: Session, _ browser: Browser) -> Bool {
        constantTimeEqual(Array(text.utf8), Array(formSeal(session, browser).utf8))
    }

    private static func sealed(_ session: Session, _ browser: Browser) -> [UInt8] {
        Array("oauth grants".utf8) + [0] + Array(session.nonce.text.utf8) + [0] + browser.secret.digest
    }
}

extension Pages {
    func grants(_ grants: [ListedGrant], email: String, seal: String) -> Response {
        page(.ok, "Connected programs") {
            Self.heading("Connected programs") {
                grants.isEmpty
                    ? "No program acts for you here."
                    : "These programs act for you here. Each can do what you can do in its application."
            }
            if !grants.isEmpty {
                element("ul", ["class": "programs"]) {
                    for grant in grants { item(grant, seal) }
                }
            }
            element("p", ["class": "muted"]) {
                "Signed in as "
                element("strong") { email }
                ". "
                element("a", ["href": "/"]) { "Your applications" }
            }
        }
    }

    private func item(_ grant: ListedGrant, _ seal: String) -> Markup {
        element("li") {
            element("p") {
                element("strong") { grant.clientName }
                " at "
                element("strong") { grant.applicationName ?? APITarget.name }
            }
            element("p", ["class": "muted small"]) {
                "Client id "
                element("code") { grant.clientID }
                ", allowed \(grant.createdAt.rfc3339()), ends \(grant.expiresAt.rfc3339())"
            }
            element("form", ["method": "post", "action": PortalHandler.grantsPath]) {
                element("input", ["type": "hidden", "name": "grant", "value": grant.id.uuid])
                element("input", ["type": "hidden", "name": "seal", "value": seal])
                element("button", ["type": "submit", "class": "button danger"]) { "Revoke" }
            }
        }
    }
}
