import EventLoops
import HTTP
import Primitives

/// Takes the browser's answer to a sign-in on this machine (RFC 8252 §7.3): listens on a free port of 127.0.0.1 until one
/// request is the one that is waited for. Others get a page that says so, and change nothing.
final class CallbackListener: Sendable {
    private static let path = "/callback"
    private static let headLimit = 16 * 1024
    /// A browser opens connections ahead of time and says nothing on them; such a one may wait so long.
    private static let patience = Duration.seconds(30)

    let redirectURI: String
    private let loop: EventLoop
    private let listener: LoopBound<Listener>
    private let arrivals: AsyncStream<StreamSocket>
    private let gate: AsyncStream<StreamSocket>.Continuation

    init(on loop: EventLoop) throws(ClientError) {
        let (arrivals, gate) = AsyncStream.makeStream(of: StreamSocket.self, bufferingPolicy: .bufferingOldest(32))
        self.arrivals = arrivals
        self.gate = gate
        self.loop = loop
        do throws(SystemError) {
            guard let loopback = SocketAddress("127.0.0.1:0") else { throw SystemError(code: 97) }
            let socket = try BoundSocket(loopback)
            redirectURI = "http://\(socket.address)\(Self.path)"
            let number = socket.release()
            listener = LoopBound(on: loop) {
                Listener(owning: number, on: loop) { peer, _ in
                    guard let socket = try? StreamSocket.accepted(peer, on: loop) else { return }
                    gate.yield(socket)
                }
            }
        } catch {
            throw .unwritable(path: "127.0.0.1", reason: "\(error)")
        }
        listener.run { listener in
            do throws(SystemError) { try listener.start() } catch { gate.finish() }
        }
    }

    deinit { close() }

    func close() {
        gate.finish()
        listener.run { $0.close() }
    }

    /// Waits for the request that `judge` accepts or refuses; `nil` from it means "not for us".
    ///
    /// - Throws: ``AgentFault/signInTimedOut`` after `limit`, and what `judge` found.
    func answer<Value: Sendable>(
        within limit: Duration, _ judge: @escaping @Sendable (QueryString) -> Result<Value, ClientError>?
    ) async throws(ClientError) -> Value {
        let outcome = await withTaskGroup(of: Result<Value, ClientError>?.self) { tasks in
            tasks.addTask {
                try? await self.loop.sleep(for: limit)
                self.gate.finish()
                return nil
            }
            for await socket in self.arrivals {
                tasks.addTask {
                    let verdict = await Self.serve(socket, judge)
                    if verdict != nil { self.gate.finish() }
                    return verdict
                }
            }
            tasks.cancelAll()
            var first: Result<Value, ClientError>?
            for await verdict in tasks where first == nil { first = verdict }
            return first
        }
        close()
        guard let outcome else { throw .agent(.signInTimedOut) }
        return try outcome.get()
    }

    /// Answers one connection; the verdict if it was the one.
    private static func serve<Value: Sendable>(
        _ socket: StreamSocket, _ judge: @Sendable (QueryString) -> Result<Value, ClientError>?
    ) async -> Result<Value, ClientError>? {
        defer { socket.close() }
        guard let target = await target(of: socket) else { return nil }
        let parts = target.split(separator: "?", maxSplits: 1)
        guard parts.first.map(String.init) == path, let query = QueryString(parts.count > 1 ? String(parts[1]) : "")
        else {
            await write(CallbackPage.notFound, to: socket)
            return nil
        }
        guard let verdict = judge(query) else {
            await write(CallbackPage.notExpected, to: socket)
            return nil
        }
        if case .success = verdict {
            await write(CallbackPage.done, to: socket)
        } else {
            await write(CallbackPage.failed, to: socket)
        }
        return verdict
    }

    /// The target of a GET request.
    private static func target(of socket: StreamSocket) async -> String? {
        var head: [UInt8] = []
        while !head.contains(subsequence: "\r\n\r\n") {
            guard head.count < headLimit, let bytes = try? await socket.read(deadline: patience), !bytes.isEmpty else {
                return nil
            }
            head += bytes
        }
        let line = head.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
        guard line.count == 3, line[0].elementsEqual("GET".utf8) else { return nil }
        return String(validating: line[1], as: UTF8.self)
    }

    private static func write(_ answer: [UInt8], to socket: StreamSocket) async {
        try? await socket.write(answer, deadline: .seconds(5))
        socket.finishSending()
        // Closing with unread bytes would reset the connection, and the browser would show that instead of the page.
        _ = try? await socket.read(deadline: .seconds(1))
    }
}

extension [UInt8] {
    fileprivate func contains(subsequence text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard count >= wanted.count else { return false }
        return indices.dropLast(wanted.count - 1).contains { self[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}
