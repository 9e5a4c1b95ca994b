import JSON
import Testing

@Suite("JSON objects, pointers and patches")
struct ObjectTests {
    @Test("assignment replaces in place, appends, and removes")
    func assignment() {
        var object: JSONObject = ["a": 1, "b": 2, "c": 3]
        object["b"] = "two"
        object["d"] = .null
        object["a"] = nil
        #expect(object.keys == ["b", "c", "d"])
        #expect(object["b"] == "two")
        #expect(object["d"] == .some(.null))
        #expect(object["a"] == nil)
        #expect(object.removing("c").map(\.key) == ["b", "d"])
        #expect(object.count == 3)
    }

    @Test("equality ignores the order of members but not of elements", arguments: [2, 40])
    func equality(_ count: Int) throws {
        let members = (0..<count).map { ("k\($0)", JSONValue.integer($0)) }
        var one = JSONObject()
        var other = JSONObject()
        for (key, value) in members { one[key] = value }
        for (key, value) in members.reversed() { other[key] = value }
        #expect(one == other)
        other["k0"] = "changed"
        #expect(one != other)
        other["k0"] = nil
        other["new"] = 0
        #expect(one != other)
        #expect(JSONValue.array([1, 2]) != [2, 1])
    }

    @Test("presence tells absent, null and value apart")
    func presence() {
        let object: JSONObject = ["a": .null, "b": 1]
        #expect(object.presence(of: "a") == .null)
        #expect(object.presence(of: "b") == .value(1))
        #expect(object.presence(of: "c") == .absent)
        #expect(object.presence(of: "b").map(\.integerValue) == .value(1))
    }

    @Test("values are reached by subscripts, never by a trap")
    func subscripts() throws {
        let value: JSONValue = ["a": [1, ["b": true]]]
        #expect(value["a"]?[1]?["b"]?.boolValue == true)
        #expect(value["a"]?[2] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["a"]?["b"] == nil)
        #expect(value[0] == nil)
    }

    @Test("a pointer escapes what RFC 6901 escapes")
    func pointers() {
        #expect(JSONPointer.root.text == "")
        #expect(JSONPointer("include").appending(0).appending("a/b~c").text == "/include/0/a~1b~0c")
        #expect(JSONPointer("", "é").description == "//é")
    }

    @Test(
        "a merge patch has the effect of RFC 7396 Appendix A",
        arguments: [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
            (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
            (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
            (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"),
            (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
            (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
            ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ] as [(String, String, String)])
    func mergePatch(_ original: String, _ patch: String, _ result: String) throws {
        let merged = try JSONParser.parse(original).merged(with: JSONParser.parse(patch))
        #expect(merged.serialized() == result)
    }

    @Test("a merge patch of many members keeps their order")
    func largeMergePatch() {
        var original = JSONObject()
        for number in 0..<100 { original["k\(number)"] = .integer(number) }
        let merged = original.merged(with: ["k5": .null, "k7": "new", "z": 1])
        #expect(merged.count == 100)
        #expect(merged.keys.first == "k0")
        #expect(merged.keys.last == "z")
        #expect(merged["k5"] == nil)
        #expect(merged["k7"] == "new")
    }
}
