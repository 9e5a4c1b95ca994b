import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite("Accounts over the API")
struct AccountRoutesTests {
    @Test("an account lands where the body says, or in the only organization there is")
    func placement() async throws {
        let world = try await World()
        #expect(await world.post("/accounts", ["name": "x"]).code == 1002)
        let organization = await world.organization("Only")
        let sub = await world.organization("Sub", below: organization)
        let unsaid = await world.post("/accounts", ["name": "x"])
        #expect(unsaid.status == 200)
        #expect(unsaid.result["managed_by"]?["parent_org_id"] == .string(organization))
        let named = await world.post("/accounts", ["name": "y", "type": "enterprise", "unit": ["id": .string(sub)]])
        #expect(named.result["managed_by"] == ["parent_org_id": .string(sub), "parent_org_name": "Sub"])
        #expect(named.result["type"] == "enterprise")
        let alone = await world.post("/accounts", ["name": "z", "standalone": true])
        #expect(alone.result["managed_by"] == nil)
        _ = await world.organization("Second")
        #expect(await world.post("/accounts", ["name": "w"]).code == 21010)
        #expect(
            await world.post("/accounts", ["name": "w", "unit": ["id": "00000000000000000000000000000000"]]).code
                == 21001)
    }

    @Test("a replacement sets what it names and resets what it leaves out")
    func replacement() async throws {
        let world = try await World()
        let id = await world.account("A")
        let full: JSONValue = [
            "id": .string(id), "name": "B", "type": "enterprise",
            "settings": ["abuse_contact_email": "a@b.test", "enforce_twofactor": true],
        ]
        let changed = await world.put("/accounts/\(id)", full)
        #expect(changed.result["settings"] == ["abuse_contact_email": "a@b.test", "enforce_twofactor": true])
        #expect(changed.etag == "\"2\"")
        let reset = await world.put("/accounts/\(id)", ["id": .string(id), "name": "B", "type": "standard"])
        #expect(reset.result["settings"] == ["abuse_contact_email": .null, "enforce_twofactor": false])
        #expect(await world.put("/accounts/\(id)", ["name": "B"]).code == 21010)
    }

    @Test("the tree's limit holds for creations and arrivals, not for moves inside")
    func limit() async throws {
        let world = try await World(maxAccounts: 2)
        let root = await world.organization("Root")
        let sub = await world.organization("Sub", below: root)
        let first = await world.account("1", in: root)
        _ = await world.account("2", in: sub)
        #expect(await world.post("/accounts", ["name": "3", "unit": ["id": .string(root)]]).code == 21004)
        let outside = await world.account("outside")
        #expect(
            await world.post("/accounts/\(outside)/move", ["destination_organization_id": .string(sub)]).code == 21004)
        #expect(
            await world.post("/accounts/\(first)/move", ["destination_organization_id": .string(sub)]).status == 200)
    }

    @Test("a move answers where from and whereto; a batch moves all or none")
    func moves() async throws {
        let world = try await World()
        let (one, two) = (await world.organization("One"), await world.organization("Two"))
        let (a, b) = (await world.account("A", in: one), await world.account("B"))
        let moved = await world.post("/accounts/\(a)/move", ["destination_organization_id": .string(two)])
        #expect(
            moved.result == [
                "account_id": .string(a), "source_organization_id": .string(one),
                "destination_organization_id": .string(two),
            ])
        let out = await world.post("/accounts/\(a)/move", ["destination_organization_id": .null])
        #expect(out.result["destination_organization_id"] == .null)
        #expect(await world.get("/accounts/\(a)").result["managed_by"] == nil)
        let unknown: JSONValue = [
            "account_ids": [.string(a), "00000000000000000000000000000000"],
            "destination_organization_id": .string(one),
        ]
        #expect(await world.post("/accounts/move", unknown).code == 21011)
        #expect(await world.get("/accounts/\(a)").result["managed_by"] == nil)
        let both: JSONValue = ["account_ids": [.string(a), .string(b)], "destination_organization_id": .string(one)]
        #expect(await world.post("/accounts/move", both).items.count == 2)
        #expect(await world.get("/organizations/\(one)/accounts").texts("name") == ["A", "B"])
        let stay = await world.post("/accounts/\(a)/move?preview=true", ["destination_organization_id": .null])
        #expect(stay.result["preview"] == true)
        #expect(await world.get("/accounts/\(a)").result["managed_by"]?["parent_org_id"] == .string(one))
    }

    @Test("deletion takes the account's tokens with it, and a preview takes nothing")
    func deletion() async throws {
        let world = try await World()
        let id = await world.account("A")
        let token = await world.token([.accountSettingsRead], of: id)
        #expect(await world.delete("/accounts/\(id)?preview=true").status == 200)
        #expect(await world.get("/accounts/\(id)", as: token).status == 200)
        let deleted = await world.delete("/accounts/\(id)")
        #expect(deleted.result == ["id": .string(id)])
        #expect(await world.get("/accounts/\(id)").code == 21011)
        #expect(await world.get("/accounts/\(id)", as: token).status == 401)
    }

    @Test("iterating pages ends with an empty one", arguments: [1, 2, 5])
    func paging(size: Int) async throws {
        let world = try await World()
        var expected: [String] = []
        for number in 0..<5 { expected.append(await world.account("a\(number)")) }
        var seen: [String] = []
        for page in 1...10 {
            let answer = await world.get("/accounts?per_page=\(size)&page=\(page)")
            #expect(answer.status == 200)
            #expect(answer.json["result_info"]?["total_count"] == 5)
            if answer.items.isEmpty { break }
            seen += answer.texts("id")
        }
        #expect(seen == expected)
        #expect(await world.get("/accounts?direction=desc").texts("id") == expected.reversed())
        #expect(await world.get("/accounts?name=A3").texts("name") == ["a3"])
        #expect(await world.get("/accounts?page=0").code == 21902)
        #expect(await world.get("/accounts?per_page=1001").code == 21902)
        #expect(await world.get("/accounts?direction=up").code == 21902)
    }

    @Test("a repeated creation with the same key creates once")
    func idempotency() async throws {
        let world = try await World()
        let key: [(FieldName, String)] = [(.idempotencyKey, "k1")]
        let body: JSONValue = ["name": "A", "standalone": true]
        let first = await world.call(.post, "/accounts", body, as: World.root, key)
        let second = await world.call(.post, "/accounts", body, as: World.root, key)
        #expect(first.text == second.text)
        #expect(await world.get("/accounts").items.count == 1)
        let other = await world.call(.post, "/accounts", ["name": "B", "standalone": true], as: World.root, key)
        #expect(other.status == 422)
    }

    @Test("members are invited, changed and removed; the last Super Administrator of a lone account stays")
    func members() async throws {
        let world = try await World()
        let account = await world.account("A")
        let base = "/accounts/\(account)/members"
        let admin = JSONValue.string(AccountRole.superAdministrator.id)
        let member = await world.post(base, ["email": "s@x.test", "roles": [admin], "status": "accepted"])
        #expect(member.status == 200)
        #expect(member.result["roles"]?[0]?["name"] == "Super Administrator - All Privileges")
        #expect(await world.post(base, ["email": "S@x.test", "roles": [admin]]).code == 21021)
        #expect(await world.delete("\(base)/\(member.id)").code == 21021)
        let reader: JSONValue = ["roles": [["id": .string(AccountRole.minimalAccountAccess.id)]]]
        #expect(await world.put("\(base)/\(member.id)", reader).code == 21021)
        let organization = await world.organization("O")
        _ = await world.post("/accounts/\(account)/move", ["destination_organization_id": .string(organization)])
        #expect(
            await world.put("\(base)/\(member.id)", reader).result["roles"]?[0]?["name"] == "Minimal Account Access")
        #expect(await world.delete("\(base)/\(member.id)").result == ["id": .string(member.id)])
        _ = await world.post(base, ["email": "b@x.test", "roles": [admin]])
        _ = await world.post(base, ["email": "a@x.test", "roles": [admin], "status": "accepted"])
        #expect(await world.get(base + "?order=user.email").texts("email") == ["a@x.test", "b@x.test"])
        #expect(await world.get(base + "?status=accepted").texts("email") == ["a@x.test"])
        #expect(await world.get(base + "?order=shoe_size").code == 21902)
    }

    @Test("fixed lists: roles, permission groups, entitlements")
    func fixedLists() async throws {
        let world = try await World()
        let account = "/accounts/\(await world.account("A"))"
        let roles = await world.get(account + "/roles")
        #expect(roles.items.count == AccountRole.allCases.count)
        #expect(await world.get(account + "/roles?page=2").items.isEmpty)
        let role = try #require(roles.items.first)
        #expect(await world.get(account + "/roles/\(role["id"]?.stringValue ?? "")").result == role)
        let groups = await world.get(account + "/tokens/permission_groups")
        #expect(groups.items.allSatisfy { $0["scopes"] == ["com.cloudflare.api.account"] })
        #expect(await world.get("/user/tokens/permission_groups").items.count == PermissionGroup.allCases.count)
        let named = await world.get("/user/tokens/permission_groups?name=API%20Tokens%20Read")
        #expect(named.texts("id") == [PermissionGroup.userTokensRead.id])
        #expect(await world.get(account + "/entitlements").items.count == 7)
    }
}
