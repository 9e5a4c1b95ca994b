import JSON
import Primitives
import Testing

private enum Widget {}

@Suite("JSON writer")
struct WriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("commas come by themselves")
    func commas() {
        let text = written { writer in
            writer.beginObject()
            writer.member("a", 1)
            writer.key("b")
            writer.beginArray()
            writer.value("x")
            writer.value(true)
            writer.null()
            writer.beginObject()
            writer.endObject()
            writer.beginArray()
            writer.endArray()
            writer.value(-2.5)
            writer.endArray()
            writer.key(String("c"))
            writer.value(Int64.min)
            writer.member("d", "")
            writer.endObject()
        }
        #expect(text == #"{"a":1,"b":["x",true,null,{},[],-2.5],"c":-9223372036854775808,"d":""}"#)
    }

    @Test("missing values are null")
    func optionals() {
        let text = written { writer in
            writer.beginObject()
            writer.member("a", String?.none)
            writer.member("b", Int?.none)
            writer.member("c", Bool?.some(false))
            writer.member("d", Double?.some(0.5))
            writer.member("e", Int64?.some(7))
            writer.member("f", hex: Identifier<Widget>?.none)
            writer.member("g", time: Timestamp?.none)
            writer.member("h", raw: JSONText?.none)
            writer.member("i", JSONValue?.none)
            writer.member("j", Double.nan)
            writer.endObject()
        }
        #expect(
            text == #"{"a":null,"b":null,"c":false,"d":0.5,"e":7,"f":null,"g":null,"h":null,"i":null,"j":null}"#)
    }

    @Test("identifiers and times have their wire forms")
    func identifiers() {
        let identifier = Identifier<Widget>(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
        let text = written { writer in
            writer.beginObject()
            writer.member("hex", hex: identifier)
            writer.member("uuid", uuid: identifier)
            writer.member("s", time: Timestamp(microseconds: 1_500_000))
            writer.member("us", time: Timestamp(microseconds: 1_500_000), .microseconds)
            writer.member("list", ["a", "b"])
            writer.endObject()
        }
        #expect(
            text
                == #"{"hex":"0123456789abcdeffedcba9876543210","uuid":"01234567-89ab-cdef-fedc-ba9876543210","#
                + #""s":"1970-01-01T00:00:01Z","us":"1970-01-01T00:00:01.500000Z","list":["a","b"]}"#)
    }

    @Test("documents are spliced as they are")
    func splicing() {
        let text = written { writer in
            writer.beginArray()
            writer.raw(JSONText(trusted: #"{"a":1}"#))
            writer.raw(.null)
            writer.beginObject()
            writer.rawMembers(of: .emptyObject)
            writer.rawMembers(of: JSONText(trusted: #"{"a":1,"b":{"c":2}}"#))
            writer.rawMembers(of: JSONText(trusted: " { } "))
            writer.member("z", 1)
            writer.rawMembers(of: JSONText(trusted: #" { "y": [1] } "#))
            writer.rawMembers(of: JSONText(trusted: "[1]"))
            writer.endObject()
            writer.endArray()
        }
        #expect(text == #"[{"a":1},null,{"a":1,"b":{"c":2},"z":1, "y": [1] }]"#)
    }

    @Test("every scalar of the first planes survives writing and reading")
    func escaping() throws {
        for code in (0..<0x3000 as Range<UInt32>).map({ $0 }) + [0xFFFD, 0xFFFF, 0x1F600, 0x10FFFF] {
            guard let scalar = Unicode.Scalar(code) else { continue }
            let text = "a\(scalar)b"
            let bytes = JSONValue.string(text).serializedBytes()
            #expect(bytes.allSatisfy { $0 >= 0x20 })
            #expect(try JSONParser.parse(bytes) == .string(text))
        }
    }

    @Test("control characters, quotes and backslashes are escaped, nothing else is")
    func escapes() {
        #expect(JSONValue.string("\u{0}\u{1F}\n\"\\/<é").serialized() == #""\u0000\u001f\n\"\\/<é""#)
        #expect(written { $0.key("a\"b") } == #""a\"b":"#)
    }

    @Test("a buffer is reused without its contents")
    func reuse() {
        var writer = JSONWriter(reusing: Array("old".utf8))
        writer.value(1)
        #expect(writer.bytes == Array("1".utf8))
        #expect(writer.jsonText == JSONText(trusted: "1"))
    }
}
