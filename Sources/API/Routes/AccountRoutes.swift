import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Accounts (contract 20 §2) and what their plan allows (§21).
enum AccountRoutes: RouteGroup {
    static let one = "/accounts/{account_id}"

    static let table: [Route] = [
        Route(.get, "/accounts", "listAccounts", .authenticated, .account, .read(list)),
        Route(.post, "/accounts", "createAccount", .authenticated, .account, .write(create)),
        Route(.post, "/accounts/move", "moveAccounts", .authenticated, .account, .write(moveBatch)),
        Route(.get, one, "getAccount", .account(.accountSettingsRead), .account, .read(get)),
        Route(.put, one, "updateAccount", .account(.accountSettingsWrite), .account, .write(update)),
        Route(.delete, one, "deleteAccount", .authenticated, .account, .write(delete)),
        Route(.post, one + "/move", "moveAccount", .authenticated, .account, .write(move)),
        Route(
            .get, one + "/entitlements", "listEntitlements", .account(.accountSettingsRead), .account,
            .read(entitlements)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page(default: 20)
        let accounts = try call.reader.accounts(
            within: Reach.of(call.call.principal, [.accountSettingsRead]), named: call.query.text("name"),
            isDescending: try call.query.isDescending(), page)
        return .list(accounts, page) { $0.write(to: &$1) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try AccountDraft(call.body) }
        return reply(try call.act.createAccount(draft))
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let account = try account(call)
        return .found(version: account.version) { account.write(to: &$0) }
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let change = try refusing { () throws(Refusal) in try AccountChange(call.body, of: call.account) }
        return reply(try call.act.replaceAccount(call.account, with: change))
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id = call.account
        if try call.query.bool("preview") == true {
            return .preview(try call.act.preview { (act) throws(Failure) in try act.deleteAccount(id) })
        }
        try call.act.deleteAccount(id)
        return .deleted(.ok, id: id.hex, notices: call.act.notices)
    }

    @Sendable static func move(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try AccountMoveDraft(call.body, of: call.account) }
        if let preview = try preview(draft, call, at: { _ in nil }) { return preview }
        let moves = try call.act.moveAccounts(draft.accounts, to: draft.destination, at: { _ in nil })
        return .resource(notices: call.act.notices) { writer, _ in
            for move in moves { move.write(to: &writer) }
        }
    }

    @Sendable static func moveBatch(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try AccountMoveDraft(call.body, of: nil) }
        let pointer = { (position: Int) -> String? in "/account_ids/\(position)" }
        if let preview = try preview(draft, call, at: pointer) { return preview }
        let moves = try call.act.moveAccounts(draft.accounts, to: draft.destination, at: pointer)
        return .resource(notices: call.act.notices) { writer, _ in
            writer.beginArray()
            for move in moves { move.write(to: &writer) }
            writer.endArray()
        }
    }

    private static func preview(
        _ draft: AccountMoveDraft, _ call: WriteCall, at pointer: (Int) -> String?
    ) throws(Failure) -> Reply? {
        guard try call.query.bool("preview") == true else { return nil }
        return .preview(
            try call.act.preview { (act) throws(Failure) in
                _ = try act.moveAccounts(draft.accounts, to: draft.destination, at: pointer)
            })
    }

    @Sendable static func entitlements(_ call: ReadCall) throws(Failure) -> Reply {
        let account = try account(call)
        let rows = Entitlement.unlimited(maxAccounts: call.call.plane.settings.maxAccounts)
        let overrides = try call.reader.entitlementOverrides(of: account.id)
        return .all(rows) { row, writer in
            let override = overrides.first { $0.feature == row.feature }
            let entitlement = override.map { row.limited(to: $0.value) } ?? row
            entitlement.write(to: &writer, since: account.createdAt, edited: override?.editedAt)
        }
    }

    private static func account(_ call: ReadCall) throws(Failure) -> Account {
        guard let account = try call.reader.account(call.account) else {
            throw .refused(.accountNotFound, "account not found")
        }
        return account
    }

    private static func reply(_ account: Account) -> Reply {
        .resource(version: account.version) { writer, _ in account.write(to: &writer) }
    }
}
