import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Resource shares (contract 20 §7).
enum ShareRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/shares"
    static let one = base + "/{share_id}"

    static let table: [Route] = [
        Route(.get, base, "listShares", .account(.sharingRead), .share, .read(list)),
        Route(.post, base, "createShare", .account(.sharingWrite), .share, .write(create)),
        Route(.get, one, "getShare", .account(.sharingRead), .share, .read(get)),
        Route(.put, one, "updateShare", .account(.sharingWrite), .share, .write(update)),
        Route(.delete, one, "deleteShare", .account(.sharingWrite), .share, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        let filter = ShareFilter(
            kind: try call.query.oneOf("kind", ["sent", "received"]) == "received" ? .received : .sent,
            targetType: try call.query.oneOf("target_type", ["account", "organization"]).map {
                $0 == "account" ? .account : .organization
            },
            resourceTypes: call.query.texts("resource_types"),
            ordersByName: try call.query.oneOf("order", ["name", "created"]) == "name",
            isDescending: try call.query.isDescending())
        // Shares leave with their deletion, so every one that is listed is active.
        let status = try call.query.oneOf("status", ["active", "deleting", "deleted"])
        let shares =
            status == nil || status == "active"
            ? try call.reader.shares(of: call.account, filter, page) : Page(items: [], total: 0)
        let rendered = try shares.items.map { (share) throws(Failure) in
            try RenderedShare(share, call.reader, call.query)
        }
        return .list(Page(items: rendered, total: shares.total), page) { $0.write(to: &$1, seenBy: call.account) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let share = try call.reader.share(call.path.hex("share_id"), visibleTo: call.account) else {
            throw .refused(.accessNotFound, "share not found")
        }
        let rendered = try RenderedShare(share, call.reader, call.query)
        return .found(version: share.version) { rendered.write(to: &$0, seenBy: call.account) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try ShareDraft(call.body, source: call.account) }
        return try reply(try call.act.createShare(draft, in: call.account), call)
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let body = try refusing { () throws(Refusal) in
            try Body(call.body, as: [Field("name", .name, .required)], orRefuse: .shareInvalid)
        }
        let id: ShareID = call.path.hex("share_id")
        try call.act.renameShare(id, to: body.text("name", or: ""), in: call.account)
        return try reply(id, call)
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: ShareID = call.path.hex("share_id")
        if try call.query.bool("preview") == true {
            return .preview(try call.act.preview { (act) throws(Failure) in try act.deleteShare(id, in: call.account) })
        }
        let share = try call.reader.share(id, of: call.account)
        try call.act.deleteShare(id, in: call.account)
        return .resource(notices: call.act.notices) { writer, _ in
            if let share { share.write(to: &writer, seenBy: call.account) } else { writer.null() }
        }
    }

    private static func reply(_ id: ShareID, _ call: WriteCall) throws(Failure) -> Reply {
        guard let share = try call.reader.share(id, of: call.account) else {
            throw .inconsistent("a new share is gone")
        }
        let resources = try call.reader.resources(of: id)
        return .resource(version: share.version) { writer, _ in
            share.write(to: &writer, seenBy: call.account, resources: resources)
        }
    }
}

/// A share with what the request asked to see of it.
private struct RenderedShare {
    let share: Share
    let resources: [ShareResource]?
    let counts: (associated: Int, disassociated: Int)?

    init(_ share: Share, _ reader: any Reading, _ query: QueryReader) throws(Failure) {
        self.share = share
        resources = try query.bool("include_resources") == true ? try reader.resources(of: share.id) : nil
        counts = try query.bool("include_recipient_counts") == true ? try reader.recipientCounts(of: share.id) : nil
    }

    func write(to writer: inout JSONWriter, seenBy viewer: AccountID) {
        share.write(to: &writer, seenBy: viewer, resources: resources, counts: counts)
    }
}

extension ShareDraft {
    init(_ value: JSONValue, source: AccountID) throws(Refusal) {
        let body = try Body(value, as: ShareBodies.fields, orRefuse: .shareInvalid)
        var recipients: [ShareTarget?] = []
        for (index, item) in (body["recipients"]?.arrayValue ?? []).enumerated() {
            recipients.append(try ShareBodies.target(item.objectValue ?? JSONObject(), at: "/recipients/\(index)"))
        }
        self.init(
            name: body.text("name", or: ""),
            resources: (body["resources"]?.arrayValue ?? []).compactMap {
                $0.objectValue.flatMap(ShareDraft.Resource.init)
            },
            recipients: recipients)
    }
}

extension ShareDraft.Resource {
    /// - Parameter object: one that fits ``ShareBodies/resourceFields``.
    init?(_ object: JSONObject) {
        guard let type = object["resource_type"]?.stringValue,
            let id = object["resource_id"]?.stringValue.flatMap({ GrantID(uuid: $0) }),
            let account = object["resource_account_id"]?.stringValue.flatMap({ AccountID(hex: $0) })
        else { return nil }
        self.init(type: type, id: id, account: account, meta: (object["meta"] ?? .object(JSONObject())).jsonText)
    }
}
