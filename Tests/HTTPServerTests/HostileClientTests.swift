import EventLoops
import HTTP
import HTTPServer
import Primitives
import Testing

@Suite("Slow and hostile clients")
struct HostileClientTests {
    @Test(
        "malformed framing is answered and the connection closed",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: a\n\n", 400),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
            ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
            ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", 400),
            ("\u{16}\u{3}\u{1}\u{2}", 400),
        ])
    func malformed(_ text: String, _ status: Int) async throws {
        let server = try TestServer()
        let reply = try await server.exchange(text + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reply.hasPrefix("HTTP/1.1 \(status) "))
        #expect(reply.contains("connection: close\r\n"))
        #expect(!reply.contains("/smuggled"))
        #expect(reply.components("HTTP/1.1 ") == 1)
    }

    @Test("too large and too many fields are 431")
    func largeHead() async throws {
        let server = try TestServer()
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        let long = try await server.exchange("\(start)X: \(String(repeating: "y", count: 40_000))")
        #expect(long.hasPrefix("HTTP/1.1 431 "))
        let many = try await server.exchange("\(start)\(String(repeating: "x: y\r\n", count: 101))\r\n")
        #expect(many.hasPrefix("HTTP/1.1 431 "))
    }

    @Test("an unfinished head ends with 408")
    func headTimeout() async throws {
        let server = try TestServer { $0.timeouts.head = .milliseconds(40) }
        #expect(try await server.exchange("GET / HTTP/1.1\r\n").hasPrefix("HTTP/1.1 408 "))
    }

    @Test("dripping does not extend the time for a head")
    func drippingHead() async throws {
        let server = try TestServer { $0.timeouts.head = .milliseconds(40) }
        let client = try await server.connect()
        let dripping = Task {
            var count = 0
            while !Task.isCancelled, count < 10_000 {
                try await client.socket.write(Array(count == 0 ? "GET /".utf8 : "a".utf8), deadline: .seconds(60))
                try await Loops.clients.loops[0].sleep(for: .milliseconds(2))
                count += 1
            }
        }
        let bytes = try await client.socket.read(deadline: TestClient.patience)
        dripping.cancel()
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
    }

    @Test("an unfinished body ends with 408")
    func bodyTimeout() async throws {
        let server = try TestServer { $0.timeouts.body = .milliseconds(40) }
        let reply = try await server.exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc")
        #expect(reply.hasPrefix("HTTP/1.1 408 "))
        #expect(await server.log.entry("/echo").status == 408)
    }

    @Test("an idle connection is closed without a word")
    func idleTimeout() async throws {
        let server = try TestServer { $0.timeouts.idle = .milliseconds(500) }
        // On a loaded machine a connection may be idle for as long before its first request: then another has to try.
        var client = try await server.connect()
        var isAnswered = false
        while !isAnswered {
            do {
                isAnswered = try await client.get("/x").status == 200
            } catch is SocketError {
                client = try await server.connect()
            }
        }
        #expect(try await client.readToEnd() == "")
        #expect(try await server.exchange("") == "")
    }

    @Test("a client that does not read is cut off")
    func writeStall() async throws {
        let server = try TestServer { $0.timeouts.writeStall = .milliseconds(40) }
        let client = try await server.connect()
        try await client.send(String(repeating: "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", count: 20))
        // The server gives up while nothing is read here; what the kernel holds by then is short of 20 answers.
        #expect(await server.log.entry("/big").status == 200)
        while server.server.openConnections > 0 { await Task.yield() }
        var count = 0
        while true {
            do throws(SocketError) {
                let bytes = try await client.socket.read(deadline: TestClient.patience)
                if bytes.isEmpty { break }
                count += bytes.count
            } catch {
                break
            }
        }
        #expect(count < 20 * 5 << 20)
    }

    @Test("a stream waits for a client that reads slowly")
    func backpressure() async throws {
        let client = try await TestServer().connect()
        try await client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await client.reply().body.count == 5_000_000)
    }

    @Test("slow heads do not delay a busy client")
    func slowLoris() async throws {
        let server = try TestServer { $0.timeouts.head = .seconds(3600) }
        var slow: [TestClient] = []
        for number in 0..<100 {
            let client = try await server.connect()
            try await client.send(String("GET /\(number) HTTP/1.1\r\nHost: a\r\nX: ".prefix(5 + number % 30)))
            slow.append(client)
        }
        let busy = try await server.connect()
        for number in 0..<500 { #expect(try await busy.get("/\(number)").text == "/\(number)") }
        #expect(server.server.openConnections == 101)
        _ = consume slow
    }

    @Test("a thousand idle connections are open and another is served")
    func manyIdle() async throws {
        let server = try TestServer()
        var idle: [TestClient] = []
        for _ in 0..<1000 { idle.append(try await server.connect()) }
        #expect(try await idle[0].get("/first").text == "/first")
        #expect(try await idle[999].get("/last").text == "/last")
        #expect(server.server.acceptedConnections == 1000)
    }

    @Test("a client that leaves before its answer is reported, and nothing breaks")
    func disconnected() async throws {
        let server = try TestServer()
        let client = try await server.connect()
        try await client.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\nGET /more HTTP/1.1\r\nHost: a\r\n\r\n")
        await server.gate.arrival()
        client.socket.close()
        let other = try await server.connect()
        #expect(try await other.get("/other").text == "/other")
        server.gate.open()
        let status = await server.log.entry("/gate").status
        #expect(status == 499 || status == 200)
        #expect(try await other.get("/again").text == "/again")
    }
}

extension String {
    /// How often `part` occurs.
    func components(_ part: String) -> Int {
        let bytes = Array(utf8)
        let part = Array(part.utf8)
        return bytes.indices.count { bytes[$0...].starts(with: part) }
    }
}

@Suite("Stopping")
struct DrainTests {
    @Test("requests in flight finish, idle connections close, new ones are refused")
    func drain() async throws {
        let server = try TestServer { $0.timeouts.linger = .seconds(3600) }
        let idle = try await server.connect()
        #expect(try await idle.get("/x").status == 200)
        let busy = try await server.connect()
        try await busy.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
        await server.gate.arrival()
        async let drained: Void = server.server.drain(within: .seconds(60))
        #expect(try await idle.readToEnd() == "")
        await #expect(throws: SocketError.self) {
            let late = try await server.connect()
            _ = try await late.get("/late")
        }
        server.gate.open()
        let reply = try await busy.reply()
        #expect(reply.text == "passed")
        #expect(!reply.head.keepsAlive)
        #expect(try await busy.readToEnd() == "")
        busy.socket.close()
        await drained
        #expect(server.server.openConnections == 0)
    }

    @Test("what does not finish is cut off")
    func limit() async throws {
        let server = try TestServer()
        let client = try await server.connect()
        try await client.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
        await server.gate.arrival()
        await server.server.drain(within: .milliseconds(20))
        #expect(server.server.openConnections == 0)
        await #expect(throws: SocketError.self) { try await client.reply() }
        server.gate.open()
    }
}
