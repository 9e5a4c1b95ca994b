import HTTP
import Primitives
import Testing

@Suite("Request parser")
struct RequestParserTests {
    static let origin = Origin(peer: .loopbackV4, isSecure: true, ray: 0x1234)

    static func parse(_ text: String, _ limits: RequestParser.Limits = .init()) -> RequestParser.Outcome {
        var parser = RequestParser(limits)
        return parser.parse(Array(text.utf8).span, origin)
    }

    static func request(_ text: String) throws -> Request {
        guard case .head(let head, _) = parse(text) else {
            throw Fault(.badRequest, "expected a request")
        }
        return Request(head)
    }

    static func fault(_ text: String, _ limits: RequestParser.Limits = .init()) -> Fault? {
        if case .malformed(let fault) = parse(text, limits) { fault } else { nil }
    }

    @Test("a request gives its parts")
    func parts() throws {
        let request = try Self.request(
            "POST /client/v4/a%2F1?x=1&y= HTTP/1.1\r\nHost: Example.com:80\r\nX-Two: a\r\nx-two:\t b \t\r\nEmpty:\r\n"
                + "Content-Length: 5\r\n\r\nhello")
        #expect(request.method == .post)
        #expect(request.target == "/client/v4/a%2F1?x=1&y=")
        #expect(request.path == "/client/v4/a%2F1")
        #expect(request.queryBytes.map { Array($0) } == Array("x=1&y=".utf8))
        #expect(request.host == "Example.com:80")
        #expect(request.value(FieldName("X-TWO")!) == "a")
        #expect(request.values(FieldName("x-two")!) == ["a", "b"])
        #expect(request.count(FieldName("x-two")!) == 2)
        #expect(request.value(FieldName("empty")!) == "")
        #expect(request.value(.authorization) == nil)
        #expect(request.head.framing == .length(5))
        #expect(request.peer == .loopbackV4)
        #expect(request.isSecure)
        #expect(request.rayText == "0000000000001234")
        #expect(request.allFields.all.map(\.name.text) == ["host", "x-two", "x-two", "empty", "content-length"])
    }

    @Test("the bytes taken end behind the empty line")
    func consumed() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"
        guard case .head(_, let consumed) = Self.parse(text) else {
            Issue.record("expected a head")
            return
        }
        #expect(consumed == text.utf8.count - 3)
    }

    @Test("one empty line before the request is ignored")
    func leadingEmptyLine() throws {
        #expect(try Self.request("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").path == "/")
        #expect(Self.fault("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")?.status == .badRequest)
    }

    @Test("every cut of the bytes gives the same request")
    func byteSplit() throws {
        let text = "\r\nPUT /a?b HTTP/1.1\r\nHost: [::1]:80\r\nCookie: a=b\r\nTransfer-Encoding: chunked\r\n\r\n"
        let bytes = Array(text.utf8)
        for cut in 0..<bytes.count {
            var parser = RequestParser()
            guard case .needMore = parser.parse(Array(bytes[..<cut]).span, Self.origin) else {
                Issue.record("complete after \(cut) bytes")
                continue
            }
            guard case .head(let head, let consumed) = parser.parse(bytes.span, Self.origin) else {
                Issue.record("incomplete with cut \(cut)")
                continue
            }
            #expect(consumed == bytes.count)
            #expect(Request(head).host == "[::1]:80")
            #expect(head.framing == .chunked)
        }
    }

    @Test("a head that arrives byte by byte is understood at its last byte")
    func dripping() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n".utf8)
        var parser = RequestParser()
        for count in 1..<bytes.count {
            guard case .needMore = parser.parse(Array(bytes[..<count]).span, Self.origin) else {
                Issue.record("complete after \(count) bytes")
                return
            }
        }
        guard case .head = parser.parse(bytes.span, Self.origin) else {
            Issue.record("incomplete at the end")
            return
        }
    }

    @Test(
        "targets of other forms",
        arguments: [
            ("GET http://a.example:81/p?q HTTP/1.1", "/p", "a.example:81"),
            ("GET HTTPS://a.example HTTP/1.1", "/", "a.example"),
            ("GET http://a.example?q HTTP/1.1", "/", "a.example"),
            ("OPTIONS * HTTP/1.1", "*", "b"),
        ])
    func targets(_ line: String, _ path: String, _ host: String) throws {
        let request = try Self.request("\(line)\r\nHost: b\r\n\r\n")
        #expect(request.path == path)
        #expect(request.host == host)
    }

    @Test(
        "whether the connection goes on",
        arguments: [
            ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
            ("HTTP/1.1", "Connection: x, CLOSE\r\n", false), ("HTTP/1.0", "", false),
            ("HTTP/1.0", "Connection: Keep-Alive\r\n", true), ("HTTP/1.0", "Connection: keep-alive, close\r\n", false),
        ])
    func keepAlive(_ version: String, _ field: String, _ goesOn: Bool) throws {
        #expect(try Self.request("GET / \(version)\r\nHost: a\r\n\(field)\r\n").head.keepsAlive == goesOn)
    }

    @Test("limits of size and number answer 431, a long target 414")
    func limits() {
        let many = String(repeating: "a: b\r\n", count: 100)
        #expect(Self.fault("GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n")?.status == .headerFieldsTooLarge)
        let few = String(repeating: "a: b\r\n", count: 99)
        #expect(Self.fault("GET / HTTP/1.1\r\nHost: a\r\n\(few)\r\n") == nil)
        let long = String(repeating: "x", count: 33_000)
        #expect(Self.fault("GET / HTTP/1.1\r\nHost: a\r\nA: \(long)")?.status == .headerFieldsTooLarge)
        #expect(Self.fault("GET / HTTP/1.1\r\nHost: a\r\nA: \(long)\r\n\r\n")?.status == .headerFieldsTooLarge)
        #expect(Self.fault("GET /\(long)")?.status == .uriTooLong)
        #expect(Self.fault("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n")?.status == .uriTooLong)
        let cookie = String(repeating: "x", count: 16 * 1024 + 1)
        #expect(Self.fault("GET / HTTP/1.1\r\nHost: a\r\nCookie: \(cookie)\r\n\r\n")?.status == .headerFieldsTooLarge)
        #expect(Self.fault("GET / HTTP/1.1\r\nHost: a\r\nCookie: \(cookie.dropLast())\r\n\r\n") == nil)
    }

    @Test("malformed heads are refused", arguments: MalformedHeads.all)
    func malformed(_ text: String, _ status: UInt16) {
        #expect(Self.fault(text)?.status.code == status)
    }

    @Test("a request made in the process is what a client would send")
    func synthetic() throws {
        let request = try #require(Request(.post, "/x?y=1", fields: [.accept: "*/*"], body: [1, 2]))
        #expect(request.path == "/x")
        #expect(request.body == [1, 2])
        #expect(request.value(.accept) == "*/*")
        #expect(Request(.get, "no slash") == nil)
    }
}

/// Heads that a strict reader refuses, and with which status.
enum MalformedHeads {
    static let all: [(String, UInt16)] =
        lines.map { ("\($0.0)\r\nHost: a\r\n\r\n", $0.1) }
        + fields.map { ("POST / HTTP/1.1\r\nHost: a\r\n\($0.0)\r\n\r\n", $0.1) } + whole

    private static let lines: [(String, UInt16)] = [
        ("GET /", 400), ("GET / HTTP/1.1 ", 400), ("GET  / HTTP/1.1", 400), (" GET / HTTP/1.1", 400),
        ("GET\t/ HTTP/1.1", 400), ("GET / HTTP/1.2", 505), ("GET / HTTP/2.0", 505), ("GET / HTTP/0.9", 505),
        ("GET / http/1.1", 400), ("GET / HTTP/1.10", 400), ("GET / HTTP/11", 400), ("GET / XTTP/1.1", 400),
        ("G(T / HTTP/1.1", 400), ("GET /a b HTTP/1.1", 400), ("GET /a\u{0}b HTTP/1.1", 400), ("GET /é HTTP/1.1", 400),
        ("GET /#f HTTP/1.1", 400), ("GET a HTTP/1.1", 400), ("GET * HTTP/1.1", 400), ("GET ftp://a/ HTTP/1.1", 400),
        ("CONNECT a:80 HTTP/1.1", 400), ("GET http:///p HTTP/1.1", 400), ("GET http://u@a/p HTTP/1.1", 400),
        ("GET / HTTP/1.1\rX: y", 400), ("GET / HTTP/1.1\nX: y", 400),
    ]

    private static let fields: [(String, UInt16)] = [
        ("Host: b", 400), ("host: a", 400),
        ("X : y", 400), ("X\t: y", 400), (": y", 400), ("X", 400), ("X\u{0}: y", 400), ("X(: y", 400), ("é: y", 400),
        (" folded: y", 400), ("X: y\r\n folded", 400), ("X: y\r\n\tfolded", 400),
        ("X: a\u{0}b", 400), ("X: a\u{7F}b", 400), ("X: a\u{1}b", 400), ("X: a\rb", 400), ("X: a\nY: b", 400),
        ("Content-Length: 1\r\nContent-Length: 1", 400), ("Content-Length: 1\r\nContent-Length: 2", 400),
        ("Content-Length: 1, 1", 400), ("Content-Length: +1", 400), ("Content-Length: -1", 400),
        ("Content-Length: 0x1", 400), ("Content-Length:", 400), ("Content-Length: 1 1", 400),
        ("Content-Length: 1.0", 400),
        ("Content-Length: 99999999999999999999", 400),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked", 400),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0", 400),
        ("Transfer-Encoding: chunked, chunked", 400), ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400),
        ("Transfer-Encoding:", 400), ("Transfer-Encoding: gzip", 501), ("Transfer-Encoding: gzip, chunked", 501),
        ("Transfer-Encoding: xchunked", 501), ("Transfer-Encoding: \"chunked\"", 501),
        ("Transfer-Encoding: identity", 501),
        ("Transfer-Encoding: chunked;q=1", 501),
        ("Expect: something", 417),
    ]

    private static let whole: [(String, UInt16)] = [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: a\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", 400), ("\u{16}\u{3}\u{1}", 400), ("\n", 400),
        ("GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ]
}
