import Crypto
import Domain
import Federation
import JOSE
import JSON
import Primitives
import Testing

/// One way to break one rule of a token that is good otherwise.
struct Breakage: CustomTestStringConvertible, Sendable {
    let name: String
    let reason: TokenReason
    let expectation: TokenExpectation
    let config: JSONObject
    let type: IdentityProviderType
    let change: @Sendable (inout TokenDraft, Int64) -> Void

    /// - Parameter change: gets the draft and the present second.
    init(
        _ name: String, _ reason: TokenReason, _ expectation: TokenExpectation = TokenExpectation(),
        config: JSONObject = [:], type: IdentityProviderType = .oidc,
        _ change: @escaping @Sendable (inout TokenDraft, Int64) -> Void
    ) {
        self.name = name
        self.reason = reason
        self.expectation = expectation
        self.config = config
        self.type = type
        self.change = change
    }

    var testDescription: String { "\(reason.rawValue): \(name)" }

    static func header(_ name: String, _ reason: TokenReason, _ member: String, _ value: JSONValue) -> Breakage {
        Breakage(name, reason) { draft, _ in draft.header[member] = value }
    }

    /// `nil` takes the claim out.
    static func claim(_ name: String, _ reason: TokenReason, _ member: String, _ value: JSONValue?) -> Breakage {
        Breakage(name, reason) { draft, _ in draft.claims[member] = value }
    }

    static func text(_ name: String, _ reason: TokenReason, _ tamper: @escaping @Sendable (String) -> String)
        -> Breakage
    {
        Breakage(name, reason) { draft, _ in draft.tamper = tamper }
    }

    /// A payload of exactly this text, properly signed.
    static func payload(_ name: String, _ reason: TokenReason, _ payload: String) -> Breakage {
        Breakage(name, reason) { draft, _ in
            let (key, header) = (draft.key, draft.header)
            draft.tamper = { _ in
                (try? JWTSigner(key, algorithm: .rs256, keyID: nil).sign(payload: Array(payload.utf8), header: header))
                    ?? ""
            }
        }
    }
}

@Suite("Reasons")
struct ReasonTests {
    static let forms: [Breakage] = [
        .claim("a payload of 13 kB", .tooLarge, "padding", .string(String(repeating: "x", count: 13_000))),
        .header("a header of 5 kB", .tooLarge, "padding", .string(String(repeating: "x", count: 5000))),
        .text("a token of 17 kB", .tooLarge) { $0 + String(repeating: "A", count: 17_000) },
        Breakage("201 claims", .tooLarge) { draft, _ in for index in 0..<200 { draft.claims["c\(index)"] = 1 } },
        .payload(
            "depth 11", .tooLarge,
            "{\"a\":" + String(repeating: "[", count: 10) + String(repeating: "]", count: 10) + "}"),
        .text("five segments", .encrypted) { $0 + ".AAAA.AAAA" },
        .text("two segments", .malformed) { String($0[..<($0.lastIndex(of: ".") ?? $0.endIndex)]) },
        .text("four segments", .malformed) { $0 + ".AAAA" },
        .text("nothing at all", .malformed) { _ in "" },
        .text("an empty segment", .malformed) { String($0[..<($0.lastIndex(of: ".") ?? $0.endIndex)]) + "." },
        .text("padding", .malformed) { $0 + "=" },
        .text("a line feed at the end", .malformed) { $0 + "\n" },
        .text("a space before", .malformed) { " " + $0 },
        .text("the alphabet of plain base64", .malformed) { "+/" + $0 },
        .payload("a list of claims", .malformed, "[]"),
        .payload("bytes after the claims", .malformed, "{} x"),
        .claim("aud is a number", .malformed, "aud", 5),
        .claim("sub is an object", .malformed, "sub", [:]),
        .claim("nbf is text", .malformed, "nbf", "now"),
        .claim("exp beyond 2^53", .malformed, "exp", .integer(1 << 54)),
        .payload("a repeated claim", .duplicateKey, "{\"sub\":\"a\",\"sub\":\"b\"}"),
        .payload("a repeated member within", .duplicateKey, "{\"a\":{\"b\":1,\"b\":1}}"),
        .header("crit", .unsupportedCritical, "crit", ["exp"]),
        .header("crit that is empty", .unsupportedCritical, "crit", []),
        .header("b64 is false", .unsupportedCritical, "b64", false),
        .header("an access token", .wrongType, "typ", "at+jwt"),
        .header("a logout token", .wrongType, "typ", "logout+jwt"),
        .header("a proof of possession", .wrongType, "typ", "dpop+jwt"),
    ]

    static let issuers: [Breakage] = [
        .text("alg none", .unsupportedAlgorithm) { replacingHeader($0, ["alg": "none", "kid": "k1"]) },
        .text("alg nOnE", .unsupportedAlgorithm) { replacingHeader($0, ["alg": "nOnE", "kid": "k1"]) },
        .text("no alg", .unsupportedAlgorithm) { replacingHeader($0, ["kid": "k1"]) },
        .text("alg HS256", .unsupportedAlgorithm) { replacingHeader($0, ["alg": "HS256", "kid": "k1"]) },
        .text("alg in small letters", .unsupportedAlgorithm) { replacingHeader($0, ["alg": "rs256", "kid": "k1"]) },
        Breakage("outside the provider's list", .unsupportedAlgorithm, config: ["id_token_signing_algs": ["ES256"]]) {
            _, _ in
        },
        .claim("no iss", .unknownIssuer, "iss", nil),
        .claim("another iss", .unknownIssuer, "iss", "https://evil.example.org"),
        .claim("iss with a slash more", .unknownIssuer, "iss", "https://idp.example.org/"),
        .claim("iss in capitals", .unknownIssuer, "iss", "https://IDP.example.org"),
        Breakage(
            "idp_id of another", .unknownIssuer,
            TokenExpectation(identityProvider: IdentityProviderID(at: Timestamp(seconds: 9)))
        ) { _, _ in },
    ]

    static let keys: [Breakage] = [
        .header("kid of no key", .unknownKey, "kid", "k2"),
        Breakage("signed by another key", .badSignature) { draft, _ in draft.key = TestKeys.otherRSA },
        .text("a changed signature", .badSignature) { token in
            var bytes = Array(token.utf8)
            bytes[bytes.count - 100] =
                bytes[bytes.count - 100] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            return String(decoding: bytes, as: UTF8.self)
        },
        .text("other claims under the same signature", .badSignature) { token in
            var segments = token.split(separator: ".").map(String.init)
            let claims = Base64URL.decode(segments[1]).map { String(decoding: $0, as: UTF8.self) } ?? ""
            segments[1] = Base64URL.encode(Array(claims.replacing("ann@", with: "eve@").utf8))
            return segments.joined(separator: ".")
        },
        Breakage("alg of another kind than the key", .badSignature) { draft, _ in
            draft.key = TestKeys.p256
            draft.algorithm = .es256
        },
        Breakage("another alg than the key is meant for", .badSignature) { draft, _ in draft.algorithm = .ps256 },
    ]

    static let claims: [Breakage] = [
        .claim("no exp", .expired, "exp", nil),
        .claim("exp is text", .expired, "exp", "tomorrow"),
        Breakage("exp 60 s ago", .expired) { draft, now in draft.claims["exp"] = .integer(now - 60) },
        Breakage("exp long ago", .expired) { draft, _ in draft.claims["exp"] = .integer(-1 << 53) },
        Breakage("nbf 61 s ahead", .notYetValid) { draft, now in draft.claims["nbf"] = .integer(now + 61) },
        Breakage("iat 61 s ahead", .notYetValid) { draft, now in draft.claims["iat"] = .integer(now + 61) },
        Breakage("iat 32 days ago", .tooOld) { draft, now in draft.claims["iat"] = .integer(now - 32 * 86_400) },
        Breakage("signed in before max_age", .tooOld, TokenExpectation(maxAge: .seconds(19))) { _, _ in },
        Breakage("max_age without auth_time", .tooOld, TokenExpectation(maxAge: .seconds(1000))) { draft, _ in
            draft.claims["auth_time"] = nil
        },
        .claim("no aud", .wrongAudience, "aud", nil),
        .claim("aud of another client", .wrongAudience, "aud", "client-2"),
        .claim("an empty list of aud", .wrongAudience, "aud", []),
        Breakage("an audience that was asked for", .wrongAudience, TokenExpectation(audience: ["api-1"])) { _, _ in },
        .claim("two aud and no azp", .wrongAuthorizedParty, "aud", ["client-1", "client-2"]),
        .claim("azp of another client", .wrongAuthorizedParty, "azp", "client-2"),
        Breakage("another nonce", .wrongNonce, TokenExpectation(nonce: "n-2")) { _, _ in },
        Breakage("no nonce", .wrongNonce, TokenExpectation(nonce: "n-1")) { draft, _ in draft.claims["nonce"] = nil },
        .claim("no sub", .missingSubject, "sub", nil),
        .claim("an empty sub", .missingSubject, "sub", ""),
        .claim("a sub of 256 bytes", .missingSubject, "sub", .string(String(repeating: "s", count: 256))),
        .claim("no email", .emailMissing, "email", nil),
        .claim("an empty email", .emailMissing, "email", ""),
        .claim("an email that is a list", .emailMissing, "email", ["ann@example.org"]),
        Breakage("nothing at email_claim_name", .emailMissing, config: ["email_claim_name": "upn"]) { _, _ in },
        .claim("email_verified is false", .emailUnverified, "email_verified", false),
        .claim("email_verified is the text false", .emailUnverified, "email_verified", "false"),
        .claim("email_verified is null", .emailUnverified, "email_verified", .null),
        .claim("email_verified is 0", .emailUnverified, "email_verified", 0),
    ]

    @Test("each rule has its reason", arguments: forms + issuers + keys + claims)
    func reason(_ breakage: Breakage) async throws {
        let bench = try Bench(breakage.config, type: breakage.type)
        var draft = bench.good
        #expect(
            try await bench.reason(draft) == nil || !breakage.config.isEmpty, "the token is good before it is broken")
        breakage.change(&draft, bench.clock.now.seconds)
        #expect(try await bench.reason(draft, breakage.expectation) == breakage.reason)
    }

    @Test("of several broken rules the first is the reason")
    func order() async throws {
        let bench = try Bench()
        let now = bench.clock.now.seconds
        // One way to break each rule about claims, from the last to the first; all of them stay broken.
        let breakages: [(TokenReason, @Sendable (inout TokenDraft) -> Void)] = [
            (.emailUnverified, { $0.claims["email_verified"] = false }),
            (.emailMissing, { $0.claims["email"] = nil }),
            (.missingSubject, { $0.claims["sub"] = nil }),
            (.wrongNonce, { $0.claims["nonce"] = "n-2" }),
            (.wrongAuthorizedParty, { $0.claims["azp"] = "client-2" }),
            (.wrongAudience, { $0.claims["aud"] = "client-2" }),
            (.tooOld, { $0.claims["iat"] = .integer(now - 40 * 86_400) }),
            (.notYetValid, { $0.claims["nbf"] = .integer(now + 1000) }),
            (.expired, { $0.claims["exp"] = .integer(now - 1000) }),
            (.badSignature, { $0.key = TestKeys.otherRSA }),
            (.unknownKey, { $0.header["kid"] = "k9" }),
            (.unknownIssuer, { $0.claims["iss"] = "https://evil.example.org" }),
            (.wrongType, { $0.header["typ"] = "at+jwt" }),
            (.unsupportedCritical, { $0.header["crit"] = ["exp"] }),
            (.malformed, { $0.claims["aud"] = 7 }),
            (.tooLarge, { $0.claims["padding"] = .string(String(repeating: "x", count: 13_000)) }),
        ]
        var draft = bench.good
        for (reason, breakRule) in breakages {
            breakRule(&draft)
            #expect(try await bench.reason(draft, TokenExpectation(nonce: "n-1")) == reason)
        }
    }

    @Test("a good token says who it is")
    func good() async throws {
        let bench = try Bench()
        let now = bench.clock.now.seconds
        let token = try #require(await bench.verdict(try bench.good.token()).valid)
        #expect(token.issuer == Bench.issuer)
        #expect(token.subject == "00u1")
        #expect(token.email == "ann@example.org")
        #expect(token.audience == ["client-1"])
        #expect(token.issuedAt == Timestamp(seconds: now - 10))
        #expect(token.expiresAt == Timestamp(seconds: now + 3600))
        #expect(token.keyID == "k1")
        #expect(token.algorithm == "RS256")
        #expect(token.claims.text == "{\"employee\":812}")
    }

    @Test(
        "the edges of the rules are inside",
        arguments: [
            Breakage("exp 59 s ago", .expired) { draft, now in draft.claims["exp"] = .integer(now - 59) },
            Breakage("nbf 60 s ahead", .expired) { draft, now in draft.claims["nbf"] = .integer(now + 60) },
            Breakage("iat 60 s ahead", .expired) { draft, now in draft.claims["iat"] = .integer(now + 60) },
            Breakage("iat 31 days ago", .expired) { draft, now in draft.claims["iat"] = .integer(now - 31 * 86_400) },
            Breakage("a fraction of a second", .expired) { draft, now in
                draft.claims["exp"] = .number(JSONNumber(Double(now) + 0.5) ?? JSONNumber(0))
            },
            Breakage("exactly max_age", .expired, TokenExpectation(maxAge: .seconds(20))) { _, _ in },
            Breakage("two aud with azp", .expired) { draft, _ in
                draft.claims["aud"] = ["client-2", "client-1"]
                draft.claims["azp"] = "client-1"
            },
            Breakage("an audience that was asked for", .expired, TokenExpectation(audience: ["api-2", "api-1"])) {
                draft, _ in
                draft.claims["aud"] = "api-1"
            },
            Breakage("the nonce that was asked for", .expired, TokenExpectation(nonce: "n-1")) { _, _ in },
            Breakage("no iat", .expired) { draft, _ in draft.claims["iat"] = nil },
            Breakage("no email_verified", .expired) { draft, _ in draft.claims["email_verified"] = nil },
            Breakage("email_verified as text", .expired) { draft, _ in draft.claims["email_verified"] = "true" },
            Breakage("typ in small letters", .expired) { draft, _ in draft.header["typ"] = "jwt" },
            Breakage("no typ", .expired) { draft, _ in draft.header["typ"] = nil },
            Breakage("a sub of 255 bytes", .expired) { draft, _ in
                draft.claims["sub"] = .string(String(repeating: "s", count: 255))
            },
            Breakage("another claim for the address", .expired, config: ["email_claim_name": "upn"]) { draft, _ in
                draft.claims["upn"] = "ann@example.org"
            },
            Breakage("keys in the header are not looked at", .expired) { draft, _ in
                draft.header["jku"] = "https://evil.example.org/keys"
                draft.header["jwk"] = .object(JWK(TestKeys.otherRSA.publicKey, keyID: "k1", algorithm: .rs256).object)
                draft.header["x5u"] = "https://evil.example.org/cert"
                draft.header["x5c"] = ["AAAA"]
            },
        ])
    func edge(_ edge: Breakage) async throws {
        let bench = try Bench(edge.config)
        var draft = bench.good
        edge.change(&draft, bench.clock.now.seconds)
        #expect(try await bench.reason(draft, edge.expectation) == nil)
        #expect(!bench.fetcher.requests.contains { $0.contains("evil") })
    }

    @Test("a detail never repeats what a token says", arguments: forms + issuers + keys + claims)
    func detail(_ breakage: Breakage) async throws {
        let bench = try Bench(breakage.config, type: breakage.type)
        var draft = bench.good
        breakage.change(&draft, bench.clock.now.seconds)
        guard case .invalid(let rejection) = await bench.verdict(try draft.token(), breakage.expectation) else {
            return
        }
        for part in ["evil", "ann@", "00u1", "client-", "n-1", "k2"] { #expect(!rejection.detail.contains(part)) }
    }

    @Test("the tenant must be the configured one")
    func tenant() async throws {
        let google = try Bench(["apps_domain": "example.org"], type: .googleApps)
        google.fetcher[Bench.issuer + "/.well-known/openid-configuration"] = .document(
            (["issuer": .string(Bench.issuer), "jwks_uri": .string(Bench.keyURL)] as JSONValue).serializedBytes())
        var draft = google.good
        #expect(try await google.reason(draft) == .wrongTenant)
        draft.claims["hd"] = "example.com"
        #expect(try await google.reason(draft) == .wrongTenant)
        draft.claims["hd"] = "example.org"
        #expect(try await google.reason(draft) == nil)

        let entra = try Bench(["directory_id": "d-1"], type: .azureAD)
        entra.fetcher[Bench.issuer + "/.well-known/openid-configuration"] =
            google.fetcher[Bench.issuer + "/.well-known/openid-configuration"]
        draft = entra.good
        #expect(try await entra.reason(draft) == .wrongTenant)
        draft.claims["tid"] = "d-2"
        #expect(try await entra.reason(draft) == .wrongTenant)
        draft.claims["tid"] = "d-1"
        #expect(try await entra.reason(draft) == nil)
    }

    private static func replacingHeader(_ token: String, _ header: JSONObject) -> String {
        let rest = token[(token.firstIndex(of: ".") ?? token.startIndex)...]
        return Base64URL.encode(JSONValue.object(header).serializedBytes()) + rest
    }
}
