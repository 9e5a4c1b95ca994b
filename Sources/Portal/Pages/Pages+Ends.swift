import ControlPlane
import Domain
import HTML
import HTTP
import Primitives

/// Where a login ends other than at the application.
extension Pages {
    /// The policies say no.
    ///
    /// - Parameters:
    ///   - email: who is signed in, or empty.
    ///   - tryAgain: the application, for where trying again can help.
    ///   - otherAccount: where to become somebody else.
    func denied(
        _ application: GuardedApplication, email: String, because reason: Denial.Reason = .rules,
        tryAgain: String? = nil, otherAccount: String = Pages.logoutPath
    ) -> Response {
        let title = "You cannot open \(application.application.name)"
        return page(.forbidden, title) {
            Self.heading(title, icon: "icon-lock bad") {
                Self.denialMessage(application, email: email, because: reason)
            }
            element("dl", ["class": "facts"]) {
                if !email.isEmpty {
                    element("dt") { "Signed in as" }
                    element("dd") { element("b") { email } }
                }
                element("dt") { "Code" }
                element("dd") { element("code") { LoginFaultCode.denied.rawValue } }
            }
            if !email.isEmpty {
                element("div", ["class": "actions"]) {
                    if reason == .serviceSilent, let tryAgain {
                        element("a", ["class": "button", "href": tryAgain]) { "Try again" }
                        element("a", ["class": "button secondary", "href": otherAccount]) { "Use another account" }
                    } else {
                        element("a", ["class": "button", "href": otherAccount]) { "Use another account" }
                    }
                }
            }
        }
    }

    static func denialMessage(
        _ application: GuardedApplication, email: String, because reason: Denial.Reason = .rules
    ) -> String {
        if reason == .serviceSilent {
            return
                "You are signed in, but a service that decides about this application did not answer. Try again in a minute; if it stays, tell the owner of the application the ray id below."
        }
        if let message = application.text("custom_deny_message") { return message }
        if reason == .approver {
            return "You asked for approval, and it was refused. You may ask again in an hour."
        }
        if email.isEmpty {
            return "The rules of this application do not let this request in. Ask its owner for access."
        }
        return "You are signed in, but the rules of this application do not let you in. Ask its owner for access."
    }

    static let logoutPath = "/cdn-cgi/access/logout"

    /// - Parameter again: where to sign in.
    func loggedOut(again: String? = "/") -> Response {
        page(.ok, "You are signed out") {
            Self.heading("You are signed out", icon: "icon-check good") {
                "Your sessions in all applications\(team.map { " of \($0.name)" } ?? "") have ended."
            }
            if let again { element("a", ["class": "button", "href": again]) { "Sign in again" } }
        }
    }

    // MARK: Terms of a policy

    static let purposePath = "/cdn-cgi/access/purpose"
    static let resumePath = "/cdn-cgi/access/resume"
    static let approvalsPath = "/cdn-cgi/access/approvals"

    func askForPurpose(
        _ question: LoginOutcome.Question, prompt: String?, mistake: String? = nil, formsTo targets: [String]
    ) -> Response {
        let title = "Why do you need \(question.application.application.name)?"
        return page(mistake == nil ? .ok : .badRequest, title, formsTo: targets) {
            Self.heading(title) {
                prompt.flatMap { $0.isEmpty ? nil : $0 }
                    ?? "Whoever runs this application wants to know. What you write is kept in its log."
            }
            element("form", ["method": "post", "action": Self.purposePath]) {
                Self.hidden("ticket", question.ticket)
                element("div", ["class": "field"]) {
                    element("label", ["for": "purpose"]) { "Reason" }
                    element(
                        "textarea",
                        [
                            "id": "purpose", "name": "purpose", "required": true, "autofocus": true,
                            "maxlength": LoginDesk.purposeLimit, "rows": 4, "aria-invalid": mistake != nil,
                            "aria-describedby": mistake == nil ? nil : "purpose-error",
                        ])
                    if let mistake { element("p", ["class": "error", "id": "purpose-error"]) { mistake } }
                }
                element("button", ["class": "button", "type": "submit"]) { "Continue" }
            }
        }
    }

    func awaitingApproval(_ question: LoginOutcome.Question) -> Response {
        var query = QueryString()
        query.append("ticket", question.ticket)
        return page(.ok, "Waiting for approval") {
            Self.heading("Waiting for approval", icon: "icon-person") {
                "Somebody has to confirm that you may open \(question.application.application.name). They have been asked."
            }
            element("p", ["class": "small muted"]) {
                "Once it is approved you may open the application for an hour. The request itself ends after an hour too."
            }
            element("a", ["class": "button", "href": "\(Self.resumePath)?\(query.text)"]) { "Look again" }
        }
    }

    func approvals(
        _ pending: [PendingApproval], _ identity: Identity, token: String, message: String? = nil
    ) -> Response {
        document(.ok, "Approvals") {
            bar(team?.name ?? "", identity.email)
            element("main", ["class": "page"]) {
                element("header") {
                    element("h1") { "Approvals" }
                    element("p", ["class": "lead"]) {
                        pending.isEmpty ? "Nobody waits for your word." : "These people wait for your word."
                    }
                }
                if let message { element("p", ["class": "notice", "role": "status"]) { message } }
                for item in pending { approval(item, token) }
                element("p", ["class": "small muted"]) {
                    "Ray id "
                    element("code") { ray }
                }
            }
        }
    }

    private func approval(_ item: PendingApproval, _ token: String) -> Markup {
        element("section", ["class": "card"]) {
            element("h2") { item.request.email }
            element("dl", ["class": "facts"]) {
                element("dt") { "Application" }
                element("dd") { item.application.application.name }
                element("dt") { "Reason" }
                element("dd") { item.request.purpose.isEmpty ? "not asked for" : item.request.purpose }
                element("dt") { "Asked" }
                element("dd") { item.request.createdAt.rfc3339() }
            }
            if item.isConfirmed {
                element("p", ["class": "notice good"]) { "You have approved this. Others have to as well." }
            } else {
                element("form", ["method": "post", "action": Self.approvalsPath]) {
                    Self.hidden("token", token)
                    Self.hidden("request", item.request.id.uuid)
                    element("div", ["class": "actions"]) {
                        element("button", ["class": "button", "name": "answer", "value": "approve"]) { "Approve" }
                        element("button", ["class": "button danger", "name": "answer", "value": "refuse"]) { "Refuse" }
                    }
                }
            }
        }
    }

    // MARK: Larger pages

    func bar(_ name: String, _ email: String, logo: String? = nil) -> Markup {
        element("header", ["class": "bar"]) {
            element("div", ["class": "brand"]) {
                if let logo, logo.hasPrefix("https://") {
                    element("img", ["class": "logo", "src": logo, "alt": ""])
                } else {
                    element("span", ["class": "mark"]) { Self.icon("icon-lock") }
                }
                name
            }
            element("div") {
                element("span", ["class": "small muted"]) { email }
                element("a", ["class": "button quiet", "href": Self.logoutPath]) {
                    Self.icon("icon-out")
                    element("span") { "Sign out" }
                }
            }
        }
    }
}
