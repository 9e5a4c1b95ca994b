import APIClient
import JSON
import Primitives
import Synchronization
import Testing

@Suite("Client")
struct ClientTests {
    @Test("a refusal carries every problem with its code, sentence and pointer")
    func refusal() async throws {
        let server = FakeServer()
        let body =
            #"{"success":false,"errors":[{"code":12130,"message":"access.api.error.invalid_request: domain is required","source":{"pointer":"/domain"}},{"code":21902,"message":"request.invalid_parameter: too small","source":{"pointer":"?page"}}],"messages":[],"result":null}"#
        server.state.withLock {
            $0.scripted = [IncomingAnswer(status: 400, fields: [("CF-Ray", "abc-ORG")], body: Array(body.utf8))]
        }
        let error = await #expect(throws: ClientError.self) { try await server.client.get(APIPath("accounts")) }
        guard case .refused(let refusal)? = error else {
            Issue.record("not a refusal")
            return
        }
        #expect(
            refusal.problems.map(\.line) == [
                "error 12130 at /domain: domain is required", "error 21902 at ?page: too small",
            ])
        #expect(refusal.ray == "abc-ORG")
        #expect(refusal.request == "GET /client/v4/accounts")
        #expect(refusal.outcome == .refused)
    }

    @Test(
        "the outcome tells a bad credential from a rule of the domain",
        arguments: [
            (401, 10000, ClientError.Outcome.notAuthorized), (403, 10000, .notAuthorized), (403, 9109, .notAuthorized),
            (400, 9106, .notAuthorized), (403, 21107, .refused), (403, 12136, .refused), (409, 12132, .refused),
            (429, 21907, .temporary), (503, 21998, .temporary), (502, 0, .unreachable), (404, 7003, .refused),
        ])
    func outcomes(status: Int, code: Int, outcome: ClientError.Outcome) {
        let refusal = APIRefusal(status: status, problems: [APIProblem(code: code, message: "")])
        #expect(ClientError.refused(refusal).outcome == outcome)
    }

    @Test("429 and 503 are repeated after the wait that the server asks for")
    func retries() async throws {
        let server = FakeServer()
        let waits = Mutex<[Duration]>([])
        server.state.withLock {
            $0.scripted = [
                FakeServer.State.refusal(429, 21907, "slow", fields: [("Retry-After", "7")]),
                FakeServer.State.refusal(503, 21998, "busy", fields: [("retry-after", "3600")]),
            ]
        }
        let client = Client(
            baseURL: "http://orgd.test/", token: nil, transport: server,
            sleep: { duration in waits.withLock { $0.append(duration) } })
        _ = try await client.post(APIPath("organizations"), ["name": "Acme"])
        #expect(waits.withLock { $0 } == [.seconds(7), .seconds(30)])
        let keys = server.state.withLock { state in
            state.requests.map { request in request.fields.first { $0.name == "Idempotency-Key" }?.value }
        }
        #expect(keys.count == 3)
        #expect(Set(keys).count == 1, "all attempts of a creation carry one key")
        #expect(keys[0]?.count == 32)
    }

    @Test("another refusal is final at once", arguments: [400, 401, 403, 404, 409, 412, 500])
    func noRetries(status: Int) async {
        let server = FakeServer()
        server.state.withLock { $0.scripted = [FakeServer.State.refusal(status, 12130, "no")] }
        await #expect(throws: ClientError.self) { try await server.client.get(APIPath("accounts")) }
        #expect(server.state.withLock { $0.requests.count } == 1)
    }

    @Test("what is no envelope is another server", arguments: ["", "<html>", "{}", "[1]", #"{"success":"yes"}"#])
    func noEnvelope(text: String) async {
        let server = FakeServer()
        server.state.withLock { $0.scripted = [IncomingAnswer(status: 200, body: Array(text.utf8))] }
        let error = await #expect(throws: ClientError.self) { try await server.client.get(APIPath("accounts")) }
        guard case .malformedAnswer? = error else {
            Issue.record("not recognised: \(String(describing: error))")
            return
        }
    }

    @Test("a lost connection is repeated for reads and creations, a refused one is reported at once")
    func lostConnections() async {
        let flaky = FlakyTransport(failures: [TransportFailure("reset")])
        let client = Client(baseURL: "http://x", token: nil, transport: flaky, sleep: { _ in })
        _ = try? await client.get(APIPath("accounts"))
        #expect(flaky.attempts == 2)
        let patch = FlakyTransport(failures: [TransportFailure("reset")])
        let patching = Client(baseURL: "http://x", token: nil, transport: patch, sleep: { _ in })
        await #expect(throws: ClientError.unreachable(url: "http://x", reason: "reset")) {
            try await patching.patch(APIPath("accounts"), [:])
        }
        #expect(patch.attempts == 1)
        let refused = FlakyTransport(failures: [TransportFailure("connection refused", neverSent: true)])
        let absent = Client(baseURL: "http://x", token: nil, transport: refused, sleep: { _ in })
        await #expect(throws: ClientError.self) { try await absent.get(APIPath("accounts")) }
        #expect(refused.attempts == 1)
    }

    @Test(
        "every kind of paging yields every row once", arguments: [Paging.page, .pageToken, .cursor, .offset, .single],
        [0, 1, 99, 100, 101, 1000, 1001, 2500])
    func paging(kind: Paging, count: Int) async throws {
        let server = FakeServer()
        let rows = (0..<count).map { ["id": .string(String($0))] as JSONObject }
        server.state.withLock { $0.collections["organizations"] = rows }
        // The fake shows at most 1,000 without paging, as the real one does.
        let expected = kind == .single ? min(count, 1000) : count
        let all = try await server.client.all(APIPath("organizations"), paging: kind)
        #expect(all.compactMap { $0["id"]?.stringValue } == (0..<expected).map(String.init))
        #expect(try await server.client.all(APIPath("organizations"), paging: kind, limit: 7).count == min(7, count))
    }

    @Test("paths and queries are percent-encoded, and read back")
    func paths() {
        let path = APIPath("accounts", "a/1 ü?", "access")
        #expect(path.text == "/client/v4/accounts/a%2F1%20%C3%BC%3F/access")
        #expect(APIPath(written: path.text) == path)
        let query: APIQuery = ["name.contains": "a&b=c", "x": ""]
        #expect(query.text == "?name.contains=a%26b%3Dc&x=")
        #expect(APIQuery(written: query.text.dropFirst()) == query)
        #expect(PercentEncoding.decode("%zz") == nil)
        #expect(PercentEncoding.decode("%ff") == nil)
        #expect(PercentEncoding.decode("%4") == nil)
    }

    @Test("a fix is performed as it is written, and only against the API")
    func fixes() async throws {
        let server = FakeServer()
        server.state.withLock { $0.collections["accounts/1/access/apps"] = [["id": "7", "name": "wiki"]] }
        let fix = try #require(
            Coverage.Fix(["method": "PUT", "path": "/client/v4/accounts/1/access/apps/7", "body": ["name": "docs"]]))
        #expect(try await server.client.changes(by: fix).map(\.line) == [#"name: "wiki" -> "docs""#])
        #expect(try await server.client.perform(fix).result["name"] == "docs")
        #expect(try await server.client.changes(by: fix).isEmpty)
        #expect(Coverage.Fix(["method": "GET", "path": "/client/v4/accounts"]) == nil)
        #expect(Coverage.Fix(["method": "PUT", "path": "https://elsewhere/client/v4/x"]) == nil)
    }
}

/// Fails as told, then answers with an empty success.
final class FlakyTransport: Transport {
    private let state: Mutex<(failures: [TransportFailure], attempts: Int)>

    init(failures: [TransportFailure]) { state = Mutex((failures, 0)) }

    var attempts: Int { state.withLock { $0.attempts } }

    func send(_ request: OutgoingRequest) async throws(TransportFailure) -> IncomingAnswer {
        let failure = state.withLock { state -> TransportFailure? in
            state.attempts += 1
            return state.failures.isEmpty ? nil : state.failures.removeFirst()
        }
        if let failure { throw failure }
        return FakeServer.State.success([:])
    }
}
