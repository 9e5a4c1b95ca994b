import Crypto
import HTTP
import OAuth
import Primitives
import Testing

@Suite("Authorization codes and PKCE")
struct CodeTests {
    /// RFC 7636 appendix B.
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    private static let start = Timestamp(seconds: 1_772_445_600)

    private func code(
        challenge: CodeChallenge? = CodeChallenge(Self.challenge), isSpent: Bool = false
    ) -> CodeState {
        CodeState(
            clientID: "c", redirectURI: "https://rp.example/cb", challenge: challenge, issuer: "https://as.example",
            isSpent: isSpent, expiresAt: Self.start + CodeState.lifetime)
    }

    private func redemption(
        client: String = "c", redirect: String = "https://rp.example/cb", verifier: String? = Self.verifier,
        issuer: String = "https://as.example"
    ) -> CodeRedemption {
        CodeRedemption(code: "x", clientID: client, redirectURI: redirect, verifier: verifier, issuer: issuer)
    }

    @Test("a code of a future that did not come is over, but for what clocks may differ by")
    func setBack() {
        #expect(code().judge(redemption(), at: Self.start - .seconds(60)) == .good)
        #expect(code().judge(redemption(), at: Self.start - .seconds(61)) == .refused(.invalidGrant))
    }

    @Test("the example of RFC 7636 appendix B verifies")
    func appendixB() throws {
        let challenge = try #require(CodeChallenge(Self.challenge))
        #expect(challenge.isMet(by: Self.verifier))
        #expect(!challenge.isMet(by: String(Self.verifier.dropLast()) + "j"))
    }

    @Test(
        "a verifier has 43 to 128 unreserved characters",
        arguments: [
            (42, "a", false), (43, "a", true), (128, "~", true), (129, "a", false), (43, "+", false), (43, " ", false),
        ])
    func verifiers(length: Int, character: String, isGood: Bool) throws {
        let verifier = String(repeating: character, count: length)
        let challenge = try #require(CodeChallenge(Base64URL.encode(SHA256.hash(verifier).bytes)))
        #expect(challenge.isMet(by: verifier) == isGood)
    }

    @Test(
        "every challenge but S256 with a whole SHA-256 is refused",
        arguments: [
            "code_challenge=\(Self.challenge)", "code_challenge=\(Self.challenge)&code_challenge_method=plain",
            "code_challenge=\(Self.challenge)&code_challenge_method=s256", "code_challenge_method=S256",
            "code_challenge=\(Self.challenge)A&code_challenge_method=S256",
            "code_challenge=\(Self.challenge.dropLast())&code_challenge_method=S256",
            "code_challenge=\(Self.challenge.dropLast())N&code_challenge_method=S256",
        ])
    func challenges(query: String) throws {
        let parameters = try Parameters(try #require(QueryString(query)))
        #expect(throws: OAuthError.self) { try CodeChallenge.read(parameters, isRequired: false) }
    }

    @Test("no challenge is refused only where one is required")
    func missingChallenge() throws {
        let parameters = try Parameters(QueryString())
        #expect(try CodeChallenge.read(parameters, isRequired: false) == nil)
        #expect(throws: OAuthError.self) { try CodeChallenge.read(parameters, isRequired: true) }
    }

    @Test("a code is good for its client, redirect URI, verifier and issuer within a minute")
    func good() {
        #expect(code().judge(redemption(), at: Self.start + .seconds(59)) == .good)
        #expect(code(challenge: nil).judge(redemption(verifier: nil), at: Self.start) == .good)
    }

    @Test("anything else is invalid_grant, and leaves the code as it was")
    func refused() {
        for other in [
            redemption(client: "d"), redemption(redirect: "https://rp.example/cb/"), redemption(verifier: nil),
            redemption(verifier: Self.challenge), redemption(issuer: "https://other.example"),
        ] {
            #expect(code().judge(other, at: Self.start) == .refused(.invalidGrant))
        }
        #expect(code().judge(redemption(), at: Self.start + .seconds(60)) == .refused(.invalidGrant))
    }

    @Test("a verifier without a challenge is refused: somebody may have taken the challenge away")
    func downgrade() {
        #expect(code(challenge: nil).judge(redemption(), at: Self.start) == .refused(.invalidGrant))
    }

    @Test("the second use ends what the first produced, however late and with whatever verifier")
    func replayed() {
        #expect(code(isSpent: true).judge(redemption(), at: Self.start) == .replayed)
        #expect(code(isSpent: true).judge(redemption(verifier: nil), at: Self.start + .seconds(3600)) == .replayed)
        #expect(code(isSpent: true).judge(redemption(client: "d"), at: Self.start) == .refused(.invalidGrant))
    }
}
