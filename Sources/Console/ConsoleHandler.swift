// Console: the admin console, pages that administrators meet under the public URL. Everything that it does goes through
// the use cases of the control plane, with the checks and audit rows of the REST API; it holds no rule of its own.
//
// Invariants: rights are worked out from the session's credential at every request; nothing changes but by POST with the
// hidden value that only a page of this session has; pages carry no script of their own and work without any.
//
// Read this file first, then `Core/ConsoleRoute.swift`, `Core/View.swift` and a page, say `Organization/MembersPage.swift`.

package import ControlPlane
import Domain
package import EventLoops
package import HTTP
package import HTTPServer
package import Primitives
package import Store
package import Telemetry

/// What the console needs beside the control plane.
package struct ConsoleOptions: Sendable {
    package let plane: Plane
    package let logger: Logger
    /// Counts credentials that were no good; shared with the REST API.
    package let limiter: RateLimiter
    package let trustedProxies: TrustedProxies
    /// Names under which the server itself answers; those beside the public one lead there.
    package let hosts: Set<String>

    package init(
        plane: Plane, logger: Logger, limiter: RateLimiter, trustedProxies: [CIDR], hosts: Set<String>
    ) {
        self.plane = plane
        self.logger = logger
        self.limiter = limiter
        self.trustedProxies = TrustedProxies(trustedProxies)
        self.hosts = hosts
    }
}

/// The console on one loop, in front of the handler of everything else.
package final class ConsoleHandler: RequestHandler {
    let options: ConsoleOptions
    let reader: Reader
    let tokens: TokenDesk
    let loop: EventLoop
    private let next: any RequestHandler

    /// Called on the loop that the handler will live on.
    package init(
        _ options: ConsoleOptions, reader: Reader, tokens: TokenDesk, loop: EventLoop,
        otherwise next: any RequestHandler
    ) {
        self.options = options
        self.reader = reader
        self.tokens = tokens
        self.loop = loop
        self.next = next
    }

    var plane: Plane { options.plane }

    package func bodyLimit(for head: Request) -> Int { isOurs(head) ? 512 * 1024 : next.bodyLimit(for: head) }

    package func tooLarge(_ head: Request) -> Response { next.tooLarge(head) }

    package func malformed(_ status: Status, _ detail: String, ray: UInt64) -> Response {
        next.malformed(status, detail, ray: ray)
    }

    package func handle(_ request: Request) -> Answer {
        guard isOurs(request) else { return next.handle(request) }
        guard isFront(request) else { return page(request) }
        return Self.announced(page(request))
    }

    private func page(_ request: Request) -> Answer {
        do throws(Failure) {
            if let asset = Assets.answer(to: request) { return .now(asset) }
            if hostName(of: request) != plane.settings.publicHost { return .now(toPublicHost(request)) }
            tokens.begin(plane.store.generations)
            try reader.begin()
            return try answer(request)
        } catch {
            return .now(BarePage.failed(error, request, options))
        }
    }

    package func finished(_ request: Request, status: Status, bytes: Int, elapsed: Duration) {
        guard isOurs(request) else { return next.finished(request, status: status, bytes: bytes, elapsed: elapsed) }
        let level: LogLevel = status.code >= 500 || request.method == .post ? .info : .debug
        guard options.logger.writes(level) else { return }
        options.logger.log(
            level, "console_request",
            [
                .string("ray", request.rayText), .string("method", request.method.name), .string("path", request.path),
                .int("status", Int(status.code)), .int("bytes", bytes), .duration("duration_ms", elapsed),
                .string("peer", request.peer.text),
            ])
    }

    // MARK: Whose a request is

    /// First segments of paths that are other edges'. The API's comes first: it is asked about on every request there.
    private static let reserved = [
        "client", "healthz", "readyz", "metrics", "openapi.yaml", "docs", ".well-known", "cdn-cgi",
    ].map { Array($0.utf8) }

    /// Everything below the server's own names that no other edge has. Programs that ask for Markdown at the root get the
    /// documentation instead of a page.
    func isOurs(_ request: Request) -> Bool {
        if isFront(request), request.asksForMarkdown { return false }
        let path = request.pathBytes.dropFirst()
        let isReserved = Self.reserved.contains { name in
            path.starts(with: name) && (path.count == name.count || path[path.startIndex + name.count] == Self.slash)
        }
        guard !isReserved else { return false }
        let host = hostName(of: request)
        return host == plane.settings.publicHost || options.hosts.contains(host)
    }

    private static let slash = UInt8(ascii: "/")

    private func isFront(_ request: Request) -> Bool { request.pathBytes.count == 1 }

    /// From the root alone a program finds what the host offers (RFC 9727 §2).
    private static func announced(_ answer: Answer) -> Answer {
        @Sendable func announced(_ response: Response) -> Response {
            var response = response
            APICatalog.announce(in: &response)
            response.fields.append(.vary, "Accept")
            return response
        }
        return switch answer {
        case .now(let response): .now(announced(response))
        case .later(let produce): .later { announced(await produce()) }
        }
    }

    /// The host as the browser knows it: what a trusted proxy forwards, else the request's own.
    func hostName(of request: Request) -> String {
        Authority.host(of: options.trustedProxies.authority(of: request))
    }

    private func toPublicHost(_ request: Request) -> Response {
        var response = Response(.found)
        response.fields.append(.location, plane.settings.publicURL + "/")
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    func clientAddress(of request: Request) -> IPAddress { options.trustedProxies.clientAddress(of: request) }
}
