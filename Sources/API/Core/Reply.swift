package import ControlPlane
package import Domain
package import HTTP
package import JSON
package import Primitives
package import Store
package import Wire

/// A successful answer before it becomes a response.
package struct Reply: Sendable {
    package var status: Status
    package var etag: String?
    package var location: String?
    package var body: [UInt8]
    /// The result as the audit log shows it; absent for reads.
    package var audited: JSONText?
    /// Whether the answer holds a secret: shown once, and noted as seen.
    package var showsSecret = false

    /// One resource.
    ///
    /// - Parameters:
    ///   - version: the row's version, which becomes its ETag.
    ///   - result: writes the resource; called a second time without secrets for the audit log where `hasSecret`.
    package static func resource(
        _ status: Status = .ok, version: Int? = nil, location: String? = nil, notices: [Notice] = [],
        hasSecret: Bool = false, _ result: (inout JSONWriter, _ showingSecrets: Bool) -> Void
    ) -> Reply {
        resource(
            status, version.map { EntityTag(version: $0) }, location: location, notices: notices, hasSecret: hasSecret,
            result)
    }

    /// The same with an ETag that depends on more than a row.
    package static func resource(
        _ status: Status, _ tag: EntityTag?, location: String? = nil, notices: [Notice] = [], hasSecret: Bool = false,
        _ result: (inout JSONWriter, _ showingSecrets: Bool) -> Void
    ) -> Reply {
        var place = 0..<0
        let body = Envelope.success(notices: notices) { writer in
            let start = writer.bytes.count
            result(&writer, hasSecret)
            place = start..<writer.bytes.count
        }
        let audited: JSONText
        if hasSecret {
            var writer = JSONWriter()
            result(&writer, false)
            audited = writer.jsonText
        } else {
            audited = JSONText(trusted: String(decoding: body[place], as: UTF8.self))
        }
        var reply = Reply(
            status: status, etag: tag?.text, location: location, body: body, audited: audited)
        reply.showsSecret = hasSecret
        return reply
    }

    /// One resource for a GET, written once.
    package static func found(version: Int? = nil, _ result: (inout JSONWriter) -> Void) -> Reply {
        found(version.map { EntityTag(version: $0) }, result)
    }

    /// The same with an ETag that depends on more than a row.
    package static func found(_ tag: EntityTag?, _ result: (inout JSONWriter) -> Void) -> Reply {
        Reply(status: .ok, etag: tag?.text, location: nil, body: Envelope.success(result), audited: nil)
    }

    /// A page of a list.
    package static func list<Item>(
        _ page: Page<Item>, _ request: PageRequest, _ write: (Item, inout JSONWriter) -> Void
    ) -> Reply {
        let info = ResultInfo.page(
            page: request.page, perPage: request.perPage, count: page.items.count, total: page.total)
        return list(page.items, info, write)
    }

    /// All rows of a list that has no pages.
    package static func all<Item>(_ items: [Item], _ write: (Item, inout JSONWriter) -> Void) -> Reply {
        list(items, .single(count: items.count), write)
    }

    package static func list<Item>(
        _ items: [Item], _ info: ResultInfo, _ write: (Item, inout JSONWriter) -> Void
    ) -> Reply {
        let body = Envelope.list(info, reserving: 512 + items.count * 1100) { writer in
            for item in items { write(item, &writer) }
        }
        return Reply(status: .ok, etag: nil, location: nil, body: body, audited: nil)
    }

    /// `{"id": …}` after a deletion.
    package static func deleted(_ status: Status = .accepted, id: String, notices: [Notice] = []) -> Reply {
        resource(status, notices: notices) { writer, _ in
            writer.beginObject()
            writer.member("id", id)
            writer.endObject()
        }
    }
}
