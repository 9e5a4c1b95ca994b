package import Crypto
package import EventLoops
import HTTP
import HTTPClient
import Primitives

/// Requests over HTTP/1.1, with the connections of one process kept for the next request.
package struct HTTPTransport: Transport {
    private let http: OutboundClient

    /// - Parameters:
    ///   - trust: which certificate authorities are believed.
    ///   - allowsPlainHTTP: whether `http` may leave this machine; a bearer token would travel in clear text.
    /// - Throws: ``ClientError/unreadable(path:reason:)`` when the authorities cannot be read.
    package init(
        trust: TLSClientContext.Trust = .system, allowsPlainHTTP: Bool = false, deadline: Duration = .seconds(60),
        group: EventLoopGroup
    ) throws(ClientError) {
        var options = HTTPClientOptions()
        options.totalDeadline = deadline
        options.bodyLimit = 64 * 1024 * 1024
        options.plainHTTP = allowsPlainHTTP ? .anywhere : .loopbackOnly
        options.trust = trust
        options.userAgent = "orgctl"
        options.idleConnectionsPerOrigin = 32
        do throws(HTTPClientError) {
            http = try OutboundClient(options, group: group)
        } catch {
            throw .unreadable(path: "certificate authorities", reason: error.explanation)
        }
    }

    package func send(_ request: OutgoingRequest) async throws(TransportFailure) -> IncomingAnswer {
        guard let url = WebAddress(request.url), let method = HTTP.Method(request.method) else {
            throw TransportFailure("not an http or https URL", neverSent: true)
        }
        var outbound = OutboundRequest(method, url, fields: try Self.fields(of: request), body: request.body ?? [])
        outbound.deadline = request.deadline
        outbound.bodyLimit = request.bodyLimit
        outbound.receive = request.receive
        if outbound.fields[.idempotencyKey] != nil { outbound.isRepeatable = true }
        let response: InboundResponse
        do throws(HTTPClientError) {
            response = try await http.send(outbound)
        } catch {
            throw TransportFailure(error.explanation, neverSent: Self.neverSent(error))
        }
        return IncomingAnswer(
            status: Int(response.status.code),
            fields: response.fields.all.map { (name: $0.name.text, value: $0.value) }, body: response.body)
    }

    private static func fields(of request: OutgoingRequest) throws(TransportFailure) -> Fields {
        var fields = Fields()
        for (name, value) in request.fields {
            guard let name = FieldName(name) else { continue }
            fields.append(name, value)
        }
        if let token = request.authorization {
            let value = token.exposed()
            guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw TransportFailure("the token holds characters that no token has", neverSent: true)
            }
            fields.set(.authorization, "Bearer \(value)")
        }
        return fields
    }

    private static func neverSent(_ error: HTTPClientError) -> Bool {
        switch error {
        case .unresolved, .refusedAddress, .connectionFailed("connection refused"), .tls, .invalidRequest,
            .timedOut(.resolving), .timedOut(.connecting), .timedOut(.handshake):
            true
        default: false
        }
    }
}
