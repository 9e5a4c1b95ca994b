import API
import Console
import ControlPlane
import Domain
import EventLoops
import HTTP
import HTTPServer
import JSON
import Primitives
import Store
import Telemetry
import TestKit

/// A server without sockets, and its console.
final class ConsoleWorld: Sendable {
    let base: World
    private let handler: LoopBound<ConsoleHandler>

    init(failuresPerMinute: Int = 1_000_000, publicURL: String = "http://localhost:8787") async throws {
        let base = try await World(publicURL: publicURL)
        self.base = base
        let (options, loop) = (base.options, base.group.loops[0])
        let limiter = RateLimiter(failuresPerMinute: failuresPerMinute, requestsPerSecond: 0)
        handler = LoopBound(on: loop) {
            do {
                let api = try APIHandler(options, loop: loop)
                return ConsoleHandler(
                    ConsoleOptions(
                        plane: options.plane, logger: .silent, limiter: limiter,
                        trustedProxies: ["127.0.0.0/8"].compactMap { CIDR($0) }, hosts: options.hosts),
                    reader: api.reader, tokens: api.desk, loop: loop, otherwise: api)
            } catch { preconditionFailure("no reader: \(error)") }
        }
    }

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

    /// A browser that has signed in with a token.
    func browser(_ token: String = World.root) async throws -> ConsoleBrowser {
        let browser = ConsoleBrowser(self)
        let shown = await browser.signIn(token)
        precondition(shown.status == 303, shown.text)
        return browser
    }
}

/// What a browser has in front of it.
struct Shown {
    let status: Int
    let text: String
    let fields: Fields

    var location: String? { fields[.location] }

    /// The value of a hidden field.
    func hidden(_ name: String) -> String? {
        guard let start = text.firstRange(of: "name=\"\(name)\" value=\"") else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }
}

/// Somebody's browser at the console. It keeps cookies and fills in the hidden value of forms.
final class ConsoleBrowser {
    let world: ConsoleWorld
    var cookies: [String: String] = [:]
    var address = "198.51.100.7"
    var host = "localhost:8787"
    private(set) var setCookies: [String] = []
    private var formToken = ""

    init(_ world: ConsoleWorld) { self.world = world }

    func signIn(_ token: String) async -> Shown {
        _ = await get("/sign-in")
        return await post("/sign-in", [("token", token), ("next", "/")])
    }

    func get(_ path: String, _ extra: [(String, String)] = []) async -> Shown {
        let shown = await send(.get, path, nil, extra)
        if let token = shown.hidden("_token") { formToken = token }
        return shown
    }

    /// Sends a form with the hidden value of the page that was open last.
    func post(_ path: String, _ form: [(String, String)] = [], _ extra: [(String, String)] = []) async -> Shown {
        await send(.post, path, [("_token", formToken)] + form, extra)
    }

    /// Sends a form as it is.
    func postPlain(_ path: String, _ form: [(String, String)], _ extra: [(String, String)] = []) async -> Shown {
        await send(.post, path, form, extra)
    }

    /// Follows one redirect.
    func follow(_ shown: Shown) async -> Shown {
        guard let location = shown.location else { return shown }
        return await get(location)
    }

    private func send(
        _ method: HTTP.Method, _ path: String, _ form: [(String, String)]?, _ extra: [(String, String)]
    ) async -> Shown {
        var fields = Fields()
        fields.append(.forwardedFor, address)
        if !cookies.isEmpty {
            fields.append(.cookie, cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; "))
        }
        if form != nil { fields.append(.contentType, "application/x-www-form-urlencoded") }
        for (name, value) in extra {
            guard let name = FieldName(name) else { preconditionFailure("\(name) is no field name") }
            fields.append(name, value)
        }
        var body = QueryString()
        for (name, value) in form ?? [] { body.append(name, value) }
        guard
            let request = Request(
                method, path, host: host, fields: fields, body: form == nil ? [] : Array(body.text.utf8),
                origin: Origin(peer: .loopbackV4, ray: 0xABC))
        else { preconditionFailure("\(path) is no request target") }
        let response = await world.send(request)
        // That a session was used is written beside the answer: what is queued before this is durable after it.
        _ = await world.base.plane.canWrite()
        setCookies = response.fields.values(.setCookie)
        for field in setCookies {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = field.contains("Max-Age=0") ? nil : String(pair[1])
        }
        return Shown(
            status: Int(response.status.code), text: String(decoding: await response.whole(), as: UTF8.self),
            fields: response.fields)
    }
}
