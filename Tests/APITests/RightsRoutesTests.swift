import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite("Who may do what")
struct RightsRoutesTests {
    private static let account = "com.cloudflare.api.account."
    private static let organization = "com.cloudflare.api.organization."
    private static let user = "com.cloudflare.api.user."

    private func create(_ policies: [JSONValue]) -> JSONValue { ["name": "t", "policies": .array(policies)] }

    @Test("a token of one account sees nothing of another")
    func scoping() async throws {
        let world = try await World()
        let organization = await world.organization("Hidden Org")
        let (a, b) = (await world.account("Hidden Account", in: organization), await world.account("Visible"))
        let member = await world.post(
            "/accounts/\(a)/members", ["email": "m@x.test", "roles": [.string(AccountRole.access.id)]])
        let token = await world.token(PermissionGroup.allCases.filter { $0.scope == .account }, of: b)
        let other = await world.get("/accounts/\(a)/tokens")
        #expect(other.status == 200)
        let range = "since=2020-01-01&before=2100-01-01"
        for path in [
            "/accounts/\(a)", "/accounts/\(a)/members", "/accounts/\(a)/members/\(member.id)", "/accounts/\(a)/roles",
            "/accounts/\(a)/tokens", "/accounts/\(a)/tokens/verify", "/accounts/\(a)/tokens/permission_groups",
            "/accounts/\(a)/entitlements", "/accounts/\(a)/logs/audit?\(range)", "/organizations/\(organization)",
            "/organizations/\(organization)/members", "/organizations/\(organization)/accounts",
            "/organizations/\(organization)/profile", "/organizations/\(organization)/logs/audit?\(range)",
            "/organizations/\(organization)/logs/audit/integrity",
        ] {
            let answer = await world.get(path, as: token)
            #expect(answer.status == 404, "\(path)")
            #expect(!answer.text.contains("Hidden"), "\(path)")
        }
        #expect(await world.get("/accounts", as: token).texts("id") == [b])
        #expect(await world.get("/organizations", as: token).items.isEmpty)
        #expect(await world.get("/user", as: token).status == 403)
        #expect(await world.delete("/accounts/\(a)", as: token).status == 404)
        let into: JSONValue = ["destination_organization_id": .string(organization)]
        #expect(await world.post("/accounts/\(b)/move", into, as: token).status == 404)
        #expect(await world.post("/accounts", ["name": "x"], as: token).code == 1002)
        #expect(await world.post("/accounts", ["name": "x", "standalone": true], as: token).code == 1002)
        #expect(await world.post("/organizations", ["name": "x"], as: token).code == 10000)
        // Ids of another account's things mean nothing under one's own path.
        #expect(await world.get("/accounts/\(b)/members/\(member.id)", as: token).status == 404)
        #expect(await world.delete("/accounts/\(b)/members/\(member.id)", as: token).status == 404)
    }

    @Test("reading needs a read right or the thing is not there; writing needs a write right or is forbidden")
    func missingRights() async throws {
        let world = try await World()
        let id = await world.account("A")
        let token = await world.token([.appsRead], of: id)
        #expect(await world.get("/accounts/\(id)", as: token).status == 404)
        #expect(await world.get("/accounts", as: token).items.isEmpty)
        let refused = await world.put(
            "/accounts/\(id)", ["id": .string(id), "name": "x", "type": "standard"], as: token)
        #expect(refused.status == 403)
        #expect(refused.code == 10000)
        let log = await world.get("/accounts/\(id)/logs/audit?since=2020-01-01&before=2100-01-01&action_result=failure")
        #expect(log.items.count == 1)
        #expect(log.items.first?["raw"]?["status_code"] == 403)
    }

    @Test(
        "an account's token gives on at most what it holds",
        arguments: [
            ([PermissionGroup.accountTokensWrite], [PermissionGroup.accountTokensRead], 200),
            ([.accountTokensWrite, .appsWrite], [.appsRead], 200),
            ([.accountTokensWrite, .appsRead], [.appsWrite], 403),
            ([.accountTokensWrite], [.accountTokensWrite, .sharingRead], 403),
            ([.accountTokensRead], [.accountTokensRead], 403),
        ])
    func accountTokens(held: [PermissionGroup], wanted: [PermissionGroup], status: Int) async throws {
        let world = try await World()
        let id = await world.account("A")
        let token = await world.token(held, of: id)
        let answer = await world.post(
            "/accounts/\(id)/tokens", create([World.policy(wanted, [Self.account + id])]), as: token)
        #expect(answer.status == status)
    }

    @Test("an account's token speaks of its account only")
    func foreignResources() async throws {
        let world = try await World()
        let (a, b) = (await world.account("A"), await world.account("B"))
        for resource in [Self.account + b, Self.account + "*", Self.organization + b, Self.user + b, "zone"] {
            let answer = await world.post("/accounts/\(a)/tokens", create([World.policy([.appsRead], [resource])]))
            #expect(answer.code == 21030, "\(resource)")
        }
        let zone = create([World.policy([.appsRead], ["com.cloudflare.api.account.zone.*"])])
        #expect(await world.post("/accounts/\(a)/tokens", zone).status == 200)
    }

    @Test("a limited token of the administrator cannot make or learn a fuller one")
    func userTokens() async throws {
        let world = try await World()
        let root = await world.organization("Root")
        let child = await world.organization("Child", below: root)
        let (inside, outside) = (await world.account("inside", in: child), await world.account("outside", in: root))
        let me = await world.get("/user").id
        let token = await world.userToken([
            World.policy([.organizationRead, .accountSettingsRead], [Self.organization + child]),
            World.policy([.userTokensWrite], [Self.user + me]),
        ])
        func status(_ groups: [PermissionGroup], _ resource: String) async -> Int {
            await world.post("/user/tokens", create([World.policy(groups, [resource])]), as: token).status
        }
        #expect(await status([.accountSettingsRead], Self.account + inside) == 200)
        #expect(await status([.accountSettingsRead], Self.account + outside) == 403)
        #expect(await status([.accountSettingsWrite], Self.account + inside) == 403)
        #expect(await status([.accountSettingsRead], Self.organization + root) == 403)
        #expect(await status([.organizationRead], Self.organization + child) == 200)
        #expect(await status([.userTokensWrite], Self.user + me) == 200)
        #expect(await status([.userDetailsRead], Self.user + me) == 403)
        #expect(await status([.accountSettingsRead], Self.account + "00000000000000000000000000000000") == 403)
        let bootstrap = try #require(await world.get("/user/tokens").texts("id").first)
        let rolled = await world.put("/user/tokens/\(bootstrap)/value", [:], as: token)
        #expect(rolled.code == 21031)
        #expect(await world.get("/user").status == 200)
    }

    @Test("every account means those that the creator holds the rights on when the token is made")
    func wildcard() async throws {
        let world = try await World()
        let organization = await world.organization("O")
        let (a, b) = (await world.account("A", in: organization), await world.account("B"))
        let me = await world.get("/user").id
        let limited = await world.userToken([
            World.policy([.accountSettingsRead], [Self.organization + organization]),
            World.policy([.userTokensWrite], [Self.user + me]),
        ])
        let made = await world.post(
            "/user/tokens", create([World.policy([.accountSettingsRead], [Self.account + "*"])]), as: limited)
        let token = try #require(made.result["value"]?.stringValue)
        #expect(made.result["policies"]?[0]?["resources"] == ["com.cloudflare.api.account.*": "*"])
        #expect(await world.get("/accounts", as: token).texts("id") == [a])
        #expect(await world.get("/accounts/\(b)", as: token).status == 404)
        let all = await world.userToken([
            World.policy([.accountSettingsRead], [Self.account + "*"]),
            World.policy([.accountSettingsRead], [Self.account + a], effect: "deny"),
        ])
        #expect(await world.get("/accounts", as: all).texts("id") == [b])
        #expect(await world.get("/accounts/\(a)", as: all).status == 404)
    }

    @Test("a token's life: used, rolled, disabled, expired, deleted")
    func tokenLife() async throws {
        let world = try await World()
        let id = await world.account("A")
        let policies: [JSONValue] = [World.policy([.accountSettingsRead], [Self.account + id])]
        let made = await world.post(
            "/accounts/\(id)/tokens",
            ["name": "t", "policies": .array(policies), "expires_on": "2026-12-31T00:00:00Z", "status": "disabled"])
        let first = try #require(made.result["value"]?.stringValue)
        #expect(first.hasPrefix("cfat_"))
        #expect(made.result["status"] == "active")
        let path = "/accounts/\(id)/tokens/\(made.id)"
        #expect(await world.get("/accounts/\(id)", as: first).status == 200)
        let verified = await world.get("/accounts/\(id)/tokens/verify", as: first)
        #expect(verified.id == made.id)
        #expect(verified.json["messages"]?[0]?["code"] == 10000)
        #expect(await world.get(path).result["value"] == nil)
        let second = try #require(await world.put(path + "/value", [:]).result.stringValue)
        #expect(await world.get("/accounts/\(id)", as: first).status == 401)
        #expect(await world.get("/accounts/\(id)/tokens/verify", as: first).code == 1000)
        #expect(await world.get("/accounts/\(id)", as: second).status == 200)
        let body: JSONValue = [
            "name": "t", "policies": .array(policies), "status": "disabled", "expires_on": "2026-12-31T00:00:00Z",
        ]
        #expect(await world.put(path, body).result["status"] == "disabled")
        #expect(await world.get("/accounts/\(id)", as: second).code == 9109)
        _ = await world.put(
            path, ["name": "t", "policies": .array(policies), "expires_on": "2026-12-31T00:00:00Z"])
        #expect(await world.get("/accounts/\(id)", as: second).status == 200)
        world.clock.advance(by: .seconds(366 * 86_400))
        #expect(await world.get("/accounts/\(id)", as: second).code == 9109)
        #expect(await world.get("/accounts/\(id)/tokens").items.isEmpty)
        #expect(await world.get("/accounts/\(id)/tokens?include_expired=true").items.first?["status"] == "expired")
        #expect(await world.delete(path).status == 200)
        #expect(await world.get(path).code == 21011)
        let past: JSONValue = ["name": "t", "policies": .array(policies), "expires_on": "2020-01-01T00:00:00Z"]
        #expect(await world.post("/accounts/\(id)/tokens", past).code == 21030)
    }

    @Test("a person has the rights of their memberships from acceptance to removal")
    func people() async throws {
        let world = try await World()
        let id = await world.account("A")
        let base = "/accounts/\(id)/members"
        let person = World.person("p@x.test")
        let roles: JSONValue = [.string(AccountRole.superAdministrator.id)]
        let member = await world.post(base, ["email": "p@x.test", "roles": roles])
        #expect(await world.get("/accounts/\(id)", as: person).status == 404)
        _ = await world.put("\(base)/\(member.id)", ["roles": roles, "status": "accepted"])
        #expect(await world.get("/accounts/\(id)", as: person).status == 200)
        #expect(await world.get("/memberships", as: person).items.first?["account"]?["id"] == .string(id))
        // Their own token never outlives their rights.
        let mine = await world.post(
            "/user/tokens", create([World.policy([.accountSettingsRead], [Self.account + id])]), as: person)
        let token = try #require(mine.result["value"]?.stringValue)
        #expect(await world.get("/accounts/\(id)", as: token).status == 200)
        let second: JSONValue = ["email": "q@x.test", "roles": roles, "status": "accepted"]
        #expect(await world.post(base, second, as: person).status == 200)
        #expect(await world.delete("\(base)/\(member.id)").status == 200)
        #expect(await world.get("/accounts/\(id)", as: person).status == 404)
        #expect(await world.get("/accounts/\(id)", as: token).status == 404)
    }

    @Test("an Administrator manages everything but members and tokens")
    func administrators() async throws {
        let world = try await World()
        let id = await world.account("A")
        let base = "/accounts/\(id)/members"
        let person = World.person("p@x.test")
        _ = await world.post(
            base, ["email": "p@x.test", "roles": [.string(AccountRole.administrator.id)], "status": "accepted"])
        let change: JSONValue = ["id": .string(id), "name": "B", "type": "standard"]
        #expect(await world.put("/accounts/\(id)", change, as: person).status == 200)
        let invitation: JSONValue = ["email": "q@x.test", "roles": [.string(AccountRole.minimalAccountAccess.id)]]
        #expect(await world.post(base, invitation, as: person).status == 403)
        let token = create([World.policy([.accountSettingsRead], [Self.account + id])])
        #expect(await world.post("/accounts/\(id)/tokens", token, as: person).status == 403)
    }

    @Test("nobody invites somebody more powerful than themselves")
    func powerfulInvitations() async throws {
        let world = try await World()
        let organization = await world.organization("O")
        let id = await world.account("A", in: organization)
        let token = await world.token([.accountSettingsWrite], of: id)
        func invite(_ role: AccountRole) async -> Int {
            await world.post(
                "/accounts/\(id)/members", ["email": "\(role.id)@x.test", "roles": [.string(role.id)]], as: token
            ).status
        }
        #expect(await invite(.minimalAccountAccess) == 200)
        #expect(await invite(.superAdministrator) == 403)
        let reader = await world.userToken([
            World.policy([.organizationWrite], [Self.organization + organization])
        ])
        let administrator = await world.post(
            "/organizations/\(organization)/members", ["email": "a@x.test"], as: reader)
        #expect(administrator.status == 403)
    }

    @Test("an administrator of an organization reaches its accounts and those below, and no others")
    func organizationAdministrators() async throws {
        let world = try await World()
        let root = await world.organization("Root")
        let child = await world.organization("Child", below: root)
        let (inside, outside) = (await world.account("inside", in: child), await world.account("outside", in: root))
        _ = await world.post("/organizations/\(child)/members", ["email": "p@x.test", "status": "active"])
        let person = World.person("p@x.test")
        #expect(await world.get("/accounts", as: person).texts("id") == [inside])
        #expect(await world.get("/organizations", as: person).texts("id") == [child])
        #expect(await world.get("/accounts/\(outside)", as: person).status == 404)
        let made = await world.post("/accounts", ["name": "new"], as: person)
        #expect(made.result["managed_by"]?["parent_org_id"] == .string(child))
        let grandchild = await world.post(
            "/organizations", ["name": "Leaf", "parent": ["id": .string(child)]], as: person)
        #expect(grandchild.status == 200)
        #expect(await world.post("/organizations", ["name": "Top"], as: person).status == 403)
        let leave: JSONValue = ["name": "Child", "parent": .null]
        #expect(await world.put("/organizations/\(child)", leave, as: person).status == 403)
        #expect(await world.delete("/accounts/\(made.id)", as: person).status == 200)
    }
}
