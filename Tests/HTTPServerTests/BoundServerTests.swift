import EventLoops
import HTTP
import HTTPServer
import Primitives
import Synchronization
import Testing

@Suite("A server that is bound and not started yet")
struct BoundServerTests {
    /// Answers with what it is told to.
    private final class Speaker: RequestHandler {
        let words: Words

        init(_ words: Words) { self.words = words }

        func bodyLimit(for head: Request) -> Int { 0 }

        func handle(_ request: Request) -> Answer { .now(Response(.ok, text: words.text.withLock { $0 })) }
    }

    private final class Words: Sendable {
        let text = Mutex("too early")
    }

    @Test("clients wait, and the first answer is given after the preparations")
    func waiting() async throws {
        let words = Words()
        let server = Server(ServerOptions(address: SocketAddress(ip: .loopbackV4, port: 0)), group: Loops.servers) {
            _ in
            Speaker(words)
        }
        let bound = try server.bind()
        let client = TestClient(
            try await StreamSocket.connect(
                to: bound.address, on: Loops.clients.loops[0], deadline: TestClient.patience))
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        // Had a loop been listening, it would have had the request before these turns.
        for loop in Loops.servers.loops {
            for _ in 0..<3 {
                await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
            }
        }
        #expect(server.acceptedConnections == 0)
        words.text.withLock { $0 = "prepared" }
        server.start(on: bound)
        let answer = try await client.readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("prepared"))
        await server.drain(within: .seconds(5))
    }
}
