import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store

/// The parts of an application's page.
struct ApplicationParts {
    let application: Application
    let policies: [AttachedPolicy]
    let path: String
    let call: PageCall

    var view: View { call.view }

    func facts() throws(Failure) -> Markup {
        var rows: [(String, Markup)] = []
        if application.type.hasDestinations || application.type == .bookmark {
            rows.append(
                (
                    "Where it answers",
                    element("ul", ["class": "plain"]) {
                        for place in application.places { element("li") { UI.code(place) } }
                    }
                ))
        }
        if application.type.hasLogin {
            rows.append(("Sign-in lasts", .text(Durations.title(of: application.sessionDuration ?? "24h"))))
            let allowed = try RuleNames(
                of: view.account, call.reader, kinds: application.allowedIdPs.isEmpty ? [] : [.identityProvider])
            rows.append(
                (
                    "Identity providers",
                    .text(
                        application.allowedIdPs.isEmpty
                            ? "all of this account"
                            : application.allowedIdPs.map { allowed.name(.identityProvider, $0.uuid) }
                                .joined(separator: ", "))
                ))
            rows.append(("Audience (aud)", UI.copyable(application.audience.hex, id: "audience")))
        }
        rows.append(("Application ID", UI.copyable(application.id.uuid, id: "app-id")))
        let tags = application.tagNames
        if !tags.isEmpty { rows.append(("Tags", element("span") { for tag in tags { UI.badge(tag) } })) }
        rows.append(("Created", UI.time(application.createdAt)))
        return UI.facts(rows)
    }

    // MARK: The question

    /// Would this person get in? The answer is the one of `app explain` and of the gate.
    func question(in account: Account) throws(Failure) -> Markup {
        let question = PolicyQuestion(FormBody(items: view.query), prefix: "")
        var shown = view
        var answer: Markup = .nothing
        if question.isAsked {
            do throws(Failure) {
                let asked = try refusing { () throws(Refusal) in try question.visitor() }
                let check = try call.reader.policyCheck(
                    of: .id(application.id), for: asked, in: view.account, at: view.now)
                let rules = Dictionary(policies.map { ($0.policy.id, $0.policy.document.members) }) { one, _ in one }
                let names = try RuleNames(of: account.id, call.reader, naming: Array(rules.values))
                answer =
                    PolicyVerdict(
                        explanation: check.explanation, groups: check.groups, rules: rules, names: names
                    ).markup
            } catch .refused(let refusal) {
                shown.submission = Submission(form: FormBody(items: view.query), refusal: refusal)
            }
        }
        let providers = try ApplicationChoices(of: account.id, call.reader).providers
        return UI.card("Would this person get in?", id: "question") {
            element("form", ["method": "get", "action": path + "#question"]) {
                question.fields(shown, providers)
                element("div", ["class": "actions"]) {
                    element("button", ["class": "button", "type": "submit"]) { "Ask" }
                }
            }
            answer
        }
    }

    // MARK: Managed OAuth

    func managedOAuth(in account: Account) throws(Failure) -> Markup {
        let isOn = application.hasManagedOAuth
        let clients = try call.reader.managedClients(of: application.id, in: view.account, at: view.now)
        return UI.card("Managed OAuth", id: "managed-oauth") {
            element("p") {
                if isOn { UI.badge("on", .good) } else { UI.badge("off") }
            }
            element("p") {
                isOn
                    ? "Programs such as MCP clients and command-line tools find out by themselves how to sign in here. They "
                        + "ask a person for permission, and then act with that person's rights until it is taken back."
                    : "Programs that come here are turned away. Turned on, programs such as MCP clients can ask a person for "
                        + "permission and then act with that person's rights, without a password or a token to copy."
            }
            if view.may(.appsWrite) {
                element("div", ["class": "inline-actions"]) {
                    if isOn {
                        view.action("Turn off", to: path + "/oauth", "secondary", [("enabled", "false")])
                    } else {
                        view.action("Turn on managed OAuth", to: path + "/oauth", "", [("enabled", "true")])
                    }
                }
            }
            if !clients.isEmpty {
                UI.table(
                    "Programs", clients,
                    [
                        Column("Program", isHeader: true) { $0.name.isEmpty ? $0.clientID : $0.name },
                        Column("People", isNumber: true) { "\($0.grants)" },
                        Column("Came first") { UI.time($0.createdAt) },
                        Column("Last used") { client in
                            if let used = client.lastUsedAt { UI.time(used) } else { "never" }
                        },
                        Column("#Actions") { client in
                            if view.may(.appsRevoke) {
                                view.action(
                                    "Turn out", to: path + "/programs", about: client.name,
                                    [("client", client.clientID), ("name", client.name)])
                            }
                        },
                    ])
            } else if isOn {
                element("p", ["class": "muted"]) {
                    "No program has come yet. Try it: orgctl fetch, or an MCP client with the address of the application."
                }
            }
        }
    }

    // MARK: Ends

    @MarkupBuilder var ends: Markup {
        if view.may(.appsRevoke), application.type.hasLogin {
            UI.card("Open sessions") {
                element("p") { "Ends what people and machines were let in with, so that everybody is asked again." }
                view.action("End all sessions", to: path + "/revoke")
            }
        }
        if view.may(.appsWrite) {
            UI.card("Delete") {
                element("p") { "The next page shows what that would do." }
                view.action("Delete application", to: path + "/delete", "danger")
            }
        }
    }
}
