import EventLoops
import HTTP
import HTTPClient
import Primitives
import Synchronization
import Testing

@Suite("Connection reuse")
struct PoolTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("requests one after the other share a connection")
    func reuse() async throws {
        let server = try RawServer.answering(Self.ok)
        defer { server.stop() }
        try await withClient { client in
            for _ in 0..<5 {
                let response = try await client.send(OutboundRequest(.get, try server.url()))
                #expect(response.text == "ok")
            }
        }
        #expect(server.connections == 1)
        #expect(server.requests.count == 5)
    }

    @Test(
        "a connection that may not go on is not used again",
        arguments: [
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged",
        ])
    func noReuse(_ response: String) async throws {
        let server = try RawServer.answering(response)
        defer { server.stop() }
        try await withClient { client in
            for _ in 0..<3 {
                let response = try await client.send(OutboundRequest(.get, try server.url()))
                #expect(response.text == "ok")
            }
        }
        #expect(server.connections == 3)
    }

    @Test("parallel requests have a connection each, of which a bounded number is kept")
    func parallel() async throws {
        let arrived = Mutex(0)
        let server = try RawServer { peer in
            while peer.readRequest() != nil {
                // The first four answer only when all four have arrived.
                arrived.withLock { $0 += 1 }
                while arrived.withLock({ $0 < 4 }) { if peer.waitsForClose(milliseconds: 1) { return } }
                guard peer.write(Self.ok) else { return }
            }
        }
        defer { server.stop() }
        try await withClient(options { $0.idleConnectionsPerOrigin = 2 }) { client in
            let url = try server.url()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try await client.send(OutboundRequest(.get, url)) } }
                try await group.waitForAll()
            }
            #expect(server.connections == 4)
            for _ in 0..<4 { _ = try await client.send(OutboundRequest(.get, url)) }
            #expect(server.connections == 4)
        }
    }

    /// Answers one request a connection and closes without having said so.
    private static func closing() throws -> RawServer {
        try RawServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write(ok)
            if peer.index > 0 { _ = peer.waitsForClose(milliseconds: 30_000) }
        }
    }

    @Test(
        "a request that may be repeated survives a connection closed meanwhile", arguments: [Method.get, .put, .delete])
    func repeated(_ method: Method) async throws {
        let server = try Self.closing()
        defer { server.stop() }
        try await withClient { client in
            let request = OutboundRequest(method, try server.url())
            _ = try await client.send(request)
            #expect(try await client.send(request).text == "ok")
        }
        #expect(server.connections == 2)
    }

    @Test("a POST is not repeated unless it says so")
    func post() async throws {
        let server = try Self.closing()
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.post, try server.url(), body: [65])
            _ = try await client.send(request)
            do {
                _ = try await client.send(request)
                Issue.record("repeated")
            } catch let error as HTTPClientError {
                let isLost = if case .connectionFailed = error { true } else { false }
                #expect(isLost, "\(error)")
            }
            request.isRepeatable = true
            #expect(try await client.send(request).text == "ok")
        }
        #expect(server.connections == 2)
    }

    @Test("a fresh connection that is lost is not tried again")
    func lost() async throws {
        let server = try RawServer { peer in _ = peer.readRequest() }
        defer { server.stop() }
        try await withClient { client in
            let request = OutboundRequest(.get, try server.url())
            await #expect(throws: HTTPClientError.connectionFailed("connection closed")) {
                try await client.send(request)
            }
        }
        #expect(server.connections == 1)
    }

    @Test("hosts do not share connections, even at one address")
    func origins() async throws {
        let server = try RawServer.answering(Self.ok)
        defer { server.stop() }
        try await withClient { client in
            _ = try await client.send(OutboundRequest(.get, try server.url()))
            _ = try await client.send(OutboundRequest(.get, try server.url(host: "localhost")))
            _ = try await client.send(OutboundRequest(.get, try server.url()))
        }
        #expect(server.connections == 2)
    }

    @Test("a connection that waited too long is closed")
    func expiry() async throws {
        let server = try RawServer.answering(Self.ok)
        defer { server.stop() }
        try await withClient(options { $0.idleTimeout = .zero }) { client in
            for _ in 0..<2 { _ = try await client.send(OutboundRequest(.get, try server.url())) }
        }
        #expect(server.connections == 2)
    }
}
