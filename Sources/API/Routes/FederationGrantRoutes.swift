import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// IdP federation grants (contract 20 §6).
enum FederationGrantRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/idp_federation_grants"
    static let one = base + "/{grant_id}"

    static let table: [Route] = [
        Route(.get, base, "listIdPFederationGrants", .access(.identityRead), .federationGrant, .read(list)),
        Route(.post, base, "createIdPFederationGrant", .access(.identityWrite), .federationGrant, .write(create)),
        Route(.get, one, "getIdPFederationGrant", .access(.identityRead), .federationGrant, .read(get)),
        Route(.delete, one, "deleteIdPFederationGrant", .access(.identityWrite), .federationGrant, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        .all(try call.reader.grants(of: call.account)) { $0.write(to: &$1) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let grant = try call.reader.grant(call.path.uuid("grant_id"), in: call.account) else {
            throw .refused(.accessNotFound, "grant not found")
        }
        return .found(version: 1) { grant.write(to: &$0) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let body = try refusing { () throws(Refusal) in
            try Body(call.body, as: FederationGrant.fields, orRefuse: .accessInvalidRequest)
        }
        guard let idp: IdentityProviderID = body.uuid("idp_id") else {
            throw .refused(.accessInvalidRequest, "idp_id is required", at: "/idp_id")
        }
        let grant = try call.act.createGrant(for: idp, in: call.account)
        return .resource(.created, version: 1, location: "\(call.call.request.uri)/\(grant.id.uuid)") { writer, _ in
            grant.write(to: &writer)
        }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: GrantID = call.path.uuid("grant_id")
        if try call.query.bool("preview") == true {
            return .preview(try call.act.preview { (act) throws(Failure) in try act.deleteGrant(id, in: call.account) })
        }
        try call.act.deleteGrant(id, in: call.account)
        return .deleted(.ok, id: id.uuid, notices: call.act.notices)
    }
}

extension Reply {
    /// What a request would do, without doing it.
    static func preview(_ effects: BridgeEffects) -> Reply {
        .resource { writer, _ in effects.writePreview(to: &writer) }
    }
}
