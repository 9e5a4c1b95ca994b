import EventLoops
import HTTP
import HTTPServer
import Primitives
import Synchronization

/// Loops that live as long as the test process: servers on two, clients on one.
enum Loops {
    static let servers = make("server", 2)
    static let clients = make("client", 1)

    private static func make(_ name: String, _ count: Int) -> EventLoopGroup {
        DescriptorLimit.raise()
        do {
            return try EventLoopGroup(loops: count, name: name)
        } catch {
            preconditionFailure("no loops for the tests: \(error)")
        }
    }
}

/// What the hook for log and metrics reported.
final class Log: Sendable {
    struct Entry: Equatable, Sendable {
        let path: String
        let status: UInt16
        let bytes: Int
    }

    private let state = Mutex<(entries: [Entry], waiting: [CheckedContinuation<Void, Never>])>(([], []))

    func append(_ entry: Entry) {
        let waiting = state.withLock { state in
            state.entries.append(entry)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The first entry for `path`, once there is one.
    func entry(_ path: String) async -> Entry {
        while true {
            if let entry = state.withLock({ $0.entries.first { $0.path == path } }) { return entry }
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.entries.contains(where: { $0.path == path }) { return true }
                    state.waiting.append(continuation)
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }
}

/// A door that tasks wait at until a test opens it.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrived = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watching: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { continuation in
            let (watching, isOpen) = state.withLock { state in
                state.arrived += 1
                if !state.isOpen { state.waiting.append(continuation) }
                defer { state.watching = [] }
                return (state.watching, state.isOpen)
            }
            for watcher in watching { watcher.resume() }
            if isOpen { continuation.resume() }
        }
    }

    /// Returns when somebody waits at the door or has passed.
    func arrival() async {
        await withCheckedContinuation { continuation in
            let hasArrived = state.withLock { state in
                if state.arrived == 0 { state.watching.append(continuation) }
                return state.arrived > 0
            }
            if hasArrived { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// Answers what the tests ask for.
private final class TestHandler: RequestHandler {
    let log: Log
    let gate: Gate

    init(_ log: Log, _ gate: Gate) {
        self.log = log
        self.gate = gate
    }

    func bodyLimit(for head: Request) -> Int { head.path == "/small" ? 10 : 1 << 20 }

    func handle(_ request: Request) -> Answer {
        switch request.path {
        case "/echo", "/small": return .now(Response(.ok, json: request.body))
        case "/later":
            return .later {
                await Task.yield()
                return Response(.ok, text: "later")
            }
        case "/gate":
            let gate = self.gate
            return .later {
                await gate.pass()
                return Response(.ok, text: "passed")
            }
        case "/big": return .now(Response(.ok, json: [UInt8](repeating: 120, count: 5 << 20)))
        case "/stream":
            return .now(
                Response(
                    .ok,
                    body: .stream { writer in
                        for number in 0..<1000 {
                            try await writer.write([UInt8](repeating: UInt8(number % 256), count: 5000))
                        }
                    }))
        case "/broken":
            return .now(
                Response(
                    .ok,
                    body: .stream { writer in
                        try await writer.write([1, 2, 3])
                        throw BodyWriter.Failure.disconnected
                    }))
        case "/empty": return .now(Response(.noContent))
        case "/secure": return .now(Response(.ok, text: "\(request.isSecure)"))
        default: return .now(Response(.ok, text: request.path))
        }
    }

    func finished(_ request: Request, status: Status, bytes: Int, elapsed: Duration) {
        log.append(Log.Entry(path: request.path, status: status.code, bytes: bytes))
    }
}

/// A running server.
struct TestServer {
    let server: Server
    let address: SocketAddress
    let log = Log()
    let gate = Gate()

    init(
        ip: IPAddress = .loopbackV4, tls: ServerOptions.TLS? = nil, _ adjust: (inout ServerOptions) -> Void = { _ in }
    ) throws {
        var options = ServerOptions(address: SocketAddress(ip: ip, port: 0), tls: tls)
        // A loaded machine is no slow client; tests of timeouts set their own.
        options.timeouts.head = TestClient.patience
        options.timeouts.body = TestClient.patience
        options.timeouts.idle = TestClient.patience
        options.timeouts.writeStall = TestClient.patience
        adjust(&options)
        let (log, gate) = (self.log, self.gate)
        server = Server(options, group: Loops.servers) { _ in TestHandler(log, gate) }
        address = try server.start()
    }

    func connect() async throws -> TestClient {
        TestClient(
            try await StreamSocket.connect(to: address, on: Loops.clients.loops[0], deadline: TestClient.patience))
    }

    /// Sends bytes and reads to the end of the connection.
    func exchange(_ text: String) async throws -> String {
        let client = try await connect()
        try await client.send(text)
        return try await client.readToEnd()
    }
}

/// A client that writes raw bytes and reads framed responses.
final class TestClient {
    struct Reply {
        let head: ResponseHead
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var status: UInt16 { head.status.code }
    }

    /// Long enough for a loaded machine; nothing is measured with it.
    static let patience = Duration.seconds(60)

    let socket: StreamSocket
    private var buffer: [UInt8] = []

    init(_ socket: StreamSocket) { self.socket = socket }

    func send(_ text: String) async throws { try await socket.write(Array(text.utf8), deadline: Self.patience) }

    func get(_ path: String) async throws -> Reply {
        try await send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        return try await reply()
    }

    func reply(to method: HTTP.Method = .get) async throws -> Reply {
        let parser = ResponseParser(to: method)
        while true {
            switch parser.parse(buffer.span) {
            case .needMore: guard try await more() else { throw SocketError.closed }
            case .malformed(let fault): throw fault
            case .head(let head, let consumed):
                buffer.removeFirst(consumed)
                return Reply(head: head, body: try await body(head.framing))
            }
        }
    }

    private func body(_ framing: ResponseHead.Framing) async throws -> [UInt8] {
        var body: [UInt8] = []
        switch framing {
        case .none: break
        case .length(let length):
            while buffer.count < length { guard try await more() else { throw SocketError.closed } }
            body = Array(buffer[..<length])
            buffer.removeFirst(length)
        case .chunked:
            var decoder = ChunkedDecoder()
            while true {
                let outcome = decoder.decode(buffer.span, into: &body, limit: .max)
                if case .complete(let consumed) = outcome {
                    buffer.removeFirst(consumed)
                    break
                }
                guard outcome == .needMore else { throw SocketError.closed }
                buffer = []
                guard try await more() else { throw SocketError.closed }
            }
        case .untilClose:
            while try await more() {}
            body = buffer
            buffer = []
        }
        return body
    }

    func readToEnd() async throws -> String {
        while try await more() {}
        return String(decoding: buffer, as: UTF8.self)
    }

    private func more() async throws -> Bool {
        let bytes = try await socket.read(deadline: Self.patience)
        buffer += bytes
        return !bytes.isEmpty
    }
}
