import ControlPlane
import Domain
import HTML
import HTTP

/// Pages on which people prove who they are.
extension Pages {
    /// An identity provider on the login page.
    struct Choice {
        let name: String
        let type: IdentityProviderType
        let address: String
        /// Why it cannot be used; a sentence.
        let obstacle: String?
    }

    /// What a login page says above its choices.
    struct Welcome {
        /// The application, where the login leads to one.
        var application: String?
        var title: String?
        var message: String?
    }

    func login(_ choices: [Choice], _ welcome: Welcome) -> Response {
        let title = welcome.title ?? (welcome.application.map { "Sign in to \($0)" } ?? "Sign in")
        return page(.ok, title) {
            Self.heading(title) {
                if let text = welcome.message ?? design("header_text") {
                    text
                } else if welcome.application != nil {
                    "It is protected by \(team?.name ?? ""). Choose how to sign in."
                } else {
                    "Choose how to sign in to \(team?.name ?? "")."
                }
            }
            list(choices)
        }
    }

    func list(_ choices: [Choice]) -> Markup {
        let usable = choices.filter { $0.obstacle == nil }
        return element("nav", ["aria-label": "Ways to sign in"]) {
            if usable.isEmpty {
                element("p", ["class": "notice warn"]) {
                    "No identity provider can be used here. Ask the administrator of this account."
                }
            } else {
                element("ul", ["class": "choices"]) {
                    for choice in usable {
                        element("li") {
                            element("a", ["href": choice.address]) {
                                Self.sign(choice)
                                element("span") { choice.name }
                            }
                        }
                    }
                }
            }
            for choice in choices {
                if let obstacle = choice.obstacle {
                    element("p", ["class": "small muted"]) {
                        element("b") { choice.name }
                        ": \(obstacle)"
                    }
                }
            }
        }
    }

    private static func sign(_ choice: Choice) -> Markup {
        switch choice.type {
        case .oneTimePIN: icon("icon-mail")
        case .cloudflare: icon("icon-key")
        case .azureAD, .googleApps, .okta, .onelogin, .pingone, .centrify, .google, .oidc, .saml, .facebook, .github,
            .linkedin, .yandex:
            element("span", ["class": "icon monogram", "aria-hidden": true]) { choice.name.prefix(1) }
        }
    }

    // MARK: One-time PIN

    static let pinPath = "/cdn-cgi/access/pin"
    static let pinVerifyPath = "/cdn-cgi/access/pin/verify"
    static let memberPath = "/cdn-cgi/access/member"

    /// - Parameter mistake: what was entered and is no address.
    func askForAddress(state: String, mistake: String? = nil, formsTo targets: [String]) -> Response {
        page(mistake == nil ? .ok : .badRequest, "Sign in with a code", formsTo: targets) {
            Self.heading("Sign in with a code") { "We send six digits to your address. They are good for ten minutes." }
            element("form", ["method": "post", "action": Self.pinPath]) {
                Self.hidden("state", state)
                element("div", ["class": "field"]) {
                    element("label", ["for": "email"]) { "E-mail address" }
                    element(
                        "input",
                        [
                            "id": "email", "name": "email", "type": "email", "autocomplete": "email", "required": true,
                            "autofocus": true, "maxlength": 254, "value": mistake, "aria-invalid": mistake != nil,
                            "aria-describedby": mistake == nil ? nil : "email-error",
                        ])
                    if mistake != nil {
                        element("p", ["class": "error", "id": "email-error"]) { "That is not an e-mail address." }
                    }
                }
                element("button", ["class": "button", "type": "submit"]) { "Send the code" }
            }
        }
    }

    /// - Parameter triesLeft: after an entry that was not right.
    func askForPIN(email: String, state: String, triesLeft: Int? = nil, formsTo targets: [String]) -> Response {
        page(triesLeft == nil ? .ok : .forbidden, "Enter the code", formsTo: targets) {
            Self.heading("Check your mail", icon: "icon-mail") {
                if !email.isEmpty {
                    "If "
                    element("b") { email }
                    " may sign in, a code is on its way."
                } else {
                    "The code that was sent is not good any more."
                }
            }
            if triesLeft != 0 {
                element("form", ["method": "post", "action": Self.pinVerifyPath]) {
                    Self.hidden("state", state)
                    element("div", ["class": "field"]) {
                        element("label", ["for": "code"]) { "Six digits" }
                        element(
                            "input",
                            [
                                "id": "code", "name": "code", "class": "pin", "inputmode": "numeric",
                                "autocomplete": "one-time-code", "maxlength": 12, "required": true, "autofocus": true,
                                "aria-invalid": triesLeft != nil,
                                "aria-describedby": triesLeft == nil ? nil : "code-error",
                            ])
                        if let triesLeft {
                            element("p", ["class": "error", "id": "code-error"]) {
                                "That code is not right. \(triesLeft == 1 ? "One try is" : "\(triesLeft) tries are") left."
                            }
                        }
                    }
                    element("button", ["class": "button", "type": "submit"]) { "Sign in" }
                }
            } else {
                element("p", ["class": "notice bad", "role": "alert"]) {
                    "That code is not right, and no tries are left. Ask for another one."
                }
            }
            element("form", ["method": "post", "action": Self.pinPath]) {
                Self.hidden("state", state)
                if email.isEmpty {
                    element("div", ["class": "field"]) {
                        element("label", ["for": "email"]) { "E-mail address" }
                        element(
                            "input",
                            ["id": "email", "name": "email", "type": "email", "autocomplete": "email", "required": true])
                    }
                } else {
                    Self.hidden("email", email)
                }
                element("button", ["class": "button quiet", "type": "submit"]) { "Nothing arrived? Send another code" }
            }
        }
    }

    // MARK: Members

    func askForMemberToken(state: String, isWrong: Bool = false, formsTo targets: [String]) -> Response {
        page(isWrong ? .forbidden : .ok, "Sign in as a member", formsTo: targets) {
            Self.heading("Sign in as a member", icon: "icon-key") {
                "For members of this server. Enter an API token of your own user."
            }
            element("form", ["method": "post", "action": Self.memberPath]) {
                Self.hidden("state", state)
                element("div", ["class": "field"]) {
                    element("label", ["for": "token"]) { "API token" }
                    element(
                        "input",
                        [
                            "id": "token", "name": "token", "type": "password", "autocomplete": "off",
                            "required": true, "autofocus": true, "maxlength": 512, "aria-invalid": isWrong,
                            "aria-describedby": isWrong ? "token-error" : "token-hint",
                        ])
                    element("p", ["class": "hint", "id": "token-hint"]) {
                        "It is checked and not kept. Tokens of an account cannot be used."
                    }
                    if isWrong {
                        element("p", ["class": "error", "id": "token-error"]) { "This token is not good here." }
                    }
                }
                element("button", ["class": "button", "type": "submit"]) { "Sign in" }
            }
        }
    }
}
