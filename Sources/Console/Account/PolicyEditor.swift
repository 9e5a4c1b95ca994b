import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Writing and changing reusable policies.
enum PolicyEditor: ConsolePages {
    private static let base = "/accounts/{account_id}/policies"

    static let routes: [ConsoleRoute] = [
        .get(base + "/new", .account(.appsWrite), .page(Access.page(newPage))),
        .patientPost(
            base + "/new", .account(.appsWrite), .policy, .create, page: Access.page(newPage), Access.form(create)),
        .get(base + "/{policy_id}/edit", .account(.appsWrite), .page(Access.page(editPage))),
        .patientPost(
            base + "/{policy_id}/edit", .account(.appsWrite), .policy, .update, page: Access.page(editPage),
            Access.form(save)),
    ]

    // MARK: New

    @Sendable private static func newEditor(_ call: PageCall) throws(Failure) -> PolicyEditorScreen {
        let account = try call.account()
        let list = "\(account.path)/policies"
        return PolicyEditorScreen(
            title: "New policy", account: account, section: "/policies",
            parents: [Screen.Crumb(title: "Policies", path: list)], path: list + "/new", cancel: list, version: nil,
            kept: JSONObject())
    }

    @Sendable static func newPage(_ call: PageCall) throws(Failure) -> Screen {
        try newEditor(call).screen(call, call.draft(.new()))
    }

    @Sendable static func create(_ call: PatientCall) async throws(Failure) -> Outcome {
        if let shown = try await call.worked(on: newEditor) { return shown }
        return try await call.perform { (call) throws(Failure) in
            let draft = try refusing { () throws(Refusal) in
                try PolicyDraft(.object(try PolicyDraftForm(form: call.form).body(keeping: JSONObject())))
            }
            let saved = try call.act.createReusablePolicy(draft, in: call.account)
            let account = call.account
            call.note { saved.write(to: &$0, account: account) }
            return .done(
                "\(call.home)/policies/\(saved.policy.id.uuid)",
                "\(saved.policy.name) was saved. Link it in the applications that it is right for.")
        }
    }

    // MARK: Edit

    @Sendable private static func editor(_ call: PageCall) throws(Failure) -> PolicyEditorScreen {
        let account = try call.account()
        let policy = try PolicyPage.policy(call.reader, call.view).policy
        let list = "\(account.path)/policies"
        let path = "\(list)/\(policy.id.uuid)"
        return PolicyEditorScreen(
            title: "Edit \(policy.name)", account: account, section: "/policies",
            parents: [Screen.Crumb(title: "Policies", path: list), Screen.Crumb(title: policy.name, path: path)],
            path: path + "/edit", cancel: path, version: EntityTag(version: policy.version).text,
            kept: policy.document.members)
    }

    @Sendable static func editPage(_ call: PageCall) throws(Failure) -> Screen {
        let policy = try PolicyPage.policy(call.reader, call.view).policy
        return try editor(call).screen(call, call.draft(PolicyDraftForm(policy)))
    }

    @Sendable static func save(_ call: PatientCall) async throws(Failure) -> Outcome {
        if let shown = try await call.worked(on: editor) { return shown }
        return try await call.perform { (call) throws(Failure) in
            let old = try PolicyPage.policy(call.reader, call.view).policy
            let draft = try refusing { () throws(Refusal) in
                try PolicyDraft(.object(try PolicyDraftForm(form: call.form).body(keeping: old.document.members)))
            }
            let saved = try call.act.replaceReusablePolicy(old.id, with: draft, in: call.account)
            let account = call.account
            call.note { saved.write(to: &$0, account: account) }
            return .done(
                "\(call.home)/policies/\(saved.policy.id.uuid)",
                "\(saved.policy.name) was saved; it is in force for \(saved.appCount.of("application")).")
        }
    }
}

/// Writing and changing policies of one application.
enum InlinePolicyEditor: ConsolePages {
    private static let base = "/accounts/{account_id}/applications/{app_id}/policies"

    static let routes: [ConsoleRoute] = [
        .get(base + "/new", .account(.appsWrite), .page(Access.page(newPage))),
        .patientPost(
            base + "/new", .account(.appsWrite), .policy, .create, page: Access.page(newPage), Access.form(create)),
        .get(base + "/{policy_id}", .account(.appsWrite), .page(Access.page(editPage))),
        .patientPost(
            base + "/{policy_id}", .account(.appsWrite), .policy, .update, page: Access.page(editPage),
            Access.form(save)),
    ]

    private static func editor(
        _ title: String, _ call: PageCall, _ end: String, _ policy: Policy?
    ) throws(Failure) -> PolicyEditorScreen {
        let account = try call.account()
        let application = try ApplicationPage.application(call.reader, call.view)
        let list = "\(account.path)/applications"
        let path = "\(list)/\(application.id.uuid)"
        return PolicyEditorScreen(
            title: title, account: account, section: "/applications",
            parents: [
                Screen.Crumb(title: "Applications", path: list), Screen.Crumb(title: application.name, path: path),
            ],
            path: "\(path)/policies/\(end)", cancel: path,
            version: policy.map { EntityTag(version: $0.version).text }, kept: policy?.document.members ?? JSONObject())
    }

    private static func policy(_ reader: any Reading, _ view: View) throws(Failure) -> Policy {
        let application = try ApplicationPage.application(reader, view)
        guard let attached = try reader.attachedPolicy(view.path.id("policy_id"), of: application.id),
            !attached.policy.isReusable
        else { throw .refused(.accessNotFound, "policy not found") }
        return attached.policy
    }

    // MARK: New

    @Sendable private static func newEditor(_ call: PageCall) throws(Failure) -> PolicyEditorScreen {
        try editor("New policy", call, "new", nil)
    }

    @Sendable static func newPage(_ call: PageCall) throws(Failure) -> Screen {
        try newEditor(call).screen(call, call.draft(.new()))
    }

    @Sendable static func create(_ call: PatientCall) async throws(Failure) -> Outcome {
        if let shown = try await call.worked(on: newEditor) { return shown }
        return try await call.perform { (call) throws(Failure) in
            let application = try ApplicationPage.application(call.reader, call.view)
            let draft = try refusing { () throws(Refusal) in
                try PolicyDraft(attached: .object(try PolicyDraftForm(form: call.form).body(keeping: JSONObject())))
            }
            let saved = try call.act.attachPolicy(draft, to: .id(application.id), in: call.account)
            let account = call.account
            call.note { saved.write(to: &$0, account: account) }
            return .done(
                "\(call.home)/applications/\(application.id.uuid)",
                "\(saved.policy.name) decides at \(application.name) from now on.")
        }
    }

    // MARK: Edit

    @Sendable private static func editEditor(_ call: PageCall) throws(Failure) -> PolicyEditorScreen {
        let policy = try policy(call.reader, call.view)
        return try editor("Edit \(policy.name)", call, policy.id.uuid, policy)
    }

    @Sendable static func editPage(_ call: PageCall) throws(Failure) -> Screen {
        let policy = try policy(call.reader, call.view)
        return try editEditor(call).screen(call, call.draft(PolicyDraftForm(policy)))
    }

    @Sendable static func save(_ call: PatientCall) async throws(Failure) -> Outcome {
        if let shown = try await call.worked(on: editEditor) { return shown }
        return try await call.perform { (call) throws(Failure) in
            let application = try ApplicationPage.application(call.reader, call.view)
            let old = try policy(call.reader, call.view)
            let draft = try refusing { () throws(Refusal) in
                try PolicyDraft(
                    attached: .object(try PolicyDraftForm(form: call.form).body(keeping: old.document.members)))
            }
            let saved = try call.act.replaceAttachedPolicy(
                old.id, of: .id(application.id), with: draft, in: call.account)
            let account = call.account
            call.note { saved.write(to: &$0, account: account) }
            return .done(
                "\(call.home)/applications/\(application.id.uuid)", "\(saved.policy.name) was saved.")
        }
    }
}
