import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The reusable policies of an account.
enum PoliciesPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/accounts/{account_id}/policies", .account(.appsRead), .page(Access.page(page)))
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let page = try call.reader.reusablePolicies(of: account.id, view.page)
        let names = try RuleNames(of: account.id, call.reader, naming: page.items.map { $0.policy.document.members })
        let path = "\(account.path)/policies"
        let create = view.may(.appsWrite) ? UI.button("New policy", path + "/new", "") : .nothing
        return Screen(
            "Policies", .account(account), section: "/policies",
            lead: "Reusable policies say who gets in; applications link them.", actions: create
        ) {
            if page.items.isEmpty {
                UI.empty(
                    "No reusable policy yet",
                    "Write one, such as “Staff”, and link it in every application that it is right for.", action: create
                )
            } else {
                UI.table(
                    "Policies", page.items,
                    [
                        Column("Name", isHeader: true) { UI.link($0.policy.name, "\(path)/\($0.policy.id.uuid)") },
                        Column("Decision") { $0.policy.decision.badge },
                        Column("Rules") { RuleSummary($0.policy.document.members, names, atMost: 2).markup },
                        Column("Applications", isNumber: true) { "\($0.appCount)" },
                        Column("Changed") { UI.time($0.policy.updatedAt) },
                    ])
                view.pager(view.page, total: page.total, noun: "policies")
            }
        }
    }
}

/// One reusable policy.
enum PolicyPage: ConsolePages {
    private static let one = "/accounts/{account_id}/policies/{policy_id}"

    static let routes: [ConsoleRoute] = [
        .get(one, .account(.appsRead), .page(Access.page(page))),
        .post(one + "/delete", .account(.appsWrite), .policy, .delete, page: Access.page(page), Access.form(delete)),
    ]

    static func policy(_ reader: any Reading, _ view: View) throws(Failure) -> CountedPolicy {
        guard let policy = try reader.reusablePolicy(view.path.id("policy_id"), in: view.account) else {
            throw .refused(.accessNotFound, "policy not found")
        }
        return policy
    }

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let counted = try policy(call.reader, view)
        let policy = counted.policy
        let document = policy.document.members
        let names = try RuleNames(of: account.id, call.reader, naming: [document])
        let list = "\(account.path)/policies"
        let path = "\(list)/\(policy.id.uuid)"
        let question = try question(policy, in: account, names, call)
        return Screen(
            policy.name, .account(account), section: "/policies", lead: policy.decision.title,
            parents: [Screen.Crumb(title: "Policies", path: list)],
            actions: view.may(.appsWrite) ? UI.button("Edit policy", path + "/edit", "") : .nothing
        ) {
            UI.card("Rules") { RuleSummary(document, names).markup }
            UI.facts(
                [
                    ("Used by", .text(counted.appCount.of("application"))),
                    (
                        "Sign-in lasts",
                        .text(
                            document["session_duration"]?.stringValue.map { Durations.title(of: $0) }
                                ?? "as long as the application says")
                    ),
                    (
                        "Asks for a reason",
                        .text(document["purpose_justification_required"]?.boolValue == true ? "yes" : "no")
                    ),
                    (
                        "Needs approval",
                        .text(document["approval_required"]?.boolValue == true ? "yes" : "no")
                    ), ("Policy ID", UI.copyable(policy.id.uuid, id: "policy-id")),
                    ("Changed", UI.time(policy.updatedAt)),
                ])
            question
            if view.may(.appsWrite) {
                UI.card("Delete") {
                    element("p") {
                        counted.appCount == 0
                            ? "No application uses it." : "Remove it first from the applications that use it."
                    }
                    view.action("Delete policy", to: path + "/delete", "danger")
                }
            }
        }
    }

    /// What this policy alone would say.
    private static func question(
        _ policy: Policy, in account: Account, _ names: RuleNames, _ call: PageCall
    ) throws(Failure) -> Markup {
        var view = call.view
        let form = FormBody(items: view.query)
        let question = PolicyQuestion(form, prefix: "")
        var answer: Markup = .nothing
        if question.isAsked {
            do throws(Failure) {
                let asked = try refusing { () throws(Refusal) in try question.visitor() }
                let set = try call.reader.policySet(existing: [policy.id], drafts: [nil], in: account.id)
                let said = try call.reader.answer(of: set, to: asked, in: account.id, at: view.now)
                answer =
                    PolicyVerdict(
                        explanation: said.explanation, groups: said.groups, rules: [policy.id: policy.document.members],
                        names: names
                    ).markup
            } catch .refused(let refusal) { view.submission = Submission(form: form, refusal: refusal) }
        }
        let providers = try ApplicationChoices(of: account.id, call.reader).providers
        return UI.card("Would this person get in?", id: "question") {
            element("form", ["method": "get", "action": view.request.path + "#question"]) {
                question.fields(view, providers)
                element("div", ["class": "actions"]) {
                    element("button", ["class": "button", "type": "submit"]) { "Ask" }
                }
            }
            answer
        }
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let (policy, account) = (try policy(call.reader, call.view).policy, call.account)
        let list = "\(call.home)/policies"
        let plan = Plan(
            title: "Delete \(policy.name)", question: "This cannot be undone.", verb: "Delete policy",
            cancel: "\(list)/\(policy.id.uuid)")
        let lines = [BridgeEffects.Line(text: "No application uses it: nobody is refused for it.", tone: .good)]
        let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
            try act.deleteReusablePolicy(policy.id, in: account)
        }
        if let shown { return shown }
        try call.act.deleteReusablePolicy(policy.id, in: account)
        return .done(list, "\(policy.name) was deleted.")
    }
}
