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
import Synchronization
import Telemetry
import TestKit

/// Letters that nobody delivers.
final class Postbox: Messenger {
    private let state = Mutex<(letters: [Letter], isFailing: Bool)>(([], false))

    var isFailing: Bool { state.withLock { $0.isFailing } }
    var letters: [Letter] { state.withLock { $0.letters } }

    func post(_ letter: Letter) { state.withLock { $0.letters.append(letter) } }
    func fail() { state.withLock { $0.isFailing = true } }

    /// The six digits of the latest letter to an address.
    func code(for email: String) -> String? {
        letters.last { $0.to == email }.map { String($0.subject.prefix(6)) }
    }
}

/// A whole server without sockets, one identity provider on loopback, and people with browsers.
///
/// One organization with the accounts `hq` (the source of the bridge) and `emea` (a recipient), teams of the same names.
final class LoginWorld: Sendable {
    let base: FederationWorld
    let postbox = Postbox()
    let organization: String
    let hq: String
    let emea: String
    /// The identity provider in `hq`.
    let provider: String
    private let handler: LoopBound<PortalHandler>

    init(seats: Int? = nil, sendsMail: Bool = true, bridged: Bool = true, logger: Logger = .silent) async throws {
        let postbox = postbox
        base = try await FederationWorld(
            AllRoutes.groups, accessDomain: "access.localhost", seats: seats, messenger: sendsMail ? postbox : nil)
        let (options, loop, plane) = (base.options, base.group.loops[0], base.plane)
        handler = LoopBound(on: loop) {
            do {
                let api = try APIHandler(options, loop: loop)
                return PortalHandler(
                    PortalOptions(
                        plane: plane, logger: logger, trustedProxies: ["127.0.0.0/8"].compactMap { CIDR($0) },
                        limiter: options.limiter, metrics: GateMetrics(MetricsRegistry())), reader: api.reader,
                    tokens: api.desk, loop: loop, otherwise: api)
            } catch { preconditionFailure("no reader: \(error)") }
        }
        organization = await base.organization("Acme")
        hq = await base.account("hq", in: organization)
        emea = await base.account("emea", in: organization)
        provider = await base.identityProvider(in: hq)
        if bridged { await base.primary(provider, of: hq, for: organization) }
    }

    func end() async { await base.end() }

    // MARK: Things

    /// A self-hosted application that people of example.com may open.
    @discardableResult
    func application(
        in account: String, at domain: String = "wiki.test", _ more: JSONObject = [:], policy: JSONObject = [:]
    ) async -> String {
        var rules: JSONObject = [
            "name": "staff", "decision": "allow", "include": [["email_domain": ["domain": "example.com"]]],
        ]
        for (name, value) in policy { rules[name] = value }
        var body: JSONObject = [
            "type": "self_hosted", "name": "Wiki", "domain": .string(domain), "policies": [.object(rules)],
        ]
        for (name, value) in more { body[name] = value }
        let answer = await base.post("/accounts/\(account)/access/apps", .object(body))
        precondition(!answer.id.isEmpty, answer.text)
        return answer.id
    }

    func addProvider(_ type: String, to account: String, _ config: JSONObject = [:]) async -> String {
        let answer = await base.post(
            "/accounts/\(account)/access/identity_providers",
            ["name": .string(type), "type": .string(type), "config": .object(config)])
        precondition(!answer.id.isEmpty, answer.text)
        return answer.id
    }

    func connection(in account: String) async -> String {
        let rows = await base.get("/accounts/\(account)/access/identity_providers").result.arrayValue ?? []
        return rows.first { $0["read_only"]?.boolValue == true }?["id"]?.stringValue ?? ""
    }

    func setTeam(of account: String, _ changes: JSONObject) async {
        let answer = await base.send(.patch, "/accounts/\(account)/access/organizations", .object(changes))
        precondition(answer.status == 200, answer.text)
    }

    /// Rows of the log of logins: `action allowed email reason purpose`, in order.
    func log(of account: String) async throws -> [String] {
        guard let id = AccountID(hex: account) else { return [] }
        return try await base.plane.store.background { (reader) throws(Failure) in
            try reader.values(
                """
                SELECT action || ' ' || allowed || ' ' || user_email || ' ' || reason || ' ' || purpose
                  FROM access_requests WHERE account_id = ? ORDER BY at, id
                """, id
            ) { (row) throws(SQLiteError) in try row.text(0) }
        }
    }

    // MARK: Requests

    func send(_ request: Request) async -> Response {
        let loop = handler.loop
        return await withCheckedContinuation { (continuation: CheckedContinuation<Response, Never>) in
            handler.run { handler in
                switch handler.handle(request) {
                case .now(let response): continuation.resume(returning: response)
                case .later(let body):
                    Task(executorPreference: loop) { continuation.resume(returning: await body()) }
                }
            }
        }
    }
}

extension LoginWorld {
    /// The identity of the latest session of somebody, as it is stored.
    func identity(of email: String, in account: String) async throws -> JSONObject {
        guard let id = AccountID(hex: account) else { return [:] }
        let documents = try await base.plane.store.background { (reader) throws(Failure) in
            try reader.values(
                "SELECT identity FROM sessions WHERE account_id = ? AND email = lower(?) ORDER BY created_at DESC", id,
                email
            ) { (row) throws(SQLiteError) in try row.text(0) }
        }
        guard let document = documents.first, let value = try? JSONParser.parse(Array(document.utf8)) else {
            return [:]
        }
        return value.objectValue ?? [:]
    }
}

extension Database {
    /// Whom an application has admitted since then, and through what.
    func admittedProviders(
        of application: String, since start: Timestamp
    ) async throws -> [(provider: String, email: String)] {
        guard let id = ApplicationID(uuid: application) else { return [] }
        return try await background { (reader) throws(Failure) in
            try reader.values(
                """
                SELECT s.idp_id, s.email FROM application_tokens t JOIN sessions s ON s.nonce = t.session_nonce
                 WHERE t.application_id = ? AND t.created_at > ?
                """, id, start
            ) { (row) throws(SQLiteError) in
                (provider: (try row.identifier(0) as IdentityProviderID).uuid, email: try row.text(1))
            }
        }
    }
}
