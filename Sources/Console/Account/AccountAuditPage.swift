import ControlPlane
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
        .get(base + "/{audit_id}", .account(.accountSettingsRead), .watched(entry), subject: .auditLog),
        .get(base + "/check/integrity", .account(.accountSettingsRead), .survey(integrity), subject: .auditLog),
        .get(base + ".csv", .account(.accountSettingsRead), .download(csv), subject: .auditLog),
        .get(base + ".ndjson", .account(.accountSettingsRead), .download(ndjson), subject: .auditLog),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let account = try call.account()
        let path = "\(account.path)/audit"
        let log = try AuditLog(scope: .account(account.id), view: call.view).page(call.reader, path: path)
        let mayCheck = try mayCheck(account, call)
        return Screen(
            "Audit log", .account(account), section: "/audit", lead: "What was changed in this account, and by whom.",
            actions: mayCheck ? UI.button("Check integrity", path + "/check/integrity") : .nothing
        ) { log }
    }

    @Sendable static func entry(_ call: PageCall) throws(Failure) -> Screen {
        let account = try call.account()
        let entry = try AuditEntry(call.view.path.id("audit_id"), in: .account(account.id), call.reader)
        return Screen(
            entry.title, .account(account), section: "/audit",
            parents: [Screen.Crumb(title: "Audit log", path: "\(account.path)/audit")]
        ) { entry.markup }
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
            actions: UI.button("Check again", "\(account.path)/audit/check/integrity")
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

    @Sendable static func csv(_ view: View) async throws(Failure) -> Response { export(view, .csv) }

    @Sendable static func ndjson(_ view: View) async throws(Failure) -> Response { export(view, .ndjson) }

    private static func export(_ view: View, _ format: AuditExport.Format) -> Response {
        AuditExport(log: AuditLog(scope: .account(view.account), view: view), format: format)
            .response(named: "audit-\(view.account.hex)")
    }
}
