import HTTP
import Primitives
import Testing

@testable import HTTPClient

@Suite("Redirects")
struct RedirectTests {
    /// Redirects `/0` to `/1` and so on, with a status.
    private static func chain(_ status: Int) throws -> RawServer {
        try RawServer { peer in
            while let request = peer.readRequest() {
                let step = request.split(separator: " ")[1].dropFirst().prefix { $0.isNumber }
                guard let number = Int(step) else { return }
                let answer = "HTTP/1.1 \(status) X\r\nLocation: /\(number + 1)\r\nContent-Length: 0\r\n\r\n"
                guard peer.write(number < 3 ? answer : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend") else {
                    return
                }
            }
        }
    }

    @Test("a redirect is the response unless it may be followed")
    func off() async throws {
        let server = try Self.chain(302)
        defer { server.stop() }
        try await withClient { client in
            let response = try await client.send(OutboundRequest(.get, try server.url("/0")))
            #expect(response.status == .found)
            #expect(response.fields[.location] == "/1")
        }
    }

    @Test("redirects are followed up to the limit, over one connection")
    func followed() async throws {
        let server = try Self.chain(301)
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.get, try server.url("/0"))
            request.redirectLimit = 3
            let response = try await client.send(request)
            #expect(response.text == "end")
            #expect(response.url.path == "/3")
            request.redirectLimit = 2
            await #expect(throws: HTTPClientError.redirectRefused(.tooMany)) { try await client.send(request) }
        }
        #expect(server.connections == 1)
    }

    @Test(
        "the method changes where the status says so",
        arguments: [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
    func methods(_ status: Int, _ method: String) async throws {
        let server = try Self.chain(status)
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.post, try server.url("/2"), fields: [.contentType: "text/plain"], body: [65])
            request.redirectLimit = 1
            _ = try await client.send(request)
        }
        let last = try #require(server.requests.last)
        #expect(last.hasPrefix("\(method) /3 "))
        #expect(last.contains("content-type") == (method == "POST"))
        #expect(last.hasSuffix(method == "POST" ? "\r\n\r\nA" : "\r\n\r\n"))
    }

    @Test(
        "a redirect to another server is refused before anything is sent there",
        arguments: [
            ("http://127.0.0.2/", HTTPClientError.RedirectFault.elsewhere), ("//other.example/", .elsewhere),
            ("http://127.0.0.1:1/", .elsewhere), ("http://user@127.0.0.1/", .elsewhere),
            ("file:///etc/passwd", .malformed),
            ("javascript:1", .malformed), ("http://", .malformed), ("/a b", .malformed),
        ])
    func elsewhere(_ location: String, _ fault: HTTPClientError.RedirectFault) async throws {
        let server = try RawServer.answering("HTTP/1.1 302 Found\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.get, try server.url())
            request.redirectLimit = 3
            await #expect(throws: HTTPClientError.redirectRefused(fault)) { try await client.send(request) }
        }
    }

    @Test("a redirect without a Location is refused")
    func noLocation() async throws {
        let server = try RawServer.answering("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        try await withClient { client in
            var request = OutboundRequest(.get, try server.url())
            request.redirectLimit = 3
            await #expect(throws: HTTPClientError.redirectRefused(.malformed)) { try await client.send(request) }
        }
    }

    /// The http examples of RFC 3986 §5.4, whose base is `http://a/b/c/d;p?q`.
    @Test(
        "references resolve as RFC 3986 section 5.4 shows",
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            (";x", "http://a/b/c/;x"), ("g;x?y#s", "http://a/b/c/g;x?y"), ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"), ("/./g", "http://a/g"), ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./g/.", "http://a/b/c/g/"), ("g/../h", "http://a/b/c/h"), ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("HTTPS://B/x", "https://b/x"),
        ])
    func references(_ reference: String, _ expected: String) throws {
        let base = try #require(WebAddress("http://a/b/c/d;p?q"))
        #expect(base.resolving(reference)?.description == expected)
    }

    @Test("http may become https on the same host, never the other way")
    func upgrade() throws {
        func next(_ from: String, _ location: String) throws -> String? {
            var request = OutboundRequest(.get, try #require(WebAddress(from)))
            request.redirectLimit = 1
            let response = InboundResponse(
                status: .found, fields: [.location: location], body: [], url: request.url, address: .loopbackV4)
            return try Redirect.next(after: response, to: request)?.url.description
        }
        #expect(try next("http://a.example/x", "https://a.example/y") == "https://a.example/y")
        #expect(throws: HTTPClientError.redirectRefused(.elsewhere)) {
            _ = try next("https://a.example/", "http://a.example/")
        }
        #expect(throws: HTTPClientError.redirectRefused(.elsewhere)) {
            _ = try next("https://a.example/", "https://a.example:8443/")
        }
        #expect(throws: HTTPClientError.redirectRefused(.elsewhere)) {
            _ = try next("https://a.example/", "https://b.a.example/")
        }
    }
}
