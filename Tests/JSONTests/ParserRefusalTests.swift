import JSON
import Testing

@Suite("JSON that is refused")
struct ParserRefusalTests {
    @Test(
        "a malformed text names its problem",
        arguments: [
            ("", .unexpectedEnd), (" ", .unexpectedEnd), ("[", .unexpectedEnd), ("[1", .unexpectedEnd),
            ("[1,", .unexpectedEnd),
            ("{", .unexpectedEnd), (#"{"a"#, .unexpectedEnd), (#"{"a""#, .unexpectedEnd), (#"{"a":"#, .unexpectedEnd),
            (#"{"a":1"#, .unexpectedEnd), (#"{"a":1,"#, .unexpectedEnd), ("nul", .unexpectedEnd),
            (#"""#, .unexpectedEnd),
            (#""\"#, .unexpectedEnd), (#""\u12"#, .unexpectedEnd),
            ("]", .unexpectedByte), ("}", .unexpectedByte), (",", .unexpectedByte), ("[,1]", .unexpectedByte),
            ("[1,]", .unexpectedByte), ("[1 2]", .unexpectedByte), ("[1:2]", .unexpectedByte), ("[1}", .unexpectedByte),
            ("{,}", .unexpectedByte), (#"{"a":1,}"#, .unexpectedByte), (#"{"a" 1}"#, .unexpectedByte),
            ("{1:1}", .unexpectedByte),
            ("{a:1}", .unexpectedByte), ("{'a':1}", .unexpectedByte), (#"{"a":}"#, .unexpectedByte),
            (#"{"a":1]"#, .unexpectedByte),
            (#"{"a","b"}"#, .unexpectedByte), ("nulL", .unexpectedByte), ("True", .unexpectedByte),
            ("NaN", .unexpectedByte),
            ("Infinity", .unexpectedByte), ("+1", .unexpectedByte), (".5", .unexpectedByte), ("'a'", .unexpectedByte),
            ("/* c */1", .unexpectedByte), ("\u{FEFF}1", .unexpectedByte), ("\u{A0}1", .unexpectedByte),
            ("\u{C}1", .unexpectedByte),
            ("-", .invalidNumber), ("--1", .invalidNumber), ("-Infinity", .invalidNumber), ("01", .invalidNumber),
            ("-01", .invalidNumber), ("1.", .invalidNumber), ("1.e2", .invalidNumber), ("1e", .invalidNumber),
            ("1e+", .invalidNumber), ("-.5", .invalidNumber),
            ("1e999", .numberOutOfRange), ("-1e400", .numberOutOfRange),
            (String(repeating: "9", count: 400), .numberOutOfRange),
            ("1 1", .trailingBytes), ("{}{}", .trailingBytes), ("[]]", .trailingBytes), ("1,", .trailingBytes),
            ("nulll", .trailingBytes), ("1\0", .trailingBytes), ("0x1", .trailingBytes), ("1_0", .trailingBytes),
            ("\"\n\"", .controlCharacter), ("\"\0\"", .controlCharacter), ("\"\u{1F}\"", .controlCharacter),
            ("\"\\n\t\"", .controlCharacter),
            (#""\x41""#, .invalidEscape), (#""\u00g0""#, .invalidEscape), (#""\U0041""#, .invalidEscape),
            (#""\'""#, .invalidEscape),
            (#""\ud800""#, .loneSurrogate), (#""\ud800x""#, .loneSurrogate), (#""\udc00""#, .loneSurrogate),
            (#""\ud800\ud800""#, .loneSurrogate), (#""\ud800\u0041""#, .loneSurrogate),
            (#""\udc00\ud800""#, .loneSurrogate),
            (#""\ud800\n""#, .loneSurrogate),
        ] as [(String, JSONError.Kind)])
    func refuses(_ text: String, _ kind: JSONError.Kind) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error?.kind == kind)
    }

    @Test(
        "bytes that are not UTF-8 are refused, plain or beside an escape, as value or key",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE, 0xFF],
        ] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        let quote = [UInt8(ascii: "\"")]
        let texts = [
            quote + bytes + quote, quote + Array(#"\n"#.utf8) + bytes + quote,
            quote + bytes + Array(#"\n"#.utf8) + quote,
            Array("{\"".utf8) + bytes + Array("\":1}".utf8),
        ]
        for text in texts {
            let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
            #expect(error?.kind == .invalidUTF8)
        }
    }

    @Test("UTF-16 and UTF-32 are refused")
    func otherEncodings() {
        for text: [UInt8] in [[0x31, 0], [0, 0x31], [0xFF, 0xFE, 0x31, 0], [0, 0, 0, 0x31]] {
            #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        }
    }

    @Test(
        "a repeated key is found at any depth and named",
        arguments: [
            (#"{"a":1,"a":1}"#, "a", 7), (#"[[{"b":{"c":0,"d":0,"c":{}}}]]"#, "c", 20),
            (#"{"a":1,"\u0061":2}"#, "a", 7),
            (#"{"":1,"":2}"#, "", 6), (#"{"x":[{"é":1},{"é":1,"é":2}]}"#, "é", 23),
        ] as [(String, String, Int)])
    func duplicates(_ text: String, _ key: String, _ offset: Int) {
        #expect(throws: JSONError(.duplicateKey, at: offset, key: key)) { try JSONParser.parse(text) }
    }

    @Test("a repeated key is found in objects of every size", arguments: [1, 2, 15, 16, 17, 18, 300])
    func duplicatesInLargeObjects(_ count: Int) throws {
        let members = (0..<count).map { "\"key number \($0)\":\($0)" }
        let object = try JSONParser.parse("{" + members.joined(separator: ",") + "}")
        #expect(object.objectValue?.count == count)
        for repeated in Set([0, count / 2, count - 1]) {
            let text = "{" + (members + [members[repeated]]).joined(separator: ",") + "}"
            let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
            #expect(error?.kind == .duplicateKey)
            #expect(error?.key == "key number \(repeated)")
        }
    }

    @Test("a text that is no JSON is reported as that even after a repeated key")
    func syntaxBeforeDuplicates() {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(#"{"a":1,"a":2"#) }
        #expect(error?.kind == .unexpectedEnd)
    }

    @Test("no proper prefix of a document is a document")
    func prefixes() throws {
        let text = Array(#"{"a":[1,-2.5e3,"é\n\ud83d\ude00"],"b":{"c":null,"d":true}}"#.utf8)
        _ = try JSONParser.parse(text)
        for end in text.indices {
            #expect(throws: JSONError.self) { try JSONParser.parse(text[..<end]) }
        }
    }

    @Test("no change of a single byte traps, and what is accepted survives a round trip")
    func mutations() throws {
        let text = Array(#"{"a":[1,-2.5e3,"é\n\ud83d\ude00"],"b":{"c":null}}"#.utf8)
        for position in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[position] = byte
                guard let value = try? JSONParser.parse(changed) else { continue }
                #expect(try JSONParser.parse(value.serializedBytes()) == value)
            }
        }
    }
}
