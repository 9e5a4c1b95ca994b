import Crypto
import EventLoops
import Primitives

/// The bytes of one connection, encrypted from the start, from some moment on, or never.
///
/// Used by one task, the one that sends a message.
final class SMTPTransport {
    private let socket: StreamSocket
    private let deadline: Deadline
    private var tls: TLSState?

    /// A class around the engine, which cannot be copied.
    private final class TLSState {
        var engine: TLSConnection

        init(_ engine: consuming TLSConnection) { self.engine = engine }
    }

    init(_ socket: StreamSocket, _ deadline: Deadline) {
        self.socket = socket
        self.deadline = deadline
    }

    var isEncrypted: Bool { tls != nil }

    /// Encrypts from now on, once the server has proved to be `host`.
    func encrypt(_ context: TLSClientContext, host: String) async throws(MailError) {
        let state: TLSState
        do throws(CryptoError) {
            state = TLSState(try TLSConnection(client: context, host: host))
        } catch {
            throw MailError(error)
        }
        tls = state
        while true {
            let outcome = Result { () throws(CryptoError) in try state.engine.handshake() }
            // What it says may be an alert, and is sent also when the certificate was refused.
            try await flush()
            switch outcome {
            case .success(true): return
            case .success(false): break
            case .failure(let error): throw MailError(error)
            }
            let bytes = try await receive()
            guard !bytes.isEmpty else { throw .tls("the connection ended during the handshake") }
            try feed(bytes)
        }
    }

    func write(_ bytes: [UInt8]) async throws(MailError) {
        guard let tls else { return try await send(bytes) }
        do throws(CryptoError) {
            try tls.engine.write(bytes)
        } catch {
            throw MailError(error)
        }
        try await flush()
    }

    /// The next bytes; empty at the end of the stream.
    func read() async throws(MailError) -> [UInt8] {
        guard let tls else { return try await receive() }
        while true {
            let outcome: ReadOutcome
            do throws(CryptoError) {
                outcome = try tls.engine.read(atMost: 16_384)
            } catch {
                throw MailError(error)
            }
            switch outcome {
            case .bytes(let bytes): return bytes
            case .closed: return []
            case .wantsMore: break
            }
            try await flush()
            let bytes = try await receive()
            if bytes.isEmpty { tls.engine.receiveEnd() } else { try feed(bytes) }
        }
    }

    func close() { socket.close() }

    // MARK: The socket

    private func send(_ bytes: [UInt8]) async throws(MailError) {
        do throws(SocketError) {
            try await socket.write(bytes, deadline: try deadline.remaining())
        } catch {
            throw MailError(error)
        }
    }

    private func receive() async throws(MailError) -> [UInt8] {
        do throws(SocketError) {
            return try await socket.read(atMost: 16_384, deadline: try deadline.remaining())
        } catch {
            throw MailError(error)
        }
    }

    private func flush() async throws(MailError) {
        guard let bytes = tls?.engine.takeCiphertext(), !bytes.isEmpty else { return }
        try await send(bytes)
    }

    private func feed(_ bytes: [UInt8]) throws(MailError) {
        do throws(CryptoError) {
            try tls?.engine.receive(bytes)
        } catch {
            throw MailError(error)
        }
    }
}

/// An instant after which a message has failed, on the monotonic clock.
struct Deadline: Sendable {
    private let nanoseconds: Int64

    init(after duration: Duration) {
        let (seconds, attoseconds) = duration.components
        nanoseconds = EventLoop.readMonotonic() + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// The time left.
    ///
    /// - Throws: ``SocketError/timedOut`` when there is none.
    func remaining() throws(SocketError) -> Duration {
        let left = nanoseconds - EventLoop.readMonotonic()
        guard left > 0 else { throw .timedOut }
        return .nanoseconds(left)
    }
}
