import JSON
import Testing

@Suite("JSON numbers")
struct NumberTests {
    @Test(
        "whole numbers are integers in any spelling",
        arguments: [
            ("20.0", 20), ("2e1", 20), ("2.00E+1", 20), ("200e-1", 20), ("0.00", 0), ("-0.0", 0),
            ("0e99999999999999999999", 0),
            ("9223372036854775807.0", Int64.max), ("-9223372036854775808.000", Int64.min),
            ("922337203685477580.7e1", Int64.max),
            ("1e18", 1_000_000_000_000_000_000),
        ] as [(String, Int64)])
    func integers(_ text: String, _ value: Int64) throws {
        #expect(try JSONParser.parse(text).integerValue == value)
    }

    @Test(
        "fractions and numbers beyond 64 bits are not",
        arguments: [
            "20.5", "1e-1", "9223372036854775808", "-9223372036854775809", "9223372036854775807.5", "1e19", "1e300",
            "1e-99999999999999999999", "18446744073709551616", "99999999999999999999999.0",
        ])
    func fractions(_ text: String) throws {
        #expect(try JSONParser.parse(text).integerValue == nil)
    }

    @Test("strings and booleans are no numbers")
    func otherTypes() {
        #expect(JSONValue.string("1").integerValue == nil)
        #expect(JSONValue.bool(true).doubleValue == nil)
    }

    @Test(
        "equality is that of values",
        arguments: [
            ("1", "1.0", true), ("1", "2", false), ("0.1", "1e-1", true),
            ("9223372036854775807", "9223372036854775808", false),
        ])
    func equality(_ one: String, _ other: String, _ expected: Bool) throws {
        #expect(try (JSONParser.parse(one) == JSONParser.parse(other)) == expected)
    }

    @Test("not every double has a spelling")
    func doubles() {
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(Double.infinity) == nil)
        #expect(JSONNumber(0.1)?.text == "0.1")
        #expect(JSONNumber(1e300)?.double == 1e300)
    }
}
