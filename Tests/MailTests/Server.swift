import Crypto
import EventLoops
import Foundation
import Primitives
import Synchronization

/// An SMTP server that follows a script: one thread a connection, blocking, on a port of the kernel's choice.
final class Server: Sendable {
    typealias Script = @Sendable (Peer) -> Void

    let port: UInt16
    private let descriptor: Int32
    private let heard = Mutex<[String]>([])

    init(_ script: @escaping Script) throws {
        let listening = try BoundSocket(SocketAddress(ip: .loopbackV4, port: 0))
        port = listening.address.port
        descriptor = listening.release()
        // The listener was made for an event loop; here it blocks.
        _ = fcntl(descriptor, F_SETFL, 0)
        try HelperThread.detach(name: "smtp-server") { [self] in
            while true {
                let number = accept(descriptor, nil, nil)
                guard number >= 0 else { return }
                let peer = Peer(number) { line in self.heard.withLock { $0.append(line) } }
                script(peer)
                peer.close()
            }
        }
    }

    /// A server that knows how to behave.
    static func behaving(
        _ extensions: [String] = [], tls: TLSContext? = nil, implicit: Bool = false, replies: [String: String] = [:]
    ) throws -> Server {
        try Server { peer in
            if implicit, let tls, !peer.encrypt(tls) { return }
            peer.behave(extensions, tls: tls, replies: replies)
        }
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// What clients said, line by line.
    var lines: [String] { heard.withLock { $0 } }
}

/// The server's end of one connection. Used by its own thread only.
final class Peer {
    private let descriptor: Int32
    private let record: (String) -> Void
    private var engine: Engine?
    private var buffer: [UInt8] = []

    private final class Engine {
        var connection: TLSConnection
        init(_ connection: consuming TLSConnection) { self.connection = connection }
    }

    init(_ descriptor: Int32, record: @escaping (String) -> Void) {
        self.descriptor = descriptor
        self.record = record
    }

    /// Greets, and answers every command until the client has gone; `replies` are for commands that begin with their keys.
    func behave(_ extensions: [String], tls: TLSContext?, replies: [String: String]) {
        say(replies["greeting"] ?? "220 mail.example.org ready")
        while let line = hear() {
            if let reply = replies.first(where: { line.hasPrefix($0.key) })?.value {
                say(reply)
                continue
            }
            switch line.split(separator: " ").first {
            case "EHLO":
                let lines = ["mail.example.org"] + extensions
                say(lines.dropLast().map { "250-\($0)\r\n" }.joined() + "250 \(lines[lines.count - 1])")
            case "STARTTLS":
                say("220 go ahead")
                guard let tls, encrypt(tls) else { return }
            case "AUTH" where line == "AUTH LOGIN":
                say("334 VXNlcm5hbWU6")
                _ = hear()
                say("334 UGFzc3dvcmQ6")
                _ = hear()
                say("235 welcome")
            case "AUTH": say("235 welcome")
            case "DATA":
                say("354 end with a dot")
                while let line = hear(), line != "." {}
                say(replies["."] ?? "250 taken")
            case "QUIT":
                say("221 bye")
                return
            default: say("250 fine")
            }
        }
    }

    /// `false` when the client does not trust us.
    func encrypt(_ context: TLSContext) -> Bool {
        do {
            let engine = Engine(try TLSConnection(server: context))
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

    /// The next line without its end; `nil` when the client has gone.
    func hear() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = String(decoding: buffer[..<end].dropLast(), as: UTF8.self)
                buffer.removeFirst(end + 1)
                record(line)
                return line
            }
            let bytes = read()
            guard !bytes.isEmpty else { return nil }
            buffer += bytes
        }
    }

    func say(_ line: String) { write(Array("\(line)\r\n".utf8)) }

    func write(_ bytes: [UInt8]) {
        guard let engine else { return send(bytes) }
        guard (try? engine.connection.write(bytes)) != nil else { return }
        send(engine.connection.takeCiphertext())
    }

    /// Whether the client is still there after a while without a word from it.
    func isConnected(afterMilliseconds time: Int32) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&ready, 1, time) == 0
    }

    /// Returns when the client has gone.
    func waitForEnd() { while !receive().isEmpty {} }

    func close() { Glibc.close(descriptor) }

    private func read() -> [UInt8] {
        guard let engine else { return receive() }
        while true {
            switch try? engine.connection.read(atMost: 16_384) {
            case .bytes(let bytes): return bytes
            case .wantsMore: break
            case .closed, nil: return []
            }
            let bytes = receive()
            guard !bytes.isEmpty, (try? engine.connection.receive(bytes)) != nil else { return [] }
        }
    }

    private func receive() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    private func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
