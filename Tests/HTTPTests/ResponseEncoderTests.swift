import HTTP
import Testing

@Suite("Response encoder")
struct ResponseEncoderTests {
    private static func encode(
        _ response: Response, _ framing: ResponseEncoder.Framing, _ connection: ResponseEncoder.Connection = .keepsAlive
    ) -> String {
        var output: [UInt8] = []
        ResponseEncoder.append(
            response, framing: framing, connection: connection, dateLine: ResponseEncoder.dateLine("D"), to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test("a head holds status, date, fields and length")
    func head() {
        #expect(
            Self.encode(Response(.ok, json: [1]), .length(1_234_567_890))
                == "HTTP/1.1 200 OK\r\ndate: D\r\ncontent-type: application/json\r\ncontent-length: 1234567890\r\n\r\n")
        #expect(Self.encode(Response(.noContent), .none) == "HTTP/1.1 204 No Content\r\ndate: D\r\n\r\n")
        #expect(
            Self.encode(Response(Status(299)), .chunked, .closes)
                == "HTTP/1.1 299 \r\ndate: D\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n")
    }

    @Test("a line break in a value cannot start another field")
    func injection() {
        let text = Self.encode(Response(.ok, fields: [.location: "/a\r\nset-cookie: x=y\u{0}"]), .length(0))
        #expect(text.contains("location: /a  set-cookie: x=y \r\n"))
    }

    @Test("chunks carry their size in hexadecimal", arguments: [(1, "1"), (10, "a"), (255, "ff"), (4096, "1000")])
    func chunk(_ count: Int, _ size: String) {
        var output: [UInt8] = []
        ResponseEncoder.appendChunk([UInt8](repeating: 97, count: count), to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "\(size)\r\n\(String(repeating: "a", count: count))\r\n")
    }

    @Test("an empty chunk is not written, because it would end the body")
    func emptyChunk() {
        var output: [UInt8] = []
        ResponseEncoder.appendChunk([], to: &output)
        #expect(output.isEmpty)
    }
}
