import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The policies of an application in the order in which they are asked.
enum ApplicationPolicies: ConsolePages {
    private static let base = "/accounts/{account_id}/applications/{app_id}/policies"

    static let routes: [ConsoleRoute] = [
        .post(
            base, .account(.appsWrite), .application, .update, page: Access.page(ApplicationPage.page),
            Access.form(change)),
        .post(
            base + "/{policy_id}/delete", .account(.appsWrite), .policy, .delete,
            page: Access.page(ApplicationPage.page), Access.form(delete)),
    ]

    static func card(_ parts: ApplicationParts) throws(Failure) -> Markup {
        let (view, reader) = (parts.view, parts.call.reader)
        let names = try RuleNames(
            of: view.account, reader, naming: parts.policies.map { $0.policy.document.members })
        let isInline = parts.policies.contains { !$0.policy.isReusable }
        let linked = Set(parts.policies.map(\.policy.id))
        let mayWrite = view.may(.appsWrite)
        let others =
            isInline || !mayWrite
            ? [] : try ApplicationChoices(of: view.account, reader).policies.filter { !linked.contains($0.id) }
        return UI.card("Who gets in", id: "policies") {
            if parts.policies.isEmpty {
                UI.empty(
                    "No policy: nobody gets in",
                    "A policy says who may come, and by which rules. The first that matches decides.")
            } else {
                element("p", ["class": "muted"]) {
                    "Policies that ask nobody who they are come first, then the others; the first that matches decides."
                }
                UI.table(
                    "Policies in order", Array(parts.policies.enumerated()),
                    [
                        Column("Order", isNumber: true) { "\($0.offset + 1)" },
                        Column("Policy", isHeader: true) { item in
                            UI.link(item.element.policy.name, link(to: item.element.policy, parts))
                        },
                        Column("Decision") { $0.element.policy.decision.badge },
                        Column("Rules") { item in
                            RuleSummary(item.element.policy.document.members, names, atMost: 2).markup
                        },
                        Column("#Actions") { item in
                            if mayWrite { buttons(item.offset, item.element.policy, parts) }
                        },
                    ])
            }
            if mayWrite {
                element("div", ["class": "inline-actions"]) {
                    if !others.isEmpty {
                        view.form(to: parts.path + "/policies", "inline rule-add") {
                            UI.hidden("act", "add")
                            view.choice("policy", "Add a reusable policy", others.map { ($0.id.uuid, $0.name) })
                            element("button", ["class": "button", "type": "submit"]) { "Add" }
                        }
                    }
                    if parts.policies.isEmpty || isInline {
                        UI.button(
                            "New policy for this application", parts.path + "/policies/new",
                            others.isEmpty ? "" : "secondary")
                    }
                    if others.isEmpty, !isInline {
                        UI.button("New reusable policy", "/accounts/\(view.account.hex)/policies/new")
                    }
                }
            }
        }
    }

    private static func link(to policy: Policy, _ parts: ApplicationParts) -> String {
        if policy.isReusable { return "/accounts/\(parts.view.account.hex)/policies/\(policy.id.uuid)" }
        return "\(parts.path)/policies/\(policy.id.uuid)"
    }

    private static func buttons(_ position: Int, _ policy: Policy, _ parts: ApplicationParts) -> Markup {
        let (view, path) = (parts.view, parts.path + "/policies")
        return element("div", ["class": "inline-actions"]) {
            if position > 0 {
                view.action("Earlier", to: path, about: policy.name, [("act", "earlier"), ("policy", policy.id.uuid)])
            }
            if position + 1 < parts.policies.count {
                view.action("Later", to: path, about: policy.name, [("act", "later"), ("policy", policy.id.uuid)])
            }
            if policy.isReusable {
                view.action("Remove", to: path, about: policy.name, [("act", "remove"), ("policy", policy.id.uuid)])
            } else {
                view.action("Delete", to: "\(path)/\(policy.id.uuid)/delete", about: policy.name)
            }
        }
    }

    // MARK: Forms

    /// Adds, moves or removes one, by a replacement of the application.
    @Sendable static func change(_ call: FormCall) throws(Failure) -> Outcome {
        let application = try ApplicationPage.application(call.reader, call.view)
        var body = try call.body(of: application)
        var items = body["policies"]?.arrayValue ?? []
        let id = call.form.text("policy") ?? ""
        let place = items.firstIndex { $0["id"]?.stringValue == id }
        let name = place.flatMap { items[$0]["name"]?.stringValue } ?? "The policy"
        var sentence: String
        switch (call.form.text("act"), place) {
        case ("add", _):
            items.append(["id": .string(id)])
            sentence = "The policy was added to \(application.name)."
        case ("earlier", let place?) where place > 0:
            items.swapAt(place, place - 1)
            sentence = "\(name) is asked earlier now."
        case ("later", let place?) where place + 1 < items.count:
            items.swapAt(place, place + 1)
            sentence = "\(name) is asked later now."
        case ("remove", let place?):
            items.remove(at: place)
            sentence = "\(name) was removed from \(application.name)."
            if items.isEmpty { sentence += " Nobody gets in until it has another." }
        default: throw .refused(.accessInvalidRequest, "the policies have changed: look again", at: "/policy")
        }
        body["policies"] = .array(
            items.enumerated().map { position, item in
                var item = item.objectValue ?? JSONObject()
                item["precedence"] = .integer(position + 1)
                return .object(item)
            })
        _ = try call.replace(application, with: body)
        return .done("\(call.home)/applications/\(application.id.uuid)", sentence)
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let application = try ApplicationPage.application(call.reader, call.view)
        let (id, account): (PolicyID, AccountID) = (call.view.path.id("policy_id"), call.account)
        let path = "\(call.home)/applications/\(application.id.uuid)"
        guard let policy = try call.reader.attachedPolicy(id, of: application.id)?.policy else {
            throw .refused(.accessNotFound, "policy not found")
        }
        let plan = Plan(
            title: "Delete \(policy.name)", question: "A policy of \(application.name) alone. This cannot be undone.",
            verb: "Delete policy", cancel: path)
        let isLast = try call.reader.policies(of: application.id).count == 1
        let lines = [
            isLast
                ? BridgeEffects.Line(text: "It is the last policy: nobody would get in any more.", tone: .bad)
                : BridgeEffects.Line(text: "Whoever it alone lets in is refused from the next click on.", tone: .warn)
        ]
        let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
            try act.deleteAttachedPolicy(id, of: .id(application.id), in: account)
        }
        if let shown { return shown }
        try call.act.deleteAttachedPolicy(id, of: .id(application.id), in: account)
        return .done(path, "\(policy.name) was deleted.")
    }
}

extension PolicyDecision {
    /// For people.
    var title: String {
        switch self {
        case .allow: "Allow people who sign in"
        case .deny: "Refuse"
        case .nonIdentity: "Allow services"
        case .bypass: "Let everybody pass without asking"
        }
    }

    var badge: Markup {
        switch self {
        case .allow: UI.badge("allow", .good)
        case .deny: UI.badge("refuse", .bad)
        case .nonIdentity: UI.badge("services", .good)
        case .bypass: UI.badge("bypass", .warn)
        }
    }
}
