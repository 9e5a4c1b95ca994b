import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Tags of applications (contract 20 §18). Their name is their id.
enum TagRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/tags"
    static let one = base + "/{tag_name}"

    static let table: [Route] = [
        Route(.get, base, "listTags", .access(.appsRead), .tag, .read(list)),
        Route(.post, base, "createTag", .access(.appsWrite), .tag, .write(create)),
        Route(.get, one, "getTag", .access(.appsRead), .tag, .read(get)),
        Route(.put, one, "updateTag", .access(.appsWrite), .tag, .write(update)),
        Route(.delete, one, "deleteTag", .access(.appsWrite), .tag, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        return .list(try call.reader.tags(of: call.account, page), page) { $0.write(to: &$1) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let tag = try call.reader.tag(call.path.text("tag_name"), in: call.account) else {
            throw .refused(.accessNotFound, "tag not found")
        }
        return .found(version: tag.version) { tag.write(to: &$0) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let name = try refusing { () throws(Refusal) in try Tag.name(in: call.body) }
        let tag = try call.act.createTag(name, in: call.account)
        return .resource(
            .created, version: tag.version, location: "\(call.call.request.uri)/\(PercentEncoding.encode(name))"
        ) { writer, _ in tag.write(to: &writer) }
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let name = try refusing { () throws(Refusal) in try Tag.name(in: call.body) }
        let tag = try call.act.renameTag(call.path.text("tag_name"), to: name, in: call.account)
        return .resource(version: tag.version) { writer, _ in tag.write(to: &writer) }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let name = call.path.text("tag_name")
        try call.act.deleteTag(name, in: call.account)
        return .resource(.accepted) { writer, _ in
            writer.beginObject()
            writer.member("name", name)
            writer.endObject()
        }
    }
}
