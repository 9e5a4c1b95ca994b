import Crypto
import Domain
import HTTP
import JOSE
import JSON
import Primitives
import TestKit
import Testing

/// Contract 10 §12: `Idempotency-Key` holds for any POST, those too that change nothing.
@Suite("Idempotency of POSTs that are no mutations")
struct IdempotentReadTests {
    private static func account(_ world: FederationWorld) async -> (id: String, provider: String) {
        let organization = await world.organization("Acme")
        let account = await world.account("HQ", in: organization)
        return (account, await world.identityProvider(in: account))
    }

    @Test("a verdict under a key is the verdict of the first time, whatever has happened since")
    func validation() async throws {
        try await FederationWorld.run { world in
            let account = await Self.account(world).id
            let path = "/accounts/\(account)/access/tokens/validate"
            let body: JSONValue = ["token": .string(try world.idp.token(for: world.alice, lifetime: .seconds(60)))]
            let first = await world.send(.post, path, body, key: "k")
            #expect(first.result["active"] == true && !first.isReplay)
            world.clock.advance(by: .seconds(3600))
            let again = await world.send(.post, path, body, key: "k")
            #expect(again.isReplay && again.text == first.text && again.status == 200)
            // Without the key, or under another, the verdict is of now.
            #expect(await world.send(.post, path, body).result["reason"] == "expired")
            #expect(await world.send(.post, path, body, key: "l").result["reason"] == "expired")
        }
    }

    @Test("another body under the same key, and a key of a bad form, are refused")
    func mismatch() async throws {
        try await FederationWorld.run { world in
            let account = await Self.account(world).id
            let path = "/accounts/\(account)/access/tokens/validate"
            #expect(await world.send(.post, path, ["token": "a"], key: "k").status == 200)
            let other = await world.send(.post, path, ["token": "b"], key: "k")
            #expect(other.status == 422 && other.code == 21905)
            let bad = await world.send(.post, path, ["token": "a"], key: "two words")
            #expect(bad.status == 400 && bad.code == 21902)
        }
    }

    @Test("a refusal is kept as well, and no verdict is kept in the clear or without a key")
    func kept() async throws {
        try await FederationWorld.run { world in
            let account = await Self.account(world).id
            let path = "/accounts/\(account)/access/tokens/validate"
            #expect(await world.send(.post, path, ["token": 5], key: "refused").code == 21400)
            let again = await world.send(.post, path, ["token": 5], key: "refused")
            #expect(again.code == 21400 && again.isReplay)
            let token = try world.idp.token(for: world.alice)
            #expect(await world.send(.post, path, ["token": .string(token)], key: "k").result["active"] == true)
            #expect(await world.send(.post, path, ["token": .string(token)]).result["active"] == true)
            let bodies = try await world.keptAnswers()
            #expect(bodies.filter { $0.contains(world.alice.email) }.isEmpty)
            #expect(bodies.count == 2)
        }
    }

    @Test("testing an identity provider under a key fetches once")
    func test() async throws {
        try await FederationWorld.run { world in
            let (account, provider) = await Self.account(world)
            let path = "/accounts/\(account)/access/identity_providers/\(provider)/test"
            let first = await world.send(.post, path, [:], key: "k")
            #expect(first.result["success"] == true)
            let fetched = world.idp.keyRequests
            let again = await world.send(.post, path, [:], key: "k")
            #expect(again.isReplay && again.text == first.text)
            #expect(world.idp.keyRequests == fetched)
            #expect(await world.send(.post, path, [:]).result["success"] == true)
            #expect(world.idp.keyRequests == fetched + 1)
        }
    }
}
