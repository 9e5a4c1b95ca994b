import EventLoops
import HTTP
import HTTPServer
import Primitives
import Testing

@Suite("Exchanges over HTTP/1.1")
struct ExchangeTests {
    @Test("a connection carries many requests")
    func keepAlive() async throws {
        let client = try await TestServer().connect()
        for number in 0..<50 {
            let reply = try await client.get("/\(number)")
            #expect(reply.status == 200)
            #expect(reply.text == "/\(number)")
            #expect(reply.head.fields[.date]?.hasSuffix("GMT") == true)
            #expect(reply.head.fields.count == 3)
        }
    }

    @Test("pipelined requests are answered in order, also when one waits")
    func pipelining() async throws {
        let client = try await TestServer().connect()
        let paths = ["/a", "/later", "/b", "/stream", "/c", "/later", "/big", "/d"]
        try await client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for path in paths {
            let reply = try await client.reply()
            switch path {
            case "/later": #expect(reply.text == "later")
            case "/stream": #expect(reply.body.count == 5_000_000)
            case "/big": #expect(reply.body.count == 5 << 20)
            default: #expect(reply.text == path)
            }
        }
    }

    @Test("thousands of pipelined requests that nobody reads yet are all answered")
    func deepPipeline() async throws {
        let client = try await TestServer().connect()
        let request = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"
        let count = 5000
        try await client.send(String(repeating: request, count: count))
        for _ in 0..<count { #expect(try await client.reply().status == 200) }
    }

    @Test("every cut of a request gives the same answer")
    func byteSplit() async throws {
        let server = try TestServer()
        let bytes = Array(
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".utf8)
        let client = try await server.connect()
        for cut in 1..<bytes.count {
            try await client.socket.write(Array(bytes[..<cut]), deadline: TestClient.patience)
            try await client.socket.write(Array(bytes[cut...]), deadline: TestClient.patience)
            let reply = try await client.reply()
            #expect(reply.text == "abcde")
        }
    }

    @Test("bodies of both framings come back", arguments: [0, 1, 1000, 70_000, 1 << 20])
    func bodies(_ count: Int) async throws {
        let client = try await TestServer().connect()
        let body = String(repeating: "x", count: count)
        try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n\(body)")
        #expect(try await client.reply().text == body)
        let chunk = count == 0 ? "" : "\(String(count, radix: 16))\r\n\(body)\r\n"
        try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)0\r\n\r\n")
        #expect(try await client.reply().text == body)
    }

    @Test("HEAD has the head of GET and no body", arguments: ["/x", "/stream"])
    func head(_ path: String) async throws {
        let client = try await TestServer().connect()
        try await client.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        let reply = try await client.reply(to: .head)
        #expect(reply.body.isEmpty)
        if path == "/x" { #expect(reply.head.fields[.contentLength] == "2") }
        #expect(try await client.get("/next").text == "/next")
    }

    @Test("204 has neither length nor body")
    func noContent() async throws {
        let client = try await TestServer().connect()
        let reply = try await client.get("/empty")
        #expect(reply.status == 204)
        #expect(!reply.head.fields.contains(.contentLength))
        #expect(try await client.get("/next").text == "/next")
    }

    @Test("a client that waits for 100 gets it before it sends the body")
    func expectContinue() async throws {
        let client = try await TestServer().connect()
        try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try await client.socket.read(atMost: 25, deadline: TestClient.patience) == ResponseEncoder.interim)
        try await client.send("hi")
        #expect(try await client.reply().text == "hi")
    }

    @Test("a body over the limit is refused before it is sent")
    func tooLarge() async throws {
        let server = try TestServer()
        let head = "POST /small HTTP/1.1\r\nHost: a\r\n"
        let announced = try await server.exchange("\(head)Expect: 100-continue\r\nContent-Length: 11\r\n\r\n")
        #expect(announced.hasPrefix("HTTP/1.1 413 "))
        #expect(announced.contains("connection: close\r\n"))
        let chunked = try await server.exchange("\(head)Transfer-Encoding: chunked\r\n\r\nb\r\n")
        #expect(chunked.hasPrefix("HTTP/1.1 413 "))
        let client = try await server.connect()
        try await client.send("\(head)Content-Length: 10\r\n\r\n0123456789")
        #expect(try await client.reply().text == "0123456789")
    }

    @Test("the connection closes when the client asks")
    func close() async throws {
        let text = try await TestServer().exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(text.contains("connection: close\r\n"))
        #expect(text.hasSuffix("\r\n\r\n/"))
    }

    @Test("HTTP/1.0 is answered and closed, without chunks")
    func oldVersion() async throws {
        let server = try TestServer()
        #expect(try await server.exchange("GET /x HTTP/1.0\r\n\r\n").hasSuffix("connection: close\r\n\r\n/x"))
        let stream = try await server.exchange("GET /stream HTTP/1.0\r\n\r\n")
        #expect(!stream.contains("transfer-encoding"))
        let client = try await server.connect()
        try await client.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try await client.reply().head.keepsAlive)
        try await client.send("GET /stream HTTP/1.0\r\n\r\n")
        #expect(try await client.reply().body.count == 5_000_000)
    }

    @Test("a client that ends its half after the requests gets all answers")
    func halfClosed() async throws {
        let client = try await TestServer().connect()
        try await client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        client.socket.finishSending()
        #expect(try await client.reply().text == "later")
        #expect(try await client.reply().text == "/b")
        #expect(try await client.readToEnd() == "")
    }

    @Test("a stream that fails does not look complete")
    func brokenStream() async throws {
        let client = try await TestServer().connect()
        try await client.send("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")
        await #expect(throws: SocketError.self) { try await client.reply() }
    }

    @Test("IPv6 works")
    func ipv6() async throws {
        let client = try await TestServer(ip: .loopbackV6).connect()
        #expect(try await client.get("/six").text == "/six")
    }

    @Test("each request is reported once, with status and size")
    func reported() async throws {
        let server = try TestServer()
        let client = try await server.connect()
        _ = try await client.get("/report")
        #expect(await server.log.entry("/report") == Log.Entry(path: "/report", status: 200, bytes: 7))
        _ = try await client.get("/stream")
        #expect(await server.log.entry("/stream") == Log.Entry(path: "/stream", status: 200, bytes: 5_000_000))
        try await client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n")
        #expect(await server.log.entry("/small").status == 413)
    }
}
