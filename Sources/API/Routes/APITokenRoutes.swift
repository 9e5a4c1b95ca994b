import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// API tokens of an account (contract 20 §3).
enum AccountTokenRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/tokens"
    static let one = base + "/{token_id}"

    static let table: [Route] = [
        Route(
            .get, base, "listAccountTokens", .account(.accountTokensRead), .apiToken,
            .read { (call) throws(Failure) in
                try APITokenActions.list(call, of: .account(call.account))
            }),
        Route(
            .post, base, "createAccountToken", .account(.accountTokensWrite), .apiToken,
            .write { (call) throws(Failure) in
                try APITokenActions.create(call, of: .account(call.account))
            }),
        Route(.get, base + "/verify", "verifyAccountToken", .authenticated, .apiToken, .read(verify)),
        Route(
            .get, base + "/permission_groups", "listAccountTokenPermissionGroups", .account(.accountTokensRead),
            .apiToken,
            .read { (call) throws(Failure) in
                try APITokenActions.permissionGroups(call, PermissionGroup.allCases.filter { $0.scope == .account })
            }),
        Route(
            .get, one, "getAccountToken", .account(.accountTokensRead), .apiToken,
            .read { (call) throws(Failure) in
                try APITokenActions.get(call, of: .account(call.account))
            }),
        Route(
            .put, one, "updateAccountToken", .account(.accountTokensWrite), .apiToken,
            .write { (call) throws(Failure) in
                try APITokenActions.update(call, of: .account(call.account))
            }),
        Route(
            .delete, one, "deleteAccountToken", .account(.accountTokensWrite), .apiToken,
            .write { (call) throws(Failure) in try APITokenActions.delete(call, of: .account(call.account)) }),
        Route(
            .put, one + "/value", "rollAccountToken", .account(.accountTokensWrite), .apiToken,
            .write { (call) throws(Failure) in try APITokenActions.roll(call, of: .account(call.account)) }),
    ]

    /// Any right on the account will do, so that every token of it can be checked.
    @Sendable static func verify(_ call: ReadCall) throws(Failure) -> Reply {
        let principal = call.call.principal
        let place = try call.reader.place(of: call.account)
        let rights = place.map { principal.rights(on: .account(call.account, within: $0.organizations)) } ?? []
        guard principal.token?.account == call.account || !rights.isEmpty else {
            throw .refused(.accountNotFound, "account not found")
        }
        return try APITokenActions.verify(call)
    }
}

/// API tokens of the calling user.
enum UserTokenRoutes: RouteGroup {
    static let base = "/user/tokens"
    static let one = base + "/{token_id}"

    static let table: [Route] = [
        Route(
            .get, base, "listUserTokens", .user(.userTokensRead), .apiToken,
            .read { (call) throws(Failure) in
                try APITokenActions.list(call, of: try caller(call.call))
            }),
        Route(
            .post, base, "createUserToken", .user(.userTokensWrite), .apiToken,
            .write { (call) throws(Failure) in
                try APITokenActions.create(call, of: try caller(call.call))
            }),
        Route(.get, base + "/verify", "verifyUserToken", .authenticated, .apiToken, .read(APITokenActions.verify)),
        Route(
            .get, base + "/permission_groups", "listUserTokenPermissionGroups", .user(.userTokensRead), .apiToken,
            .read { (call) throws(Failure) in try APITokenActions.permissionGroups(call, PermissionGroup.allCases) }),
        Route(
            .get, one, "getUserToken", .user(.userTokensRead), .apiToken,
            .read { (call) throws(Failure) in
                try APITokenActions.get(call, of: try caller(call.call))
            }),
        Route(
            .put, one, "updateUserToken", .user(.userTokensWrite), .apiToken,
            .write { (call) throws(Failure) in
                try APITokenActions.update(call, of: try caller(call.call))
            }),
        Route(
            .delete, one, "deleteUserToken", .user(.userTokensWrite), .apiToken,
            .write { (call) throws(Failure) in
                try APITokenActions.delete(call, of: try caller(call.call))
            }),
        Route(
            .put, one + "/value", "rollUserToken", .user(.userTokensWrite), .apiToken,
            .write { (call) throws(Failure) in try APITokenActions.roll(call, of: try caller(call.call)) }),
    ]

    private static func caller(_ call: Call) throws(Failure) -> APIToken.Owner {
        guard let user = call.principal.user else {
            throw .refused(.authenticationError, "this path is for credentials of a user")
        }
        return .user(user)
    }
}

/// What both kinds of tokens have in common.
enum APITokenActions {
    static func list(_ call: ReadCall, of owner: APIToken.Owner) throws(Failure) -> Reply {
        let page = try call.query.page(default: 20)
        let showsExpired = try call.query.bool("include_expired") ?? false
        let now = call.call.now
        let tokens = try call.reader.apiTokens(
            of: owner, expiringAfter: showsExpired ? nil : now, isDescending: try call.query.isDescending(), page)
        return .list(tokens, page) { $0.write(to: &$1, at: now) }
    }

    static func get(_ call: ReadCall, of owner: APIToken.Owner) throws(Failure) -> Reply {
        guard let token = try call.reader.apiToken(call.path.hex("token_id"), of: owner) else {
            throw .refused(owner.missing, "API token not found")
        }
        return .found(version: token.version) { token.write(to: &$0, at: call.call.now) }
    }

    static func create(_ call: WriteCall, of owner: APIToken.Owner) throws(Failure) -> Reply {
        var draft = try draft(call)
        draft.status = .active
        let issued = try call.act.createAPIToken(draft, of: owner)
        return .resource(version: issued.token.version, hasSecret: true) { writer, showingSecrets in
            issued.token.write(to: &writer, at: call.act.now, value: showingSecrets ? issued.value : nil)
        }
    }

    static func update(_ call: WriteCall, of owner: APIToken.Owner) throws(Failure) -> Reply {
        let token = try call.act.replaceAPIToken(call.path.hex("token_id"), of: owner, with: try draft(call))
        return .resource(version: token.version) { writer, _ in token.write(to: &writer, at: call.act.now) }
    }

    static func delete(_ call: WriteCall, of owner: APIToken.Owner) throws(Failure) -> Reply {
        let id: APITokenID = call.path.hex("token_id")
        try call.act.deleteAPIToken(id, of: owner)
        return .deleted(.ok, id: id.hex)
    }

    static func roll(_ call: WriteCall, of owner: APIToken.Owner) throws(Failure) -> Reply {
        let issued = try call.act.rollAPIToken(call.path.hex("token_id"), of: owner)
        return .resource(version: issued.token.version, hasSecret: true) { writer, showingSecrets in
            if showingSecrets { writer.value(issued.value.exposed()) } else { writer.null() }
        }
    }

    /// The credential that was shown, which is good or it would not have come this far.
    @Sendable static func verify(_ call: ReadCall) throws(Failure) -> Reply {
        let principal = call.call.principal
        let token = try principal.token.flatMap { (shown) throws(Failure) in try call.reader.apiToken(shown.id) }
        let notice = Notice(code: 10000, token: "This API Token is valid and active", detail: "")
        return .resource(notices: [notice]) { writer, _ in
            if let token {
                token.writeVerification(to: &writer, at: call.call.now)
                return
            }
            // A person with an ID token: there is no token of ours to name, so the person is.
            writer.beginObject()
            if let user = principal.user { writer.member("id", hex: user) }
            writer.member("status", "active")
            writer.endObject()
        }
    }

    static func permissionGroups(_ call: ReadCall, _ all: [PermissionGroup]) throws(Failure) -> Reply {
        let name = call.query.text("name")
        let scope = call.query.text("scope")
        let groups = all.filter { group in
            (name == nil || group.name == name) && (scope == nil || group.scope.wireName == scope)
        }
        return .all(groups) { $0.write(to: &$1) }
    }

    private static func draft(_ call: WriteCall) throws(Failure) -> APITokenDraft {
        try refusing { () throws(Refusal) in
            try APITokenDraft(call.body, newPolicyID: { Identifier(at: call.act.now) })
        }
    }
}

extension Optional {
    /// `flatMap` for transformations that fail with a type.
    fileprivate func flatMap<Other, E: Error>(_ transform: (Wrapped) throws(E) -> Other?) throws(E) -> Other? {
        switch self {
        case .some(let value): try transform(value)
        case .none: nil
        }
    }
}
