import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Identity providers and read-only connections (contract 20 §5, 30 §3).
enum IdentityProviderRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/identity_providers"
    static let one = base + "/{identity_provider_id}"

    static let table: [Route] = [
        Route(.get, base, "listIdentityProviders", .access(.identityRead), .identityProvider, .read(list)),
        Route(.post, base, "createIdentityProvider", .access(.identityWrite), .identityProvider, .write(create)),
        Route(.get, one, "getIdentityProvider", .access(.identityRead), .identityProvider, .read(get)),
        Route(.put, one, "updateIdentityProvider", .access(.identityWrite), .identityProvider, .write(update)),
        Route(.delete, one, "deleteIdentityProvider", .access(.identityWrite), .identityProvider, .write(delete)),
        Route(.get, one + "/scim/users", "listSCIMUsers", .access(.populationRead), .identityProvider, .read(scim)),
        Route(.get, one + "/scim/groups", "listSCIMGroups", .access(.populationRead), .identityProvider, .read(scim)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        let isSCIMOnly = try call.query.bool("scim_enabled") ?? false
        let own = try call.reader.identityProviders(of: call.account).map {
            (at: $0.createdAt, item: ListedIdentityProvider.own($0))
        }
        let connected = try call.reader.connections(of: call.account).map {
            (at: $0.createdAt, item: ListedIdentityProvider.connected($0))
        }
        let all = (own + connected).sorted { $0.at < $1.at }.map(\.item).filter { !isSCIMOnly || $0.hasSCIM }
        let items = Array(all.dropFirst(page.offset).prefix(page.perPage))
        let logins = try AccountLogins(call.reader, call.call)
        return .list(Page(items: items, total: all.count), page) { logins.write($0, to: &$1) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let id: IdentityProviderID = call.path.uuid("identity_provider_id")
        let logins = try AccountLogins(call.reader, call.call)
        if let provider = try call.reader.identityProvider(id, in: call.account) {
            return .found(logins.tag(of: .own(provider))) { logins.write(.own(provider), to: &$0) }
        }
        guard let connection = try call.reader.connection(id, in: call.account) else {
            throw .refused(.accessNotFound, "identity provider not found")
        }
        return .found(logins.tag(of: .connected(connection))) { logins.write(.connected(connection), to: &$0) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try IdentityProviderDraft(call.body, keepsSecret: false) }
        let saved = try call.act.createIdentityProvider(draft, in: call.account)
        return try reply(.created, saved, call, location: "\(call.call.request.uri)/\(saved.provider.id.uuid)")
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let id: IdentityProviderID = call.path.uuid("identity_provider_id")
        // What cannot be changed at all is said before the body is judged.
        guard try call.reader.connection(id, in: call.account) == nil else {
            throw .refused(
                .accessReadOnly, "this is a read-only connection: change the identity provider in its source account")
        }
        let draft = try refusing { () throws(Refusal) in try IdentityProviderDraft(call.body, keepsSecret: true) }
        return try reply(.ok, try call.act.replaceIdentityProvider(id, with: draft, in: call.account), call)
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: IdentityProviderID = call.path.uuid("identity_provider_id")
        try call.act.deleteIdentityProvider(id, in: call.account)
        return .deleted(id: id.uuid)
    }

    /// No SCIM service fills these lists; they are empty, as for a provider that never synchronised.
    @Sendable static func scim(_ call: ReadCall) throws(Failure) -> Reply {
        guard try call.reader.hasIdentityProvider(call.path.uuid("identity_provider_id"), in: call.account) else {
            throw .refused(.accessNotFound, "identity provider not found")
        }
        let page = try call.query.page()
        return .list(Page<IdentityProvider>(items: [], total: 0), page) { _, _ in }
    }

    private static func reply(
        _ status: Status, _ saved: SavedIdentityProvider, _ call: WriteCall, location: String? = nil
    ) throws(Failure) -> Reply {
        let logins = try AccountLogins(call.reader, call.call)
        return .resource(
            status, logins.tag(of: .own(saved.provider)), location: location, hasSecret: saved.scimSecret != nil
        ) { writer, showingSecrets in
            logins.write(.own(saved.provider), to: &writer, scimSecret: showingSecrets ? saved.scimSecret : nil)
        }
    }
}

extension AccountLogins {
    init(_ reader: any Reading, _ call: Call) throws(Failure) {
        try self.init(of: call.account, reader, call.plane.settings)
    }

    func write(_ item: ListedIdentityProvider, to writer: inout JSONWriter, scimSecret: Secret<String>? = nil) {
        switch item {
        case .own(let provider):
            provider.write(
                to: &writer, redirectURL: redirectURL, isEnforcedOff: isEnforcedOff(provider.id), scimSecret: scimSecret
            )
        case .connected(let connection):
            connection.write(to: &writer, redirectURL: redirectURL, isEnforcedOff: isEnforcedOff(connection.id))
        }
    }
}

extension ListedIdentityProvider {
    fileprivate var hasSCIM: Bool {
        switch self {
        case .own(let provider): provider.scim.text.contains("\"enabled\":true")
        case .connected: false
        }
    }
}
