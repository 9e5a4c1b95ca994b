import Primitives
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    private enum Thing {}

    @Test("an identifier reads back from each of its spellings")
    func roundTrip() {
        let identifier = Identifier<Thing>(at: Timestamp(seconds: 1_767_312_000))
        #expect(Identifier<Thing>(hex: identifier.hex) == identifier)
        #expect(Identifier<Thing>(uuid: identifier.uuid) == identifier)
        #expect(Identifier<Thing>(bytes: identifier.bytes) == identifier)
        #expect(identifier.hex == identifier.uuid.filter { $0 != "-" })
    }

    @Test("later identifiers sort after earlier ones")
    func order() {
        let early = Identifier<Thing>(at: Timestamp(seconds: 1000))
        let late = Identifier<Thing>(at: Timestamp(seconds: 1001))
        #expect(early < late)
        #expect(early.hex < late.hex)
    }

    @Test(
        "another shape is refused",
        arguments: [
            "", "ABCDEF0123456789ABCDEF0123456789", "0123", "g123456789abcdef0123456789abcdef",
            " 23456789abcdef0123456789abcdef0",
        ])
    func shape(_ text: String) {
        #expect(Identifier<Thing>(hex: text) == nil)
        #expect(Identifier<Thing>(uuid: text) == nil)
    }
}

@Suite("Base64url")
struct Base64URLTests {
    @Test(
        "the vectors of RFC 4648 section 10",
        arguments: zip(
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"],
            ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"]))
    func vectors(_ plain: String, _ encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
    }

    @Test(
        "padding, white space, another alphabet and a second spelling are refused",
        arguments: ["Zg==", "Zg ", "Z", "Zh", "a+b/", "Zm9v\n"])
    func strict(_ text: String) { #expect(Base64URL.decode(text) == nil) }
}

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "RFC 3339 is read",
        arguments: [
            ("1985-04-12T23:20:50.52Z", 482_196_050_520_000), ("1996-12-19T16:39:57-08:00", 851_042_397_000_000),
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00+00:30", 951_823_800_000_000),
        ] as [(String, Int64)])
    func read(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(
        "impossible instants are refused",
        arguments: [
            "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-01-01T24:00:00Z", "2023-01-01", "2023-01-01T00:00:00",
            "2023-01-01T00:00:00.Z",
        ])
    func refuse(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test("what is written reads back")
    func roundTrip() {
        for seconds in stride(from: Int64(-2_000_000_000), to: 4_000_000_000, by: 86_399_987) {
            let instant = Timestamp(microseconds: seconds * 1_000_000 + 123_456)
            #expect(Timestamp(rfc3339: instant.rfc3339(.microseconds)) == instant)
        }
        #expect(Timestamp(seconds: 1_772_445_600).httpDate == "Mon, 02 Mar 2026 10:00:00 GMT")
    }
}

@Suite("Durations")
struct DurationTextTests {
    @Test(
        "the notation of the API",
        arguments: [("300ms", 0.3), ("2h45m", 9900), ("24h", 86_400), ("1.5h", 5400), ("0s", 0)] as [(String, Double)])
    func read(_ text: String, _ seconds: Double) throws {
        let read = try #require(DurationText(text))
        #expect(Double(read.duration.wholeMicroseconds) / 1e6 == seconds)
        #expect(read.text == text)
    }

    @Test(
        "anything else is refused",
        arguments: ["", "5", "h", "1d", "-1h", "1h ", "1..5h", "1h30", ".5h", "99999999999999999h"])
    func refuse(_ text: String) { #expect(DurationText(text) == nil) }
}

@Suite("Secrets")
struct SecretTests {
    @Test("a secret never prints")
    func redacted() {
        let secret = Secret("hunter2")
        #expect("\(secret)" == "‹redacted›")
        #expect(String(reflecting: secret) == "‹redacted›")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(
            constantTimeEqual([1, 2], [1, 2]) && !constantTimeEqual([1, 2], [1, 3]) && !constantTimeEqual([1], [1, 2]))
    }
}
