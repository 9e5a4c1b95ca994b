import HTTP
import JSON
import TestKit
import Testing

/// Contract 10 §12: the ETag of an identity provider moves with all that its answer shows.
@Suite("ETags of identity providers and connections")
struct IdentityProviderTagTests {
    @Test("a designation, its mode, its end and the team's name move the tag of what shows them, and of nothing else")
    func moves() async throws {
        let world = try await World()
        let organization = await world.organization("Acme")
        let source = await world.account("hub", in: organization, team: "hub")
        let account = await world.account("emea", in: organization, team: "emea")
        let idp = await world.idp(of: source)
        let grant = await world.post("/accounts/\(source)/access/idp_federation_grants", ["idp_id": .string(idp)]).id
        #expect(await world.post("/accounts/\(source)/shares", share(grant, of: source, with: account)).isSuccess)
        let own = await world.idp("own", of: account)
        let pin = await world.idp("PIN", of: account, type: "onetimepin")
        let list = await world.get("/accounts/\(account)/access/identity_providers").items
        let connection = try #require(list.first { $0["read_only"]?.boolValue == true }?["id"]?.stringValue)
        let paths = [connection, own, pin].map { "/accounts/\(account)/access/identity_providers/\($0)" }
        let primary = "/organizations/\(organization)/primary_idp"

        func moved(_ expected: [Bool], _ change: () async -> World.Answer) async {
            var before: [(tag: String, result: JSONValue)] = []
            for path in paths { before.append(await tagged(world, path)) }
            let answer = await change()
            #expect(answer.isSuccess, "\(answer.text)")
            for (position, path) in paths.enumerated() {
                let after = await tagged(world, path)
                #expect((after.tag != before[position].tag) == expected[position], "\(path)")
                #expect((after.result != before[position].result) == expected[position], "\(path)")
                let held = await world.call(.get, path, nil, as: World.root, [(.ifNoneMatch, before[position].tag)])
                #expect(held.status == (expected[position] ? 200 : 304))
            }
        }
        await moved([true, false, false]) { await world.designate(idp, of: source, for: organization) }
        await moved([false, true, true]) { await world.patch(primary + "?force=true", ["mode": "enforce"]) }
        await moved([false, true, true]) { await world.patch(primary, ["mode": "report"]) }
        await moved([true, false, true]) {
            await world.patch("/accounts/\(account)/access/organizations", ["auth_domain": "north.access.test"])
        }
        await moved([true, false, false]) { await world.delete(primary) }
    }

    @Test("If-Match takes the tag that GET gave, and refuses it once the mode has changed")
    func precondition() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        let own = await world.idp("own", of: stage.account)
        let path = "\(stage.accountAccess)/identity_providers/\(own)"
        let open = await tagged(world, path).tag
        #expect(await world.patch(stage.primary + "?force=true", ["mode": "enforce"]).isSuccess)
        let replace = { (tag: String) in
            await world.call(.put, path, World.idpBody("renamed"), as: World.root, [(.ifMatch, tag)])
        }
        #expect(await replace(open).status == 412)
        let enforced = await tagged(world, path).tag
        let answer = await replace(enforced)
        #expect(answer.status == 200)
        #expect(answer.etag == (await tagged(world, path).tag))
        #expect(await replace(enforced).status == 412)
    }

    private func tagged(_ world: World, _ path: String) async -> (tag: String, result: JSONValue) {
        let answer = await world.get(path)
        return (answer.etag ?? "", answer.result)
    }

    private func share(_ grant: String, of source: String, with account: String) -> JSONValue {
        [
            "name": "s",
            "resources": [
                [
                    "resource_id": .string(grant), "resource_account_id": .string(source),
                    "resource_type": "idp-federation-grant", "meta": [:],
                ]
            ],
            "recipients": [["recipient_account_id": .string(account)]],
        ]
    }
}
