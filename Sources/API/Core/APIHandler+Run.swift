import ControlPlane
import Crypto
import Domain
import EventLoops
import Federation
import HTTP
import HTTPServer
import JSON
import Primitives
import Store
import Telemetry
import Wire

extension APIHandler {
    /// A GET's answer, or 304 when the client has it already (RFC 9110 §13.1.2).
    func response(to request: Request, _ reply: Reply) -> Response {
        if let etag = reply.etag, let known = request.value(.ifNoneMatch), EntityTags.list(known, contains: etag) {
            var response = Response(.notModified)
            response.fields.append(.cfRay, rayText(request))
            response.fields.append(.etag, etag)
            return response
        }
        var response = Response.api(reply.status, body: reply.body, ray: rayText(request))
        if let etag = reply.etag { response.fields.append(.etag, etag) }
        return response
    }

    func answerFailure(_ failure: Failure, _ pending: PendingCall) -> Response {
        challenging(answerFailure(failure, ray: rayText(pending.request)), pending.request)
    }

    func answerFailure(_ failure: Failure, ray: String) -> Response {
        Self.log(failure, ray: ray, options)
        return .failed(failure, ray: ray)
    }

    /// The edge logs a failure once, with its cause. Refusals are answers, not failures.
    static func log(_ failure: Failure, ray: String, _ options: APIOptions) {
        if case .refused = failure { return }
        if case .unavailable = failure {
            options.readiness.state = .notReady("the database cannot be written right now")
        }
        options.logger.error("request_failed", .string("ray", ray), .string("cause", "\(failure)"))
    }

    func refuseLater(_ refusal: Refusal, _ mutation: Mutation) -> Answer {
        .later { [options] in await Self.refuse(refusal, mutation, options) }
    }

    private static func refuse(_ refusal: Refusal, _ mutation: Mutation, _ options: APIOptions) async -> Response {
        let ray = mutation.request.ray
        do throws(Failure) {
            try await options.plane.recordRefusal(refusal, of: mutation)
            return .refused(refusal, ray: ray)
        } catch {
            log(error, ray: ray, options)
            return .failed(error, ray: ray)
        }
    }

    func surveyLater(
        _ handler: @escaping @Sendable (ReadCall) throws(Failure) -> Reply, _ call: Call, _ request: Request
    ) -> Answer {
        let rayText = rayText(request)
        return .later { [options] in
            let ray = rayText
            do throws(Failure) {
                let reply = try await options.plane.store.background { (reader) throws(Failure) in
                    try handler(ReadCall(call: call, reader: reader))
                }
                var response = Response.api(reply.status, body: reply.body, ray: ray)
                if let etag = reply.etag { response.fields.append(.etag, etag) }
                return response
            } catch {
                Self.log(error, ray: ray, options)
                return .failed(error, ray: ray)
            }
        }
    }

    /// A look at the logs is itself an event: answered only once its row is durable.
    func watchLater(
        _ handler: @escaping @Sendable (ReadCall) throws(Failure) -> Reply, _ call: Call, _ subject: AuditEvent
    ) -> Answer {
        .later { [options] in
            let ray = call.request.ray
            do throws(Failure) {
                let reply = try await options.plane.store.background { (reader) throws(Failure) in
                    try handler(ReadCall(call: call, reader: reader))
                }
                let now = call.now
                _ = try await options.plane.store.writes.perform { (transaction) throws(Failure) in
                    // Only adds: a row of the audit log.
                    transaction.onlyAdds()
                    try transaction.append(subject, isSuccess: true, status: 200, of: call.request, at: now)
                }
                return .api(reply.status, body: reply.body, ray: ray)
            } catch {
                Self.log(error, ray: ray, options)
                return .failed(error, ray: ray)
            }
        }
    }

    func writeLater(
        _ handler: @escaping @Sendable (WriteCall) throws(Failure) -> Reply, _ call: Call, _ subject: AuditEvent,
        _ request: Request
    ) throws(Failure) -> Answer {
        let (body, mutation) = try prepare(call, subject, request)
        let rayText = rayText(request)
        return .later { [options] in
            let ray = rayText
            do throws(Failure) {
                let answer = try await options.plane.perform(mutation, refused: { FinalAnswer($0) }) {
                    (act) throws(Failure) in
                    let reply = try handler(WriteCall(call: call, act: act, body: body))
                    if reply.showsSecret { act.recordSecretShown() }
                    return FinalAnswer(reply)
                }
                return .answered(answer, ray: ray)
            } catch {
                Self.log(error, ray: ray, options)
                return .failed(error, ray: ray)
            }
        }
    }

    func waitLater(
        _ handler: @escaping @Sendable (WaitCall) async throws(Failure) -> FinalAnswer, _ call: Call,
        _ subject: AuditEvent,
        _ request: Request
    ) throws(Failure) -> Answer {
        let (body, mutation) = try prepare(call, subject, request)
        let rayText = rayText(request)
        // A repetition does not wait again: what was waited for may answer otherwise by now.
        if let idempotency = mutation.idempotency,
            let replay = try options.plane.replay(of: idempotency, in: reader, refused: { FinalAnswer($0) })
        {
            return .now(.answered(replay, ray: rayText))
        }
        return .later { [options] in
            let ray = rayText
            do throws(Failure) {
                return .answered(try await handler(WaitCall(call: call, body: body, mutation: mutation)), ray: ray)
            } catch .refused(let refusal) {
                return await Self.answer(refusal, mutation, options)
            } catch {
                Self.log(error, ray: ray, options)
                return .failed(error, ray: ray)
            }
        }
    }

    /// What is refused before the transaction of the use case has its row in the audit log, and is kept for repetition, like
    /// what is refused in it.
    private static func answer(_ refusal: Refusal, _ mutation: Mutation, _ options: APIOptions) async -> Response {
        let ray = mutation.request.ray
        do throws(Failure) {
            if refusal.httpStatus == 403 || refusal.httpStatus == 409 {
                try await options.plane.recordRefusal(refusal, of: mutation)
            }
            guard let idempotency = mutation.idempotency else { return .refused(refusal, ray: ray) }
            return await keep(FinalAnswer(refusal), for: idempotency, ray, options)
        } catch {
            log(error, ray: ray, options)
            return .failed(error, ray: ray)
        }
    }

    /// The parsed body, and everything that guards the mutation.
    private func prepare(
        _ call: Call, _ subject: AuditEvent, _ request: Request
    ) throws(Failure) -> (body: JSONValue, mutation: Mutation) {
        let body = try refusing { () throws(Refusal) in try RequestBody.json(of: request) }
        let precondition = try refusing { () throws(Refusal) in try EntityTags.precondition(of: request) }
        let idempotency = try refusing { () throws(Refusal) in try RequestBody.idempotency(of: request, call.principal)
        }
        let audited = AuditEvent(
            subject.action, subject.resource, account: subject.account, organization: subject.organization,
            request: request.body.isEmpty ? nil : Redaction.redacted(body).jsonText)
        return (
            body,
            Mutation(
                principal: call.principal, request: call.request, precondition: precondition, idempotency: idempotency,
                subject: audited)
        )
    }
}

/// The bodies and guards of requests (contract 10 §1 and §12).
enum RequestBody {
    /// An empty body reads as `{}`, whatever its Content-Type.
    static func json(of request: Request) throws(Refusal) -> JSONValue {
        guard !request.body.isEmpty else { return .object(JSONObject()) }
        guard isJSON(request) else {
            throw Refusal(.unsupportedMediaType, "send Content-Type: application/json", at: "#content-type")
        }
        do throws(JSONError) {
            return try JSONParser.parse(request.body)
        } catch {
            throw Refusal(.malformedJSON, "\(error)", at: "")
        }
    }

    private static let plainJSON = Array("application/json".utf8)

    static func isJSON(_ request: Request) -> Bool {
        guard let type = request.valueBytes(.contentType) else { return false }
        return type.elementsEqual(plainJSON) || MediaType(String(decoding: type, as: UTF8.self))?.isJSON ?? false
    }

    static func idempotency(of request: Request, _ principal: Principal) throws(Refusal) -> Idempotency? {
        guard request.method == .post, let key = request.value(.idempotencyKey) else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Refusal(
                .invalidParameter, "Idempotency-Key must be 1 to 255 visible ASCII characters", at: "#idempotency-key")
        }
        var identity = CanonicalBytes()
        identity.append(principal.token?.id.bytes)
        identity.append(principal.user?.bytes)
        identity.append(request.method.name)
        identity.append(request.target)
        identity.append(key)
        return Idempotency(digest: SHA256.hash(identity.bytes).bytes, bodyDigest: SHA256.hash(request.body).bytes)
    }
}

/// Strong entity tags (RFC 9110 §8.8.3).
enum EntityTags {
    static func list(_ value: String, contains etag: String) -> Bool {
        value == "*" || tags(value).contains { $0 == etag || $0 == "W/\(etag)" }
    }

    static func precondition(of request: Request) throws(Refusal) -> Precondition? {
        guard let value = request.value(.ifMatch) else { return nil }
        if value == "*" { return .exists }
        let tags = tags(value)
        guard !tags.isEmpty else { throw Refusal(.invalidParameter, "If-Match must list entity tags", at: "#if-match") }
        return .versions(tags)
    }

    private static func tags(_ value: String) -> [String] {
        value.split(separator: ",").map { piece in
            String(piece.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

/// Takes secrets out of request bodies before they reach the audit log.
enum Redaction {
    private static let names: Set<String> = [
        "client_secret", "secret", "value", "token", "tokens", "password", "private_key", "id_token", "access_token",
        "refresh_token",
    ]

    static func redacted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            var result = JSONObject()
            for (key, member) in object {
                result[key] = names.contains(key) && member.stringValue != nil ? "‹redacted›" : redacted(member)
            }
            return .object(result)
        case .array(let items): return .array(items.map(redacted))
        default: return value
        }
    }
}
