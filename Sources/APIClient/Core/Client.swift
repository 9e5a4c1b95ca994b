package import JSON
package import Primitives

/// The REST API of one server with one credential. A value: copy it freely, connections are shared by the transport.
package struct Client: Sendable {
    /// Scheme and authority without a trailing slash.
    package let baseURL: String
    private let token: Secret<String>?
    private let transport: any Transport
    private let retries: RetryPolicy
    private let userAgent: String
    private let sleep: @Sendable (Duration) async -> Void

    /// - Parameter sleep: waits between attempts; tests hand in one that only notes.
    package init(
        baseURL: String, token: Secret<String>?, transport: any Transport, retries: RetryPolicy = RetryPolicy(),
        userAgent: String = "orgctl",
        sleep: @escaping @Sendable (Duration) async -> Void = { duration in try? await Task.sleep(for: duration) }
    ) {
        var baseURL = baseURL
        while baseURL.last == "/" { baseURL.removeLast() }
        self.baseURL = baseURL
        self.token = token
        self.transport = transport
        self.retries = retries
        self.userAgent = userAgent
        self.sleep = sleep
    }

    package func get(_ path: APIPath, _ query: APIQuery = APIQuery()) async throws(ClientError) -> Answer {
        try await send("GET", path, query)
    }

    /// - Parameter key: the idempotency key; by default a fresh one, so that a repeated attempt creates once.
    package func post(
        _ path: APIPath, _ body: JSONValue = [:], query: APIQuery = APIQuery(), key: String? = nil
    ) async throws(ClientError) -> Answer {
        try await send(
            "POST", path, query, body, fields: [("Idempotency-Key", key ?? Self.freshKey())], isRepeatable: true)
    }

    package func put(
        _ path: APIPath, _ body: JSONValue = [:], ifMatch etag: String? = nil
    ) async throws(ClientError) -> Answer {
        try await send("PUT", path, APIQuery(), body, fields: Self.condition(etag))
    }

    package func patch(
        _ path: APIPath, _ body: JSONValue, query: APIQuery = APIQuery(), ifMatch etag: String? = nil
    ) async throws(ClientError) -> Answer {
        try await send("PATCH", path, query, body, fields: Self.condition(etag), isRepeatable: false)
    }

    package func delete(_ path: APIPath, _ query: APIQuery = APIQuery()) async throws(ClientError) -> Answer {
        try await send("DELETE", path, query)
    }

    /// - Parameter isRepeatable: whether a lost connection may be answered by sending again. A refusal of 429 or 503 is
    ///   always repeated: it says that nothing was done.
    package func send(
        _ method: String, _ path: APIPath, _ query: APIQuery = APIQuery(), _ body: JSONValue? = nil,
        fields: [(String, String)] = [], isRepeatable: Bool = true
    ) async throws(ClientError) -> Answer {
        var request = OutgoingRequest(
            method: method, url: baseURL + path.text + query.text, authorization: token, body: body?.serializedBytes())
        request.fields = [("Accept", "application/json"), ("User-Agent", userAgent)] + fields.map { ($0.0, $0.1) }
        if body != nil { request.fields.append(("Content-Type", "application/json")) }
        var attempt = 1
        while true {
            switch await once(request, "\(method) \(path.text)", isRepeatable: isRepeatable, attempt: attempt) {
            case .final(let result): return try result.get()
            case .again(let pause): await sleep(pause)
            }
            attempt += 1
        }
    }

    private enum Attempt {
        case final(Result<Answer, ClientError>)
        case again(after: Duration)
    }

    private func once(
        _ request: OutgoingRequest, _ name: String, isRepeatable: Bool, attempt: Int
    ) async -> Attempt {
        let answer: IncomingAnswer
        do throws(TransportFailure) {
            answer = try await transport.send(request)
        } catch {
            if let pause = retries.wait(afterFailure: error, isRepeatable: isRepeatable, attempt: attempt) {
                return .again(after: pause)
            }
            return .final(.failure(.unreachable(url: baseURL, reason: error.reason)))
        }
        do throws(ClientError) {
            return .final(.success(try Answer(answer, to: name)))
        } catch {
            if case .refused(let refusal) = error,
                let pause = retries.wait(after: refusal, retryAfter: answer.field("retry-after"), attempt: attempt)
            {
                return .again(after: pause)
            }
            return .final(.failure(error))
        }
    }

    private static func condition(_ etag: String?) -> [(String, String)] {
        etag.map { [("If-Match", $0)] } ?? []
    }

    /// 128 random bits.
    package static func freshKey() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = (0..<2).map { _ in
            let text = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return digits.joined()
    }
}
