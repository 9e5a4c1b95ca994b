import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// A policy while somebody works on it.
struct PolicyDraftForm {
    let name: String
    let decision: String
    let sessionDuration: String
    let asksForPurpose: Bool
    let purpose: String
    var rules: RuleDraft

    /// A new one, which begins with the rule that most begin with.
    static func new() -> PolicyDraftForm {
        PolicyDraftForm(
            name: "", decision: PolicyDecision.allow.rawValue,
            document: ["include": [["email_domain": ["domain": ""]]]])
    }

    init(_ policy: Policy) {
        self.init(name: policy.name, decision: policy.decision.rawValue, document: policy.document.members)
    }

    private init(name: String, decision: String, document: JSONObject) {
        self.name = name
        self.decision = decision
        sessionDuration = document["session_duration"]?.stringValue ?? ""
        asksForPurpose = document["purpose_justification_required"]?.boolValue ?? false
        purpose = document["purpose_justification_prompt"]?.stringValue ?? ""
        rules = RuleDraft(document: document)
    }

    init(form: FormBody) {
        name = form.items["name"] ?? ""
        decision = form.text("decision") ?? PolicyDecision.allow.rawValue
        sessionDuration = form.text("session_duration") ?? ""
        asksForPurpose = form.flag("purpose_justification_required")
        purpose = form.text("purpose_justification_prompt") ?? ""
        rules = RuleDraft(form: form)
    }

    /// The request body that it stands for. What the form does not show of a policy stays as it is.
    func body(keeping old: JSONObject) throws(Refusal) -> JSONObject {
        var body = old
        body["name"] = .string(name)
        body["decision"] = .string(decision)
        body["session_duration"] = sessionDuration.isEmpty ? nil : .string(sessionDuration)
        body["purpose_justification_required"] = .bool(asksForPurpose)
        body["purpose_justification_prompt"] = purpose.isEmpty ? nil : .string(purpose)
        try rules.put(into: &body)
        return body
    }
}

/// The page on which a policy is written: its fields, its rules, and the question whom it would let in.
struct PolicyEditorScreen {
    let title: String
    let account: Account
    let section: String
    let parents: [Screen.Crumb]
    /// Where the form goes.
    let path: String
    let cancel: String
    let version: String?
    /// Members of the stored policy, which the form keeps.
    let kept: JSONObject

    /// - Parameters:
    ///   - isChanged: it came back from the form without being saved.
    ///   - isAsking: whether the question was asked of this draft.
    func screen(
        _ call: PageCall, _ draft: PolicyDraftForm, isChanged: Bool = false, isAsking: Bool = false,
        fresh: (list: RuleReference.List, position: Int)? = nil
    ) throws(Failure) -> Screen {
        let view = call.view
        let names = try RuleNames(of: account.id, call.reader, kinds: draft.rules.kinds)
        let choices = try ApplicationChoices(of: account.id, call.reader)
        let form = isChanged ? call.form : FormBody(items: QueryString())
        let question = PolicyQuestion(view.submission?.form ?? form, prefix: "_")
        let verdict = isAsking ? try self.verdict(call, draft, form, names) : .nothing
        return Screen(
            title, .account(account), section: section,
            lead: "The rules of each list are asked in order; the first policy that matches decides.", parents: parents
        ) {
            if isChanged {
                element("p", ["class": "notice warn", "role": "status"]) {
                    "Not saved yet: what you see here is a draft."
                }
            }
            view.form(to: path, "stack", version: version) {
                // Enter in a field asks, so that nobody saves a policy by accident.
                element(
                    "button",
                    ["type": "submit", "name": "_do", "value": "ask", "hidden": true, "formaction": path + "#question"]
                ) { "Ask" }
                element("section", ["class": "card"]) {
                    view.field("name", "Name", draft.name, hint: "Such as “Staff”.", isRequired: false)
                    view.choice(
                        "decision", "Decision", PolicyDecision.allCases.map { ($0.rawValue, $0.title) }, draft.decision,
                        hint: "Services and bypass are decided before anybody signs in, so they cannot ask who it is.")
                    RuleEditor(draft: draft.rules, names: names, view: view, path: path, fresh: fresh).markup
                    view.choice(
                        "session_duration", "Sign-in lasts",
                        [("", "As the application says")]
                            + Durations.choices(
                                Durations.sessions, draft.sessionDuration.isEmpty ? nil : draft.sessionDuration),
                        draft.sessionDuration)
                    view.check(
                        "purpose_justification_required", "Ask people why they come", draft.asksForPurpose,
                        hint: "The reason is kept in the access log.")
                    view.field(
                        "purpose_justification_prompt", "What they are asked", draft.purpose,
                        hint: "Shown beside the field for the reason.")
                }
                UI.card("Would this person get in?", id: "question") {
                    question.fields(view, choices.providers)
                    element("div", ["class": "actions"]) {
                        element(
                            "button",
                            [
                                "class": "button secondary", "type": "submit", "name": "_do", "value": "ask",
                                "formaction": path + "#question",
                            ]
                        ) { "Ask" }
                    }
                    verdict
                }
                element("div", ["class": "actions"]) {
                    element("button", ["class": "button", "type": "submit", "name": "_do", "value": "save"]) {
                        "Save policy"
                    }
                    UI.button("Cancel", cancel)
                }
            }
        }
    }

    /// What the draft would say, before anybody depends on it.
    private func verdict(
        _ call: PageCall, _ draft: PolicyDraftForm, _ form: FormBody, _ names: RuleNames
    ) throws(Failure) -> Markup {
        let (kept, account) = (kept, account.id)
        let policy = try refusing { () throws(Refusal) in
            var body = try draft.body(keeping: kept)
            // A draft may still be without a name.
            if body["name"]?.stringValue?.trimmed.isEmpty ?? true { body["name"] = "This policy" }
            return try PolicyDraft(.object(body))
        }
        let asked = try refusing { () throws(Refusal) in try PolicyQuestion(form, prefix: "_").visitor() }
        let set = try call.reader.policySet(existing: [nil], drafts: [policy], in: account)
        let said = try call.reader.answer(of: set, to: asked, in: account, at: call.view.now)
        let rules = Dictionary(set.policies.map { ($0.id, policy.document.members) }) { first, _ in first }
        return PolicyVerdict(explanation: said.explanation, groups: said.groups, rules: rules, names: names).markup
    }
}

extension PageCall {
    /// The form that came with the request, where one did.
    var form: FormBody { FormBody(view.request) ?? FormBody(items: QueryString()) }

    /// The draft of a form that came back, else the one that a page begins with.
    func draft(_ start: @autoclosure () -> PolicyDraftForm) -> PolicyDraftForm {
        view.submission.map { PolicyDraftForm(form: $0.form) } ?? start()
    }
}

extension PatientCall {
    /// Answers a button of an editor that does not save; `nil` where the form is to be saved.
    func worked(
        on editor: @escaping @Sendable (PageCall) throws(Failure) -> PolicyEditorScreen
    ) async throws(Failure) -> Outcome? {
        let step = form.text("_do") ?? "save"
        guard step != "save" else { return nil }
        let (view, form) = (view, form)
        return .shown(
            try await read { (reader) throws(Failure) in
                let call = PageCall(view: view, reader: reader)
                var draft = PolicyDraftForm(form: form)
                let fresh = draft.rules.apply(step, form)
                return try editor(call).screen(
                    call, draft, isChanged: true, isAsking: step == "ask", fresh: fresh)
            })
    }
}
