package import API
package import ControlPlane
import Crypto
import Domain
package import EventLoops
import Federation
package import HTTP
import HTTPServer
package import JSON
import Primitives
import Store
import Telemetry

/// A whole server in one process without sockets: a database in a folder of its own, the control plane on a manual clock,
/// and the REST API on one loop. It begins with the first administrator and nothing else, and closes itself.
package final class World: Sendable {
    package static let root = "cfut_root_of_the_test_world_0000000000"

    package let clock: ManualClock
    package let plane: Plane
    package let folder = TemporaryFolder()
    package let group: EventLoopGroup
    /// What a handler of another loop or a server with sockets is made from.
    package let options: APIOptions
    package let handler: LoopBound<APIHandler>

    /// - Parameters:
    ///   - maxAccounts: what an organization tree may hold.
    ///   - failing: the reason for which a test of any identity provider fails, or `nil` where none does.
    ///   - documents: gets the documents of OAuth clients.
    ///   - publicURL: where browsers find it.
    package init(
        maxAccounts: Int = 10_000, failing: String? = nil, loops: Int = 1,
        documents: any ClientDocumentFetcher = OfflineFetcher(), publicURL: String = "http://localhost:8787"
    ) async throws {
        let clock = ManualClock()
        self.clock = clock
        let store = try Database.open(
            StoreOptions(path: folder.file("orgd.sqlite"), for: .serve(address: "test")),
            migrations: EmbeddedMigrations.all)
        let plane = Plane(
            store: store, clock: clock,
            settings: Settings(
                publicURL: publicURL, accessDomain: "access.test", maxAccounts: maxAccounts,
                allowedNetworks: []),
            vault: try Vault(key: Array(repeating: 7, count: 32)), probe: FixedProbe(reason: failing),
            clientDocuments: documents)
        self.plane = plane
        group = try EventLoopGroup(loops: loops, name: "test")
        let options = APIOptions(
            plane: plane, router: Router(AllRoutes.groups),
            limiter: RateLimiter(failuresPerMinute: 1_000_000, requestsPerSecond: 0), logger: .silent,
            metrics: APIMetrics(MetricsRegistry()), identityTokens: KnownPeople(), trustedProxies: [],
            hosts: ["localhost", "127.0.0.1"], readiness: DatabaseReadiness(.ready))
        self.options = options
        let loop = group.loops[0]
        handler = LoopBound(on: loop) {
            do { return try APIHandler(options, loop: loop) } catch { preconditionFailure("no reader: \(error)") }
        }
        _ = try await plane.bootstrap(token: Self.root)
    }

    deinit {
        plane.store.close()
        group.shutdown()
    }

    /// Sends a request to `/client/v4`.
    ///
    /// - Parameters:
    ///   - path: with its query.
    ///   - token: an API token, or what ``person(_:)`` made; `nil` for no credentials.
    package func call(
        _ method: HTTP.Method, _ path: String, _ body: JSONValue? = nil, as token: String? = World.root,
        _ extra: [(FieldName, String)] = []
    ) async -> Answer {
        var fields = Fields()
        if let token { fields.append(.authorization, "Bearer \(token)") }
        if body != nil { fields.append(.contentType, "application/json") }
        for (name, value) in extra { fields.append(name, value) }
        guard let request = Request(method, "/client/v4" + path, fields: fields, body: body?.serializedBytes() ?? [])
        else { preconditionFailure("\(path) is no request target") }
        let response = await respond(to: request)
        let bytes = response.bytes ?? []
        return Answer(
            status: Int(response.status.code), json: Self.parsed(bytes), fields: response.fields,
            text: String(decoding: bytes, as: UTF8.self))
    }

    private func respond(to request: Request) async -> Response {
        await withCheckedContinuation { (continuation: CheckedContinuation<Response, Never>) in
            handler.run { [loop = group.loops[0]] handler in
                switch handler.handle(request) {
                case .now(let response): continuation.resume(returning: response)
                case .later(let body):
                    Task(executorPreference: loop) { continuation.resume(returning: await body()) }
                }
            }
        }
    }

    private static func parsed(_ bytes: [UInt8]) -> JSONValue {
        do throws(JSONError) { return try JSONParser.parse(bytes) } catch { return .null }
    }
}

extension World {
    package func get(_ path: String, as token: String? = World.root) async -> Answer {
        await call(.get, path, as: token)
    }

    package func post(
        _ path: String, _ body: JSONValue = [:], as token: String? = World.root, _ extra: [(FieldName, String)] = []
    ) async -> Answer {
        await call(.post, path, body, as: token, extra)
    }

    package func put(_ path: String, _ body: JSONValue, as token: String? = World.root) async -> Answer {
        await call(.put, path, body, as: token)
    }

    package func patch(_ path: String, _ body: JSONValue, as token: String? = World.root) async -> Answer {
        await call(.patch, path, body, as: token)
    }

    package func delete(_ path: String, as token: String? = World.root) async -> Answer {
        await call(.delete, path, as: token)
    }
}

/// An identity provider always passes its test, or never does.
private struct FixedProbe: IdentityProviderProbe {
    let reason: String?

    func failure(of provider: IdentityProvider) async -> String? { reason }
}

/// Recognises people by tokens that ``World/person(_:)`` made.
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
