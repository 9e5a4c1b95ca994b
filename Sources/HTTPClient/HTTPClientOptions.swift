package import Crypto
import Primitives

/// What holds for all requests of a client.
package struct HTTPClientOptions: Sendable {
    /// From the call to the last byte of the response, unless the request says otherwise.
    package var totalDeadline = Duration.seconds(10)
    /// Resolving, and then connecting with TLS, each within this and the total.
    package var connectDeadline = Duration.seconds(5)
    /// Bytes of a response's status line and fields.
    package var headLimit = 32 * 1024
    /// Bytes of a response's body, unless the request says otherwise.
    package var bodyLimit = 1024 * 1024
    package var addresses = AddressPolicy.any
    package var plainHTTP = PlainHTTP.loopbackOnly
    package var trust = TLSClientContext.Trust.system
    package var userAgent = "orgd"
    /// Connections kept for another request.
    package var idleConnectionsPerOrigin = 8
    package var idleConnections = 64
    /// How long a connection may wait for another request. Shorter than what servers allow, so that they rarely close
    /// one that is just being taken.
    package var idleTimeout = Duration.seconds(15)

    package init() {}
}

/// Where `http` without TLS may go.
package enum PlainHTTP: Hashable, Sendable {
    case never, loopbackOnly, anywhere

    func allows(_ address: IPAddress) -> Bool {
        switch self {
        case .never: false
        case .loopbackOnly: address.isLoopback
        case .anywhere: true
        }
    }
}
