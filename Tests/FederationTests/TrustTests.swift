import Crypto
import Domain
import Federation
import JOSE
import JSON
import Primitives
import Testing

@Suite("Whose tokens are believed")
struct TrustTests {
    private static func issuer(
        _ number: Int64, clientID: String = "client-1", config: JSONObject = [:],
        _ standing: TrustedIssuer.Standing = .allowed
    ) throws -> TrustedIssuer {
        let provider = Bench.provider(
            config, id: IdentityProviderID(at: Timestamp(seconds: number)), clientID: clientID)
        return TrustedIssuer(id: provider.id, profile: try #require(VerificationProfile(provider)), standing: standing)
    }

    @Test(
        "an identity provider that is enforced off, or a connection that has ended, is not allowed",
        arguments: [
            TrustedIssuer.Standing.enforcedOff, .ended,
        ])
    func standing(_ standing: TrustedIssuer.Standing) async throws {
        let bench = try Bench()
        bench.trust = IssuerTrust([try Self.issuer(1, standing)])
        #expect(try await bench.reason(bench.good) == .idpNotAllowed)
        // Said before any key is asked for.
        #expect(bench.fetcher.requests.isEmpty)
    }

    @Test("a connection beside an ended one of the same source is used")
    func reconnected() async throws {
        let bench = try Bench()
        let live = try Self.issuer(1)
        let ended = TrustedIssuer(
            id: IdentityProviderID(at: Timestamp(seconds: 2)), profile: live.profile, standing: .ended)
        bench.trust = IssuerTrust([ended, live])
        #expect(await bench.verdict(try bench.good.token()).valid?.identityProvider == live.id)
        #expect(try await bench.reason(bench.good, TokenExpectation(identityProvider: ended.id)) == .idpNotAllowed)
    }

    @Test("the verdict names the connection over which the account knows the issuer")
    func connection() async throws {
        let bench = try Bench()
        let source = try Self.issuer(1)
        let connection = TrustedIssuer(
            id: IdentityProviderID(at: Timestamp(seconds: 5)), profile: source.profile, standing: .allowed)
        bench.trust = IssuerTrust([connection])
        let token = try bench.good.token()
        for _ in 0..<2 { #expect(await bench.verdict(token).valid?.identityProvider == connection.id) }
        // The same token, remembered by now, for the source account.
        bench.trust = IssuerTrust([source])
        #expect(bench.verdictNow(token).valid?.identityProvider == source.id)
    }

    @Test("of two clients of one issuer the one that the audience names is found")
    func twoClients() async throws {
        let bench = try Bench()
        let second = try Self.issuer(2, clientID: "client-2")
        bench.trust = IssuerTrust([try Self.issuer(1), second])
        var draft = bench.good
        draft.claims["aud"] = "client-2"
        let token = try draft.token()
        for _ in 0..<2 { #expect(await bench.verdict(token).valid?.identityProvider == second.id) }
        draft.claims["aud"] = "client-3"
        #expect(try await bench.reason(draft) == .wrongAudience)
        // The one that got furthest tells the reason.
        draft.claims["aud"] = "client-2"
        draft.claims["email"] = nil
        #expect(try await bench.reason(draft) == .emailMissing)
    }

    @Test("idp_id narrows the choice")
    func chosen() async throws {
        let bench = try Bench()
        let (first, second) = (try Self.issuer(1), try Self.issuer(2, clientID: "client-2"))
        bench.trust = IssuerTrust([first, second])
        #expect(try await bench.reason(bench.good, TokenExpectation(identityProvider: first.id)) == nil)
        #expect(try await bench.reason(bench.good, TokenExpectation(identityProvider: second.id)) == .wrongAudience)
    }

    @Test("the list of the chosen provider decides before the issuer does")
    func algorithmBeforeIssuer() async throws {
        let bench = try Bench()
        let issuer = try Self.issuer(1, config: ["id_token_signing_algs": ["ES256"]])
        bench.trust = IssuerTrust([issuer])
        var draft = bench.good
        draft.claims["iss"] = "https://evil.example.org"
        #expect(try await bench.reason(draft, TokenExpectation(identityProvider: issuer.id)) == .unsupportedAlgorithm)
        #expect(try await bench.reason(draft) == .unknownIssuer)
    }

    @Test("an account without identity providers believes nobody")
    func nobody() async throws {
        let bench = try Bench()
        bench.trust = IssuerTrust([])
        #expect(try await bench.reason(bench.good) == .unknownIssuer)
    }
}

@Suite("Issuers that have to be learnt")
struct LearningTests {
    private static let wellKnown = "https://idp.example.org/.well-known/openid-configuration"

    private static func discovery(issuer: String) -> ScriptedFetcher.Answer {
        .document((["issuer": .string(issuer), "jwks_uri": .string(Bench.keyURL)] as JSONValue).serializedBytes())
    }

    @Test("discovery at the origin of auth_url tells the issuer")
    func discovered() async throws {
        let bench = try Bench(issuer: nil)
        bench.fetcher[Self.wellKnown] = Self.discovery(issuer: Bench.issuer)
        guard case .undecided(.issuer(let issuer, _)) = await bench.verdict(try bench.good.token()) else {
            Issue.record("the issuer should be learnt")
            return
        }
        #expect(issuer == Bench.issuer)
        var draft = bench.good
        draft.claims["iss"] = "https://other.example.org"
        #expect(try await bench.reason(draft) == .unknownIssuer)
    }

    @Test("without discovery the first valid token tells it, and only a valid one")
    func pinned() async throws {
        let bench = try Bench(issuer: nil)
        var draft = bench.good
        draft.claims["iss"] = "https://tenant.example.net"
        draft.key = TestKeys.otherRSA
        #expect(try await bench.reason(draft) == .badSignature)
        draft.key = TestKeys.rsa
        draft.claims["aud"] = "client-2"
        #expect(try await bench.reason(draft) == .wrongAudience)
        draft.claims["aud"] = "client-1"
        guard case .undecided(.issuer(let issuer, _)) = await bench.verdict(try draft.token()) else {
            Issue.record("the issuer should be learnt")
            return
        }
        #expect(issuer == "https://tenant.example.net")
    }

    @Test("a discovery document that names another issuer teaches nothing")
    func foreign() async throws {
        let bench = try Bench(issuer: nil)
        bench.fetcher[Self.wellKnown] = Self.discovery(issuer: "https://evil.example.org")
        #expect(await bench.verdict(try bench.good.token()).isUndecided)
    }

    @Test("a configured issuer counts at once, without discovery")
    func configured() async throws {
        let bench = try Bench()
        #expect(try await bench.reason(bench.good) == nil)
        #expect(bench.fetcher.requests == [Bench.keyURL])
    }
}
