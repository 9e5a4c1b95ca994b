import Glibc

/// Why a client-side socket operation ended.
package enum SocketError: Error, Hashable, Sendable {
    case refused
    case unreachable
    /// The deadline passed; the socket is closed.
    case timedOut
    /// The connection was closed here or reset by the peer.
    case closed
    /// The task was cancelled; the socket is closed.
    case cancelled
    /// The name has no address; the text is the resolver's.
    case unresolved(String)
    case system(SystemError)
}

extension SocketError {
    init(_ error: SystemError) {
        self =
            switch error.code {
            case ECONNREFUSED: .refused
            case ENETUNREACH, EHOSTUNREACH: .unreachable
            case ETIMEDOUT: .timedOut
            case ECONNRESET, EPIPE, EBADF, ENOTCONN: .closed
            default: .system(error)
            }
    }
}
