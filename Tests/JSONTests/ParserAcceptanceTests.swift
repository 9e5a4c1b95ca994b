import JSON
import Primitives
import Testing

@Suite("JSON that is accepted")
struct ParserAcceptanceTests {
    @Test(
        "a text is read as its value",
        arguments: [
            ("null", JSONValue.null), ("true", true), ("false", false), (" \t\r\n1 \n", 1), ("0", 0), ("-0", 0),
            ("-12", -12),
            ("9223372036854775807", .integer(Int64.max)), ("-9223372036854775808", .integer(Int64.min)),
            ("0.5", 0.5), ("-0.5e-3", -0.0005), ("1E2", 100), ("1e+2", 100), ("20.0", 20),
            (#""""#, ""), (#""a""#, "a"), (#""é €😀""#, "é €😀"), ("\"\u{7F}\"", "\u{7F}"),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u20AC\ud83d\uDE00""#, "é€😀"),
            (#""\u0000""#, "\0"), (#""a\u0041b""#, "aAb"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
            (#""\uFFFF""#, "\u{FFFF}"),
            ("[]", []), ("[ ]", []), ("[1]", [1]), ("[1 , 2\n,3]", [1, 2, 3]), ("[[],[[]]]", [[], [[]]]),
            ("{}", [:]), ("{ }", [:]), (#"{"a":1}"#, ["a": 1]),
            (#"{ "a" : [ { "b" : null } ] }"#, ["a": [["b": .null]]]),
            (#"{"":0,"a":1,"A":2}"#, ["": 0, "a": 1, "A": 2]), (#"{"\u0061":1}"#, ["a": 1]),
        ] as [(String, JSONValue)])
    func reads(_ text: String, _ expected: JSONValue) throws {
        #expect(try JSONParser.parse(text) == expected)
    }

    @Test("members keep their order and numbers their spelling")
    func order() throws {
        let text = #"{"z":1.50,"a":[1E1,-0],"m":{"y":"","b":true}}"#
        let value = try JSONParser.parse(text)
        #expect(value.serialized() == text)
        #expect(value.objectValue?.keys == ["z", "a", "m"])
    }

    @Test("every overload reads the same bytes")
    func overloads() throws {
        let bytes = Array(#"x{"a":[1,"é"]}"#.utf8)
        let expected: JSONValue = ["a": [1, "é"]]
        #expect(try JSONParser.parse(bytes[1...]) == expected)
        #expect(try JSONParser.parse(Array(bytes[1...])) == expected)
        #expect(try JSONParser.parse(JSONText(trusted: #"{"a":[1,"é"]}"#)) == expected)
        let fromMemory = try bytes.withUnsafeBytes { memory throws(JSONError) in
            try JSONParser.parse(UnsafeRawBufferPointer(rebasing: memory[1...]))
        }
        #expect(fromMemory == expected)
        #expect(throws: JSONError(.unexpectedEnd, at: 0)) {
            try JSONParser.parse(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    @Test("canonically equivalent keys are different keys")
    func equivalence() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        let value = try JSONParser.parse("{\"\(composed)\":1,\"\(decomposed)\":2,\"\u{212A}\":3}")
        #expect(value[composed] == 1)
        #expect(value[decomposed] == 2)
        #expect(value["K"] == nil)
        #expect(JSONValue.string(composed) != .string(decomposed))
    }

    @Test("depth is allowed up to the limit", arguments: [1, 10, 32])
    func depth(_ limit: Int) throws {
        let text = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        _ = try JSONParser.parse(text, limits: JSONLimits(maxDepth: limit))
        #expect(throws: JSONError(.tooDeep, at: limit)) {
            try JSONParser.parse("[" + text + "]", limits: JSONLimits(maxDepth: limit))
        }
    }

    @Test("depth counts nesting, not siblings")
    func siblings() throws {
        let text = "[" + Array(repeating: "[{}]", count: 100).joined(separator: ",") + "]"
        _ = try JSONParser.parse(text, limits: JSONLimits(maxDepth: 3))
    }

    @Test("members are allowed up to the limit of one object")
    func members() throws {
        func object(_ count: Int) -> String { "{" + (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",") + "}" }
        let limits = JSONLimits(maxMembers: 3)
        _ = try JSONParser.parse("[\(object(3)),\(object(3))]", limits: limits)
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(object(4), limits: limits) }
        #expect(error?.kind == .tooManyMembers)
    }
}
