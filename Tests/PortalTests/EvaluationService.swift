import Crypto
import EventLoops
import HTTP
import HTTPServer
import JOSE
import JSON
import Primitives
import Synchronization
import TestKit

/// A service that rules ask about people (`external_evaluation`): says what a test wants it to say, with its own key.
final class EvaluationService: Sendable {
    /// How an answer differs from a good one.
    enum Fault: String, Sendable, CaseIterable {
        case status, isNoJSON, hasNoToken, isNoToken, isUnsigned, isSymmetric, hasWrongKey, hasUnknownKey, isTampered
        case hasWrongNonce, hasNoNonce, isExpired, hasNoExpiry, liesAhead, isText, isSilentOnSuccess
        case redirects, isHuge, hangsUp, hasNoKeys

        /// What the log says of it.
        var code: String {
            switch self {
            case .status, .isNoJSON, .hasNoToken, .isNoToken, .isText, .isSilentOnSuccess: "evaluation_bad_answer"
            case .redirects: "evaluation_bad_answer"
            case .isUnsigned, .isSymmetric, .hasWrongKey, .hasUnknownKey, .isTampered: "evaluation_bad_signature"
            case .hasWrongNonce, .hasNoNonce: "evaluation_wrong_nonce"
            case .isExpired, .hasNoExpiry, .liesAhead: "evaluation_expired"
            case .isHuge, .hangsUp: "evaluation_unreachable"
            case .hasNoKeys: "evaluation_keys_unreachable"
            }
        }
    }

    private struct Script {
        /// Addresses of people whom it lets in.
        var admitted: Set<String> = ["alice@example.com"]
        var lifetime: Duration = .seconds(60)
        var fault: Fault?
        var asked: [String] = []
        var meanwhile: (@Sendable () async -> Void)?
    }

    private let script = Mutex(Script())
    private let clock: any WallClock
    private let server: Server
    private let hook = Hook()
    private let key: PrivateKey
    private let other: PrivateKey
    let origin: String

    init(clock: any WallClock, group: EventLoopGroup) throws {
        self.clock = clock
        (key, other) = (try .generate(.elliptic(.p256)), try .generate(.elliptic(.p256)))
        let hook = hook
        server = Server(
            ServerOptions(address: SocketAddress(ip: .loopbackV4, port: 0)), group: group
        ) { (_: EventLoop) in hook.handler() }
        origin = "http://\(try server.start())"
        hook.service.withLock { $0 = self }
    }

    func stop() async {
        hook.service.withLock { $0 = nil }
        await server.drain(within: .seconds(1))
    }

    /// The rule that asks it.
    var rule: JSONValue {
        ["external_evaluation": ["evaluate_url": .string(origin + "/"), "keys_url": .string(origin + "/keys")]]
    }

    func admit(_ people: Set<String>) { script.withLock { $0.admitted = people } }
    func answer(for lifetime: Duration) { script.withLock { $0.lifetime = lifetime } }
    func misbehave(_ fault: Fault?) { script.withLock { $0.fault = fault } }
    /// What happens between a question and its answer.
    func meanwhile(_ body: @escaping @Sendable () async -> Void) { script.withLock { $0.meanwhile = body } }
    fileprivate func passTime() async { await script.withLock { $0.meanwhile }?() }

    /// The tokens that it was asked with.
    var asked: [String] { script.withLock { $0.asked } }

    /// What a token says, whoever signed it.
    static func claims(_ token: String) -> JSONValue {
        let part = token.split(separator: ".").dropFirst().first ?? ""
        return Base64URL.decode(part).flatMap { try? JSONParser.parse($0) } ?? .null
    }

    // MARK: Answers

    fileprivate func respond(to request: Request) -> Response {
        let fault = script.withLock { $0.fault }
        if request.path == "/keys" {
            guard fault != .hasNoKeys, let keys = try? keySet() else { return Response(.internalServerError) }
            return Response(.ok, json: keys)
        }
        guard request.method == .post, request.value(.contentType) == "application/json",
            let body = try? JSONParser.parse(request.body), let token = body["token"]?.stringValue
        else { return Response(.badRequest) }
        script.withLock { $0.asked.append(token) }
        do { return try answer(Self.claims(token), fault) } catch { return Response(.internalServerError) }
    }

    private func keySet() throws -> [UInt8] {
        try JWKSet([JWK(key.publicKey, keyID: "one", algorithm: .es256)]).serialized()
    }

    private func answer(_ question: JSONValue, _ fault: Fault?) throws -> Response {
        let (admitted, lifetime) = script.withLock { ($0.admitted, $0.lifetime) }
        let now = clock.now
        var claims: JSONObject = [
            "success": .bool(admitted.contains(question["identity"]?["email"]?.stringValue ?? "")),
            "iat": .integer(now.seconds), "exp": .integer((now + lifetime).seconds),
            "nonce": question["nonce"] ?? .null,
        ]
        var signed = try JWTSigner(key, algorithm: .es256, keyID: "one")
        switch fault {
        case .status:
            return Response(.forbidden, json: Array(#"{"success":false,"error":"no"}"#.utf8))
        case .isNoJSON: return Response(.ok, text: "<p>yes</p>")
        case .hasNoToken: return Response(.ok, json: Array(#"{"success":true}"#.utf8))
        case .isNoToken: return Response(.ok, json: Array(#"{"token":"yes.yes.yes"}"#.utf8))
        case .redirects:
            var response = Response(.temporaryRedirect)
            response.fields.append(.location, origin + "/elsewhere")
            return response
        case .isHuge: return Response(.ok, json: Array(repeating: UInt8(ascii: " "), count: 600_000))
        case .hangsUp: return Response(.ok, body: .stream { _ in throw BodyWriter.Failure.disconnected })
        case .isUnsigned: return reply(Self.plain(["alg": "none"], claims, signature: [0]))
        case .isSymmetric:
            // The public key taken for a shared secret.
            let input = Self.plain(["alg": "HS256", "kid": "one"], claims, signature: [])
            let tag = HMAC.sha256(key: try keySet(), Array(input.dropLast().utf8)).bytes
            return reply(input + Base64URL.encode(tag))
        case .hasWrongKey: signed = try JWTSigner(other, algorithm: .es256, keyID: "one")
        case .hasUnknownKey: signed = try JWTSigner(other, algorithm: .es256, keyID: "two")
        case .hasWrongNonce: claims["nonce"] = "another"
        case .hasNoNonce: claims["nonce"] = nil
        case .isExpired: claims["exp"] = .integer(now.seconds - 61)
        case .hasNoExpiry: claims["exp"] = nil
        case .liesAhead: claims["iat"] = .integer(now.seconds + 61)
        case .isText: claims["success"] = "true"
        case .isSilentOnSuccess: claims["success"] = nil
        case .isTampered, .hasNoKeys, nil: break
        }
        let token = try signed.sign(claims)
        return reply(fault == .isTampered ? Self.admitting(token, claims) : token)
    }

    private func reply(_ token: String) -> Response {
        Response(.ok, json: JSONValue.object(["token": .string(token)]).serializedBytes())
    }

    private static func plain(_ header: JSONObject, _ claims: JSONObject, signature: [UInt8]) -> String {
        [JSONValue.object(header).serializedBytes(), JSONValue.object(claims).serializedBytes(), signature]
            .map { Base64URL.encode($0) }.joined(separator: ".")
    }

    /// The same signature under claims that say something else.
    private static func admitting(_ token: String, _ claims: JSONObject) -> String {
        var parts = token.split(separator: ".").map(String.init)
        var claims = claims
        claims["success"] = true
        claims["more"] = true
        parts[1] = Base64URL.encode(JSONValue.object(claims).serializedBytes())
        return parts.joined(separator: ".")
    }
}

/// What the handlers ask: set once the server has its port, emptied when it stops.
private final class Hook: Sendable {
    let service = Mutex<EvaluationService?>(nil)
    func handler() -> ServiceHandler { ServiceHandler(hook: self) }
}

private final class ServiceHandler: RequestHandler {
    let hook: Hook
    init(hook: Hook) { self.hook = hook }
    func bodyLimit(for head: Request) -> Int { 64 * 1024 }
    func handle(_ request: Request) -> Answer {
        let service = hook.service.withLock { $0 }
        return .later {
            await service?.passTime()
            return service?.respond(to: request) ?? Response(.serviceUnavailable)
        }
    }
}
