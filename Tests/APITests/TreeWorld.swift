import API
import ControlPlane
import Crypto
import Domain
import EventLoops
import Federation
import Glibc
import HTTP
import HTTPServer
import JSON
import Primitives
import Store
import Synchronization
import Telemetry
import Testing

/// A server without sockets, with the first administrator and nothing else: organizations and accounts come through the
/// API.
final class TreeWorld: Sendable {
    static let root = "cfut_root_of_the_tree_world"
    let clock = TreeClock()
    let plane: Plane
    private let group: EventLoopGroup
    private let handler: LoopBound<APIHandler>
    private let folder: String

    struct Answer: Sendable {
        let status: Int
        let json: JSONValue
        let text: String
        let etag: String?

        var result: JSONValue { json["result"] ?? .null }
        var id: String { result["id"]?.stringValue ?? "" }
        var items: [JSONValue] { result.arrayValue ?? [] }
        /// Of the first error.
        var code: Int? { json["errors"]?[0]?["code"]?.integerValue.map(Int.init) }

        func texts(_ name: String) -> [String] { items.compactMap { $0[name]?.stringValue } }
    }

    init(maxAccounts: Int = 100) async throws {
        var template = Array("/tmp/orgd-tree-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { preconditionFailure("no temporary folder: \(errno)") }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let store = try Store.open(
            StoreOptions(path: folder + "/orgd.db", for: .serve(address: "test")), migrations: EmbeddedMigrations.all)
        let plane = Plane(
            store: store, clock: clock,
            settings: Settings(
                publicURL: "http://localhost:8787", accessDomain: "access.test", maxAccounts: maxAccounts,
                allowedNetworks: []),
            vault: try Vault(key: Array(repeating: 7, count: 32)))
        self.plane = plane
        group = try EventLoopGroup(loops: 1, name: "test")
        let options = APIOptions(
            plane: plane,
            router: Router(AllRoutes.groups),
            limiter: RateLimiter(failuresPerMinute: 1000, requestsPerSecond: 0), logger: .silent,
            metrics: APIMetrics(MetricsRegistry()), identityTokens: KnownPeople(), trustedProxies: [],
            hosts: ["localhost"], readiness: DatabaseReadiness(.ready))
        let loop = group.loops[0]
        handler = LoopBound(on: loop) {
            do { return try APIHandler(options, loop: loop) } catch { preconditionFailure("no reader: \(error)") }
        }
        _ = try await plane.bootstrap(token: Self.root)
    }

    deinit {
        plane.store.close()
        group.shutdown()
        for name in ["orgd.db", "orgd.db-wal", "orgd.db-shm", "orgd.db.lock"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    func send(
        _ method: HTTP.Method, _ path: String, _ body: JSONValue? = nil, as token: String = TreeWorld.root,
        _ extra: [(FieldName, String)] = []
    ) async -> Answer {
        var fields = Fields()
        fields.append(.authorization, "Bearer \(token)")
        if body != nil { fields.append(.contentType, "application/json") }
        for (name, value) in extra { fields.append(name, value) }
        guard let request = Request(method, "/client/v4" + path, fields: fields, body: body?.serializedBytes() ?? [])
        else {
            Issue.record("\(path) does not parse")
            return Answer(status: 0, json: .null, text: "", etag: nil)
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
        return Answer(
            status: Int(response.status.code), json: (try? JSONParser.parse(bytes)) ?? .null,
            text: String(decoding: bytes, as: UTF8.self), etag: response.fields[.etag])
    }

    func get(_ path: String, as token: String = TreeWorld.root) async -> Answer { await send(.get, path, as: token) }

    func post(_ path: String, _ body: JSONValue, as token: String = TreeWorld.root) async -> Answer {
        await send(.post, path, body, as: token)
    }

    func put(_ path: String, _ body: JSONValue, as token: String = TreeWorld.root) async -> Answer {
        await send(.put, path, body, as: token)
    }

    func patch(_ path: String, _ body: JSONValue, as token: String = TreeWorld.root) async -> Answer {
        await send(.patch, path, body, as: token)
    }

    func delete(_ path: String, as token: String = TreeWorld.root) async -> Answer {
        await send(.delete, path, as: token)
    }

    // MARK: What most tests begin with

    /// The id of a new organization.
    func organization(_ name: String, below parent: String? = nil) async -> String {
        await post(
            "/organizations",
            parent.map { ["name": .string(name), "parent": ["id": .string($0)]] } ?? ["name": .string(name)]
        )
        .id
    }

    /// The id of a new account; on its own without an organization.
    func account(_ name: String, in organization: String? = nil) async -> String {
        let place: JSONValue =
            organization.map { ["name": .string(name), "unit": ["id": .string($0)]] }
            ?? ["name": .string(name), "standalone": true]
        return await post("/accounts", place).id
    }

    /// The value of a new token of an account.
    func token(_ groups: [PermissionGroup], of account: String) async -> String {
        let answer = await post(
            "/accounts/\(account)/tokens",
            ["name": "limited", "policies": [Self.policy(groups, ["com.cloudflare.api.account.\(account)"])]])
        return answer.result["value"]?.stringValue ?? ""
    }

    /// The value of a new token of the administrator.
    func userToken(_ policies: [JSONValue]) async -> String {
        let answer = await post("/user/tokens", ["name": "limited", "policies": .array(policies)])
        return answer.result["value"]?.stringValue ?? ""
    }

    static func policy(_ groups: [PermissionGroup], _ resources: [String], effect: String = "allow") -> JSONValue {
        var object = JSONObject()
        for resource in resources { object[resource] = "*" }
        return [
            "effect": .string(effect), "permission_groups": .array(groups.map { ["id": .string($0.id)] }),
            "resources": .object(object),
        ]
    }

    /// What a member of this address shows to be recognised.
    static func person(_ email: String) -> String { "a.\(Base64URL.encode(Array(email.utf8))).z" }
}

/// Recognises people by tokens that ``TreeWorld/person(_:)`` made.
private struct KnownPeople: IdentityTokenAuthenticator {
    func recognize(
        _ token: [UInt8], digest: Digest32, at desk: TokenDesk, in reader: any Reading, _ generations: Generations,
        _ now: Timestamp
    ) throws(Failure) -> Recognition {
        let parts = token.split(separator: UInt8(ascii: "."))
        guard parts.count == 3, let bytes = Base64URL.decode(parts[1]),
            let user = try reader.user(email: String(decoding: bytes, as: UTF8.self))
        else { return .nobody }
        let principal = Principal(
            user: user.id, email: user.email, token: nil, grants: try reader.grants(ofUser: user.id), ceiling: nil,
            isRoot: false)
        return .person(
            PersonalCredential(
                principal: principal, provider: IdentityProviderID(at: now), email: user.email,
                hold: TokenHold(generations, desk.judge.keys, until: now + .seconds(60))))
    }
}

/// A clock that moves by a millisecond each time it is read, and further when told to: creation order never ties.
final class TreeClock: WallClock {
    private let microseconds = Mutex<Int64>(1_772_000_000_000_000)

    var now: Timestamp {
        microseconds.withLock { microseconds in
            microseconds += 1000
            return Timestamp(microseconds: microseconds)
        }
    }

    func advance(by duration: Duration) { microseconds.withLock { $0 += duration.wholeMicroseconds } }
}
