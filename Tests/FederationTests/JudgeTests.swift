import Crypto
import Domain
import Federation
import JOSE
import JSON
import Primitives
import Testing

@Suite("Remembered tokens")
struct JudgeTests {
    @Test("a token that was good expires")
    func expiry() async throws {
        let bench = try Bench()
        var draft = bench.good
        draft.claims["exp"] = .integer(bench.clock.now.seconds + 30)
        let token = try draft.token()
        #expect(await bench.verdict(token).valid != nil)
        bench.clock.advance(by: .seconds(89))
        #expect(await bench.verdict(token).valid != nil)
        bench.clock.advance(by: .seconds(1))
        #expect(await bench.verdict(token).reason == .expired)
    }

    @Test("what a caller expects is checked each time")
    func expectation() async throws {
        let bench = try Bench()
        let token = try bench.good.token()
        #expect(await bench.verdict(token).valid != nil)
        #expect(await bench.verdict(token, TokenExpectation(audience: ["other"])).reason == .wrongAudience)
        #expect(await bench.verdict(token, TokenExpectation(nonce: "other")).reason == .wrongNonce)
        #expect(await bench.verdict(token, TokenExpectation(maxAge: .seconds(5))).reason == .tooOld)
        #expect(await bench.verdict(token).valid != nil)
    }

    @Test("enforcement takes effect on the next call, and its end too")
    func enforcement() async throws {
        let bench = try Bench()
        let token = try bench.good.token()
        let provider = Bench.provider()
        let profile = try #require(VerificationProfile(provider))
        for (standing, reason) in [
            (TrustedIssuer.Standing.allowed, nil), (.enforcedOff, TokenReason.idpNotAllowed), (.allowed, nil),
            (.ended, .idpNotAllowed),
        ] {
            bench.trust = IssuerTrust([TrustedIssuer(id: provider.id, profile: profile, standing: standing)])
            #expect(await bench.verdict(token).reason == reason)
        }
    }

    @Test("a remembered token is not asked for its keys again")
    func remembered() async throws {
        let bench = try Bench()
        let token = try bench.good.token()
        #expect(await bench.verdict(token).valid != nil)
        bench.fetcher[Bench.keyURL] = nil
        for _ in 0..<10 { #expect(bench.verdictNow(token).valid != nil) }
        #expect(bench.fetcher.requests.count == 1)
    }

    @Test("a token of the same bytes with another signature is another token")
    func similar() async throws {
        let bench = try Bench()
        let good = try bench.good.token()
        #expect(await bench.verdict(good).valid != nil)
        var forged = bench.good
        forged.key = TestKeys.otherRSA
        #expect(await bench.verdict(try forged.token()).reason == .badSignature)
        #expect(await bench.verdict(good).valid != nil)
    }

    @Test("nothing is remembered across a change of identity providers")
    func generation() async throws {
        let bench = try Bench()
        let token = try bench.good.token()
        #expect(await bench.verdict(token).valid != nil)
        bench.judge.hold(for: 7)
        let other = Bench.provider(clientID: "client-2")
        bench.trust = IssuerTrust([
            TrustedIssuer(id: other.id, profile: try #require(VerificationProfile(other)), standing: .allowed)
        ])
        #expect(await bench.verdict(token).reason == .wrongAudience)
    }
}

@Suite("Profiles")
struct ProfileTests {
    @Test("every kind that issues ID tokens has a profile, and no other", arguments: IdentityProviderType.allCases)
    func kinds(_ type: IdentityProviderType) {
        let profile = VerificationProfile(Bench.provider(type: type))
        #expect((profile != nil) == type.isOpenIDConnect)
        #expect(profile?.issuer == (type.isOpenIDConnect ? Bench.issuer : nil))
        if type == .oidc {
            #expect(profile?.keys.location == .keySet(Bench.keyURL))
        } else if type.isOpenIDConnect {
            #expect(profile?.keys.location == .discovery)
        }
    }

    @Test("defaults are those of the contract")
    func defaults() throws {
        let profile = try #require(VerificationProfile(Bench.provider()))
        #expect(profile.algorithms == Set(JWSAlgorithm.allCases))
        #expect(profile.emailClaim == "email")
        #expect(profile.clientID == "client-1")
        #expect(profile.tenant == nil)
        let named = try #require(
            VerificationProfile(Bench.provider(["id_token_signing_algs": ["ES256", "none", "HS256"]])))
        #expect(named.algorithms == [.es256])
    }

    @Test("an issuer that was learnt does not change where the keys are")
    func learnt() throws {
        var provider = Bench.provider(issuer: nil)
        let before = try #require(VerificationProfile(provider))
        provider.learntIssuer = "https://tenant.example.net"
        let after = try #require(VerificationProfile(provider))
        #expect(before.issuer == nil)
        #expect(after.issuer == "https://tenant.example.net")
        #expect(before.keys == after.keys)
    }
}
