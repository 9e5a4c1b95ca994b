import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite("ID tokens as API credentials")
struct FederationCredentialTests {
    /// An organization with a primary IdP and a member of it, beside one that has nothing to do with it.
    private struct Place {
        let organization, source, provider, member, stranger, strangeAccount: String

        init(_ world: FederationWorld) async {
            organization = await world.organization("Acme")
            source = await world.account("HQ", in: organization)
            provider = await world.identityProvider(in: source)
            await world.primary(provider, of: source, for: organization)
            member = await world.member(world.alice.email, of: organization)
            stranger = await world.organization("Umbrella")
            strangeAccount = await world.account("Lab", in: stranger)
            _ = await world.member(world.alice.email, of: stranger)
        }
    }

    @Test("a member acts in the tree of the organization whose primary IdP issued the token, and nowhere else")
    func member() async throws {
        try await FederationWorld.run { world in
            let place = await Place(world)
            let token = try world.idp.token(for: world.alice)
            #expect(await world.get("/user/tokens/verify", as: token).status == 200)
            #expect(await world.get("/organizations/\(place.organization)", as: token).status == 200)
            #expect(await world.get("/accounts/\(place.source)", as: token).status == 200)
            #expect(await world.get("/accounts/\(place.source)/access/identity_providers", as: token).status == 200)
            let made = await world.post(
                "/accounts", ["name": "New", "unit": ["id": .string(place.organization)]], as: token)
            #expect(made.status < 300)
            // A membership elsewhere is not the identity provider's to vouch for.
            #expect(await world.get("/organizations/\(place.stranger)", as: token).status == 404)
            #expect(await world.get("/accounts/\(place.strangeAccount)", as: token).status == 404)
            let listed = await world.get("/accounts?per_page=50", as: token)
            #expect(!listed.text.contains(place.strangeAccount))
        }
    }

    @Test("the user's own tokens and memberships stay out of reach")
    func ownResources() async throws {
        try await FederationWorld.run { world in
            _ = await Place(world)
            let token = try world.idp.token(for: world.alice)
            #expect(await world.get("/user", as: token).status == 200)
            #expect(await world.get("/user/tokens", as: token).status == 403)
            #expect(await world.get("/memberships", as: token).status == 403)
            #expect(await world.post("/user/tokens", ["name": "t", "policies": []], as: token).status == 403)
        }
    }

    @Test("what is done with an ID token is audited under the person")
    func audited() async throws {
        try await FederationWorld.run { world in
            let place = await Place(world)
            let token = try world.idp.token(for: world.alice)
            _ = await world.post("/accounts", ["name": "New", "unit": ["id": .string(place.organization)]], as: token)
            let row = try await world.audit(of: place.organization).first { $0.event.resource.kind == .account }
            #expect(row?.request.actor.email == world.alice.email)
        }
    }

    @Test("a token that is not valid, of nobody known, or of no primary IdP is no credential")
    func nobody() async throws {
        try await FederationWorld.run { world in
            let place = await Place(world)
            let path = "/organizations/\(place.organization)"
            let alice = world.alice
            let bad = [
                try world.idp.token(for: world.bob),
                try world.idp.token(for: alice, lifetime: .seconds(-100)),
                try world.idp.token(for: alice, changing: ["aud": "another"]),
                try world.idp.token(for: alice, changing: ["email_verified": false]),
                try world.idp.token(for: alice, changing: ["iss": "https://evil.example.org"]),
                try world.idp.token(for: alice) + "A",
                "a.b.c",
            ]
            for token in bad {
                let answer = await world.get(path, as: token)
                #expect(answer.status == 401)
                #expect(await world.get("/user/tokens/verify", as: token).code == 1000)
            }
            #expect(try await world.get(path, as: world.idp.token(for: alice)).status == 200)
            _ = await world.send(.delete, path + "/primary_idp")
            #expect(try await world.get(path, as: world.idp.token(for: alice)).status == 401)
        }
    }

    @Test("expiry, a lost membership and rotated keys take effect on the next call")
    func nextCall() async throws {
        try await FederationWorld.run { world in
            let place = await Place(world)
            let path = "/organizations/\(place.organization)"
            let short = try world.idp.token(for: world.alice, lifetime: .seconds(30))
            #expect(await world.get(path, as: short).status == 200)
            world.clock.advance(by: .seconds(80))
            #expect(await world.get(path, as: short).status == 200)
            world.clock.advance(by: .seconds(20))
            #expect(await world.get(path, as: short).status == 401)

            let token = try world.idp.token(for: world.alice)
            #expect(await world.get(path, as: token).status == 200)
            try world.idp.rotateKeys(keepingOld: false)
            let forget = "/accounts/\(place.source)/access/identity_providers/\(place.provider)/discovery_cache"
            #expect(await world.send(.delete, forget).status == 200)
            #expect(await world.get(path, as: token).status == 401)

            let fresh = try world.idp.token(for: world.alice)
            #expect(await world.get(path, as: fresh).status == 200)
            let second = await world.member("carol@example.com", of: place.organization)
            #expect(!second.isEmpty)
            #expect(await world.send(.delete, "\(path)/members/\(place.member)").status < 300)
            #expect(await world.get(path, as: fresh).status == 401)
        }
    }

    @Test("a member of one account of the tree comes in there only; a pending member does not")
    func accountMember() async throws {
        try await FederationWorld.run { world in
            let place = await Place(world)
            let members = "/accounts/\(place.source)/members"
            let roles = await world.get("/accounts/\(place.source)/roles").result.arrayValue ?? []
            let role = roles.first { $0["name"]?.stringValue == "Administrator Read Only" }?["id"] ?? .null
            let made = await world.post(members, ["email": .string(world.bob.email), "roles": [role]])
            let token = try world.idp.token(for: world.bob)
            #expect(await world.get("/accounts/\(place.source)", as: token).status == 401)
            _ = await world.send(.put, "\(members)/\(made.id)", ["status": "accepted", "roles": [["id": role]]])
            #expect(await world.get("/accounts/\(place.source)", as: token).status == 200)
            #expect(await world.get("/organizations/\(place.organization)", as: token).status == 404)
        }
    }

    @Test("a login is the evidence that enforcement asks for")
    func evidence() async throws {
        try await FederationWorld.run { world in
            let place = await Place(world)
            let path = "/organizations/\(place.organization)/primary_idp"
            #expect(await world.send(.patch, path, ["mode": "enforce"]).code == 21107)
            let token = try world.idp.token(for: world.alice)
            #expect(await world.get("/user/tokens/verify", as: token).status == 200)
            #expect(await world.send(.patch, path, ["mode": "enforce"]).status == 200)
        }
    }
}
