import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Custom pages (contract 20 §18). Only a GET of one page answers its HTML.
enum CustomPageRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/custom_pages"
    static let one = base + "/{custom_page_id}"

    static let table: [Route] = [
        Route(.get, base, "listCustomPages", .access(.customPagesRead), .customPage, .read(list)),
        Route(.post, base, "createCustomPage", .access(.customPagesWrite), .customPage, .write(create)),
        Route(.get, one, "getCustomPage", .access(.customPagesRead), .customPage, .read(get)),
        Route(.put, one, "updateCustomPage", .access(.customPagesWrite), .customPage, .write(update)),
        Route(.delete, one, "deleteCustomPage", .access(.customPagesWrite), .customPage, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        return .list(try call.reader.customPages(of: call.account, page), page) { $0.write(to: &$1) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let page = try call.reader.customPage(call.path.uuid("custom_page_id"), in: call.account),
            let html = try call.reader.html(of: page.id)
        else { throw .refused(.accessNotFound, "custom page not found") }
        return .found(version: page.version) { page.write(to: &$0, html: html) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try CustomPageDraft(call.body) }
        let page = try call.act.createCustomPage(draft, in: call.account)
        return .resource(.created, version: page.version, location: "\(call.call.request.uri)/\(page.id.uuid)") {
            writer, _ in page.write(to: &writer)
        }
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try CustomPageDraft(call.body) }
        let page = try call.act.replaceCustomPage(call.path.uuid("custom_page_id"), with: draft, in: call.account)
        return .resource(version: page.version) { writer, _ in page.write(to: &writer) }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: CustomPageID = call.path.uuid("custom_page_id")
        try call.act.deleteCustomPage(id, in: call.account)
        return .deleted(id: id.uuid)
    }
}
