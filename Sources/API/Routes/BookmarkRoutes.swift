import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Bookmark applications under their old path (contract 20 §24).
enum BookmarkRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/bookmarks"
    static let one = base + "/{bookmark_id}"

    static let table: [Route] = [
        Route(.get, base, "listBookmarks", .access(.appsRead), .application, .read(list)),
        Route(.post, one, "createBookmark", .access(.appsWrite), .application, .write(create)),
        Route(.get, one, "getBookmark", .access(.appsRead), .application, .read(get)),
        Route(.put, one, "updateBookmark", .access(.appsWrite), .application, .write(update)),
        Route(.delete, one, "deleteBookmark", .access(.appsWrite), .application, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let found = try call.reader.applications(
            of: call.account, ApplicationFilter(type: .bookmark), PageRequest(page: 1, perPage: 1000))
        return .all(found.applications.items) { Bookmark.write($0, to: &$1) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let bookmark = try bookmark(call.path, in: call.account, call.reader)
        return .found(version: bookmark.version) { Bookmark.write(bookmark, to: &$0) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try Bookmark.draft(call.body) }
        let saved = try call.act.createApplication(draft, as: call.path.uuid("bookmark_id"), in: call.account)
        return .resource(.created, version: saved.application.version, location: call.call.request.uri) { writer, _ in
            Bookmark.write(saved.application, to: &writer)
        }
    }

    /// Policies and tags are not part of a bookmark's old form, so they stay.
    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let old = try bookmark(call.path, in: call.account, call.reader)
        var draft = try refusing { () throws(Refusal) in try Bookmark.draft(call.body) }
        draft.tags = try StoredDocument.texts(old.tags)
        draft.policies = try call.reader.policyLinks(of: old.id).map {
            ApplicationPolicyItem(id: $0.id, precedence: $0.precedence, draft: nil)
        }
        let saved = try call.act.replaceApplication(.id(old.id), with: draft, in: call.account)
        return .resource(version: saved.application.version) { writer, _ in
            Bookmark.write(saved.application, to: &writer)
        }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let bookmark = try bookmark(call.path, in: call.account, call.reader)
        return .deleted(id: try call.act.deleteApplication(.id(bookmark.id), in: call.account).uuid)
    }

    private static func bookmark(
        _ path: PathParameters, in account: AccountID, _ reader: any Reading
    ) throws(Failure) -> Application {
        guard let application = try reader.application(.id(path.uuid("bookmark_id")), in: account),
            application.type == .bookmark
        else { throw .refused(.accessNotFound, "bookmark not found") }
        return application
    }
}

extension StoredDocument {
    static func texts(_ document: JSONText) throws(Failure) -> [String] {
        do throws(JSONError) {
            return try JSONParser.parse(document).arrayValue?.compactMap(\.stringValue) ?? []
        } catch { throw .inconsistent("a stored document is not JSON: \(error)") }
    }
}

/// MCP portals and servers, read from the applications that stand for them; other methods answer 405 (contract 20 §8).
enum MCPRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/ai-controls/mcp"

    static let table: [Route] = [
        Route(.get, base + "/portals", "listMCPPortals", .access(.appsRead), .application, .read(listPortals)),
        Route(.get, base + "/portals/{portal_id}", "getMCPPortal", .access(.appsRead), .application, .read(getPortal)),
        Route(.get, base + "/servers", "listMCPServers", .access(.appsRead), .application, .read(listServers)),
        Route(.get, base + "/servers/{server_id}", "getMCPServer", .access(.appsRead), .application, .read(getServer)),
    ]

    @Sendable static func listPortals(_ call: ReadCall) throws(Failure) -> Reply { try list(.mcpPortal, call) }
    @Sendable static func listServers(_ call: ReadCall) throws(Failure) -> Reply { try list(.mcp, call) }

    @Sendable static func getPortal(_ call: ReadCall) throws(Failure) -> Reply {
        try get(call.path.uuid("portal_id"), .mcpPortal, call)
    }

    @Sendable static func getServer(_ call: ReadCall) throws(Failure) -> Reply {
        try get(call.path.uuid("server_id"), .mcp, call)
    }

    private static func list(_ type: ApplicationType, _ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        let filter = ApplicationFilter(search: call.query.text("search"), type: type)
        let found = try call.reader.applications(of: call.account, filter, page)
        return .list(found.applications, page) { MCPListing.write($0, to: &$1) }
    }

    private static func get(
        _ id: ApplicationID, _ type: ApplicationType, _ call: ReadCall
    ) throws(Failure) -> Reply {
        guard let application = try call.reader.application(.id(id), in: call.account), application.type == type else {
            throw .refused(.accessNotFound, type == .mcp ? "MCP server not found" : "MCP portal not found")
        }
        return .found(version: application.version) { MCPListing.write(application, to: &$0) }
    }
}
