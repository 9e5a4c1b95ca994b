import Crypto
import EventLoops
package import Primitives

/// Why there is no response. None of the texts contains what the server sent.
package enum HTTPClientError: Error, Hashable, Sendable {
    /// What was under way when a deadline passed.
    package enum Phase: Hashable, Sendable { case resolving, connecting, handshake, sending, head, body }
    package enum Part: Hashable, Sendable { case head, body }
    package enum RedirectFault: Hashable, Sendable {
        case tooMany
        /// To another host, another port, or from `https` to `http`.
        case elsewhere
        /// No usable Location.
        case malformed
    }

    case timedOut(Phase)
    /// The name has no address; the text is the resolver's.
    case unresolved(String)
    /// The policy forbids every address of the host; the first of them.
    case refusedAddress(IPAddress)
    case connectionFailed(String)
    /// Certificate or protocol; the text is the library's.
    case tls(String)
    case tooLarge(Part)
    case malformed(String)
    case redirectRefused(RedirectFault)
    /// The request cannot be written as HTTP.
    case invalidRequest(String)
    /// The receiver of the body wanted no more.
    case stopped
    case cancelled
}

extension HTTPClientError {
    init(_ error: SocketError, _ phase: Phase) {
        self =
            switch error {
            case .refused: .connectionFailed("connection refused")
            case .unreachable: .connectionFailed("host unreachable")
            case .timedOut: .timedOut(phase)
            case .closed: .connectionFailed("connection closed")
            case .cancelled: .cancelled
            case .unresolved(let reason): .unresolved(reason)
            case .system(let error): .connectionFailed("\(error)")
            }
    }

    /// A sentence for a log line or a person.
    package var explanation: String {
        switch self {
        case .timedOut(let phase): "timed out while \(phase.participle)"
        case .unresolved(let reason): "the host name cannot be resolved: \(reason)"
        case .refusedAddress(let address): "the address \(address.text) is not allowed"
        case .connectionFailed(let reason): reason
        case .tls(let reason): "TLS: \(reason)"
        case .tooLarge(.head): "the head of the response is too large"
        case .tooLarge(.body): "the response is too large"
        case .malformed(let reason): "malformed response: \(reason)"
        case .redirectRefused(.tooMany): "too many redirects"
        case .redirectRefused(.elsewhere): "redirected to another server"
        case .redirectRefused(.malformed): "redirected without a usable address"
        case .invalidRequest(let reason): "invalid request: \(reason)"
        case .stopped: "stopped by the receiver"
        case .cancelled: "cancelled"
        }
    }
}

extension HTTPClientError.Phase {
    var participle: String {
        switch self {
        case .resolving: "resolving the host name"
        case .connecting: "connecting"
        case .handshake: "negotiating TLS"
        case .sending: "sending the request"
        case .head: "waiting for the response"
        case .body: "reading the response"
        }
    }
}

/// A TLS failure in words.
enum TLSReason {
    static func text(_ error: CryptoError) -> String {
        switch error {
        case .certificateRejected(let reason): reason
        case .truncated: "the connection ended without a closing alert"
        case .library(_, let reason): reason
        case .outOfMemory: "out of memory"
        case .malformedKey: "no certificate in the file"
        case .unsupportedKey, .weakKey, .wrongKeyForAlgorithm, .authenticationFailed: "unusable key"
        }
    }
}
