import ControlPlane
import Domain
import HTML
import HTTP
import HTTPServer
import Primitives
import Store

/// Members who come in through the primary IdP of their organization.
extension ConsoleHandler {
    /// What the sign-in page says about it; nothing on a server without a primary IdP.
    func memberChoice(_ next: String, mistake: String?) throws(Failure) -> Markup {
        let known = try reader.primaryLogins()
        guard !known.isEmpty else { return .nothing }
        var query = QueryString()
        query.append("next", next)
        return element("section", ["class": "stack"]) {
            element("p", ["class": "or"]) { "or" }
            if known.count == 1 {
                element("p") {
                    element("a", ["class": "button secondary", "href": "/sign-in/with?\(query.text)"]) {
                        "Sign in as a member of your organization"
                    }
                }
            } else {
                element("form", ["method": "get", "action": "/sign-in/with"]) {
                    UI.hidden("next", next)
                    element("div", ["class": "field"]) {
                        element("label", ["for": "team"]) { "Team of your organization" }
                        element(
                            "input",
                            [
                                "id": "team", "name": "team", "autocomplete": "organization", "required": true,
                                "maxlength": 63, "aria-invalid": mistake == nil ? nil : "true",
                                "aria-describedby": mistake == nil ? "team-hint" : "team-error team-hint",
                            ])
                        if let mistake { element("p", ["class": "error", "id": "team-error"]) { mistake } }
                        element("p", ["class": "hint", "id": "team-hint"]) {
                            "The first word of the address at which your team signs in, such as acme in acme.\(plane.settings.accessDomain)."
                        }
                    }
                    element("button", ["class": "button secondary", "type": "submit"]) { "Sign in as a member" }
                }
            }
        }
    }

    // MARK: Out to the identity provider

    func leaveForMembers(_ request: Request) throws(Failure) -> Response {
        let query = request.query ?? QueryString()
        let next = target(of: query["next"])
        let login: PrimaryLogin?
        if let team = query["team"]?.trimmed.lowercased() {
            login = try reader.primaryLogin(ofTeam: team)
        } else {
            let known = try reader.primaryLogins()
            login = known.count == 1 ? known[0] : nil
        }
        guard let login else {
            return try signInPage(request, wrongTeam: "No organization with a primary IdP has this team.", next: next)
        }
        if let team = query["team"], query["go"] != "1" { return Self.wayOut(team, login, next) }
        let known = BrowserSecret(cookie: Cookies(request)[cookies.visit])
        let secret = known ?? BrowserSecret()
        var response = Response(.found)
        response.fields.append(
            .location,
            ConsoleHop.address(at: login.team, through: login.provider, for: secret, next: next, plane.settings))
        BarePage.harden(&response)
        if known == nil { response.fields.append(.setCookie, cookies.set(cookies.visit, secret.text)) }
        return response
    }

    /// A link to go on with: browsers hold what a form leads to against `form-action`, and where an identity provider lives
    /// is not known here.
    private static func wayOut(_ team: String, _ login: PrimaryLogin, _ next: String) -> Response {
        var query = QueryString()
        query.append("team", team)
        query.append("next", next)
        query.append("go", "1")
        return BarePage.card(.ok, "Sign in as a member") {
            element("header") {
                element("h1") { "Sign in as a member" }
                element("p", ["class": "lead"]) { "Your organization signs people in with team \(login.team)." }
            }
            element("p") { element("a", ["class": "button", "href": "/sign-in/with?\(query.text)"]) { "Continue" } }
        }
    }

    // MARK: Back

    /// Takes a ticket: good once, for a minute, in the browser that left.
    func returnOfMember(_ request: Request) throws(Failure) -> Answer {
        let (now, address) = (plane.clock.now, clientAddress(of: request))
        let query = request.query ?? QueryString()
        let next = target(of: query["next"])
        guard let text = query["ticket"], let visit = BrowserSecret(cookie: Cookies(request)[cookies.visit]),
            let ticket = ConsoleTicket(text, for: visit, plane.vault, at: now)
        else {
            return .now(
                BarePage.message(
                    "This sign-in cannot be used",
                    "It was used already, took longer than a minute, or began in another browser. Sign in again.",
                    .forbidden))
        }
        guard let user = try reader.user(email: ticket.email),
            try tokens.member(user.id, through: ticket.provider, in: reader) != nil
        else {
            options.limiter.noteFailure(from: address, at: now)
            return .now(
                BarePage.message(
                    "You are no member here",
                    "\(ticket.email) is a member of no organization that signs in this way. Ask an administrator to add you.",
                    .forbidden))
        }
        return begin(
            .member(user.id, through: ticket.provider), next, request,
            unlessSpent: ConsoleTicket.digest(text), email: ticket.email)
    }
}
