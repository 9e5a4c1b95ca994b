import API
import ControlPlane
import Crypto
import Domain
import EventLoops
import Glibc
import HTTP
import HTTPServer
import JSON
import Primitives
import SQLite
import Store
import Synchronization
import Telemetry
import TestKit
import Testing

/// A server without sockets: two accounts, an administrator, and the REST API on one loop.
final class AccessWorld: Sendable {
    let clock = SteppedClock()
    let plane: Plane
    let account = AccountID(at: Timestamp(seconds: 1_700_000_000))
    let other = AccountID(at: Timestamp(seconds: 1_700_000_001))
    private let user = UserID(at: Timestamp(seconds: 1_700_000_000))
    private let group: EventLoopGroup
    private let handler: LoopBound<APIHandler>
    private let folder = TemporaryFolder()
    static let root = "cfut_root"

    struct Answer: Sendable {
        let status: Int
        let json: JSONValue
        let etag: String?
        let location: String?

        var result: JSONValue { json["result"] ?? .null }
        var id: String { result["id"]?.stringValue ?? "" }
        /// Of the first error.
        var code: Int? { json["errors"]?[0]?["code"]?.integerValue.map(Int.init) }
        var message: String { json["errors"]?[0]?["message"]?.stringValue ?? "" }
        /// Of all errors.
        var pointers: [String] {
            json["errors"]?.arrayValue?.compactMap { $0["source"]?["pointer"]?.stringValue } ?? []
        }
    }

    /// - Parameter hasZeroTrust: whether both accounts are set up for Access, as `acme` and `umbrella`.
    init(hasZeroTrust: Bool = true) async throws {
        let store = try Database.open(
            StoreOptions(path: folder.file("orgd.sqlite"), for: .serve(address: "test")),
            migrations: EmbeddedMigrations.all)
        let plane = Plane(
            store: store, clock: clock,
            settings: Settings(
                publicURL: "http://localhost:8787", accessDomain: "access.test", maxAccounts: 100, allowedNetworks: []),
            vault: try Vault(key: Array(repeating: 7, count: 32)))
        self.plane = plane
        group = try EventLoopGroup(loops: 1, name: "test")
        let options = APIOptions(
            plane: plane,
            router: Router(AllRoutes.groups),
            limiter: RateLimiter(failuresPerMinute: 1000, requestsPerSecond: 0), logger: .silent,
            metrics: APIMetrics(MetricsRegistry()), identityTokens: nil, trustedProxies: [], hosts: ["localhost"],
            readiness: DatabaseReadiness(.ready))
        let loop = group.loops[0]
        handler = LoopBound(on: loop) {
            do { return try APIHandler(options, loop: loop) } catch { preconditionFailure("no reader: \(error)") }
        }
        try await seed()
        if hasZeroTrust {
            #expect(
                await post("access/organizations", ["auth_domain": "acme.access.test", "name": "Acme"]).status == 201)
            let second = await post(
                "access/organizations", ["auth_domain": "umbrella.access.test", "name": "Umbrella"], in: other)
            #expect(second.status == 201)
        }
    }

    deinit {
        plane.store.close()
        group.shutdown()
    }

    func send(
        _ method: HTTP.Method, _ path: String, _ body: JSONValue? = nil, as token: String = AccessWorld.root,
        in account: AccountID? = nil, _ extra: [(FieldName, String)] = []
    ) async -> Answer {
        var fields = Fields()
        fields.append(.authorization, "Bearer \(token)")
        if body != nil { fields.append(.contentType, "application/json") }
        for (name, value) in extra { fields.append(name, value) }
        let target = "/client/v4/accounts/\((account ?? self.account).hex)/\(path)"
        guard let request = Request(method, target, fields: fields, body: body?.serializedBytes() ?? []) else {
            Issue.record("\(target) does not parse")
            return Answer(status: 0, json: .null, etag: nil, location: nil)
        }
        let response = await withCheckedContinuation { (continuation: CheckedContinuation<Response, Never>) in
            handler.run { handler in
                switch handler.handle(request) {
                case .now(let response): continuation.resume(returning: response)
                case .later(let body):
                    let loop = self.group.loops[0]
                    Task(executorPreference: loop) { continuation.resume(returning: await body()) }
                }
            }
        }
        let bytes = response.bytes ?? []
        let json = bytes.isEmpty ? JSONValue.null : (try? JSONParser.parse(bytes)) ?? .null
        return Answer(
            status: Int(response.status.code), json: json, etag: response.fields[.etag],
            location: response.fields[.location])
    }

    func get(_ path: String, as token: String = AccessWorld.root, in account: AccountID? = nil) async -> Answer {
        await send(.get, path, nil, as: token, in: account)
    }

    func post(
        _ path: String, _ body: JSONValue = [:], as token: String = AccessWorld.root, in account: AccountID? = nil
    ) async -> Answer {
        await send(.post, path, body, as: token, in: account)
    }

    func put(_ path: String, _ body: JSONValue, in account: AccountID? = nil) async -> Answer {
        await send(.put, path, body, in: account)
    }

    func delete(_ path: String, in account: AccountID? = nil) async -> Answer { await send(.delete, path, in: account) }

    /// A token of an account that holds these rights there and nothing elsewhere.
    func token(_ groups: [PermissionGroup], in account: AccountID) async throws -> String {
        let value = "cfat_\(groups.map { "\($0.rawValue)x" }.joined())\(account.hex)"
        _ = try await plane.store.writes.perform { [clock] (transaction: WriteTransaction) throws(Failure) in
            let id = APITokenID(at: clock.now)
            try transaction.execute(
                """
                INSERT INTO api_tokens (id, account_id, name, status, digest, policies, created_at, updated_at)
                VALUES (?, ?, 'limited', 'active', ?, '[]', 0, 0)
                """, id, account, SHA256.hash(Array(value.utf8)).bytes)
            for group in groups {
                try transaction.execute(
                    "INSERT INTO api_token_grants VALUES (?, 'allow', ?, 'account', ?)", id, group.name, account.bytes)
            }
        }
        return value
    }

    /// An identity provider of the account, written past the API.
    func identityProvider(in account: AccountID? = nil) async throws -> IdentityProviderID {
        let owner = account ?? self.account
        let id = IdentityProviderID(at: clock.now)
        _ = try await plane.store.writes.perform { (transaction: WriteTransaction) throws(Failure) in
            try transaction.execute(
                """
                INSERT INTO identity_providers (id, account_id, type, name, config, scim_config, created_at, updated_at)
                VALUES (?, ?, 'oidc', 'IdP', '{}', '{}', 0, 0)
                """, id, owner)
        }
        return id
    }

    func auditRows() async throws -> [AuditRow] {
        try await plane.store.background { (reader) throws(Failure) in
            try reader.all(AuditRow.self, "SELECT \(AuditRow.columns) FROM audit_log ORDER BY position")
        }
    }

    private func seed() async throws {
        let (account, other, user) = (account, other, user)
        _ = try await plane.store.writes.perform { (transaction: WriteTransaction) throws(Failure) in
            for (id, name) in [(account, "ops"), (other, "lab")] {
                try transaction.execute(
                    "INSERT INTO accounts (id, name, type, created_at, updated_at) VALUES (?, ?, 'standard', 0, 0)", id,
                    name)
            }
            try transaction.execute(
                "INSERT INTO users (id, email, is_root, created_at) VALUES (?, 'admin@localhost', 1, 0)", user)
            let id = APITokenID(at: Timestamp(seconds: 0))
            try transaction.execute(
                """
                INSERT INTO api_tokens (id, user_id, name, status, digest, policies, created_at, updated_at)
                VALUES (?, ?, 'root', 'active', ?, '[]', 0, 0)
                """, id, user, SHA256.hash(Array(Self.root.utf8)).bytes)
            for group in PermissionGroup.allCases where group.scope == .account {
                try transaction.execute(
                    "INSERT INTO api_token_grants VALUES (?, 'allow', ?, 'account', x'')", id, group.name)
            }
        }
    }
}

/// A clock that moves by a second each time it is read, and further when told to: creation order never ties.
final class SteppedClock: WallClock {
    private let seconds = Mutex<Int64>(1_772_000_000)

    var now: Timestamp {
        seconds.withLock { seconds in
            seconds += 1
            return Timestamp(seconds: seconds)
        }
    }

    func advance(by duration: Duration) { seconds.withLock { $0 += duration.wholeSeconds } }
}
