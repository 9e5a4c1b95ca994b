package import ControlPlane
import Crypto
import Domain
package import EventLoops
package import HTTP
package import HTTPServer
import JSON
import Primitives
package import Store
import Telemetry
import Wire

/// The REST API on one loop: routes, authenticates, authorizes, and answers reads from the loop's own snapshot.
package final class APIHandler: RequestHandler {
    let options: APIOptions
    package let reader: Reader
    let cache = CredentialCache()
    package let desk: TokenDesk
    let documents: PublicDocuments
    private let loopMetrics: LoopMetrics

    /// Called on the loop that the handler will live on.
    package init(_ options: APIOptions, loop: EventLoop) throws(Failure) {
        self.options = options
        reader = try options.plane.store.makeReader()
        desk = TokenDesk(keys: options.plane.keys)
        loopMetrics = LoopMetrics(options.metrics)
        documents = PublicDocuments(publicURL: options.plane.settings.publicURL)
        let bound = LoopBound(reader, on: loop)
        loop.onBatchEnd { bound.value.endBatch() }
    }

    private static let prefix = Array("/client/v4".utf8)
    private static let bodyLimit = 1 << 20

    package func bodyLimit(for head: Request) -> Int { Self.bodyLimit }

    package func tooLarge(_ head: Request) -> Response {
        .refused(Refusal(.requestTooLarge, "the body is larger than \(Self.bodyLimit) bytes"), ray: rayText(head))
    }

    package func malformed(_ status: Status, _ detail: String, ray: UInt64) -> Response {
        var response = Response(status, text: "\(status.code) \(detail)\n")
        response.fields.append(.cfRay, Self.rayText(ray))
        return response
    }

    package func handle(_ request: Request) -> Answer {
        let path = request.pathBytes
        guard path.starts(with: Self.prefix),
            path.count == Self.prefix.count || path[path.startIndex + Self.prefix.count] == UInt8(ascii: "/")
        else {
            return .now(
                documents.answer(
                    to: request, options: options, isPublic: options.hosts.contains(Authority.host(of: request.host)),
                    namesResource: namesAuthorizationServer, ray: rayText(request)))
        }
        do throws(Refusal) {
            return try answerAPI(request, path.dropFirst(Self.prefix.count))
        } catch {
            return .now(challenging(.refused(error, ray: rayText(request)), request))
        }
    }

    /// One line a request: what changed something or failed at `info`, the rest at `debug`.
    package func finished(_ request: Request, status: Status, bytes: Int, elapsed: Duration) {
        loopMetrics.ended(request.ray, status: status.code, elapsed: elapsed)
        let isRemarkable = status.code >= 400 || (request.method != .get && request.method != .head)
        let level: LogLevel = isRemarkable ? .info : .debug
        guard options.logger.writes(level) else { return }
        options.logger.log(
            level, "request",
            [
                .string("ray", rayText(request)), .string("method", request.method.name), .string("path", request.path),
                .int("status", Int(status.code)), .int("bytes", bytes), .duration("duration_ms", elapsed),
                .string("peer", request.peer.text),
            ])
    }

    private func answerAPI(_ request: Request, _ rest: ArraySlice<UInt8>) throws(Refusal) -> Answer {
        let now = options.plane.clock.now
        let address = clientAddress(of: request)
        try options.limiter.admit(address, at: now)
        guard options.hosts.contains(Authority.host(of: request.host)) else {
            throw Self.noRoute(request)
        }
        let segments = try Self.segments(of: rest)
        switch options.router.match(request.method, segments) {
        case .none:
            // Who has no credentials learns that first, as with the public API; the path is not confirmed either way.
            throw Self.noRoute(request)
        case .otherMethod(let methods):
            return .now(Self.otherMethod(request, methods, ray: rayText(request)))
        case .found(let route, let parameters):
            loopMetrics.began(request.ray, route.operationID)
            let shown = try ShownCredential(request)
            let pending = PendingCall(
                route: route, parameters: parameters, request: request, address: address, now: now, shown: shown)
            return try answer(pending)
        }
    }

    /// Splits before decoding, so that an encoded slash stays inside its segment (contract 10 §1).
    private static func segments(of path: ArraySlice<UInt8>) throws(Refusal) -> [String] {
        var segments: [String] = []
        segments.reserveCapacity(8)
        var start = path.startIndex
        if path.first == UInt8(ascii: "/") { start += 1 }
        while true {
            let end = path[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
            // What a slash at the end leaves over is no segment.
            if end == path.endIndex, start == end { break }
            guard let decoded = PercentEncoding.decode(path[start..<end]) else {
                throw Refusal(.invalidParameter, "the path holds an invalid percent escape")
            }
            segments.append(decoded)
            if end == path.endIndex { break }
            start = end + 1
        }
        return segments
    }

    static func noRoute(_ request: Request) -> Refusal {
        Refusal([Problem(.couldNotRoute, request.path), Problem(.noRouteForURI)])
    }

    private static func otherMethod(_ request: Request, _ methods: [Method], ray: String) -> Response {
        var names = methods.map(\.name) + ["OPTIONS"]
        if methods.contains(.get) { names.append("HEAD") }
        let allow = names.sorted().joined(separator: ", ")
        var response: Response
        if request.method == .options {
            response = Response(.noContent)
            response.fields.append(.cfRay, ray)
        } else {
            response = .refused(Refusal(.methodNotAllowed, "use one of \(allow)"), ray: ray)
        }
        response.fields.append(.allow, allow)
        return response
    }

    func clientAddress(of request: Request) -> IPAddress { options.trustedProxies.clientAddress(of: request) }

    func rayText(_ request: Request) -> String { Self.rayText(request.ray) }

    static func rayText(_ ray: UInt64) -> String {
        String(unsafeUninitializedCapacity: 20) { buffer in
            for position in 0..<16 { buffer[position] = Hex.digit(ray >> UInt64(60 - position * 4)) }
            for (position, byte) in "-ORG".utf8.enumerated() { buffer[16 + position] = byte }
            return 20
        }
    }
}

/// A routed request on its way through authentication and authorization.
struct PendingCall: Sendable {
    let route: Route
    let parameters: PathParameters
    let request: Request
    let address: IPAddress
    var now: Timestamp
    let shown: ShownCredential
}
