import ControlPlane
import Domain
import HTTP
import Primitives
import Store
import Wire

extension Response {
    /// An answer of the API with the fields that each of them carries.
    static func api(_ status: Status, body: [UInt8], ray: String, isReplay: Bool = false) -> Response {
        var response = Response(status, json: body)
        response.fields.append(.cfRay, ray)
        if isReplay { response.fields.append(.idempotencyReplayed, "true") }
        return response
    }

    /// A refusal, with what it tells the client about trying again (contract 10 §5).
    static func refused(_ refusal: Refusal, ray: String) -> Response {
        answered(FinalAnswer(refusal), ray: ray)
    }

    /// An answer that a use case gave, good or bad.
    static func answered(_ answer: FinalAnswer, ray: String) -> Response {
        var response = api(Status(UInt16(answer.status)), body: answer.body, ray: ray, isReplay: answer.isReplay)
        if let etag = answer.etag { response.fields.append(.etag, etag) }
        if let location = answer.location { response.fields.append(.location, location) }
        switch answer.status {
        case 401:
            response.fields.append(.wwwAuthenticate, "Bearer realm=\"orgd\"")
            response.fields.append(.xShouldRetry, "false")
        case 429: response.fields.append(.retryAfter, "60")
        case 503: response.fields.append(.retryAfter, "1")
        case 400..<500: response.fields.append(.xShouldRetry, "false")
        default: break
        }
        return response
    }

    /// A failure that is no refusal: the cause goes to the log, never to the client.
    static func failed(_ failure: Failure, ray: String) -> Response {
        switch failure {
        case .refused(let refusal): refused(refusal, ray: ray)
        case .unavailable:
            refused(Refusal(.serverUnavailable, "the server cannot write or is busy: try again shortly"), ray: ray)
        case .broken, .inconsistent, .turnedAway:
            refused(Refusal(.serverInternal, "look for \(ray) in the server's log"), ray: ray)
        }
    }
}

extension FinalAnswer {
    init(_ refusal: Refusal) {
        self.init(status: refusal.httpStatus, body: Envelope.failure(refusal.problems))
    }

    init(_ reply: Reply) {
        self.init(
            status: Int(reply.status.code), etag: reply.etag, location: reply.location, body: reply.body,
            audited: reply.audited)
    }
}
