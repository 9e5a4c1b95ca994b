import API
import ControlPlane
import Crypto
import Domain
import EventLoops
import HTTP
import HTTPServer
import JSON
import Portal
import Primitives
import SQLite
import Store
import Telemetry
import TestKit

/// A server without sockets with one account, its team and an identity provider, and the portal in front of the API.
final class GateWorld: Sendable {
    static let host = "wiki.example.org"

    let world: World
    let account: String
    let idp: String
    let registry = MetricsRegistry()
    private let handler: LoopBound<PortalHandler>

    init(loop index: Int = 0, of world: World? = nil) async throws {
        let world = if let world { world } else { try await World() }
        self.world = world
        account = await world.account("HQ", team: "acme")
        idp = await world.idp(of: account)
        handler = Self.makeHandler(world, loop: index, registry)
        guard let id = AccountID(hex: account) else { preconditionFailure("no account") }
        try await world.plane.makeFirstKey(of: id)
    }

    private static func makeHandler(_ world: World, loop index: Int, _ registry: MetricsRegistry)
        -> LoopBound<PortalHandler>
    {
        let loop = world.group.loops[index]
        let options = PortalOptions(
            plane: world.plane, logger: .silent,
            trustedProxies: ["127.0.0.0/8", "10.9.0.0/16"].compactMap { CIDR($0) },
            limiter: world.options.limiter, metrics: GateMetrics(registry))
        // The world itself must not end on its own loop.
        let api = world.options
        return LoopBound(on: loop) {
            do {
                let api = try APIHandler(api, loop: loop)
                return PortalHandler(options, reader: api.reader, tokens: api.desk, loop: loop, otherwise: api)
            } catch { preconditionFailure("no reader: \(error)") }
        }
    }

    // MARK: Things

    /// The id of an application on ``host`` by default.
    @discardableResult
    func application(_ policies: [JSONValue], at domain: String = GateWorld.host, _ more: JSONObject = [:]) async
        -> String
    {
        var body: JSONObject = [
            "type": "self_hosted", "name": .string(domain), "domain": .string(domain), "policies": .array(policies),
        ]
        for (name, value) in more { body[name] = value }
        let answer = await world.post("/accounts/\(account)/access/apps", .object(body))
        precondition(answer.isSuccess, answer.text)
        return answer.id
    }

    static func allow(_ include: JSONValue..., exclude: [JSONValue] = [], require: [JSONValue] = []) -> JSONValue {
        policy("allow", include, exclude, require)
    }

    static func nonIdentity(_ include: JSONValue...) -> JSONValue { policy("non_identity", include) }
    static func bypass(_ include: JSONValue...) -> JSONValue { policy("bypass", include) }

    private static func policy(
        _ decision: String, _ include: [JSONValue], _ exclude: [JSONValue] = [], _ require: [JSONValue] = []
    ) -> JSONValue {
        [
            "name": .string(decision), "decision": .string(decision), "include": .array(include),
            "exclude": .array(exclude), "require": .array(require),
        ]
    }

    static let staff: JSONValue = ["email_domain": ["domain": "example.com"]]
    static let everyone: JSONValue = ["everyone": [:]]
    static let anyServiceToken: JSONValue = ["any_valid_service_token": [:]]

    /// A new service token.
    func serviceToken(_ more: JSONObject = [:]) async -> (id: String, client: String, secret: String) {
        var body = more
        body["name"] = body["name"] ?? "robot"
        let answer = await world.post("/accounts/\(account)/access/service_tokens", .object(body))
        return (answer.id, answer.text("client_id"), answer.text("client_secret"))
    }

    func setTeam(_ changes: JSONObject) async {
        let answer = await world.put("/accounts/\(account)/access/organizations", .object(changes))
        precondition(answer.isSuccess, answer.text)
    }

    /// Signs somebody in, past all pages.
    ///
    /// - Returns: the tokens of the team and of the application. Nobody but their digests is looked at, so that they need
    ///   no signature here.
    @discardableResult
    func signIn(
        _ email: String, to application: String, groups: [String] = [], lifetime: Duration = .seconds(3600),
        binding: String? = nil, provider: String? = nil, as text: String = "ey.\(RandomToken.alphanumeric(24)).x"
    ) async throws -> (team: String, application: String) {
        guard let account = AccountID(hex: account), let app = ApplicationID(uuid: application),
            let provider = IdentityProviderID(uuid: provider ?? idp),
            let nonce = SessionNonce(RandomToken.alphanumeric(16))
        else { preconditionFailure("an id is malformed") }
        let now = world.clock.now
        let team = "team-\(text)"
        try await world.plane.store.writes.perform { (transaction) throws(Failure) in
            guard let key = try transaction.signingKey(of: account, at: now) else { throw .inconsistent("no key") }
            let user: AccessUser
            if let known = try transaction.accessUser(withEmail: email, in: account) {
                user = known
            } else {
                user = AccessUser(
                    id: AccessUserID(at: now), email: email, name: "Somebody", seat: SeatID(at: now),
                    hasAccessSeat: false, hasGatewaySeat: false, lastSuccessfulLogin: nil, createdAt: now,
                    updatedAt: now, version: 1)
                try transaction.insert(user, in: account)
            }
            let proven = ProvenIdentity(
                subject: "s", email: email, name: "Somebody", groups: groups, amr: ["pwd"], authenticatedAt: now)
            let identity = Identity(
                proven, user: user.id, through: LoginProvider(id: provider, type: .okta, source: nil))
            let session = Session(
                nonce: nonce, account: account, user: user.id, provider: provider, sourceAccount: nil, email: email,
                identity: identity.document, address: "192.0.2.1", country: "", createdAt: now,
                expiresAt: now + .seconds(86_400))
            try transaction.insert(session, tokenDigest: SHA256.hash(team).bytes, key: key.id)
            let token = ApplicationToken(
                application: app, holder: .person(session), policy: PolicyID(at: now),
                bindingDigest: binding.map { SHA256.hash($0).bytes }, isMomentary: false, createdAt: now,
                expiresAt: now + lifetime)
            try transaction.insert(token, digest: SHA256.hash(text).bytes, key: key.id)
        }
        return (team, text)
    }

    // MARK: Questions

    /// What a proxy is answered about a request.
    func ask(
        _ path: String = "/", host: String = GateWorld.host, method: String = "GET", as caller: Client = .browser,
        cookies: [String] = [], from address: String = "198.51.100.7", fields extra: [(String, String)] = [],
        query: String = "", peer: IPAddress = .loopbackV4
    ) async -> Response {
        var fields: [(String, String)] = [
            ("x-forwarded-host", host), ("x-forwarded-proto", "http"), ("x-forwarded-uri", path),
            ("x-forwarded-method", method), ("x-forwarded-for", address),
        ]
        fields += caller.fields
        if !cookies.isEmpty { fields.append(("cookie", cookies.joined(separator: "; "))) }
        return await send(.get, "/cdn-cgi/access/forward-auth\(query)", fields + extra, peer: peer)
    }

    func send(
        _ method: HTTP.Method, _ target: String, host: String = "localhost:8787", _ fields: [(String, String)] = [],
        peer: IPAddress = .loopbackV4, body: [UInt8] = []
    ) async -> Response {
        var all = Fields()
        for (name, value) in fields {
            guard let name = FieldName(name) else { preconditionFailure("\(name) is no name") }
            all.append(name, value)
        }
        guard
            let request = Request(
                method, target, host: host, fields: all, body: body, origin: Origin(peer: peer, ray: 0xABC))
        else { preconditionFailure("\(target) is no target") }
        return await withCheckedContinuation { (continuation: CheckedContinuation<Response, Never>) in
            handler.run { [loop = handler.loop] handler in
                switch handler.handle(request) {
                case .now(let response): continuation.resume(returning: response)
                case .later(let body):
                    Task(executorPreference: loop) { continuation.resume(returning: await body()) }
                }
            }
        }
    }

    /// How large a body may be that comes with a head.
    func bodyLimit(for head: Request) async -> Int {
        await withCheckedContinuation { (continuation: CheckedContinuation<Int, Never>) in
            handler.run { continuation.resume(returning: $0.bodyLimit(for: head)) }
        }
    }

    /// Statements that the loop's connection has executed so far.
    func executions() async -> UInt64 {
        await withCheckedContinuation { continuation in
            handler.run { continuation.resume(returning: $0.reader.connection.executions) }
        }
    }

    /// Every statement that the loop's connection has kept, with the plan that SQLite makes for it.
    func plans() async throws -> [(statement: String, plan: [String])] {
        let texts = await withCheckedContinuation { (continuation: CheckedContinuation<[String], Never>) in
            handler.run { continuation.resume(returning: $0.reader.connection.preparedStatements.map(\.text)) }
        }
        let reader = try world.plane.store.makeReader()
        defer { reader.close() }
        return try texts.filter { $0.hasPrefix("SELECT") || $0.hasPrefix("WITH") }.map { text in
            (text, try reader.connection.plan(of: SQL(stringLiteral: text)))
        }
    }

    /// Closes the connection of the loop, as a disk that is gone would.
    func closeReader() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            handler.run {
                $0.reader.close()
                continuation.resume()
            }
        }
    }

    /// Lets every write that waits happen first.
    func settle() async throws {
        try await world.plane.store.writes.perform { (transaction) throws(Failure) in transaction.onlyAdds() }
    }

    enum Client: String, CaseIterable, Sendable {
        case browser, script, program

        var fields: [(String, String)] {
            switch self {
            case .browser: [("sec-fetch-mode", "navigate"), ("accept", "text/html")]
            case .script: [("x-requested-with", "XMLHttpRequest"), ("accept", "*/*")]
            case .program: [("accept", "*/*")]
            }
        }
    }
}

extension Response {
    func value(_ name: String) -> String? { FieldName(name).flatMap { fields[$0] } }
    var text: String { String(decoding: bytes ?? [], as: UTF8.self) }
    var assertion: String? { value("cf-access-jwt-assertion") }
    var email: String? { value("cf-access-authenticated-user-email") }

    /// The value of a cookie that is set.
    func cookie(_ name: String) -> String? {
        for line in fields.values(.setCookie) where line.hasPrefix("\(name)=") {
            return String(line.dropFirst(name.utf8.count + 1).prefix { $0 != ";" })
        }
        return nil
    }
}
