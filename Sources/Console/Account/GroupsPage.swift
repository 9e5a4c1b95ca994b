import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Groups of rules, for use in policies.
enum GroupsPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/accounts/{account_id}/groups", .account(.identityRead), .page(Access.page(page))),
        .post(
            "/accounts/{account_id}/groups/{group_id}/delete", .account(.identityWrite), .group, .delete,
            page: Access.page(page), Access.form(delete)),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let page = try call.reader.groups(of: account.id, named: nil, matching: view.search, view.page)
        let names = try RuleNames(of: account.id, call.reader, naming: page.items.map { $0.document.members })
        let path = "\(account.path)/groups"
        let create = view.may(.identityWrite) ? UI.button("New group", path + "/new", "") : .nothing
        return Screen(
            "Groups", .account(account), section: "/groups",
            lead: "Rules under a name, which policies and other groups can use.", actions: create
        ) {
            view.searchField("Search by name")
            if page.items.isEmpty {
                UI.empty(
                    view.search == nil ? "No group yet" : "No group has that in its name",
                    view.search == nil
                        ? "Make one where several policies would list the same people." : "Search for less of it.",
                    action: view.search == nil ? create : .nothing)
            } else {
                UI.table(
                    "Groups", page.items,
                    [
                        Column("Name", isHeader: true) { group in
                            if view.may(.identityWrite) {
                                UI.link(group.name, "\(path)/\(group.id.uuid)")
                            } else {
                                group.name
                            }
                        },
                        Column("Rules") { RuleSummary($0.document.members, names, atMost: 3).markup },
                        Column("Changed") { UI.time($0.updatedAt) },
                        Column("#Actions") { group in
                            if view.may(.identityWrite) {
                                view.action("Delete", to: "\(path)/\(group.id.uuid)/delete", about: group.name)
                            }
                        },
                    ])
                view.pager(view.page, total: page.total, noun: "groups")
            }
        }
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let (group, account) = (try GroupEditor.group(call.reader, call.view), call.account)
        let list = "\(call.home)/groups"
        let plan = Plan(
            title: "Delete \(group.name)", question: "This cannot be undone.", verb: "Delete group", cancel: list)
        let lines = [BridgeEffects.Line(text: "No policy names it: nobody is refused for it.", tone: .good)]
        let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
            try act.deleteGroup(group.id, in: account)
        }
        if let shown { return shown }
        try call.act.deleteGroup(group.id, in: account)
        return .done(list, "\(group.name) was deleted.")
    }
}

/// Writing and changing a group, with the rows of the policy editor.
enum GroupEditor: ConsolePages {
    private static let base = "/accounts/{account_id}/groups"

    static let routes: [ConsoleRoute] = [
        .get(base + "/new", .account(.identityWrite), .page(Access.page(page))),
        .patientPost(
            base + "/new", .account(.identityWrite), .group, .create, page: Access.page(page), Access.form(save)),
        .get(base + "/{group_id}", .account(.identityWrite), .page(Access.page(page))),
        .patientPost(
            base + "/{group_id}", .account(.identityWrite), .group, .update, page: Access.page(page),
            Access.form(save)),
    ]

    static func group(_ reader: any Reading, _ view: View) throws(Failure) -> AccessGroup {
        guard let group = try reader.group(view.path.id("group_id"), in: view.account) else {
            throw .refused(.accessNotFound, "group not found")
        }
        return group
    }

    /// The group of the path; `nil` where the path makes a new one.
    private static func known(_ reader: any Reading, _ view: View) throws(Failure) -> AccessGroup? {
        view.path.has("group_id") ? try group(reader, view) : nil
    }

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let group = try known(call.reader, call.view)
        if let submission = call.view.submission {
            return try screen(
                call, group, submission.form.items["name"] ?? "", RuleDraft(form: submission.form), isChanged: false)
        }
        let start: JSONObject = ["include": [["email": ["email": ""]]]]
        return try screen(
            call, group, group?.name ?? "", RuleDraft(document: group?.document.members ?? start), isChanged: false)
    }

    private static func screen(
        _ call: PageCall, _ group: AccessGroup?, _ name: String, _ rules: RuleDraft, isChanged: Bool
    ) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let list = "\(account.path)/groups"
        let path = "\(list)/\(group?.id.uuid ?? "new")"
        let names = try RuleNames(of: account.id, call.reader, kinds: rules.kinds)
        return Screen(
            group.map { "Edit \($0.name)" } ?? "New group", .account(account), section: "/groups",
            parents: [Screen.Crumb(title: "Groups", path: list)]
        ) {
            if isChanged {
                element("p", ["class": "notice warn", "role": "status"]) {
                    "Not saved yet: what you see here is a draft."
                }
            }
            view.form(to: path, "stack", version: group.map { EntityTag(version: $0.version).text }) {
                element("button", ["type": "submit", "name": "_do", "value": "save", "hidden": true]) { "Save" }
                element("section", ["class": "card"]) {
                    view.field("name", "Name", name, hint: "Such as “Contractors”.")
                    RuleEditor(draft: rules, names: names, view: view, path: path).markup
                    element("div", ["class": "actions"]) {
                        element("button", ["class": "button", "type": "submit", "name": "_do", "value": "save"]) {
                            "Save group"
                        }
                        UI.button("Cancel", list)
                    }
                }
            }
        }
    }

    @Sendable static func save(_ call: PatientCall) async throws(Failure) -> Outcome {
        let step = call.form.text("_do") ?? "save"
        let (view, form) = (call.view, call.form)
        guard step == "save" else {
            return .shown(
                try await call.read { (reader) throws(Failure) in
                    var rules = RuleDraft(form: form)
                    _ = rules.apply(step, form)
                    return try screen(
                        PageCall(view: view, reader: reader), try known(reader, view), form.items["name"] ?? "", rules,
                        isChanged: true)
                })
        }
        return try await call.perform { (call) throws(Failure) in
            let group = try known(call.reader, call.view)
            var kept = group?.document.members ?? JSONObject()
            kept["name"] = .string(call.form.items["name"] ?? "")
            if let group { kept["is_default"] = .bool(group.isDefault) }
            let base = kept
            let draft = try refusing { () throws(Refusal) in
                var body = base
                try RuleDraft(form: call.form).put(into: &body)
                return try AccessGroupDraft(.object(body))
            }
            let saved: AccessGroup
            if let group {
                saved = try call.act.replaceGroup(group.id, with: draft, in: call.account)
            } else {
                saved = try call.act.createGroup(draft, in: call.account)
            }
            call.note { saved.write(to: &$0, showingDefault: true) }
            return .done("\(call.home)/groups", "\(saved.name) was saved.")
        }
    }
}
