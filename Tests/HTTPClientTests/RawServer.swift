import Crypto
import EventLoops
import Glibc
import HTTP
import Primitives
import Synchronization

/// A server that does what a script says, byte by byte: one thread a connection, blocking, on a port of the kernel's choice.
final class RawServer: Sendable {
    typealias Script = @Sendable (RawPeer) -> Void

    let port: UInt16
    private let descriptor: Int32
    private let scheme: String
    private let accepted = Mutex(0)
    private let received = Mutex<[String]>([])

    init(tls: TLSContext? = nil, _ script: @escaping Script) throws {
        let listening = try BoundSocket(SocketAddress(ip: .loopbackV4, port: 0))
        port = listening.address.port
        descriptor = listening.release()
        scheme = tls == nil ? "http" : "https"
        // The listener was made for an event loop; here it blocks.
        _ = fcntl(descriptor, F_SETFL, 0)
        try HelperThread.detach(name: "raw-server") { [self] in
            while true {
                let number = accept(descriptor, nil, nil)
                guard number >= 0 else { return }
                let index = accepted.withLock { count in
                    defer { count += 1 }
                    return count
                }
                do throws(SystemError) {
                    try HelperThread.detach(name: "raw-peer") { [self] in
                        let peer = RawPeer(number, index, tls) { request in
                            self.received.withLock { $0.append(request) }
                        }
                        if peer.handshake() { script(peer) }
                        peer.close()
                    }
                } catch {
                    close(number)
                }
            }
        }
    }

    /// Answers every request of every connection with the same bytes.
    static func answering(_ response: String, tls: TLSContext? = nil) throws -> RawServer {
        try RawServer(tls: tls) { peer in
            while peer.readRequest() != nil, peer.write(response) {}
        }
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    var connections: Int { accepted.withLock { $0 } }
    var requests: [String] { received.withLock { $0 } }

    func url(_ target: String = "/", host: String = "127.0.0.1") throws -> WebAddress {
        guard let url = WebAddress("\(scheme)://\(host):\(port)\(target)") else { throw SystemError(code: EINVAL) }
        return url
    }
}

/// The server's end of one connection. Used by its own thread only.
final class RawPeer {
    /// The how-manieth connection of the server, from 0.
    let index: Int
    private let descriptor: Int32
    private let tls: TLSContext?
    private let record: (String) -> Void
    private var engine: Engine?
    private var buffer: [UInt8] = []

    private final class Engine {
        var connection: TLSConnection
        init(_ connection: consuming TLSConnection) { self.connection = connection }
    }

    init(_ descriptor: Int32, _ index: Int, _ tls: TLSContext?, record: @escaping (String) -> Void) {
        self.descriptor = descriptor
        self.index = index
        self.tls = tls
        self.record = record
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    func handshake() -> Bool {
        guard let tls else { return true }
        do {
            let engine = Engine(try TLSConnection(server: tls))
            while true {
                let outcome = Result { try engine.connection.handshake() }
                send(engine.connection.takeCiphertext())
                if try outcome.get() { break }
                let bytes = receive()
                guard !bytes.isEmpty else { return false }
                try engine.connection.receive(bytes)
            }
            self.engine = engine
            return true
        } catch {
            return false
        }
    }

    /// One request with its body, as text; `nil` when the client has gone.
    func readRequest() -> String? {
        var size: Int?
        while true {
            size = size ?? requestSize()
            if let size, buffer.count >= size {
                let request = String(decoding: buffer.prefix(size), as: UTF8.self)
                buffer.removeFirst(size)
                record(request)
                return request
            }
            let bytes = read()
            guard !bytes.isEmpty else { return nil }
            buffer += bytes
        }
    }

    /// Head and announced body, once the head is complete. The clients here send heads below 4 kB.
    private func requestSize() -> Int? {
        let text = String(decoding: buffer.prefix(4096), as: UTF8.self)
        guard let end = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = text[..<end.upperBound]
        let length = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
        return head.utf8.count + (length.flatMap { Int($0.dropFirst(16)) } ?? 0)
    }

    /// `false` when the client has gone.
    @discardableResult
    func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        guard let engine else { return send(bytes) }
        do {
            try engine.connection.write(bytes)
        } catch {
            return false
        }
        return send(engine.connection.takeCiphertext())
    }

    /// Waits for the client to close, at most `milliseconds`; `true` when it has.
    func waitsForClose(milliseconds: Int32) -> Bool {
        // POLLRDHUP, which the system's header hides.
        var ready = pollfd(fd: descriptor, events: 0x2000, revents: 0)
        return poll(&ready, 1, milliseconds) > 0
    }

    func close() { Glibc.close(descriptor) }

    private func read() -> [UInt8] {
        guard let engine else { return receive() }
        do {
            while true {
                switch try engine.connection.read(atMost: 16_384) {
                case .bytes(let bytes): return bytes
                case .closed: return []
                case .wantsMore: break
                }
                let bytes = receive()
                guard !bytes.isEmpty else { return [] }
                try engine.connection.receive(bytes)
            }
        } catch {
            return []
        }
    }

    private func receive() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    @discardableResult
    private func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
