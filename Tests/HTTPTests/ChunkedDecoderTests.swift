import HTTP
import Testing

@Suite("Chunked decoder")
struct ChunkedDecoderTests {
    private static func decode(_ text: String, limit: Int = 1000) -> (ChunkedDecoder.Outcome, [UInt8]) {
        var decoder = ChunkedDecoder()
        var body: [UInt8] = []
        let outcome = decoder.decode(Array(text.utf8).span, into: &body, limit: limit)
        return (outcome, body)
    }

    private static let sample = "5;a=b\r\nhello\r\n00A\r\n, big wo\r\n\r\n2\r\nld\r\n0\r\nX-Trailer: v\r\n\r\n"
    private static let content = Array("hello, big wo\r\nld".utf8)

    @Test("chunks, extensions and trailers are removed")
    func decodes() {
        let (outcome, body) = Self.decode(Self.sample + "GET")
        #expect(outcome == .complete(consumed: Self.sample.utf8.count))
        #expect(body == Self.content)
    }

    @Test("every cut of the bytes gives the same body")
    func byteSplit() {
        let bytes = Array(Self.sample.utf8)
        for cut in 0..<bytes.count {
            var decoder = ChunkedDecoder()
            var body: [UInt8] = []
            #expect(decoder.decode(Array(bytes[..<cut]).span, into: &body, limit: 1000) == .needMore)
            let outcome = decoder.decode(Array(bytes[cut...]).span, into: &body, limit: 1000)
            #expect(outcome == .complete(consumed: bytes.count - cut))
            #expect(body == Self.content)
        }
    }

    @Test(
        "malformed chunks are refused",
        arguments: [
            "\r\n", ";a\r\n", "g\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", "1\n", "1\ra", "1\r\nab",
            "1\r\na\nb",
            "1\r\na\rb", "1000000000000000\r\n", "1;\u{0}\r\n", "0\r\nbad trailer\r\n", "0\r\n folded: x\r\n",
            "0\r\n\n", "0\r\n\ra",
            "0\r\nX : y\r\n",
        ])
    func malformed(_ text: String) {
        guard case .malformed(let fault) = Self.decode(text).0 else {
            Issue.record("accepted")
            return
        }
        #expect(fault.status == .badRequest)
    }

    @Test("content over the limit is refused before it arrives")
    func tooLarge() {
        #expect(Self.decode("3e9\r\n").0 == .tooLarge)
        #expect(Self.decode("3e8\r\n").0 == .needMore)
        #expect(Self.decode("3\r\nabc\r\n3\r\nabc", limit: 5).0 == .tooLarge)
    }

    @Test("endless extensions and trailers are refused")
    func overhead() {
        guard case .malformed = Self.decode("1;" + String(repeating: "a", count: 2000)).0 else {
            Issue.record("accepted an endless extension")
            return
        }
        guard case .malformed(let fault) = Self.decode("0\r\n" + String(repeating: "a: b\r\n", count: 2000)).0 else {
            Issue.record("accepted endless trailers")
            return
        }
        #expect(fault.status == .headerFieldsTooLarge)
    }
}
