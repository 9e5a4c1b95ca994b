// HTTPClient: outbound HTTP/1.1 with everything limited: time, size, redirects, and the addresses it may talk to.
//
// Invariants: the address that was checked is the address that is connected to, there is no second resolution; one
// deadline covers a whole call, redirects included, so a server that drips bytes cannot hold anybody; a connection is used
// again only when the response before it was read to its end.
//
// Read `OutboundClient.swift`, then `AddressPolicy.swift`.

import Crypto
package import EventLoops
import HTTP
import Primitives

/// Sends requests and keeps connections. Shared by all loops of a process.
package final class OutboundClient: Sendable {
    package let options: HTTPClientOptions
    private let group: EventLoopGroup
    private let tls: TLSClientContext
    private let pool: ConnectionPool

    /// - Parameter group: where sockets live when a caller is on no loop.
    /// - Throws: ``HTTPClientError/tls(_:)`` when the authorities cannot be read.
    package init(_ options: HTTPClientOptions = HTTPClientOptions(), group: EventLoopGroup) throws(HTTPClientError) {
        self.options = options
        self.group = group
        do throws(CryptoError) {
            tls = try TLSClientContext(trust: options.trust)
        } catch {
            throw .tls("the certificate authorities cannot be read: \(TLSReason.text(error))")
        }
        pool = ConnectionPool(
            perOrigin: options.idleConnectionsPerOrigin, total: options.idleConnections, lifetime: options.idleTimeout)
    }

    /// Sends a request and reads its response, following redirects where the request allows them.
    ///
    /// - Parameter loop: where the socket lives; the caller's loop when there is one, else the next of the group.
    /// - Throws: ``HTTPClientError``; the connection that failed is closed.
    package func send(
        _ request: OutboundRequest, on loop: EventLoop? = nil
    ) async throws(HTTPClientError) -> InboundResponse {
        let loop = loop ?? EventLoop.current ?? group.next()
        let deadline = Deadline(after: request.deadline ?? options.totalDeadline)
        var request = request
        var followed = 0
        while true {
            let response = try await answer(to: request, on: loop, deadline)
            guard let next = try Redirect.next(after: response, to: request) else { return response }
            followed += 1
            guard followed <= request.redirectLimit else { throw .redirectRefused(.tooMany) }
            request = next
        }
    }

    /// Closes the connections that wait for another request. Requests in progress go on.
    package func closeIdleConnections() { pool.closeAll() }

    // MARK: One request

    private func answer(
        to request: OutboundRequest, on loop: EventLoop, _ deadline: Deadline
    ) async throws(HTTPClientError) -> InboundResponse {
        let message = try RequestMessage(request, userAgent: options.userAgent)
        let endpoint = Endpoint(request.url)
        let limits = ResponseLimits(
            head: options.headLimit, body: request.bodyLimit ?? options.bodyLimit)
        if let kept = pool.take(endpoint, on: loop) {
            do throws(ExchangeFailure) {
                return try await exchange(request, message, limits, over: kept, deadline)
            } catch {
                // The server may have closed the connection just when it was taken (RFC 9112 §9.3.1).
                guard error.isBeforeResponse, request.isRepeatable else { throw error.cause }
            }
        }
        let fresh = try await connect(to: endpoint, on: loop, deadline)
        do throws(ExchangeFailure) {
            return try await exchange(request, message, limits, over: fresh, deadline)
        } catch {
            throw error.cause
        }
    }

    private func exchange(
        _ request: OutboundRequest, _ message: RequestMessage, _ limits: ResponseLimits, over connection: Connection,
        _ deadline: Deadline
    ) async throws(ExchangeFailure) -> InboundResponse {
        var reader = ResponseReader(connection, limits, deadline)
        do throws(HTTPClientError) {
            for part in message.parts { try await connection.write(part, deadline, .sending) }
            let (response, isReusable) = try await reader.response(to: request)
            if isReusable { pool.put(connection) } else { connection.close() }
            return response
        } catch {
            connection.close()
            let isLost = if case .connectionFailed = error { true } else { false }
            throw ExchangeFailure(cause: error, isBeforeResponse: isLost && !reader.hasReceived)
        }
    }

    // MARK: Connecting

    private func connect(
        to endpoint: Endpoint, on loop: EventLoop, _ deadline: Deadline
    ) async throws(HTTPClientError) -> Connection {
        let candidates = try await allowedAddresses(of: endpoint, on: loop, deadline)
        let connecting = Deadline(after: min(try deadline.remaining(.connecting), options.connectDeadline))
        var failure = HTTPClientError.connectionFailed("no address")
        for (index, address) in candidates.enumerated() {
            // A dead first address must leave time for the next.
            let share = try connecting.remaining(.connecting) / (candidates.count - index)
            let socket: StreamSocket
            do throws(SocketError) {
                socket = try await StreamSocket.connect(to: address, on: loop, deadline: share)
            } catch {
                failure = HTTPClientError(error, .connecting)
                if error == .cancelled { break }
                continue
            }
            let connection = try Connection(socket, endpoint, address.ip, endpoint.scheme == .https ? tls : nil)
            try await connection.handshake(connecting)
            return connection
        }
        throw failure
    }

    /// Resolves once, and keeps what the policy allows: these addresses are connected to, not the name.
    private func allowedAddresses(
        of endpoint: Endpoint, on loop: EventLoop, _ deadline: Deadline
    ) async throws(HTTPClientError) -> [SocketAddress] {
        let time = min(try deadline.remaining(.resolving), options.connectDeadline)
        let resolved: [SocketAddress]
        do throws(SocketError) {
            resolved = try await Resolver.resolve(host: endpoint.host, port: endpoint.port, on: loop, deadline: time)
        } catch {
            throw HTTPClientError(error, .resolving)
        }
        let allowed = resolved.filter { address in
            options.addresses.allows(address.ip)
                && (endpoint.scheme == .https || options.plainHTTP.allows(address.ip))
        }
        guard let refused = resolved.first else { throw .unresolved("no address") }
        guard !allowed.isEmpty else { throw .refusedAddress(refused.ip) }
        return allowed
    }
}

/// Why an exchange failed, and whether the server may not have seen it.
private struct ExchangeFailure: Error {
    let cause: HTTPClientError
    /// The connection ended before the first byte of a response.
    let isBeforeResponse: Bool
}
