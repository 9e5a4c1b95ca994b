import Domain
import Primitives
import Testing

@Suite("Access values")
struct AccessValueTests {
    @Test(
        "a destination is a host with an optional path, in one spelling",
        arguments: [
            ("App.Example.com", "app.example.com"), ("a.example.com/", "a.example.com"),
            ("a.example.com/X/y", "a.example.com/X/y"),
            ("*.example.com", "*.example.com"), ("a-*.example.com/*", "a-*.example.com/*"), ("localhost", "localhost"),
        ])
    func destinations(text: String, canonical: String) {
        #expect(PublicDestination(text)?.text == canonical)
    }

    @Test(
        "anything else is no destination",
        arguments: [
            "", "/", "https://a.example.com", "a.example.com:80", "a..b", ".a", "a.", "-a.b", "a-.b", "a.*.b", "*",
            "*.*.b",
            "a_b.c", "ä.b", "a.b/x y", "a.b/?q", "a.b/#f", "a.b/\\", "a.b/\u{0}", "u@a.b",
            String(repeating: "a", count: 64) + ".b",
        ])
    func noDestinations(text: String) {
        #expect(PublicDestination(text) == nil)
    }

    @Test("long identifiers round-trip through bytes and digits")
    func longIdentifiers() throws {
        let bytes = (0..<32).map { UInt8($0 * 7 & 0xFF) }
        let identifier = try #require(Audience(bytes: bytes))
        #expect(identifier.bytes == bytes)
        #expect(identifier.hex == Hex.encode(bytes))
        #expect(Audience(hex: identifier.hex) == identifier)
        #expect(Audience(hex: identifier.hex.uppercased()) == nil)
        #expect(Audience(hex: String(identifier.hex.dropLast())) == nil)
        #expect(Audience(bytes: Array(bytes.dropLast())) == nil)
    }

    @Test(
        "team names are labels",
        arguments: [
            ("acme", true), ("a", true), ("a-b", true), ("9", true), (String(repeating: "a", count: 63), true),
            ("", false),
            ("-a", false), ("a-", false), ("A", false), ("a.b", false), ("ä", false),
            (String(repeating: "a", count: 64), false),
        ])
    func teams(text: String, isTeam: Bool) {
        #expect(ZeroTrustOrganization.isTeam(text) == isTeam)
    }

    @Test(
        "days until a rotation are counted up, and never below zero",
        arguments: [(0, 21), (1, 21), (86_400, 20), (21 * 86_400, 0), (99 * 86_400, 0)])
    func rotation(elapsed: Int64, days: Int) {
        let rotation = KeyRotation(intervalDays: 21, lastRotation: Timestamp(seconds: 1000))
        #expect(rotation.daysLeft(at: Timestamp(seconds: 1000 + elapsed)) == days)
    }
}
