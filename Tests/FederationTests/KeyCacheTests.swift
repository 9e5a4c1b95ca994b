import Crypto
import Domain
import Federation
import HTTP
import JOSE
import JSON
import Primitives
import Testing

@Suite("Keys of identity providers")
struct KeyCacheTests {
    private static let first = JWK(TestKeys.rsa.publicKey, keyID: "k1", algorithm: .rs256)
    private static let second = JWK(TestKeys.otherRSA.publicKey, keyID: "k2", algorithm: .rs256)

    /// A token of the second key.
    private static func rotated(_ bench: Bench) -> TokenDraft {
        var draft = bench.good
        draft.key = TestKeys.otherRSA
        draft.header["kid"] = "k2"
        return draft
    }

    /// Waits for whatever a lookup started.
    private static func settle(_ bench: Bench) async { await bench.keys.settle() }

    @Test(
        "keys are fetched once and serve while they are fresh",
        arguments: [
            (nil, 600), (0, 60), (5, 60), (300, 300), (1 << 40, 86_400),
        ] as [(Int?, Int)])
    func freshness(_ maxAge: Int?, _ lifetime: Int) async throws {
        let bench = try Bench()
        bench.publish([Self.first], maxAge: maxAge)
        #expect(try await bench.reason(bench.good) == nil)
        bench.clock.advance(by: .seconds(lifetime * 4 / 5 - 1))
        #expect(try await bench.reason(bench.good) == nil)
        await Self.settle(bench)
        #expect(bench.fetcher.requests.count == 1)
        // From four fifths on they are fetched again, in the background.
        bench.clock.advance(by: .seconds(1))
        #expect(bench.verdictNow(try bench.good.token()).valid != nil)
        await Self.settle(bench)
        #expect(bench.fetcher.requests.count == 2)
    }

    @Test("keys that are no longer fresh are fetched before they are used")
    func notFresh() async throws {
        let bench = try Bench()
        #expect(try await bench.reason(bench.good) == nil)
        bench.clock.advance(by: .seconds(600))
        #expect(bench.verdictNow(try bench.good.token()).isUndecided)
    }

    @Test("while the provider fails, old keys serve for a day")
    func stale() async throws {
        let bench = try Bench()
        #expect(try await bench.reason(bench.good) == nil)
        bench.fetcher[Bench.keyURL] = .failure("connection refused")
        bench.clock.advance(by: .seconds(601))
        #expect(try await bench.reason(bench.good) == nil)
        bench.clock.advance(by: .seconds(86_400 - 602))
        #expect(try await bench.reason(bench.good) == nil)
        await Self.settle(bench)
        bench.clock.advance(by: .seconds(1))
        #expect(try await bench.reason(bench.good) == .idpUnreachable)
        bench.publish([Self.first])
        bench.clock.advance(by: .seconds(60))
        #expect(try await bench.reason(bench.good) == nil)
    }

    @Test("a provider that does not answer is asked after 1, 2, 4 … 60 s")
    func backoff() async throws {
        let bench = try Bench()
        bench.fetcher[Bench.keyURL] = .failure("connection refused")
        let token = try bench.good.token()
        #expect(await bench.verdict(token).reason == .idpUnreachable)
        var attempts = 1
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(bench.fetcher.requests.count == attempts)
            bench.clock.advance(by: .seconds(wait) - .milliseconds(1))
            // Answered at once, without asking.
            #expect(bench.verdictNow(token).reason == .idpUnreachable)
            bench.clock.advance(by: .milliseconds(1))
            #expect(await bench.verdict(token).reason == .idpUnreachable)
            attempts += 1
        }
        #expect(bench.fetcher.requests.count == attempts)
        bench.publish([Self.first])
        bench.clock.advance(by: .seconds(60))
        #expect(try await bench.reason(bench.good) == nil)
    }

    @Test("a rotated key is found at once")
    func rotation() async throws {
        let bench = try Bench()
        let old = try bench.good.token()
        #expect(await bench.verdict(old).valid != nil)
        bench.publish([Self.second])
        #expect(try await bench.reason(Self.rotated(bench)) == nil)
        #expect(bench.fetcher.requests.count == 2)
        // The key before is gone, also for a token that was good a moment ago.
        #expect(await bench.verdict(old).reason == .unknownKey)
        #expect(bench.fetcher.requests.count == 2)
    }

    @Test("unknown keys cause one fetch a minute")
    func unknownKeys() async throws {
        let bench = try Bench()
        #expect(try await bench.reason(bench.good) == nil)
        for number in 0..<20 {
            var draft = bench.good
            draft.header["kid"] = .string("unknown-\(number)")
            #expect(try await bench.reason(draft) == .unknownKey)
        }
        #expect(bench.fetcher.requests.count == 2)
        bench.clock.advance(by: .seconds(59))
        #expect(try await bench.reason(Self.rotated(bench)) == .unknownKey)
        #expect(bench.fetcher.requests.count == 2)
        bench.publish([Self.first, Self.second])
        bench.clock.advance(by: .seconds(1))
        #expect(try await bench.reason(Self.rotated(bench)) == nil)
        #expect(bench.fetcher.requests.count == 3)
    }

    @Test("while a fetch for one unknown key runs, tokens of the same wait and those of others fail at once")
    func unknownKeysMeanwhile() async throws {
        let bench = try Bench()
        #expect(try await bench.reason(bench.good) == nil)
        bench.fetcher.hold()
        bench.publish([Self.first, Self.second])
        let token = try Self.rotated(bench).token()
        guard case .undecided(.keys(let pending)) = bench.verdictNow(token) else {
            Issue.record("the keys should be fetched")
            return
        }
        #expect(bench.verdictNow(token).isUndecided)
        var other = bench.good
        other.header["kid"] = "k3"
        #expect(bench.verdictNow(try other.token()).reason == .unknownKey)
        #expect(bench.verdictNow(try bench.good.token()).valid != nil)
        bench.fetcher.release()
        await pending.arrival()
        #expect(bench.verdictNow(token).valid != nil)
        #expect(bench.fetcher.requests.count == 2)
    }

    @Test("everybody who needs the first keys waits for the same fetch")
    func singleFlight() async throws {
        let bench = try Bench()
        bench.fetcher.hold()
        let token = try bench.good.token()
        var waiting: [PendingKeys] = []
        for _ in 0..<50 {
            if case .undecided(.keys(let pending)) = bench.verdictNow(token) { waiting.append(pending) }
        }
        #expect(waiting.count == 50)
        bench.fetcher.release()
        for pending in waiting { await pending.arrival() }
        #expect(bench.verdictNow(token).valid != nil)
        #expect(bench.fetcher.requests.count == 1)
    }

    @Test(
        "a bad document never replaces a good one",
        arguments: [
            .document(status: 500, []), .document(status: 404, Array("{}".utf8)), .document(Array("<html>".utf8)),
            .document(Array("{}".utf8)), .document(Array(#"{"keys":{}}"#.utf8)), .document(Array(#"{"keys":[]}"#.utf8)),
            .document(Array(#"{"keys":[{"kty":"new"}]}"#.utf8)),
            .document(Array(("{\"keys\":[" + Array(repeating: "{}", count: 101).joined(separator: ",") + "]}").utf8)),
            .document([UInt8](repeating: 0x20, count: 256 * 1024 + 1)), .failure("timed out"),
        ] as [ScriptedFetcher.Answer])
    func badDocument(_ answer: ScriptedFetcher.Answer) async throws {
        let bench = try Bench()
        #expect(try await bench.reason(bench.good) == nil)
        bench.fetcher[Bench.keyURL] = answer
        #expect(try await bench.reason(Self.rotated(bench)) == .unknownKey)
        #expect(bench.fetcher.requests.count == 2)
        #expect(try await bench.reason(bench.good) == nil)
        let fresh = try Bench()
        fresh.fetcher[Bench.keyURL] = answer
        #expect(try await fresh.reason(fresh.good) == .idpUnreachable)
    }

    @Test("another place for the keys, or another issuer, drops what was held")
    func changedConfiguration() async throws {
        let bench = try Bench()
        let id = IdentityProviderID(at: Timestamp(seconds: 1))
        func use(_ provider: IdentityProvider) throws {
            bench.trust = IssuerTrust([
                TrustedIssuer(id: id, profile: try #require(VerificationProfile(provider)), standing: .allowed)
            ])
        }
        try use(Bench.provider(id: id))
        #expect(try await bench.reason(bench.good) == nil)
        try use(Bench.provider(["claims": []], id: id))
        bench.judge.hold(for: 2)
        #expect(try await bench.reason(bench.good) == nil)
        #expect(bench.fetcher.requests.count == 1)
        try use(Bench.provider(["certs_url": "https://idp.example.org/other"], id: id))
        bench.judge.hold(for: 3)
        #expect(try await bench.reason(bench.good) == .idpUnreachable)
        bench.fetcher["https://idp.example.org/other"] = bench.fetcher[Bench.keyURL]
        bench.clock.advance(by: .seconds(1))
        #expect(try await bench.reason(bench.good) == nil)
    }

    @Test("an expired cache asks again, and serves on when there is no answer")
    func expire() async throws {
        let bench = try Bench()
        let provider = Bench.provider()
        bench.trust = IssuerTrust([
            TrustedIssuer(id: provider.id, profile: try #require(VerificationProfile(provider)), standing: .allowed)
        ])
        let token = try bench.good.token()
        #expect(await bench.verdict(token).valid != nil)
        bench.keys.expire(provider.id)
        #expect(await bench.verdict(token).valid != nil)
        #expect(bench.fetcher.requests.count == 2)
        bench.fetcher[Bench.keyURL] = nil
        bench.keys.expire(provider.id)
        #expect(await bench.verdict(token).valid != nil)
        bench.publish([Self.second])
        bench.keys.expire(provider.id)
        #expect(await bench.verdict(token).reason == .unknownKey)
    }
}

@Suite("Discovery")
struct DiscoveryTests {
    private static let wellKnown = Bench.issuer + "/.well-known/openid-configuration"

    private static func answer(_ document: JSONValue) -> ScriptedFetcher.Answer {
        .document(document.serializedBytes())
    }

    @Test("the keys are where the discovery document says")
    func keys() async throws {
        let bench = try Bench(type: .okta)
        bench.fetcher[Self.wellKnown] = Self.answer([
            "issuer": .string(Bench.issuer), "jwks_uri": .string(Bench.keyURL),
        ])
        #expect(try await bench.reason(bench.good) == nil)
        #expect(bench.fetcher.requests == [Self.wellKnown, Bench.keyURL])
    }

    @Test(
        "a document that does not speak for the issuer is refused",
        arguments: [
            ["issuer": "https://evil.example.org", "jwks_uri": .string(Bench.keyURL)],
            ["issuer": .string(Bench.issuer + "/"), "jwks_uri": .string(Bench.keyURL)],
            ["issuer": "https://IDP.example.org", "jwks_uri": .string(Bench.keyURL)],
            ["jwks_uri": .string(Bench.keyURL)], ["issuer": .string(Bench.issuer)], [], "text",
            ["issuer": .string(Bench.issuer), "jwks_uri": "http://idp.example.org/keys"],
            ["issuer": .string(Bench.issuer), "jwks_uri": "file:///etc/passwd"],
            ["issuer": .string(Bench.issuer), "jwks_uri": "https://user@idp.example.org/keys"],
        ] as [JSONValue])
    func refused(_ document: JSONValue) async throws {
        let bench = try Bench(type: .okta)
        bench.fetcher["http://idp.example.org/keys"] = bench.fetcher[Bench.keyURL]
        bench.fetcher[Self.wellKnown] = Self.answer(document)
        #expect(try await bench.reason(bench.good) == .idpUnreachable)
    }

    @Test(
        "http is fetched from loopback only",
        arguments: [
            ("http://127.0.0.1:9000", true), ("http://localhost:9000", true), ("http://[::1]:9000", true),
            ("http://10.0.0.1", false), ("http://idp.example.org", false), ("ftp://127.0.0.1", false),
        ])
    func loopback(_ issuer: String, _ isFetched: Bool) async throws {
        let bench = try Bench(type: .okta, issuer: issuer)
        bench.fetcher[issuer + "/.well-known/openid-configuration"] = Self.answer([
            "issuer": .string(issuer), "jwks_uri": .string(Bench.keyURL),
        ])
        var draft = bench.good
        draft.claims["iss"] = .string(issuer)
        #expect(try await bench.reason(draft) == (isFetched ? nil : .idpUnreachable))
        #expect(bench.fetcher.requests.isEmpty == !isFetched)
    }
}
