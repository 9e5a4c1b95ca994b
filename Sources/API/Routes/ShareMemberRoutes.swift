import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Recipients of shares (contract 20 §7).
enum ShareRecipientRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/shares/{share_id}/recipients"
    static let one = base + "/{recipient_id}"

    static let table: [Route] = [
        Route(.get, base, "listShareRecipients", .account(.sharingRead), .shareRecipient, .read(list)),
        Route(.post, base, "createShareRecipient", .account(.sharingWrite), .shareRecipient, .write(create)),
        Route(.get, one, "getShareRecipient", .account(.sharingRead), .shareRecipient, .read(get)),
        Route(.delete, one, "deleteShareRecipient", .account(.sharingWrite), .shareRecipient, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let share = try visibleShare(call)
        let page = try call.query.page()
        let resources = try call.query.bool("include_resources") == true ? try call.reader.resources(of: share.id) : nil
        return .list(try call.reader.associations(of: share.id, page), page) { $0.write(to: &$1, resources: resources) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let share = try visibleShare(call)
        guard let found = try call.reader.association(call.path.hex("recipient_id"), of: share.id) else {
            throw .refused(.accessNotFound, "recipient not found")
        }
        let resources = try call.query.bool("include_resources") == true ? try call.reader.resources(of: share.id) : nil
        return .found { found.write(to: &$0, resources: resources) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let target = try refusing { () throws(Refusal) in
            let body = try Body(call.body, as: ShareBodies.recipientFields, orRefuse: .shareInvalid)
            return try ShareBodies.target(body.object, at: "")
        }
        let share: ShareID = call.path.hex("share_id")
        let id = try call.act.addRecipient(target, to: share, in: call.account)
        if let association = try call.reader.association(id, of: share) {
            return .resource { writer, _ in association.write(to: &writer) }
        }
        // An organization stands for its accounts, which are listed one by one.
        let now = call.act.now
        let stored = try call.reader.recipient(id, of: share)
        return .resource { writer, _ in
            writer.beginObject()
            writer.member("id", hex: id)
            writer.member("account_id", hex: call.account)
            if case .organization(let organization) = stored {
                writer.member("organization_id", hex: organization)
            }
            writer.member("association_status", "associated")
            writer.member("created", time: now)
            writer.member("modified", time: now)
            writer.endObject()
        }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let share: ShareID = call.path.hex("share_id")
        let id: ShareRecipientID = call.path.hex("recipient_id")
        if try call.query.bool("preview") == true {
            return .preview(
                try call.act.preview { (act) throws(Failure) in
                    _ = try act.removeRecipient(id, from: share, in: call.account)
                })
        }
        let removed = try call.act.removeRecipient(id, from: share, in: call.account)
        return .resource(notices: call.act.notices) { writer, _ in
            guard let removed else {
                writer.beginObject()
                writer.member("id", hex: id)
                writer.endObject()
                return
            }
            removed.write(to: &writer)
        }
    }

    private static func visibleShare(_ call: ReadCall) throws(Failure) -> Share {
        guard let share = try call.reader.share(call.path.hex("share_id"), of: call.account) else {
            throw .refused(.accessNotFound, "share not found")
        }
        return share
    }
}

/// Resources of shares (contract 20 §7).
enum ShareResourceRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/shares/{share_id}/resources"
    static let one = base + "/{resource_id}"

    static let table: [Route] = [
        Route(.get, base, "listShareResources", .account(.sharingRead), .shareResource, .read(list)),
        Route(.post, base, "createShareResource", .account(.sharingWrite), .shareResource, .write(create)),
        Route(.get, one, "getShareResource", .account(.sharingRead), .shareResource, .read(get)),
        Route(.put, one, "updateShareResource", .account(.sharingWrite), .shareResource, .write(update)),
        Route(.delete, one, "deleteShareResource", .account(.sharingWrite), .shareResource, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let share: ShareID = call.path.hex("share_id")
        guard try call.reader.share(share, visibleTo: call.account) != nil else {
            throw .refused(.accessNotFound, "share not found")
        }
        let page = try call.query.page()
        let type = try call.query.oneOf("resource_type", Share.resourceTypes)
        let status = try call.query.oneOf("status", ["active", "deleting", "deleted"])
        let all = try call.reader.resources(of: share).filter {
            (type == nil || type == Share.grantType)
                && (status == nil || status == ($0.isActive ? "active" : "deleted"))
        }
        let items = Array(all.dropFirst(page.offset).prefix(page.perPage))
        return .list(Page(items: items, total: all.count), page) { $0.write(to: &$1) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let share: ShareID = call.path.hex("share_id")
        guard try call.reader.share(share, visibleTo: call.account) != nil,
            let resource = try call.reader.resource(call.path.hex("resource_id"), of: share)
        else { throw .refused(.accessNotFound, "share resource not found") }
        return .found(version: resource.resourceVersion) { resource.write(to: &$0) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let body = try refusing { () throws(Refusal) in
            try Body(call.body, as: ShareBodies.resourceFields, orRefuse: .shareInvalid)
        }
        guard let resource = ShareDraft.Resource(body.object) else {
            throw .refused(.shareInvalid, "the resource is incomplete", at: "")
        }
        let share: ShareID = call.path.hex("share_id")
        return try reply(try call.act.addResource(resource, to: share, in: call.account), share, call)
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let body = try refusing { () throws(Refusal) in
            try Body(call.body, as: [Field("meta", .freeObject, .required)], orRefuse: .shareInvalid)
        }
        let share: ShareID = call.path.hex("share_id")
        let id: ShareResourceID = call.path.hex("resource_id")
        try call.act.updateResource(id, meta: (body["meta"] ?? .null).jsonText, in: share, of: call.account)
        return try reply(id, share, call)
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let share: ShareID = call.path.hex("share_id")
        let id: ShareResourceID = call.path.hex("resource_id")
        let resource = try call.reader.resource(id, of: share)
        try call.act.removeResource(id, from: share, in: call.account)
        return .resource(notices: call.act.notices) { writer, _ in
            if let resource { resource.write(to: &writer) } else { writer.null() }
        }
    }

    private static func reply(_ id: ShareResourceID, _ share: ShareID, _ call: WriteCall) throws(Failure) -> Reply {
        guard let resource = try call.reader.resource(id, of: share) else {
            throw .inconsistent("a new share resource is gone")
        }
        return .resource(version: resource.resourceVersion) { writer, _ in resource.write(to: &writer) }
    }
}
