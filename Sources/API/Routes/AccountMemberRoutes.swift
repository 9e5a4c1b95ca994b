import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Members of accounts and the roles they may have (contract 20 §3).
enum AccountMemberRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/members"
    static let one = base + "/{member_id}"
    static let roles = "/accounts/{account_id}/roles"

    static let table: [Route] = [
        Route(.get, base, "listAccountMembers", .account(.accountSettingsRead), .accountMember, .read(list)),
        Route(.post, base, "createAccountMember", .account(.accountSettingsWrite), .accountMember, .write(create)),
        Route(.get, one, "getAccountMember", .account(.accountSettingsRead), .accountMember, .read(get)),
        Route(.put, one, "updateAccountMember", .account(.accountSettingsWrite), .accountMember, .write(update)),
        Route(.delete, one, "deleteAccountMember", .account(.accountSettingsWrite), .accountMember, .write(delete)),
        Route(.get, roles, "listAccountRoles", .account(.accountSettingsRead), .accountMember, .read(listRoles)),
        Route(
            .get, roles + "/{role_id}", "getAccountRole", .account(.accountSettingsRead), .accountMember, .read(getRole)
        ),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page(default: 20)
        let order = try call.query.oneOf("order", MemberOrder.allCases.map(\.rawValue))
        let status = try call.query.oneOf("status", AccountMember.Status.allCases.map(\.rawValue))
        let members = try call.reader.members(
            of: call.account, status: status.flatMap { AccountMember.Status(rawValue: $0) },
            order: order.flatMap { MemberOrder(rawValue: $0) }, isDescending: try call.query.isDescending(), page)
        return .list(members, page) { $0.write(to: &$1) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let read = try refusing { () throws(Refusal) in try AccountMemberDraft.read(call.body) }
        return reply(try call.act.inviteMember(read.draft, documented: read.policies, to: call.account))
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let member = try call.reader.member(call.path.hex("member_id") as MemberID, of: call.account) else {
            throw .refused(.accountNotFound, "member not found")
        }
        return .found(version: member.version) { member.write(to: &$0) }
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let read = try refusing { () throws(Refusal) in try AccountMemberChange.read(call.body) }
        return reply(
            try call.act.replaceMember(
                call.path.hex("member_id"), of: call.account, with: read.change, documented: read.policies))
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: MemberID = call.path.hex("member_id")
        try call.act.removeMember(id, of: call.account)
        return .deleted(.ok, id: id.hex)
    }

    @Sendable static func listRoles(_ call: ReadCall) throws(Failure) -> Reply {
        let request = try call.query.page(default: 20)
        let all = AccountRole.allCases
        let page = Page(items: Array(all.dropFirst(request.offset).prefix(request.perPage)), total: all.count)
        return .list(page, request) { $0.write(to: &$1) }
    }

    @Sendable static func getRole(_ call: ReadCall) throws(Failure) -> Reply {
        guard let role = AccountRole(id: call.path.text("role_id")) else {
            throw .refused(.accountNotFound, "role not found")
        }
        return .found { role.write(to: &$0) }
    }

    private static func reply(_ member: AccountMember) -> Reply {
        .resource(version: member.version) { writer, _ in member.write(to: &writer) }
    }
}
