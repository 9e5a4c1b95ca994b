import ControlPlane
import Domain
import HTTP
import HTTPServer
import JSON
import Primitives
import Store
import Telemetry

/// The question of proxies: may this request go on (contract 40 §8)? `GateAnswers.swift` writes the answers.
extension PortalHandler {
    func forwardAuth(_ request: Request) throws(Failure) -> Answer {
        guard isTrusted(request.peer) else {
            metrics.count(.untrusted)
            return .now(Self.plain(.forbidden, "only trusted proxies may ask: see --trusted-proxies"))
        }
        let forwarded: ForwardedRequest
        do throws(ForwardedRequest.Problem) {
            forwarded = try ForwardedRequest(request, isTrusted: isTrusted)
        } catch {
            metrics.count(GateDecision.malformed)
            return .now(Self.plain(.badRequest, error.detail))
        }
        switch try gate.guardian(of: forwarded.host, path: forwarded.path) {
        case .unknown:
            metrics.count(.unknownHost)
            return .now(Self.plain(.forbidden, "no application is registered for this address"))
        case .nobody:
            metrics.count(.open)
            return .now(passed(nil, Cookies(request)))
        case .application(let application, let destination):
            let call = GateCall(
                request: request, forwarded: forwarded, application: application, destination: destination,
                cookies: Cookies(request))
            return try judge(call, mayWait: true)
        }
    }

    private func judge(_ call: GateCall, mayWait: Bool) throws(Failure) -> Answer {
        let preflight = Preflight(call.request, method: call.forwarded.method)
        if let preflight, let answer = answer(preflight, call) { return .now(answer) }
        let verdict = try gate.judge(question(call), at: call.application)
        switch verdict {
        case .pass(let pass):
            metrics.allowed.increment()
            return .now(passed(pass, call.cookies, at: call.destination))
        case .open:
            metrics.count(.open)
            return .now(passed(nil, call.cookies))
        case .admit(let admission): return admit(admission, call, mayWait: mayWait)
        case .keyNeeded(let account):
            guard mayWait else { throw .inconsistent("an account has no signing key") }
            return later(call.request) { (portal) throws(Failure) in
                _ = try await portal.desk.key(of: account)
                return try await portal.judgeAgain(call)
            }
        case .loginNeeded:
            guard preflight == nil else { return .now(refusePreflight()) }
            return try askToLogIn(call)
        case .serviceNeeded, .denied, .deniedWithoutIdentity, .badServiceToken, .badAgentToken:
            guard preflight == nil else { return .now(refusePreflight()) }
            return .now(try refuse(verdict, call))
        }
    }

    /// Once more, after what was missing has been made.
    private func judgeAgain(_ call: GateCall) async throws(Failure) -> Response {
        try desk.refresh()
        switch try judge(call, mayWait: false) {
        case .now(let response): return response
        case .later(let body): return await body()
        }
    }

    private func admit(_ admission: ServiceAdmission, _ call: GateCall, mayWait: Bool) -> Answer {
        later(call.request) { (portal) throws(Failure) in
            guard let pass = try await portal.gate.admit(admission) else {
                guard mayWait else { throw .inconsistent("a service token changes too often") }
                return try await portal.judgeAgain(call)
            }
            portal.metrics.allowed.increment()
            return portal.passed(pass, call.cookies, at: call.destination)
        }
    }

    // MARK: Preflights

    /// The answer that the application's settings give at once; `nil` where its policies decide.
    private func answer(_ preflight: Preflight, _ call: GateCall) -> Response? {
        let application = call.application
        if application.flag("options_preflight_bypass") {
            metrics.count(.open)
            return passed(nil, call.cookies)
        }
        guard let rules = application.document["cors_headers"]?.objectValue else { return nil }
        metrics.count(.preflight)
        return answerPreflight(preflight.answer(rules), call)
    }

    private func refusePreflight() -> Response {
        metrics.count(.denied)
        return Self.plain(.forbidden, "this application does not answer requests of other sites")
    }

    // MARK: Reading

    private func question(_ call: GateCall) -> GateRequest {
        let (request, application) = (call.request, call.application)
        let document = application.text("read_service_tokens_from_header").flatMap { FieldName($0) }
        return GateRequest(
            address: call.forwarded.address, country: country(of: request), certificate: Self.certificate(of: request),
            cookies: call.cookies.values(AccessCookies.authorization), binding: call.cookies[AccessCookies.binding],
            service: ServiceCredential(
                ids: request.values(.clientID), secrets: request.values(.clientSecret),
                documents: document.map { request.values($0) } ?? []),
            presented: request.values(.accessToken), bearer: Self.bearer(of: request),
            agentToken: Self.agentToken(of: request), ray: request.ray)
    }

    /// An access token of managed OAuth, told by its prefix: what else is in the field is the application's.
    private static func agentToken(of request: Request) -> String? {
        for value in request.values(.authorization) where value.prefix(7).lowercased() == "bearer " {
            let token = value.dropFirst(7).drop { $0 == " " }
            // Two fields are none that can be relied on, and no token is empty.
            if token.hasPrefix("oauth:") { return request.count(.authorization) == 1 ? String(token) : "" }
        }
        return nil
    }

    /// A compact token in `Authorization`.
    private static func bearer(of request: Request) -> String? {
        guard request.count(.authorization) == 1, let value = request.value(.authorization),
            value.prefix(7).lowercased() == "bearer "
        else { return nil }
        let token = value.dropFirst(7)
        return token.hasPrefix("ey") && token.utf8.count { $0 == UInt8(ascii: ".") } == 2 ? String(token) : nil
    }

    static func certificate(of request: Request) -> ClientCertificate? {
        guard request.value(.certificateVerified) == "SUCCESS" else { return nil }
        return ClientCertificate(commonName: request.value(.certificateName).flatMap { $0.isEmpty ? nil : $0 })
    }
}

/// A request to a guarded place while it is judged.
struct GateCall: Sendable {
    let request: Request
    let forwarded: ForwardedRequest
    let application: GuardedApplication
    let destination: PublicDestination
    let cookies: Cookies

    /// Asked for where something is refused, and not on the way in.
    var caller: Caller { Caller(request, method: forwarded.method) }
}

extension FieldName {
    static let clientID = FieldName("cf-access-client-id") ?? .host
    static let clientSecret = FieldName("cf-access-client-secret") ?? .host
    static let accessToken = FieldName("cf-access-token") ?? .host
}
