import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Groups of rules (contract 20 §11).
enum AccessGroupRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/groups"
    static let one = base + "/{group_id}"

    static let table: [Route] = [
        Route(.get, base, "listGroups", .access(.identityRead), .group, .read(list)),
        Route(.post, base, "createGroup", .access(.identityWrite), .group, .write(create)),
        Route(.get, one, "getGroup", .access(.identityRead), .group, .read(get)),
        Route(.put, one, "updateGroup", .access(.identityWrite), .group, .write(update)),
        Route(.delete, one, "deleteGroup", .access(.identityWrite), .group, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        let groups = try call.reader.groups(
            of: call.account, named: call.query.text("name"), matching: call.query.text("search"), page)
        return .list(groups, page) { $0.write(to: &$1, showingDefault: false) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let group = try call.reader.group(call.path.uuid("group_id"), in: call.account) else {
            throw .refused(.accessNotFound, "group not found")
        }
        return .found(version: group.version) { group.write(to: &$0, showingDefault: true) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try AccessGroupDraft(call.body) }
        let group = try call.act.createGroup(draft, in: call.account)
        return reply(.created, group, location: "\(call.call.request.uri)/\(group.id.uuid)")
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try AccessGroupDraft(call.body) }
        return reply(.ok, try call.act.replaceGroup(call.path.uuid("group_id"), with: draft, in: call.account))
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: GroupID = call.path.uuid("group_id")
        try call.act.deleteGroup(id, in: call.account)
        return .deleted(id: id.uuid)
    }

    private static func reply(_ status: HTTP.Status, _ group: AccessGroup, location: String? = nil) -> Reply {
        .resource(status, version: group.version, location: location) { writer, _ in
            group.write(to: &writer, showingDefault: true)
        }
    }
}
