import JOSE
import JSON
import Primitives
import Testing

@Suite("Parsing of tokens")
struct ParsingTests {
    private static let header = #"{"alg":"RS256"}"#

    @Test("limits hold exactly")
    func limits() throws {
        let header = #"{"alg":"RS256","x":""# + String(repeating: "h", count: 4096 - 22) + #""}"#
        #expect(header.utf8.count == 4096)
        let payload = #"{"x":""# + String(repeating: "p", count: 8000) + #""}"#
        _ = try CompactJWS.parse(token(header, payload))
        #expect(throws: JOSEError.tooLarge) { try CompactJWS.parse(token(header + " ", payload)) }
        let large = #"{"x":""# + String(repeating: "p", count: 12_280) + #""}"#
        #expect(large.utf8.count == 12_288)
        // 16 KiB of digits: the payload at its limit leaves no room for anything else.
        #expect(throws: JOSEError.tooLarge) { try CompactJWS.parse(token(Self.header, large)) }
        #expect(throws: JOSEError.tooLarge) { try CompactJWS.parse(String(repeating: "A", count: 16_385)) }
        #expect(throws: JOSEError.malformed) { try CompactJWS.parse(String(repeating: "A", count: 16_384)) }
        var roomy = JWSLimits()
        roomy.token = 32_768
        _ = try CompactJWS.parse(token(Self.header, large), limits: roomy)
        #expect(throws: JOSEError.tooLarge) { try CompactJWS.parse(token(Self.header, large + " "), limits: roomy) }
    }

    @Test("200 claims and a depth of 10 are allowed, no more")
    func claimsAndDepth() throws {
        func claims(_ count: Int) -> String { "{" + (0..<count).map { "\"c\($0)\":0" }.joined(separator: ",") + "}" }
        func nested(_ depth: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}"
        }
        _ = try CompactJWS.parse(token(Self.header, claims(200)))
        #expect(throws: JOSEError.tooLarge) { try CompactJWS.parse(token(Self.header, claims(201))) }
        _ = try CompactJWS.parse(token(Self.header, nested(10)))
        #expect(throws: JOSEError.tooLarge) { try CompactJWS.parse(token(Self.header, nested(11))) }
        #expect(throws: JOSEError.tooLarge) { try CompactJWS.parse(token(nested(11), "{}")) }
    }

    @Test("five segments are an encrypted token, any other number but three is malformed")
    func segments() {
        #expect(throws: JOSEError.encrypted) { try CompactJWS.parse("e30.AA.AA.AA.AA") }
        #expect(throws: JOSEError.encrypted) { try CompactJWS.parse("e30....") }
        for text in [
            "", ".", "..", "...", "e30", "e30.e30", "e30.e30.", "e30..AA", ".e30.AA", "e30.e30.AA.AA", "a.b.c.d.e.f",
        ] {
            #expect(throws: JOSEError.malformed) { try CompactJWS.parse(text) }
        }
    }

    @Test(
        "segments are strict base64url",
        arguments: [
            "e30=.e30.AA", "e30.e3 0.AA", "e30.e30.A", "e30.e30.AB", "e31.e30.AA", "e30.e30.A+", "e30.e30.A/",
            "é.e30.AA",
            "e30.e30\n.AA", "\te30.e30.AA", "e30.e30.AA%", "e30.e30.AAA=", "e30.e30.AAB",
        ])
    func base64URL(_ text: String) {
        #expect(throws: JOSEError.malformed) { try CompactJWS.parse(text) }
    }

    @Test("the shortest token is taken")
    func shortest() throws {
        let parsed = try CompactJWS.parse("e30.e30.AA")
        #expect(parsed.algorithm == nil)
        #expect(parsed.keyID == nil)
        #expect(parsed.claims.isEmpty)
    }

    @Test(
        "header and payload are JSON objects",
        arguments: [
            "", "null", "[]", "\"x\"", "1", "{", "{}x", "{} {}", "{\"a\":01}", "{'a':1}", "\u{FEFF}{}", "{\"a\":NaN}",
            #"{"a":"\ud800"}"#,
        ])
    func objects(_ text: String) {
        #expect(throws: JOSEError.malformed) { try CompactJWS.parse(token(text, "{}")) }
        #expect(throws: JOSEError.malformed) { try CompactJWS.parse(token("{}", text)) }
    }

    @Test("bytes that are not UTF-8 are malformed")
    func invalidUTF8() {
        let bytes = Base64URL.encode([UInt8(ascii: "{"), 0x22, 0xFF, 0x22, UInt8(ascii: ":"), 0x31, UInt8(ascii: "}")])
        #expect(throws: JOSEError.malformed) { try CompactJWS.parse("e30.\(bytes).AA") }
        #expect(throws: JOSEError.malformed) { try CompactJWS.parse("\(bytes).e30.AA") }
    }

    @Test(
        "repeated names are refused at any depth of header and payload",
        arguments: [#"{"alg":"RS256","alg":"none"}"#, #"{"a":{"b":1,"b":2}}"#, #"{"a":[{"b":[{"c":1,"\u0063":1}]}]}"#])
    func duplicates(_ text: String) {
        #expect(throws: JOSEError.duplicateKey) { try CompactJWS.parse(token(text, "{}")) }
        #expect(throws: JOSEError.duplicateKey) { try CompactJWS.parse(token("{}", text)) }
    }

    @Test(
        "critical extensions and unencoded payloads are refused",
        arguments: [
            #"{"crit":["exp"],"exp":1}"#, #"{"crit":[]}"#, #"{"crit":null}"#, #"{"b64":false}"#, #"{"b64":"true"}"#,
            #"{"b64":null}"#,
            #"{"b64":false,"crit":["b64"]}"#,
        ])
    func critical(_ header: String) {
        #expect(throws: JOSEError.unsupportedCritical) { try CompactJWS.parse(token(header, "{}")) }
    }

    @Test(
        "other kinds of token are refused",
        arguments: ["at+jwt", "logout+jwt", "dpop+jwt", "", "JWS", "JOSE", "jwt ", "application/jwt"])
    func types(_ type: String) {
        #expect(throws: JOSEError.wrongType) { try CompactJWS.parse(token("{\"typ\":\"\(type)\"}", "{}")) }
    }

    @Test("the type JWT is taken in any case", arguments: ["JWT", "jwt", "Jwt"])
    func jwt(_ type: String) throws {
        _ = try CompactJWS.parse(token("{\"typ\":\"\(type)\",\"b64\":true}", "{}"))
    }

    @Test(
        "header members of another type are malformed",
        arguments: [#"{"alg":1}"#, #"{"alg":null}"#, #"{"kid":7}"#, #"{"typ":["JWT"]}"#])
    func headerTypes(_ header: String) {
        #expect(throws: JOSEError.malformed) { try CompactJWS.parse(token(header, "{}")) }
    }

    @Test(
        "claims of another type are malformed",
        arguments: [
            #"{"iss":1}"#, #"{"iss":null}"#, #"{"sub":["a"]}"#, #"{"aud":1}"#, #"{"aud":["a",1]}"#, #"{"aud":{}}"#,
            #"{"nbf":"1"}"#,
            #"{"iat":true}"#, #"{"auth_time":"now"}"#, #"{"azp":1}"#, #"{"nonce":1}"#, #"{"exp":9007199254740993}"#,
            #"{"iat":-9007199254740993}"#, #"{"nbf":1e300}"#, #"{"exp":1e19}"#, #"{"exp":9007199254740994.5}"#,
        ])
    func claimTypes(_ payload: String) {
        #expect(throws: JOSEError.malformed) { try CompactJWS.parse(token(Self.header, payload)) }
    }

    @Test("times are seconds with fractions, and an unreadable expiry is none")
    func times() throws {
        let payload = #"{"exp":1.5,"nbf":-2,"iat":20.0,"auth_time":9007199254740992,"aud":"a"}"#
        let claims = try CompactJWS.parse(token(Self.header, payload)).registered
        #expect(claims.expiresAt == Timestamp(microseconds: 1_500_000))
        #expect(claims.notBefore == Timestamp(seconds: -2))
        #expect(claims.issuedAt == Timestamp(seconds: 20))
        #expect(claims.authenticatedAt == Timestamp(microseconds: .max))
        #expect(claims.audience == ["a"])
        #expect(try CompactJWS.parse(token(Self.header, #"{"exp":"1"}"#)).registered.expiresAt == nil)
        #expect(try CompactJWS.parse(token(Self.header, #"{"exp":null}"#)).registered.expiresAt == nil)
    }

    @Test("the first reason in the order of checks wins, wherever the problems lie")
    func precedence() {
        let deep = "{\"a\":" + String(repeating: "[", count: 11) + String(repeating: "]", count: 11) + "}"
        let duplicate = #"{"a":1,"a":2}"#
        let cases: [(String, String, JOSEError)] = [
            (duplicate, deep, .tooLarge), (deep, duplicate, .tooLarge), ("x", deep, .tooLarge), (deep, "x", .tooLarge),
            (duplicate, "x", .malformed), ("x", duplicate, .malformed), (#"{"crit":[]}"#, duplicate, .duplicateKey),
            (#"{"crit":[]}"#, #"{"iss":1}"#, .malformed), (#"{"typ":"at+jwt","crit":[]}"#, "{}", .unsupportedCritical),
            (#"{"typ":"at+jwt"}"#, #"{"iss":1}"#, .malformed),
        ]
        for (header, payload, reason) in cases {
            #expect(throws: reason) { try CompactJWS.parse(token(header, payload)) }
        }
        let oversized = Base64URL.encode([UInt8](repeating: 0x20, count: 4097))
        #expect(throws: JOSEError.tooLarge) { try CompactJWS.parse("\(oversized).AA.AA.AA.AA") }
    }

    @Test("reasons have their wire names")
    func names() {
        #expect(
            JOSEError.allCases.map(\.rawValue)
                == ["too_large", "encrypted", "malformed", "duplicate_key", "unsupported_critical", "wrong_type"])
    }
}
