import EventLoops
import HTTP
import Primitives
import Testing

@testable import HTTPClient

@Suite("Limits")
struct LimitTests {
    private static let short = Duration.milliseconds(200)

    @Test(
        "a deadline that has passed names what was under way",
        arguments: [HTTPClientError.Phase.connecting, .head, .body])
    func phase(_ phase: HTTPClientError.Phase) {
        #expect(throws: HTTPClientError.timedOut(phase)) { try Deadline(after: .zero).remaining(phase) }
        #expect(throws: Never.self) { try Deadline(after: .seconds(Int64.max)).remaining(phase) }
    }

    @Test("a server that never answers meets the deadline")
    func silence() async throws {
        let server = try RawServer { peer in
            _ = peer.readRequest()
            _ = peer.waitsForClose(milliseconds: 30_000)
        }
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.get, try server.url())
            request.deadline = Self.short
            await expectTimeout { try await client.send(request) }
        }
    }

    @Test(
        "a server that drips meets the total deadline, in head and body",
        arguments: [
            "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
        ])
    func drip(_ start: String) async throws {
        let server = try RawServer { peer in
            guard peer.readRequest() != nil, peer.write(start) else { return }
            while peer.write("x"), !peer.waitsForClose(milliseconds: 5) {}
        }
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.get, try server.url())
            request.deadline = Self.short
            await expectTimeout { try await client.send(request) }
        }
    }

    @Test("a server that does not read meets the deadline while sending")
    func unread() async throws {
        let server = try RawServer { peer in _ = peer.waitsForClose(milliseconds: 30_000) }
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.put, try server.url(), body: [UInt8](repeating: 0, count: 32 << 20))
            request.deadline = Self.short
            await expectTimeout { try await client.send(request) }
        }
    }

    @Test("redirects share one deadline")
    func redirectDeadline() async throws {
        let server = try RawServer { peer in
            while peer.readRequest() != nil, !peer.waitsForClose(milliseconds: 50),
                peer.write("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
            {}
        }
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.get, try server.url())
            request.deadline = Self.short
            request.redirectLimit = 1_000_000
            await expectTimeout { try await client.send(request) }
        }
    }

    @Test(
        "a head over the limit is refused, complete or endless",
        arguments: [
            "HTTP/1.1 200 OK\r\nx: \(String(repeating: "y", count: 2000))\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx: \(String(repeating: "y", count: 2000))",
        ])
    func largeHead(_ bytes: String) async throws {
        let server = try RawServer { peer in
            guard peer.readRequest() != nil, peer.write(bytes) else { return }
            _ = peer.waitsForClose(milliseconds: 30_000)
        }
        defer { server.stop() }
        try await withClient(options { $0.headLimit = 1024 }) { client in
            let request = OutboundRequest(.get, try server.url())
            await #expect(throws: HTTPClientError.tooLarge(.head)) { try await client.send(request) }
        }
    }

    @Test(
        "a body over the limit is refused however it is framed",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n0123456789a",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffff\r\n",
        ])
    func largeBody(_ bytes: String) async throws {
        let server = try RawServer { peer in
            guard peer.readRequest() != nil, peer.write(bytes) else { return }
            _ = peer.waitsForClose(milliseconds: 30_000)
        }
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.get, try server.url())
            request.bodyLimit = 10
            await #expect(throws: HTTPClientError.tooLarge(.body)) { try await client.send(request) }
            request.receive = { _ in true }
            await #expect(throws: HTTPClientError.tooLarge(.body)) { try await client.send(request) }
        }
    }

    @Test("a body of exactly the limit is accepted")
    func exactBody() async throws {
        let server = try RawServer.answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n")
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.get, try server.url())
            request.bodyLimit = 10
            #expect(try await client.send(request).text == "0123456789")
        }
    }

    @Test("a cancelled task ends its request")
    func cancellation() async throws {
        let server = try RawServer { peer in
            _ = peer.readRequest()
            _ = peer.waitsForClose(milliseconds: 30_000)
        }
        defer { server.stop() }
        try await withClient { client in
            let request = OutboundRequest(.get, try server.url())
            let task = Task { try await client.send(request) }
            task.cancel()
            await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        }
    }

    @Test("nobody listening is a failed connection")
    func refused() async throws {
        let server = try RawServer { _ in }
        let url = try server.url()
        server.stop()
        try await withClient { client in
            await #expect(throws: HTTPClientError.connectionFailed("connection refused")) {
                try await client.send(OutboundRequest(.get, url))
            }
        }
    }
}
