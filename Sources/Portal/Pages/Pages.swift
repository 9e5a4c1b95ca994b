import ControlPlane
import Domain
import HTML
import HTTP

/// The pages that people see. No script, a strict policy, and at the foot of each the ray id that logs know it by.
struct Pages {
    let ray: String
    let team: TeamSettings?

    static let stylesheetPath = "/cdn-cgi/access/style.css"

    /// An identity provider on the login page.
    struct Choice {
        let name: String
        let type: IdentityProviderType
        let address: String
    }

    // MARK: Frame

    func page(
        _ status: Status, _ title: String, formsTo targets: [String] = [], @MarkupBuilder _ content: () -> Markup
    ) -> Response {
        let inner = content()
        let page = Page(title: title, stylesheet: Self.stylesheetPath) {
            element("main", ["class": "card"]) {
                element("h1") { title }
                inner
            }
            element("footer", ["class": "foot"]) {
                element("p") {
                    "Ray "
                    element("code") { ray }
                }
            }
        }
        var response = Response(status, fields: [.contentType: "text/html; charset=utf-8"], body: .bytes(page.bytes))
        Self.harden(&response, formsTo: targets)
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    /// Nothing but our own style sheet and pictures may load, and nobody may frame a page.
    static func harden(_ response: inout Response, formsTo targets: [String]) {
        let forms = (["'self'"] + targets).joined(separator: " ")
        response.fields.append(
            .contentSecurityPolicy,
            "default-src 'none'; style-src 'self'; img-src https: 'self'; form-action \(forms); frame-ancestors 'none'; base-uri 'none'")
        response.fields.append(.referrerPolicy, "no-referrer")
        response.fields.append(.xFrameOptions, "DENY")
        response.fields.append(.xContentTypeOptions, "nosniff")
    }

    static func stylesheet() -> Response {
        var response = Response(
            .ok, fields: [.contentType: "text/css; charset=utf-8"], body: .bytes(Array(Stylesheet.text.utf8)))
        response.fields.append(.cacheControl, "public, max-age=3600")
        response.fields.append(.xContentTypeOptions, "nosniff")
        return response
    }

    // MARK: Problems

    func fault(_ fault: LoginFault) -> Response {
        page(Self.status(fault.code), Self.title(fault.code)) {
            element("p") { fault.detail }
            element("p", ["class": "muted"]) {
                "Code "
                element("code") { fault.code.rawValue }
            }
        }
    }

    private static func status(_ code: LoginFaultCode) -> Status {
        switch code {
        case .sessionInvalid, .stateMismatch, .bridgeInvalid: .badRequest
        case .idpError, .idpUnreachable: .badGateway
        case .idpNotAllowed, .emailMissing, .denied, .tokenError, .noSeat: .forbidden
        case .appNotFound: .notFound
        case .rateLimited: .tooManyRequests
        }
    }

    private static func title(_ code: LoginFaultCode) -> String {
        switch code {
        case .sessionInvalid, .stateMismatch: "This sign-in has expired"
        case .idpError, .tokenError: "The sign-in did not work"
        case .idpUnreachable: "The identity provider does not answer"
        case .idpNotAllowed: "This way of signing in is not allowed"
        case .emailMissing: "Your address is missing"
        case .denied: "You cannot sign in now"
        case .appNotFound: "No such application"
        case .bridgeInvalid: "The bridge did not work"
        case .rateLimited: "Too many attempts"
        case .noSeat: "There is no free seat"
        }
    }

    func broken(_ status: Status) -> Response {
        page(status, status == .serviceUnavailable ? "Try again in a moment" : "Something went wrong here") {
            element("p") {
                "The server could not finish this. Nothing was changed. If it stays, tell the administrator the ray id below."
            }
        }
    }

    func notFound() -> Response {
        page(.notFound, "There is nothing here") { element("p") { "Check the address, or open the application again." } }
    }

    func wrongMethod(_ allowed: String) -> Response {
        var response = page(.methodNotAllowed, "That is not how this address works") {
            element("p") { "Open it with \(allowed)." }
        }
        response.fields.append(.allow, allowed)
        return response
    }

    func unknownTeam() -> Response {
        page(.notFound, "There is no such team") { element("p") { "Check the address for a typing mistake." } }
    }

    func retiredTeam() -> Response {
        page(.gone, "This team has another name now") {
            element("p") { "Ask the administrator for the new address, then open the application again." }
        }
    }

    // MARK: Login

    func login(_ choices: [Choice], application: String?) -> Response {
        page(.ok, "Sign in") {
            element("p") {
                if let application {
                    "to continue to "
                    element("strong") { application }
                } else {
                    "to your applications"
                }
            }
            if choices.isEmpty {
                element("p", ["class": "error"]) {
                    "No identity provider can be used here. Ask the administrator of this account."
                }
            }
            element("ul", ["class": "choices"]) {
                for choice in choices {
                    element("li") {
                        if choice.type.canLogIn {
                            element("a", ["class": "button", "href": choice.address]) { choice.name }
                        } else {
                            element("span", ["class": "button disabled"]) { choice.name }
                            element("span", ["class": "muted"]) { "Not available for sign-in on this server." }
                        }
                    }
                }
            }
        }
    }

    func askForAddress(state: String) -> Response {
        page(.ok, "Get a code by mail") {
            element("form", ["method": "post", "action": "/cdn-cgi/access/pin"]) {
                element("input", ["type": "hidden", "name": "state", "value": state])
                element("label", ["for": "email"]) { "E-mail address" }
                element(
                    "input",
                    ["type": "email", "id": "email", "name": "email", "required": true, "autocomplete": "email"])
                element("button", ["type": "submit"]) { "Send me a code" }
            }
        }
    }

    func askForMemberToken(state: String) -> Response {
        page(.ok, "Sign in as a member") {
            element("form", ["method": "post", "action": "/cdn-cgi/access/member"]) {
                element("input", ["type": "hidden", "name": "state", "value": state])
                element("label", ["for": "token"]) { "API token" }
                element(
                    "input",
                    ["type": "password", "id": "token", "name": "token", "required": true, "autocomplete": "off"])
                element("button", ["type": "submit"]) { "Sign in" }
            }
        }
    }

    // MARK: Answers

    func denied(_ application: GuardedApplication, email: String) -> Response {
        page(.forbidden, "You cannot open \(application.application.name)") {
            element("p") {
                application.text("custom_deny_message")
                    ?? "You are signed in, but the rules of this application do not admit you. Ask its owner for access."
            }
            if !email.isEmpty {
                element("p") {
                    "Signed in as "
                    element("strong") { email }
                    ". "
                    element("a", ["href": "/cdn-cgi/access/logout"]) { "Use another account" }
                }
            }
            element("p", ["class": "muted"]) {
                "Code "
                element("code") { LoginFaultCode.denied.rawValue }
            }
        }
    }

    func askForPurpose(_ application: GuardedApplication, prompt: String?) -> Response {
        page(.ok, "Why do you need \(application.application.name)?") { element("p") { prompt ?? "" } }
    }

    func awaitingApproval(_ application: GuardedApplication) -> Response {
        page(.ok, "Waiting for approval") { element("p") { application.application.name } }
    }

    func launcher(_ identity: Identity, _ applications: [String]) -> Response {
        page(.ok, "Your applications") {
            element("p") {
                "Signed in as "
                element("strong") { identity.email }
            }
        }
    }
}
