package import API
package import ControlPlane
import Crypto
package import Domain
package import EventLoops
import Federation
package import HTTP
import HTTPServer
package import JSON
import Primitives
import SQLite
import Store
import Telemetry

/// A server without sockets of its own, and an identity provider that answers on loopback: the REST API fetches its
/// keys for real. Starts with the first administrator and nothing else.
package final class FederationWorld: Sendable {
    package static let root = "cfut_root_of_the_federation_world"

    package let clock = TestClock()
    package let plane: Plane
    package let idp: TestProvider
    package let fetcher: LoopbackFetcher
    package let group: EventLoopGroup
    /// What further handlers are made from.
    package let options: APIOptions
    private let handler: LoopBound<APIHandler>
    private let folder = TemporaryFolder()

    package struct Answer: Sendable {
        package let status: Int
        package let json: JSONValue
        /// Whether the answer was kept from an earlier request with the same key.
        package let isReplay: Bool
        package let text: String

        package var result: JSONValue { json["result"] ?? .null }
        package var id: String { result["id"]?.stringValue ?? "" }
        /// Of the first error.
        package var code: Int? { json["errors"]?[0]?["code"]?.integerValue.map(Int.init) }
        package var pointers: [String] {
            json["errors"]?.arrayValue?.compactMap { $0["source"]?["pointer"]?.stringValue } ?? []
        }
    }

    /// - Parameters:
    ///   - seats: Access seats of an account; `nil` for no limit.
    ///   - messenger: where mail goes; `nil` for a server that sends none.
    package init(
        _ groups: [any RouteGroup.Type], accessDomain: String = "access.test", seats: Int? = nil, messenger: (any Messenger)? = nil
    ) async throws {
        let store = try Database.open(
            StoreOptions(path: folder.file("orgd.sqlite"), for: .serve(address: "test")),
            migrations: EmbeddedMigrations.all)
        group = try EventLoopGroup(loops: 2, name: "test")
        fetcher = try LoopbackFetcher(group: group)
        let plane = Plane(
            store: store, clock: clock,
            settings: Settings(
                publicURL: "http://localhost:8787", accessDomain: accessDomain, maxAccounts: 100, allowedNetworks: [],
                accessSeats: seats),
            vault: try Vault(key: Array(repeating: 7, count: 32)), keys: KeyCache(fetcher: fetcher, clock: clock),
            messenger: messenger)
        self.plane = plane
        let options = APIOptions(
            plane: plane, router: Router(groups),
            limiter: RateLimiter(failuresPerMinute: 1000, requestsPerSecond: 0), logger: .silent,
            metrics: APIMetrics(MetricsRegistry()), identityTokens: PrimaryIdPAuthenticator(), trustedProxies: [],
            hosts: ["localhost"], readiness: DatabaseReadiness(.ready))
        self.options = options
        let loop = group.loops[0]
        handler = LoopBound(on: loop) {
            do { return try APIHandler(options, loop: loop) } catch { preconditionFailure("no reader: \(error)") }
        }
        idp = try TestProvider(clock: clock, group: group)
        _ = try await plane.bootstrap(token: Self.root)
    }

    /// Ends sockets and threads; call it at the end of a test.
    package func end() async {
        await idp.stop()
        await plane.keys.stop()
        plane.store.close()
        group.shutdown()
    }

    package func send(
        _ method: HTTP.Method, _ path: String, _ body: JSONValue? = nil, as token: String = FederationWorld.root,
        key: String? = nil
    ) async -> Answer {
        var fields: Fields = [.authorization: "Bearer \(token)"]
        if body != nil { fields.append(.contentType, "application/json") }
        if let key { fields.append(.idempotencyKey, key) }
        let request = Request(method, "/client/v4" + path, fields: fields, body: body?.serializedBytes() ?? [])
        guard let request else { preconditionFailure("\(path) does not parse") }
        let loop = group.loops[0]
        let response = await withCheckedContinuation { (continuation: CheckedContinuation<Response, Never>) in
            handler.run { handler in
                switch handler.handle(request) {
                case .now(let response): continuation.resume(returning: response)
                case .later(let body): Task(executorPreference: loop) { continuation.resume(returning: await body()) }
                }
            }
        }
        let bytes = response.bytes ?? []
        return Answer(
            status: Int(response.status.code), json: (try? JSONParser.parse(bytes)) ?? .null,
            isReplay: response.fields[.idempotencyReplayed] == "true", text: String(decoding: bytes, as: UTF8.self))
    }

    package func get(_ path: String, as token: String = FederationWorld.root) async -> Answer {
        await send(.get, path, as: token)
    }

    package func post(_ path: String, _ body: JSONValue = [:], as token: String = FederationWorld.root) async -> Answer
    {
        await send(.post, path, body, as: token)
    }
}

/// Things that tests start from.
extension FederationWorld {
    package func organization(_ name: String, below parent: String? = nil) async -> String {
        var body: JSONObject = ["name": .string(name)]
        if let parent { body["parent"] = ["id": .string(parent)] }
        return await post("/organizations", .object(body)).id
    }

    /// An account with a Zero Trust organization of its name.
    package func account(_ name: String, in organization: String) async -> String {
        let id = await post("/accounts", ["name": .string(name), "unit": ["id": .string(organization)]]).id
        _ = await post(
            "/accounts/\(id)/access/organizations",
            ["name": .string(name), "auth_domain": .string("\(name.lowercased()).\(plane.settings.accessDomain)")])
        return id
    }

    /// A generic identity provider at `provider`, by default the one of this world.
    package func identityProvider(
        in account: String, at provider: TestProvider? = nil, _ changes: JSONObject = [:]
    ) async -> String {
        let provider = provider ?? idp
        var config: JSONObject = [
            "client_id": .string(provider.clientID), "client_secret": "secret", "issuer": .string(provider.issuer),
            "auth_url": .string(provider.issuer + "/authorize"), "token_url": .string(provider.issuer + "/token"),
            "certs_url": .string(provider.issuer + "/keys"), "claims": ["groups"],
        ]
        for (name, value) in changes { config[name] = value.isNull ? nil : value }
        return await post(
            "/accounts/\(account)/access/identity_providers",
            ["name": "Login", "type": "oidc", "config": .object(config)]
        ).id
    }

    package func member(_ email: String, of organization: String, role: String = "super_administrator") async -> String
    {
        await post(
            "/organizations/\(organization)/members",
            ["member": ["user": ["email": .string(email)], "role": .string(role), "status": "active"]]
        ).id
    }

    /// Makes an identity provider the primary of an organization.
    @discardableResult
    package func primary(
        _ provider: String, of account: String, for organization: String, mode: String = "report"
    ) async -> Answer {
        await send(
            .post, "/organizations/\(organization)/primary_idp?force=true",
            ["account_id": .string(account), "idp_id": .string(provider), "mode": .string(mode)])
    }

    /// A second identity provider; stop it at the end.
    package func secondProvider(clientID: String) throws -> TestProvider {
        try TestProvider(clientID: clientID, clock: clock, group: group)
    }

    /// The bodies of answers under idempotency keys, as they are stored.
    package func keptAnswers() async throws -> [String] {
        try await plane.store.background { (reader) throws(Failure) in
            try reader.values("SELECT sealed_body FROM idempotency_keys") { (row) throws(SQLiteError) in
                String(decoding: try row.blob(0), as: UTF8.self)
            }
        }
    }

    /// How many rows the audit log has.
    package func auditCount() async throws -> Int {
        try await plane.store.background { (reader) throws(Failure) in try reader.auditIntegrity().rows }
    }

    /// The audit log of an organization and its accounts, the newest first.
    package func audit(of organization: String) async throws -> [AuditRow] {
        guard let id = OrganizationID(hex: organization) else { return [] }
        let query = AuditQuery(
            scope: .organization(id, includingAccounts: true), since: Timestamp(seconds: 0), before: clock.now,
            isDescending: true, conditions: [])
        return try await plane.store.background { (reader) throws(Failure) in
            try reader.auditRows(query, after: nil, limit: 100)
        }
    }

    package func validate(_ token: String, for account: String, _ more: JSONObject = [:]) async -> JSONValue {
        var body = more
        body["token"] = .string(token)
        return await post("/accounts/\(account)/access/tokens/validate", .object(body)).result
    }
}
