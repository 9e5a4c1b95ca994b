import Crypto
import Domain
import HTML
import HTTP
import Primitives
import Store

/// What was changed in an account, by whom, with before and after.
enum AccountAuditPage: ConsolePages {
    private static let base = "/accounts/{account_id}/audit"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.accountSettingsRead), .watched(page), subject: .auditLog),
        .get(
            base + "/export", .account(.accountSettingsRead),
            .download { (call) throws(Failure) in try log(call).export() }, subject: .auditLog),
        .get(base + "/integrity", .account(.accountSettingsRead), .survey(integrity), subject: .auditLog),
        .get(
            base + "/{audit_id}", .account(.accountSettingsRead),
            .watched { (call) throws(Failure) in try log(call).detail(call.view.path.id("audit_id"), call.reader) },
            subject: .auditLog),
    ]

    private static func log(_ call: PageCall) throws(Failure) -> AuditLog {
        let account = try call.account()
        return AuditLog(
            scope: .account(account.id), place: .account(account), path: "\(account.path)/audit", view: call.view)
    }

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let account = try call.account()
        var screen = try log(call).screen(call.reader)
        if try mayCheck(account, call) {
            let (exports, path) = (screen.actions, "\(account.path)/audit/integrity")
            screen.actions = MarkupBuilder.buildBlock(UI.button("Check integrity", path), exports)
        }
        return screen
    }

    /// The chain is that of the whole server: whoever may look at the organization may have it checked, as over the API.
    private static func mayCheck(_ account: Account, _ call: PageCall) throws(Failure) -> Bool {
        guard let owner = account.owner else { return false }
        return try call.view.rights(on: owner.id, in: call.reader).contains(.organizationRead)
    }

    @Sendable static func integrity(_ call: PageCall) throws(Failure) -> Screen {
        let account = try call.account()
        guard try mayCheck(account, call) else { throw .refused(.accountNotFound, "not found") }
        let found = try call.reader.auditIntegrity()
        return Screen(
            "Integrity of the audit log", .account(account), section: "/audit",
            parents: [Screen.Crumb(title: "Audit log", path: "\(account.path)/audit")],
            actions: UI.button("Check again", "\(account.path)/audit/integrity")
        ) {
            element("p", ["class": "notice \(found.isIntact ? "good" : "bad")", "role": "status"]) {
                found.isIntact
                    ? "Intact: each of the \(found.rows.of("row")) follows from the one before."
                    : "Not intact: somebody changed or removed rows of the database."
            }
            UI.facts(
                [
                    ("Rows", .text("\(found.rows)")),
                    ("Hash of the last row", UI.copyable(Hex.encode(found.headHash), id: "head-hash")),
                    ("First broken row", .text(found.firstBroken?.uuid ?? "none")), ("Checked", UI.time(call.view.now)),
                ])
            element("p", ["class": "muted"]) {
                "The log of the whole server is one chain of hashes. Keep the hash of the last row elsewhere: a log that "
                    + "was replaced as a whole cannot have it."
            }
        }
    }
}
