import EventLoops
import HTTP
import HTTPClient
import Primitives
import Synchronization
import Testing

@Suite("Exchanges")
struct ExchangeTests {
    @Test("a request is written as asked and its response read")
    func simple() async throws {
        let server = try RawServer.answering("HTTP/1.1 201 Made\r\nContent-Length: 2\r\nX-A:  b \r\nx-a: c\r\n\r\nhi")
        defer { server.stop() }
        try await withClient { client in
            let request = OutboundRequest(
                .post, try server.url("/a%20b?q=1"), fields: [.accept: "application/json"], body: Array("{}".utf8))
            let response = try await client.send(request)
            #expect(response.status == .created)
            #expect(response.text == "hi")
            #expect(response.fields.values(try #require(FieldName("X-A"))) == ["b", "c"])
            #expect(response.address == .loopbackV4)
        }
        #expect(
            server.requests == [
                "POST /a%20b?q=1 HTTP/1.1\r\nhost: 127.0.0.1:\(server.port)\r\nuser-agent: orgd\r\n"
                    + "accept: application/json\r\ncontent-length: 2\r\n\r\n{}"
            ])
    }

    @Test("a large body arrives whole, behind its head")
    func largeBody() async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 3_000_000)
        try await withClient { client in
            _ = try await client.send(OutboundRequest(.put, try server.url(), body: body))
        }
        #expect(server.requests.first?.utf8.suffix(body.count).elementsEqual(body) == true)
    }

    @Test(
        "the end of a body is found however it is told",
        arguments: [
            (
                Method.get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nt: v\r\n\r\n",
                "hello world"
            ),
            (.get, "HTTP/1.1 200\r\n\r\nuntil the end", "until the end"),
            (.get, "HTTP/1.0 200 OK\r\n\r\n", ""),
            (
                .get,
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx",
                "x"
            ),
            (.head, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", ""),
            (.get, "HTTP/1.1 204 No Content\r\n\r\n", ""),
            (.get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", ""),
            (.get, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "abc"),
        ])
    func framing(_ method: Method, _ bytes: String, _ body: String) async throws {
        let server = try RawServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write(bytes)
        }
        defer { server.stop() }
        try await withClient { client in
            let response = try await client.send(OutboundRequest(method, try server.url()))
            #expect(response.text == body)
        }
    }

    @Test("a response cut anywhere reads the same")
    func everyCut() async throws {
        let bytes =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n3\r\nabc\r\n10;e\r\n0123456789abcdef\r\n0\r\nt: v\r\n\r\n"
        let cuts = bytes.utf8.count
        let next = Mutex(1)
        let server = try RawServer { peer in
            while peer.readRequest() != nil {
                let cut = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                peer.write(Array(bytes.utf8.prefix(cut)))
                // Gives the client time to see the first part alone.
                _ = peer.waitsForClose(milliseconds: 1)
                peer.write(Array(bytes.utf8.dropFirst(cut)))
            }
        }
        defer { server.stop() }
        try await withClient { client in
            for _ in 1..<cuts {
                let response = try await client.send(OutboundRequest(.get, try server.url()))
                #expect(response.text == "abc0123456789abcdef")
            }
        }
        #expect(server.connections == 1)
    }

    @Test(
        "a malformed response is refused",
        arguments: [
            "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 099 X\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "garbage\r\n\r\n",
            "\r\n\r\n\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", "HTTP/1.1 200 OK\nA: b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\na",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\na",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 200 OK\r\nA: b",
            String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 20),
        ])
    func malformed(_ bytes: String) async throws {
        let server = try RawServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write(bytes)
        }
        defer { server.stop() }
        try await withClient { client in
            do {
                let response = try await client.send(OutboundRequest(.get, try server.url()))
                Issue.record("accepted as \(response.status)")
            } catch let error as HTTPClientError {
                let isMalformed = if case .malformed = error { true } else { false }
                #expect(isMalformed, "\(error)")
            }
        }
    }

    @Test("a request that would break the protocol is not sent")
    func invalidRequests() async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        try await withClient { client in
            let url = try server.url()
            let userInfo = try #require(WebAddress("http://user:pw@127.0.0.1:\(server.port)/"))
            let requests: [OutboundRequest] = [
                OutboundRequest(.get, url, fields: [.accept: "a\r\nx: y"]),
                OutboundRequest(.get, url, fields: [.accept: "a\0"]),
                OutboundRequest(.get, url, fields: [.host: "other"]),
                OutboundRequest(.get, url, fields: [.contentLength: "3"]),
                OutboundRequest(.get, url, fields: [.transferEncoding: "chunked"]), OutboundRequest(.get, userInfo),
            ]
            for request in requests {
                do {
                    _ = try await client.send(request)
                    Issue.record("sent")
                } catch let error as HTTPClientError {
                    let isInvalid = if case .invalidRequest = error { true } else { false }
                    #expect(isInvalid, "\(error)")
                }
            }
        }
        #expect(server.connections == 0)
    }

    @Test("a body may be taken in pieces, and stopped")
    func streaming() async throws {
        let server = try RawServer.answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n")
        defer { server.stop() }
        try await withClient { client in
            let collected = Mutex<[UInt8]>([])
            var request = OutboundRequest(.get, try server.url())
            request.receive = { bytes in
                collected.withLock { $0 += bytes }
                return true
            }
            let response = try await client.send(request)
            #expect(response.body.isEmpty)
            #expect(collected.withLock { $0 } == Array("abcdef".utf8))
            request.receive = { _ in false }
            await #expect(throws: HTTPClientError.stopped) { try await client.send(request) }
        }
    }

    @Test("the body of a failure is collected even when pieces were asked for")
    func failureBody() async throws {
        let server = try RawServer.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone")
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.get, try server.url())
            request.receive = { _ in false }
            let response = try await client.send(request)
            #expect(response.text == "gone")
        }
    }
}
