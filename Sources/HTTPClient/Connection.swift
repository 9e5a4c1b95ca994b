import Crypto
import EventLoops
import HTTP
import Primitives

/// Where connections may be shared: scheme, host and port.
struct Endpoint: Hashable, Sendable {
    let scheme: WebAddress.Scheme
    let host: String
    let port: UInt16

    init(_ url: WebAddress) {
        scheme = url.scheme
        host = url.host
        port = url.port
    }
}

/// A connection, encrypted or not.
///
/// `@unchecked Sendable`: its state is touched by one request at a time. It is owned by the request that made it, is handed
/// to the pool when that is done, and the pool gives it to one request only.
final class Connection: @unchecked Sendable {
    let endpoint: Endpoint
    let address: IPAddress
    private let socket: StreamSocket
    private let tls: TLSState?

    /// A class around the engine, which cannot be copied.
    private final class TLSState {
        var engine: TLSConnection

        init(_ engine: consuming TLSConnection) { self.engine = engine }
    }

    init(
        _ socket: StreamSocket, _ endpoint: Endpoint, _ address: IPAddress, _ context: TLSClientContext?
    ) throws(HTTPClientError) {
        self.socket = socket
        self.endpoint = endpoint
        self.address = address
        guard let context else {
            tls = nil
            return
        }
        do throws(CryptoError) {
            tls = TLSState(try TLSConnection(client: context, host: endpoint.host))
        } catch {
            socket.close()
            throw .tls(TLSReason.text(error))
        }
    }

    var loop: EventLoop { socket.loop }

    /// Proves the server's identity; nothing to do without TLS.
    func handshake(_ deadline: Deadline) async throws(HTTPClientError) {
        guard let tls else { return }
        do throws(HTTPClientError) {
            while true {
                let outcome = Result { () throws(CryptoError) in try tls.engine.handshake() }
                // What it says may be an alert, and is sent also when the certificate was refused.
                try await flush(deadline, .handshake)
                switch outcome {
                case .success(true): return
                case .success(false): break
                case .failure(let error): throw HTTPClientError.tls(TLSReason.text(error))
                }
                let bytes = try await receive(deadline, .handshake)
                guard !bytes.isEmpty else { throw HTTPClientError.tls("the connection ended during the handshake") }
                try feed(bytes)
            }
        } catch {
            close()
            throw error
        }
    }

    func write(
        _ bytes: [UInt8], _ deadline: Deadline, _ phase: HTTPClientError.Phase
    ) async throws(HTTPClientError) {
        guard let tls else { return try await send(bytes, deadline, phase) }
        do throws(CryptoError) {
            try tls.engine.write(bytes)
        } catch {
            throw .tls(TLSReason.text(error))
        }
        try await flush(deadline, phase)
    }

    /// The next bytes; empty at the end of the stream.
    func read(_ deadline: Deadline, _ phase: HTTPClientError.Phase) async throws(HTTPClientError) -> [UInt8] {
        guard let tls else { return try await receive(deadline, phase) }
        while true {
            let outcome: ReadOutcome
            do throws(CryptoError) {
                outcome = try tls.engine.read(atMost: 16_384)
            } catch {
                throw error == .truncated ? .connectionFailed("connection closed") : .tls(TLSReason.text(error))
            }
            switch outcome {
            case .bytes(let bytes): return bytes
            case .closed: return []
            case .wantsMore: break
            }
            try await flush(deadline, phase)
            let bytes = try await receive(deadline, phase)
            if bytes.isEmpty { tls.engine.receiveEnd() } else { try feed(bytes) }
        }
    }

    func close() { socket.close() }

    // MARK: The socket

    private func send(
        _ bytes: [UInt8], _ deadline: Deadline, _ phase: HTTPClientError.Phase
    ) async throws(HTTPClientError) {
        let time = try deadline.remaining(phase)
        do throws(SocketError) {
            try await socket.write(bytes, deadline: time)
        } catch {
            throw HTTPClientError(error, phase)
        }
    }

    private func receive(_ deadline: Deadline, _ phase: HTTPClientError.Phase) async throws(HTTPClientError) -> [UInt8]
    {
        let time = try deadline.remaining(phase)
        do throws(SocketError) {
            return try await socket.read(atMost: 32_768, deadline: time)
        } catch {
            throw HTTPClientError(error, phase)
        }
    }

    private func flush(_ deadline: Deadline, _ phase: HTTPClientError.Phase) async throws(HTTPClientError) {
        guard let bytes = tls?.engine.takeCiphertext(), !bytes.isEmpty else { return }
        try await send(bytes, deadline, phase)
    }

    private func feed(_ bytes: [UInt8]) throws(HTTPClientError) {
        do throws(CryptoError) {
            try tls?.engine.receive(bytes)
        } catch {
            throw .tls(TLSReason.text(error))
        }
    }
}
