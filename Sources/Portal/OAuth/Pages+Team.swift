import ControlPlane
import HTML
import HTTP

/// Where somebody says whose they are before a program may act for them at the API.
extension Pages {
    /// - Parameters:
    ///   - request: the parameters of the program, which come back with the answer.
    ///   - suffix: of the hosts of teams.
    ///   - isUnknown: whether what was entered is no team of an organization.
    func askForTeam(_ request: [QueryString.Item], suffix: String, isUnknown: Bool) -> Response {
        page(isUnknown ? .badRequest : .ok, "Where do you sign in?") {
            Self.heading("Where do you sign in?") {
                "A program wants to act for you at \(APITarget.name). Enter the team of your organization."
            }
            element("form", ["method": "get", "action": PortalHandler.oauthPath + "authorization"]) {
                for item in request { Self.hidden(item.name, item.value) }
                element("div", ["class": "field"]) {
                    element("label", ["for": "team"]) { "Team, as in team.\(suffix)" }
                    element(
                        "input",
                        [
                            "id": "team", "name": OAuthDesk.teamParameter, "required": true, "autofocus": true,
                            "maxlength": 254, "autocapitalize": "none", "spellcheck": "false",
                            "aria-invalid": isUnknown, "aria-describedby": isUnknown ? "team-error" : nil,
                        ])
                    if isUnknown {
                        element("p", ["class": "error", "id": "team-error"]) {
                            "No organization signs its people in there. Ask your administrator for the name."
                        }
                    }
                }
                element("button", ["class": "button", "type": "submit"]) { "Continue" }
            }
        }
    }

    /// A link rather than a redirect: browsers hold every redirect after a form against `form-action`, and the way to an
    /// identity provider has many.
    func goOn(to address: String, at host: String) -> Response {
        page(.ok, "Sign in at \(host)") {
            Self.heading("Sign in at \(host)") { "There you decide what the program may do." }
            element("a", ["class": "button", "href": address]) { "Continue" }
        }
    }
}
