import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Putting a host of one's own behind Access.
enum NewApplicationPage: ConsolePages {
    private static let path = "/accounts/{account_id}/applications/new"

    static let routes: [ConsoleRoute] = [
        .get(path, .account(.appsWrite), .page(Access.page(page))),
        .post(path, .account(.appsWrite), .application, .create, page: Access.page(page), Access.form(create)),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let choices = try ApplicationChoices(of: account.id, call.reader)
        let list = "\(account.path)/applications"
        return Screen(
            "Add application", .account(account), section: "/applications",
            lead: "A host of your own, which your proxy or ingress asks orgd about.",
            parents: [Screen.Crumb(title: "Applications", path: list)]
        ) {
            element("section", ["class": "card narrow"]) {
                view.form(to: list + "/new") {
                    ApplicationForm(type: .selfHosted, application: nil, choices: choices, view: view).fields
                    element("fieldset", ["class": "group-set"]) {
                        element("legend") { "Who gets in" }
                        if choices.policies.isEmpty {
                            element("p", ["class": "small muted"]) {
                                "There are no reusable policies yet. Add a policy once the application is there: until then "
                                    + "nobody gets in."
                            }
                        } else {
                            element("p", ["class": "small muted"]) {
                                "Reusable policies, asked in this order. None checked: nobody gets in until you add one."
                            }
                        }
                        for policy in choices.policies {
                            view.check(
                                "policies", policy.name, false, hint: policy.decision.title, value: policy.id.uuid)
                        }
                    }
                    view.buttons("Add application", cancel: list)
                }
            }
        }
    }

    @Sendable static func create(_ call: FormCall) throws(Failure) -> Outcome {
        var body = ApplicationForm.body(of: call.form, .selfHosted, keeping: JSONObject())
        body["policies"] = .array(call.form.texts("policies").map { .string($0) })
        let draft = try refusing { () throws(Refusal) in try ApplicationDraft(.object(body)) }
        let saved = try call.act.createApplication(draft, in: call.account)
        let account = call.account
        call.note { saved.application.write(to: &$0, account: account, policies: saved.policies[...]) }
        return .done(
            "\(call.home)/applications/\(saved.application.id.uuid)",
            saved.policies.isEmpty
                ? "\(saved.application.name) was added. Add a policy, so that somebody gets in."
                : "\(saved.application.name) was added.")
    }
}
