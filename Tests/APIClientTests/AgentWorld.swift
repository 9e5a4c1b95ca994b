import APIClient
import Crypto
import EventLoops
import Glibc
import HTTP
import JSON
import Primitives
import Synchronization

/// A resource, its authorization server and a person at a browser. The servers are in memory; the browser's answer goes
/// over a real connection to the listener that waits for it.
final class AgentWorld: Transport {
    static let origin = "https://wiki.example.org"
    static let issuer = "https://team.example.org"
    static let page = origin + "/docs/page"

    /// Ways in which servers, or the network, are not what they should be.
    enum Mischief: Equatable, Sendable {
        case none
        case metadata(String, at: String)
        case answerOf(String)
        case silentAboutItself
        case denies
        case strayAnswerFirst
        case neverAnswers
        case resourceRedirects(to: String, status: Int)
    }

    struct Question {
        let challenge, redirect, client, resource: String
    }

    struct State {
        var mischief = Mischief.none
        var documents: [String: String] = [:]
        var clients: Set<String> = []
        var codes: [String: Question] = [:]
        /// The resource of each.
        var accessTokens: [String: String] = [:]
        /// A resource below which no other resource's tokens count.
        var nested: String?
        var refreshTokens: [String: String] = [:]
        var serial = 0
        var lifetime = 900
        var requests: [OutgoingRequest] = []
        /// What the browser showed for each address that the world visited at the listener.
        var pages: [Int] = []
        var visits = 0
        var refreshes = 0
        var revoked: [String] = []
        var now = Timestamp(seconds: 1_800_000_000)
        var isBusy = false
    }

    let state = Mutex(State())
    let group: EventLoopGroup
    let folder: String
    private let network: HTTPTransport

    init() throws {
        group = try EventLoopGroup(loops: 1, name: "agent")
        network = try HTTPTransport(group: group)
        var template = Array("/tmp/agent-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError(code: errno) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/data/agent"
        let described = #"{"resource":"\#(Self.origin)/docs","authorization_servers":["\#(Self.issuer)"]}"#
        let server = """
            {"issuer":"\(Self.issuer)","authorization_endpoint":"\(Self.issuer)/authorize",\
            "token_endpoint":"\(Self.issuer)/token","registration_endpoint":"\(Self.issuer)/register",\
            "revocation_endpoint":"\(Self.issuer)/revoke","response_types_supported":["code"],\
            "code_challenge_methods_supported":["S256"],"authorization_response_iss_parameter_supported":true,\
            "client_id_metadata_document_supported":true}
            """
        state.withLock {
            $0.documents = [
                Self.origin + "/.well-known/oauth-protected-resource/docs": described,
                Self.issuer + "/.well-known/oauth-authorization-server": server,
            ]
        }
    }

    deinit {
        let folder = folder
        for name in (try? FileSystem.names(in: folder)) ?? [] { unlink(folder + "/" + name) }
        rmdir(folder)
        group.shutdown()
    }

    var store: AgentStore { AgentStore(folder: folder) }

    func agent(client: String? = nil, patience: Duration = .seconds(20), mayAsk: Bool = true) -> Agent {
        var signIn = Agent.SignIn(client: client, open: { [self] in await visit($0) })
        signIn.patience = patience
        return Agent(
            transport: self, store: store, clock: WorldClock(world: self), group: group, signIn: mayAsk ? signIn : nil)
    }

    func get(_ url: String = AgentWorld.page) -> OutgoingRequest { OutgoingRequest(method: "GET", url: url) }

    struct WorldClock: WallClock {
        let world: AgentWorld
        var now: Timestamp { world.state.withLock { $0.now } }
    }

    // MARK: The browser

    /// What a person's browser does with an authorization address.
    func visit(_ address: String) async {
        guard let url = WebAddress(address), let query = QueryString(url.query ?? "") else { return }
        let answers = state.withLock { state -> [QueryString] in
            state.visits += 1
            guard let client = query["client_id"], let redirect = query["redirect_uri"],
                let challenge = query["code_challenge"], query["code_challenge_method"] == "S256",
                let resource = query["resource"], resource.hasPrefix(Self.origin), query["response_type"] == "code",
                state.clients.contains(client) || client.hasPrefix("https://")
            else { return [] }
            state.serial += 1
            let code = "code-\(state.serial)"
            state.codes[code] = Question(
                challenge: challenge, redirect: redirect, client: client, resource: resource)
            var answer = QueryString()
            answer.append("state", query["state"] ?? "")
            if state.mischief == .denies {
                answer.append("error", "access_denied")
            } else {
                answer.append("code", code)
            }
            switch state.mischief {
            case .answerOf(let issuer): answer.append("iss", issuer)
            case .silentAboutItself: break
            default: answer.append("iss", Self.issuer)
            }
            if state.mischief == .neverAnswers { return [] }
            guard state.mischief == .strayAnswerFirst else { return [answer] }
            var stray = QueryString()
            stray.append("state", "of another question")
            stray.append("code", "stolen")
            return [stray, answer]
        }
        guard let redirect = query["redirect_uri"] else { return }
        // The program listens already; it takes the answer once this returns.
        let network = self.network
        Task {
            for answer in answers {
                let page = try? await network.send(
                    OutgoingRequest(method: "GET", url: redirect + "?" + answer.text))
                self.state.withLock { $0.pages.append(page?.status ?? 0) }
            }
        }
    }

    // MARK: The servers

    func send(_ request: OutgoingRequest) async throws(TransportFailure) -> IncomingAnswer {
        let answer = state.withLock { state -> IncomingAnswer in
            state.requests.append(request)
            return state.answer(request)
        }
        if let limit = request.bodyLimit, answer.body.count > limit {
            throw TransportFailure("the response is too large")
        }
        return answer
    }
}

extension AgentWorld.State {
    mutating func answer(_ request: OutgoingRequest) -> IncomingAnswer {
        if case .metadata(let text, let address) = mischief, address == request.url {
            return Self.json(text)
        }
        if let document = documents[request.url] { return Self.json(document) }
        let form = QueryString(request.body ?? []) ?? QueryString()
        switch request.url {
        case AgentWorld.issuer + "/register":
            serial += 1
            clients.insert("client-\(serial)")
            return Self.json(#"{"client_id":"client-\#(serial)"}"#, 201)
        case AgentWorld.issuer + "/token": return isBusy ? Self.json("{}", 503) : token(form)
        case AgentWorld.issuer + "/revoke":
            if isBusy { return Self.json("{}", 503) }
            revoked.append(form["token"] ?? "")
            return IncomingAnswer(status: 200)
        default:
            guard request.url.hasPrefix(AgentWorld.origin) else { return IncomingAnswer(status: 404) }
            return resource(request)
        }
    }

    private func resource(_ request: OutgoingRequest) -> IncomingAnswer {
        if request.url.contains("/.well-known/") { return IncomingAnswer(status: 404) }
        if let token = request.authorization?.exposed(), let own = accessTokens[token],
            nested.map({ request.url.hasPrefix($0) ? own == $0 : own != $0 }) ?? true
        {
            if case .resourceRedirects(let target, let status) = mischief, request.url == AgentWorld.page {
                return IncomingAnswer(status: status, fields: [("Location", target)])
            }
            return IncomingAnswer(status: 200, body: Array("hello".utf8))
        }
        let error = request.authorization == nil ? "" : #", error="invalid_token""#
        let metadata = AgentWorld.origin + "/.well-known/oauth-protected-resource/docs"
        return IncomingAnswer(
            status: 401,
            fields: [("WWW-Authenticate", #"Bearer realm="OAuth"\#(error), resource_metadata="\#(metadata)""#)])
    }

    private mutating func token(_ form: QueryString) -> IncomingAnswer {
        guard let client = form["client_id"], clients.contains(client) || client.hasPrefix("https://") else {
            return Self.json(#"{"error":"invalid_client"}"#, 401)
        }
        let resource = form["resource"] ?? ""
        switch form["grant_type"] {
        case "authorization_code":
            guard let code = form["code"], let asked = codes.removeValue(forKey: code), asked.client == client,
                asked.redirect == form["redirect_uri"], asked.resource == resource,
                asked.challenge == Base64URL.encode(SHA256.hash(form["code_verifier"] ?? "").bytes)
            else { return Self.json(#"{"error":"invalid_grant"}"#, 400) }
        case "refresh_token":
            refreshes += 1
            guard let old = form["refresh_token"], refreshTokens.removeValue(forKey: old) == client else {
                return Self.json(#"{"error":"invalid_grant","error_description":"it is over"}"#, 400)
            }
        default: return Self.json(#"{"error":"unsupported_grant_type"}"#, 400)
        }
        serial += 1
        accessTokens = accessTokens.filter { $0.value != resource }
        accessTokens["access-\(serial)"] = resource
        refreshTokens = ["refresh-\(serial)": client]
        return Self.json(
            """
            {"access_token":"access-\(serial)","token_type":"bearer","expires_in":\(lifetime),\
            "refresh_token":"refresh-\(serial)"}
            """)
    }

    static func json(_ text: String, _ status: Int = 200) -> IncomingAnswer {
        IncomingAnswer(status: status, fields: [("Content-Type", "application/json")], body: Array(text.utf8))
    }
}

/// What a test wants to know of a folder.
enum FileSystem {
    static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw SystemError(code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func mode(of path: String) -> UInt32 {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }
}
