// Portal: what people and proxies meet on team hosts and application hosts — sign-in, hand-over, forward-auth. The REST
// API is another handler's; what is not the portal's goes there.
//
// Invariants: no page without an explanation and a ray id; no redirect to a host that this server did not choose; nothing
// but an admission answers 200 to a proxy.
//
// Read this file first, then `TeamSite.swift`, `ApplicationSite.swift` and `ForwardAuth.swift`.

package import ControlPlane
import Domain
package import EventLoops
package import HTTP
package import HTTPServer
package import Primitives
package import Store
package import Telemetry

/// What the portal needs beside the control plane.
package struct PortalOptions: Sendable {
    package let plane: Plane
    package let logger: Logger
    package let trustedProxies: TrustedProxies
    /// Counts credentials that were no good; shared with the REST API.
    package let limiter: RateLimiter
    package let metrics: GateMetrics

    package init(
        plane: Plane, logger: Logger, trustedProxies: [CIDR], limiter: RateLimiter,
        metrics: GateMetrics = GateMetrics(MetricsRegistry())
    ) {
        self.limiter = limiter
        self.plane = plane
        self.logger = logger
        self.trustedProxies = TrustedProxies(trustedProxies)
        self.metrics = metrics
    }
}

/// The portal on one loop, in front of the handler of everything else.
package final class PortalHandler: RequestHandler {
    let options: PortalOptions
    let desk: LoginDesk
    let gate: Gatekeeper
    let metrics: LoopGateMetrics
    private let loop: EventLoop
    private let next: any RequestHandler
    private let teamSuffix: String
    private var lastOwner: (authority: String, owner: HostOwner)?

    /// Called on the loop that the handler will live on.
    package init(
        _ options: PortalOptions, reader: Reader, tokens: TokenDesk, loop: EventLoop, otherwise next: any RequestHandler
    ) {
        self.options = options
        self.loop = loop
        self.next = next
        teamSuffix = "." + options.plane.settings.accessDomain
        desk = LoginDesk(plane: options.plane, reader: reader, tokens: tokens)
        let metrics = LoopGateMetrics(options.metrics)
        self.metrics = metrics
        gate = Gatekeeper(desk: desk) { metrics.count($0) }
        let logger = options.logger
        desk.noteEvaluationFault = { question, fault, ray in
            logger.warning(
                "external_evaluation_failed", .string("ray", ray), .string("code", fault.code.rawValue),
                .string("cause", fault.detail), .string("evaluate_url", question.evaluateURL))
        }
    }

    /// The connection of this loop, for tests of what it is asked.
    package var reader: Reader { desk.reader }

    var plane: Plane { options.plane }
    var settings: Settings { options.plane.settings }

    package func bodyLimit(for head: Request) -> Int {
        site(of: head) == nil ? next.bodyLimit(for: head) : 64 * 1024
    }

    package func tooLarge(_ head: Request) -> Response { next.tooLarge(head) }

    package func malformed(_ status: Status, _ detail: String, ray: UInt64) -> Response {
        next.malformed(status, detail, ray: ray)
    }

    package func handle(_ request: Request) -> Answer {
        guard let site = site(of: request) else { return next.handle(request) }
        do throws(Failure) {
            try desk.refresh()
            switch site {
            case .forwardAuth: return try forwardAuth(request)
            case .team(let team): return try teamSite(team, request)
            case .server: return try serverSite(request)
            case .application(let host): return try applicationSite(host, request)
            }
        } catch {
            return .now(failed(error, request))
        }
    }

    package func finished(_ request: Request, status: Status, bytes: Int, elapsed: Duration) {
        guard site(of: request) != nil else {
            return next.finished(request, status: status, bytes: bytes, elapsed: elapsed)
        }
        guard options.logger.writes(.debug) else { return }
        options.logger.log(
            .debug, "portal_request",
            [
                .string("ray", request.rayText), .string("method", request.method.name), .string("path", request.path),
                .int("status", Int(status.code)), .int("bytes", bytes), .duration("duration_ms", elapsed),
                .string("peer", request.peer.text),
            ])
    }

    // MARK: Dispatch

    enum Site: Equatable {
        case forwardAuth
        /// A team's host, by the label before the access domain.
        case team(String)
        /// What the authorization server of the API has under the public URL.
        case server
        /// A path of ours on any other host.
        case application(String)
    }

    private static let forwardAuthPath = Array("/cdn-cgi/access/forward-auth".utf8)
    private static let accessPath = Array("/cdn-cgi/access/".utf8)

    /// Whose a request is; `nil` for everything that is not the portal's.
    func site(of request: Request) -> Site? {
        let path = request.pathBytes
        if path.starts(with: Self.accessPath), path.starts(with: Self.forwardAuthPath) {
            let rest = path.dropFirst(Self.forwardAuthPath.count)
            if rest.isEmpty || rest.first == UInt8(ascii: "/") { return .forwardAuth }
        }
        let owner = owner(of: authority(of: request))
        switch owner {
        case .team(let team): return .team(team)
        // What the server's own name publishes is not an application's.
        case .server where path.starts(with: Self.oauthPath.utf8) || Self.isOAuthDocument(path): return .server
        case .server, .other:
            guard path.starts(with: Self.accessPath) || Self.isOAuthDocument(path) else { return nil }
            if case .other(let host) = owner { return .application(host) }
            return .application(settings.publicHost)
        }
    }

    /// Whose a host is.
    private enum HostOwner {
        case team(String)
        case server
        case other(String)
    }

    /// Asked several times a request, and nearly always about the same host as before.
    private func owner(of authority: String) -> HostOwner {
        if let known = lastOwner, known.authority == authority { return known.owner }
        let host = Authority.host(of: authority)
        let owner: HostOwner =
            host.hasSuffix(teamSuffix)
            ? .team(String(host.dropLast(teamSuffix.count))) : host == settings.publicHost ? .server : .other(host)
        lastOwner = (authority, owner)
        return owner
    }

    /// Host and port as the browser knows them: what a trusted proxy forwards, else the request's own.
    func authority(of request: Request) -> String { options.trustedProxies.authority(of: request) }

    func isTrusted(_ peer: IPAddress) -> Bool { options.trustedProxies.contains(peer) }

    // MARK: Answers that wait

    /// Answers by a task on this loop. Failures become answers of ``failed(_:_:)``.
    func later(
        _ request: Request, _ body: @escaping @Sendable (PortalHandler) async throws(Failure) -> Response
    ) -> Answer {
        let bound = LoopBound(self, on: loop)
        return .later { await bound.value.run(request, body) }
    }

    private func run(
        _ request: Request, _ body: @Sendable (PortalHandler) async throws(Failure) -> Response
    ) async -> Response {
        do throws(Failure) {
            return try await body(self)
        } catch { return failed(error, request) }
    }

    func pages(_ request: Request, _ team: TeamSettings? = nil) -> Pages {
        Pages(ray: request.rayText + "-ORG", team: team)
    }
}
