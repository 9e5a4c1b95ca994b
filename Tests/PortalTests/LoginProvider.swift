import EventLoops
import HTTP
import HTTPServer
import JSON
import Primitives
import Synchronization
import TestKit

/// Authorization and token endpoint of an identity provider that says what a test wants it to say. Its tokens are signed
/// with the keys of the world's provider.
final class ScriptedProvider: Sendable {
    enum Fault: Sendable, CaseIterable {
        case redirects, isGarbage, isEmpty, fails, refuses, hangsUp, hasNoToken, isHuge
    }

    private struct Script {
        var claims: JSONObject = [:]
        var fault: Fault?
        var nonces: [String: String] = [:]
        var asked: [QueryString] = []
        var meanwhile: (@Sendable () async -> Void)?
    }

    private let script = Mutex(Script())
    private let idp: TestProvider
    private let server: Server
    private let hook: Hook
    let origin: String

    init(_ idp: TestProvider, group: EventLoopGroup) throws {
        self.idp = idp
        let hook = Hook()
        server = Server(
            ServerOptions(address: SocketAddress(ip: .loopbackV4, port: 0)), group: group
        ) { (_: EventLoop) in hook.handler() }
        origin = "http://\(try server.start())"
        self.hook = hook
        hook.provider.withLock { $0 = self }
    }

    func stop() async {
        hook.provider.withLock { $0 = nil }
        await server.drain(within: .seconds(1))
    }

    /// Claims of the next tokens; `null` takes one out.
    func say(_ claims: JSONObject) { script.withLock { $0.claims = claims } }
    func misbehave(_ fault: Fault?) { script.withLock { $0.fault = fault } }
    /// What happens between the next question for a token and its answer.
    func meanwhile(_ body: @escaping @Sendable () async -> Void) { script.withLock { $0.meanwhile = body } }
    fileprivate func takeMeanwhile(_ path: String) -> (@Sendable () async -> Void)? {
        guard path == "/token" else { return nil }
        return script.withLock { script in
            defer { script.meanwhile = nil }
            return script.meanwhile
        }
    }
    /// What the latest browser was sent here with.
    var lastAsked: QueryString? { script.withLock { $0.asked.last } }

    /// What an identity provider's configuration changes to come here.
    var configuration: JSONObject {
        ["auth_url": .string(origin + "/authorize"), "token_url": .string(origin + "/token")]
    }

    fileprivate func respond(to request: Request) -> Response {
        switch request.path {
        case "/authorize": authorize(request.query ?? QueryString())
        case "/token": token(QueryString(request.body) ?? QueryString())
        default: Response(.notFound)
        }
    }

    private func authorize(_ query: QueryString) -> Response {
        let code = "code-\(query["state"] ?? "")"
        script.withLock { script in
            script.nonces[code] = query["nonce"]
            script.asked.append(query)
        }
        var answer = QueryString()
        answer.append("code", code)
        answer.append("state", query["state"] ?? "")
        var response = Response(.found)
        response.fields.append(.location, "\(query["redirect_uri"] ?? "")?\(answer.text)")
        return response
    }

    private func token(_ form: QueryString) -> Response {
        let (claims, fault, nonce) = script.withLock { ($0.claims, $0.fault, $0.nonces[form["code"] ?? ""]) }
        switch fault {
        case .redirects:
            var response = Response(.temporaryRedirect)
            response.fields.append(.location, origin + "/elsewhere")
            return response
        case .isGarbage: return Response(.ok, json: Array("{\"id_token\":".utf8))
        case .isEmpty: return Response(.ok, json: [])
        case .fails: return Response(.internalServerError, text: "<b>broken</b>")
        case .refuses: return Response(.badRequest, json: Array(#"{"error":"invalid_grant"}"#.utf8))
        case .hangsUp: return Response(.ok, body: .stream { _ in throw BodyWriter.Failure.disconnected })
        case .hasNoToken: return Response(.ok, json: Array(#"{"access_token":"a"}"#.utf8))
        case .isHuge: return Response(.ok, json: Array(repeating: UInt8(ascii: " "), count: 600_000))
        case nil: break
        }
        var changes = claims
        if changes["nonce"] == nil { changes["nonce"] = nonce.map(JSONValue.string) ?? .null }
        guard let person = idp.people.first, let token = try? idp.token(for: person, changing: changes) else {
            return Response(.internalServerError)
        }
        return Response(.ok, json: JSONValue.object(["id_token": .string(token)]).serializedBytes())
    }
}

/// What the handlers ask: set once the server has its port, emptied when it stops.
private final class Hook: Sendable {
    let provider = Mutex<ScriptedProvider?>(nil)
    func handler() -> ScriptHandler { ScriptHandler(hook: self) }
}

private final class ScriptHandler: RequestHandler {
    let hook: Hook
    init(hook: Hook) { self.hook = hook }
    func bodyLimit(for head: Request) -> Int { 64 * 1024 }
    func handle(_ request: Request) -> Answer {
        guard let provider = hook.provider.withLock({ $0 }) else { return .now(Response(.serviceUnavailable)) }
        guard let meanwhile = provider.takeMeanwhile(request.path) else { return .now(provider.respond(to: request)) }
        return .later {
            await meanwhile()
            return provider.respond(to: request)
        }
    }
}
