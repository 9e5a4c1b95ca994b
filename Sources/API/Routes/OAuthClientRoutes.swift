import ControlPlane
import Domain
import HTTP
import JSON
import OAuth
import Primitives
import Store
import Wire

/// Programs that act for people at an application (contract 50 §10).
enum OAuthClientRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/apps/{app_id}/oauth_clients"

    static let table: [Route] = [
        Route(.get, base, "listOAuthClients", .access(.appsRead), .application, .read(list)),
        Route(.delete, base + "/{client}", "deleteOAuthClient", .access(.appsRevoke), .application, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        guard let application = try call.reader.application(call.path.application, in: call.account) else {
            throw .refused(.accessNotFound, "application not found")
        }
        let clients = try call.reader.managedClients(of: application.id, in: call.account, at: call.call.now)
        return .all(clients) { client, writer in
            writer.beginObject()
            writer.member("client_id", client.clientID)
            writer.member("client_name", client.name)
            writer.member("kind", client.kind.rawValue)
            writer.member("redirect_uris", raw: client.redirectURIs)
            writer.member("created_at", time: client.createdAt)
            writer.member("last_used_at", time: client.lastUsedAt)
            writer.member("grants", client.grants)
            writer.endObject()
        }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let client = call.path.text("client")
        try call.act.endManagedClient(client, of: call.path.application, in: call.account)
        return .deleted(id: client)
    }
}

/// What a person has allowed programs.
enum OAuthGrantRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/users/{user_id}/oauth_grants"

    static let table: [Route] = [
        Route(.get, base, "listOAuthGrants", .access(.zeroTrustRead), .accessUser, .read(list)),
        Route(.delete, base + "/{grant_id}", "deleteOAuthGrant", .access(.zeroTrustWrite), .accessUser, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        guard let user = try call.reader.accessUser(call.path.uuid("user_id"), in: call.account) else {
            throw .refused(.accessNotFound, "user not found")
        }
        let grants = try call.reader.managedGrants(of: user.id, in: call.account, at: call.call.now)
        return .all(grants) { grant, writer in
            writer.beginObject()
            writer.member("id", uuid: grant.id)
            writer.member("client_id", grant.clientID)
            writer.member("client_name", grant.clientName)
            if let application = grant.application { writer.member("app_id", uuid: application) }
            writer.member("app_name", grant.applicationName ?? APITarget.name)
            writer.member("created_at", time: grant.createdAt)
            writer.member("last_refresh_at", time: grant.refreshedAt)
            writer.member("expires_at", time: grant.expiresAt)
            writer.endObject()
        }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let grant: ManagedGrantID = call.path.uuid("grant_id")
        try call.act.endManagedGrant(grant, of: call.path.uuid("user_id"), in: call.account)
        return .deleted(id: grant.uuid)
    }
}
