import HTTP
import Testing

@Suite("Response parser")
struct ResponseParserTests {
    private static func parse(_ text: String, to method: HTTP.Method = .get) -> ResponseParser.Outcome {
        ResponseParser(to: method).parse(Array(text.utf8).span)
    }

    private static func head(_ text: String, to method: HTTP.Method = .get) throws -> ResponseHead {
        guard case .head(let head, _) = parse(text, to: method) else { throw Fault(.badRequest, "expected a head") }
        return head
    }

    @Test("a head gives status, fields and length")
    func parts() throws {
        let head = try Self.head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\nhello")
        #expect(head.status == .ok)
        #expect(head.framing == .length(5))
        #expect(head.fields.values(.setCookie) == ["a", "b"])
        #expect(head.keepsAlive)
    }

    @Test(
        "where the body ends",
        arguments: [
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", ResponseHead.Framing.chunked, true),
            ("HTTP/1.1 200\r\n\r\n", .untilClose, false), ("HTTP/1.1 204 x\r\n\r\n", .none, true),
            ("HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n", .none, true),
            (
                "HTTP/1.1 200 x\r\nContent-Length: 9\r\nContent-Length: 9\r\nConnection: close\r\n\r\n", .length(9),
                false
            ),
            ("HTTP/1.0 200 x\r\nContent-Length: 9\r\n\r\n", .length(9), false),
        ])
    func framing(_ text: String, _ framing: ResponseHead.Framing, _ keepsAlive: Bool) throws {
        let head = try Self.head(text)
        #expect(head.framing == framing)
        #expect(head.keepsAlive == keepsAlive)
    }

    @Test("a response to HEAD has no body")
    func headRequest() throws {
        #expect(try Self.head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", to: .head).framing == .none)
    }

    @Test("interim responses are skipped")
    func interim() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: a\r\n\r\nHTTP/1.1 201 Created\r\n\r\n"
        guard case .head(let head, let consumed) = Self.parse(text) else {
            Issue.record("expected a head")
            return
        }
        #expect(head.status == .created)
        #expect(consumed == text.utf8.count)
    }

    @Test("every cut needs more")
    func byteSplit() {
        let bytes = Array("HTTP/1.1 200 OK\r\nA: b\r\n\r\n".utf8)
        for cut in 0..<bytes.count {
            #expect(ResponseParser(to: .get).parse(Array(bytes[..<cut]).span) == .needMore)
        }
    }

    @Test(
        "malformed heads are refused",
        arguments: [
            "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n", "\r\n\r\n", "HTTP/1.1 101 x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 O\u{0}K\r\n\r\n",
        ])
    func malformed(_ text: String) {
        guard case .malformed = Self.parse(text) else {
            Issue.record("accepted")
            return
        }
    }

    @Test("an endless head is refused")
    func endless() {
        guard case .malformed = Self.parse("HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 70_000)) else {
            Issue.record("accepted")
            return
        }
    }
}
