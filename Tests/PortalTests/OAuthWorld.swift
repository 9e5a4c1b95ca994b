import ControlPlane
import Crypto
import Federation
import HTTP
import JSON
import Primitives
import SQLite
import Store
import Synchronization
import TestKit

/// Documents of clients, by their addresses.
final class DocumentShelf: ClientDocumentFetcher {
    private let state = Mutex<(documents: [String: FetchedDocument], fetched: [String])>(([:], []))

    var fetched: [String] { state.withLock { $0.fetched } }

    func put(
        _ document: JSONValue, at url: String, status: Int = 200, type: String = "application/json",
        cache: String? = nil
    ) {
        var fields: Fields = [.contentType: type]
        if let cache { fields.append(.cacheControl, cache) }
        let answer = FetchedDocument(status: status, fields: fields, body: document.serializedBytes())
        state.withLock { $0.documents[url] = answer }
    }

    func fetchClientDocument(_ url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        let found = state.withLock { state -> FetchedDocument? in
            state.fetched.append(url.description)
            return state.documents[url.description]
        }
        guard let found else { throw FetchFailure("nobody answers") }
        return found
    }
}

/// An account with an application that has managed OAuth on, a person who is signed in to the team, and a program.
struct OAuthWorld {
    static let host = "wiki.localhost"
    static let team = "acme.access.test:8787"
    static let issuer = "http://acme.access.test:8787"
    static let resource = "http://wiki.localhost/"
    static let redirect = "http://127.0.0.1:4711/cb"
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static var challenge: String { Base64URL.encode(SHA256.hash(verifier).bytes) }

    let gate: GateWorld
    let application: String
    let shelf: DocumentShelf
    /// Cookies of a browser in which somebody has signed in to the team.
    let cookies: [String]

    init(
        _ configuration: JSONObject = ["enabled": true], _ more: JSONObject = [:],
        policies: [JSONValue] = [GateWorld.allow(GateWorld.staff)]
    ) async throws {
        shelf = DocumentShelf()
        gate = try await GateWorld(of: try await World(documents: shelf))
        var settings = more
        settings["oauth_configuration"] = .object(configuration)
        application = await gate.application(policies, at: Self.host, settings)
        let tokens = try await gate.signIn("Ann@example.com", to: application)
        cookies = ["CF_Authorization=\(tokens.team)", "CF_Session=\(RandomToken.base64URL(bytes: 32))"]
    }

    var world: World { gate.world }

    // MARK: Requests

    func get(_ path: String, host: String = OAuthWorld.team, cookies: [String] = []) async -> Response {
        await gate.send(.get, path, host: host, cookies.isEmpty ? [] : [("cookie", cookies.joined(separator: "; "))])
    }

    func post(
        _ path: String, _ form: [(String, String)], host: String = OAuthWorld.team, _ fields: [(String, String)] = []
    ) async -> Response {
        var query = QueryString()
        for (name, value) in form { query.append(name, value) }
        return await gate.send(
            .post, path, host: host, [("content-type", "application/x-www-form-urlencoded")] + fields,
            body: Array(query.text.utf8))
    }

    func register(
        _ metadata: JSONObject = ["redirect_uris": ["http://127.0.0.1/cb"]], host: String = OAuthWorld.team,
        from address: String = "198.51.100.9", type: String = "application/json"
    ) async -> Response {
        await gate.send(
            .post, "/cdn-cgi/access/oauth/registration", host: host,
            [("content-type", type), ("x-forwarded-for", address)], body: JSONValue.object(metadata).serializedBytes())
    }

    func client(
        _ metadata: JSONObject = ["redirect_uris": ["http://127.0.0.1/cb"], "client_name": "Agent"],
        host: String = OAuthWorld.team
    ) async -> String {
        let response = await register(metadata, host: host)
        precondition(response.status == .created, response.text)
        return response.json["client_id"]?.stringValue ?? ""
    }

    // MARK: The flow

    static func query(_ client: String, _ changes: [String: String?] = [:]) -> String {
        var parameters: [(String, String?)] = [
            ("response_type", "code"), ("client_id", client), ("redirect_uri", redirect), ("state", "xyz &=1"),
            ("code_challenge", challenge), ("code_challenge_method", "S256"), ("resource", resource),
        ]
        for (name, value) in changes {
            if let position = parameters.firstIndex(where: { $0.0 == name }) {
                parameters[position].1 = value
            } else {
                parameters.append((name, value))
            }
        }
        var query = QueryString()
        for case (let name, let value?) in parameters { query.append(name, value) }
        return query.text
    }

    func authorize(
        _ client: String, _ changes: [String: String?] = [:], host: String = OAuthWorld.team, cookies: [String]? = nil
    ) async -> Response {
        await get(
            "/cdn-cgi/access/oauth/authorization?" + Self.query(client, changes), host: host,
            cookies: cookies ?? self.cookies)
    }

    func decide(
        _ page: Response, _ decision: String = "allow", cookies: [String]? = nil, fields: [(String, String)] = []
    ) async -> Response {
        await post(
            "/cdn-cgi/access/oauth/consent", [("ticket", page.ticket), ("decision", decision)],
            [("cookie", (cookies ?? self.cookies).joined(separator: "; "))] + fields)
    }

    /// A code, past consent.
    func code(_ client: String, _ changes: [String: String?] = [:]) async -> String {
        let page = await authorize(client, changes)
        let answer = page.status == .ok ? await decide(page) : page
        let code = answer.answer["code"] ?? ""
        precondition(!code.isEmpty, "\(answer.status.code) \(answer.value("location") ?? answer.text)")
        return code
    }

    func redeem(
        _ client: String, _ code: String, _ changes: [String: String?] = [:], host: String = OAuthWorld.team,
        _ fields: [(String, String)] = []
    ) async -> Response {
        var form: [(String, String?)] = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Self.redirect),
            ("client_id", client),
            ("code_verifier", Self.verifier),
        ]
        for (name, value) in changes {
            if let position = form.firstIndex(where: { $0.0 == name }) {
                form[position].1 = value
            } else {
                form.append((name, value))
            }
        }
        return await post(
            "/cdn-cgi/access/oauth/token", form.compactMap { name, value in value.map { (name, $0) } }, host: host,
            fields)
    }

    func refresh(_ client: String, _ token: String, _ more: [(String, String)] = [], host: String = OAuthWorld.team)
        async -> Response
    {
        await post(
            "/cdn-cgi/access/oauth/token",
            [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", client)] + more, host: host)
    }

    /// The tokens of a whole flow.
    func tokens(_ client: String) async -> (access: String, refresh: String) {
        let response = await redeem(client, await code(client))
        precondition(response.status == .ok, response.text)
        return (response.json["access_token"]?.stringValue ?? "", response.json["refresh_token"]?.stringValue ?? "")
    }

    /// What a proxy is answered about a request with a token.
    func use(
        _ token: String, at path: String = "/", host: String = OAuthWorld.host, cookies: [String] = [],
        _ more: [(String, String)] = []
    ) async -> Response {
        await gate.ask(
            path, host: host, as: .program, cookies: cookies, fields: [("authorization", "Bearer \(token)")] + more)
    }

    /// Rows of the log of logins that name a program: `action allowed email reason client`.
    func log() async throws -> [String] {
        try await world.plane.store.background { (reader) throws(Failure) in
            try reader.values(
                """
                SELECT action || ' ' || allowed || ' ' || user_email || ' ' || reason || ' ' || client_name
                  FROM access_requests WHERE client_id <> '' ORDER BY at, id
                """
            ) { (row) throws(SQLiteError) in try row.text(0) }
        }
    }

    func count(_ table: String) async throws -> Int {
        try await world.plane.store.background { (reader) throws(Failure) in
            switch table {
            case "grants": try reader.count("SELECT count(*) FROM oauth_grants WHERE redeemed_at IS NOT NULL")
            case "live": try reader.count("SELECT count(*) FROM oauth_refresh_tokens WHERE retired_at IS NULL")
            default: try reader.count("SELECT count(*) FROM oauth_clients")
            }
        }
    }
}

extension Response {
    var json: JSONValue { (try? JSONParser.parse(bytes ?? [])) ?? .null }
    var error: String { json["error"]?.stringValue ?? "" }

    /// The parameters of an answer to a client.
    var answer: QueryString {
        guard let location = value("location"), let mark = location.firstIndex(of: "?") else { return QueryString() }
        return QueryString(location[location.index(after: mark)...]) ?? QueryString()
    }

    /// The value that ties a decision to the page.
    var ticket: String {
        guard let start = text.firstRange(of: "name=\"ticket\" value=\"") else { return "" }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }
}
