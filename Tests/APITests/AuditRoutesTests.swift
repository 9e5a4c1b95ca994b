import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite("The audit log over the API")
struct AuditRoutesTests {
    private static let range = "since=2020-01-01&before=2100-01-01"

    /// An account with a little history: created, renamed twice, a member, a refused deletion of that member.
    private func history(_ world: World) async -> (account: String, organization: String) {
        let organization = await world.organization("O")
        let id = await world.account("A", in: organization)
        for name in ["B", "C"] {
            _ = await world.put("/accounts/\(id)", ["id": .string(id), "name": .string(name), "type": "standard"])
        }
        _ = await world.post(
            "/accounts/\(id)/members", ["email": "m@x.test", "roles": [.string(AccountRole.access.id)]])
        _ = await world.post(
            "/accounts/\(id)/members", ["email": "m@x.test", "roles": [.string(AccountRole.access.id)]])
        return (id, organization)
    }

    @Test("every change is a row, newest first, and refusals are rows too")
    func rows() async throws {
        let world = try await World()
        let id = await history(world).account
        let log = await world.get("/accounts/\(id)/logs/audit?\(Self.range)")
        let kinds = log.items.map {
            [$0["resource"]?["type"], $0["action"]?["type"], $0["action"]?["result"]].map { $0?.stringValue ?? "" }
                .joined(separator: " ")
        }
        #expect(
            kinds == [
                "account_member create failure", "account_member create success", "account update success",
                "account update success", "account create success",
            ])
        let created = try #require(log.items.last)
        #expect(created["account"]?["name"] == "A")
        #expect(created["actor"]?["email"] == "admin@localhost")
        #expect(created["actor"]?["context"] == "api_token")
        #expect(created["raw"]?["method"] == "POST")
        #expect(created["resource"]?["request"]?["name"] == "A")
        #expect(created["resource"]?["response"]?["id"] == .string(id))
        #expect(await world.get("/accounts/\(id)/logs/audit?since=2020-01-01").code == 21902)
        #expect(await world.get("/accounts/\(id)/logs/audit?since=x&before=2100-01-01").code == 21902)
        #expect(await world.get("/accounts/\(id)/logs/audit?since=2020-01-01&before=2020-01-02").items.isEmpty)
    }

    @Test(
        "a filter and its negation share the log between them",
        arguments: [
            "action_type=update", "action_result=failure", "actor_context=api_token", "actor_email=ADMIN@localhost",
            "actor_email=nobody@x", "actor_type=user", "raw_method=PUT", "raw_method=PUT POST", "raw_status_code=409",
            "raw_status_code=x", "resource_type=account", "resource_product=accounts", "resource_scope=accounts",
            "resource_scope=organizations", "account_name=A", "account_name=B C", "actor_id=zz", "id=zz", "zone_id=z",
            "zone_name=z", "actor_token_name=Bootstrap%20token", "product_category=accounts access", "resource_id=zz",
            "audit_log_id=zz", "raw_cf_ray_id=zz", "raw_uri=/client/v4/accounts", "actor_ip_address=10.0.0.1",
            "actor_token_id=zz",
        ])
    func filters(filter: String) async throws {
        let world = try await World()
        let id = await history(world).account
        // A look at the log is a row of its own, so looks are left out of what is compared.
        let path = "/accounts/\(id)/logs/audit?\(Self.range)&action_type.not=view"
        let parts = filter.split(separator: "=", maxSplits: 1)
        let (name, values) = (String(parts[0]), parts[1].split(separator: " "))
        let all = Set(await world.get(path).texts("id"))
        let some = Set(await world.get(path + values.map { "&\(name)=\($0)" }.joined()).texts("id"))
        let rest = Set(await world.get(path + values.map { "&\(name).not=\($0)" }.joined()).texts("id"))
        #expect(some.union(rest) == all)
        #expect(some.isDisjoint(with: rest))
    }

    @Test("cursors walk the whole log in both directions", arguments: ["asc", "desc"])
    func cursors(direction: String) async throws {
        let world = try await World()
        let id = await history(world).account
        let path = "/accounts/\(id)/logs/audit?\(Self.range)&action_type.not=view&direction=\(direction)"
        let all = await world.get(path).texts("id")
        var seen: [String] = []
        var cursor = ""
        repeat {
            let page = await world.get(path + "&limit=2" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"))
            #expect(page.items.count <= 2)
            seen += page.texts("id")
            cursor = page.json["result_info"]?["cursors"]?["after"]?.stringValue ?? ""
        } while !cursor.isEmpty && seen.count < 20
        #expect(seen == all)
        let first = await world.get(path + "&limit=2")
        let given = try #require(first.json["result_info"]?["cursors"]?["after"]?.stringValue)
        #expect(await world.get(path + "&action_type=update&cursor=\(given)").code == 21902)
        #expect(await world.get(path + "&cursor=nonsense").code == 21902)
        #expect(await world.get(path + "&limit=1001").code == 21902)
    }

    @Test("the history of a row is that of its resource")
    func resourceHistory() async throws {
        let world = try await World()
        let (id, organization) = await history(world)
        let path = "/accounts/\(id)/logs/audit"
        let row = try #require(await world.get(path + "?\(Self.range)").texts("id").last)
        let rows = await world.get("\(path)/\(row)/history?\(Self.range)&action_time=2026-02-25T00:00:00Z")
        #expect(rows.items.count == 3)
        #expect(rows.items.allSatisfy { $0["resource"]?["id"] == .string(id) })
        #expect(await world.get("\(path)/\(row)/history?\(Self.range)").code == 21902)
        let elsewhere = await world.account("other")
        let foreign = "/accounts/\(elsewhere)/logs/audit/\(row)/history?\(Self.range)&action_time=2026-02-25"
        #expect(await world.get(foreign).status == 404)
        let wide = "/organizations/\(organization)/logs/audit/\(row)/history?\(Self.range)&action_time=2026-02-25"
        #expect(await world.get(wide).status == 404)
    }

    @Test("an organization's log has its accounts' rows where that is asked for")
    func organizationLog() async throws {
        let world = try await World()
        let (id, organization) = await history(world)
        let path = "/organizations/\(organization)/logs/audit?\(Self.range)&action_type.not=view"
        let own = await world.get(path)
        #expect(own.items.count == 1)
        #expect(own.items.first?["organization"]?["id"] == .string(organization))
        #expect(own.items.first?["resource"]?["scope"] == "organizations")
        let wide = await world.get(path + "&include_accounts=true")
        #expect(wide.items.count == 6)
        _ = await world.delete("/accounts/\(id)")
        let after = await world.get(path + "&include_accounts=true&action_type=delete")
        #expect(after.texts("id").count == 1)
        #expect(after.items.first?["account"]?["id"] == .string(id))
    }

    @Test("the chain is intact, and no secret is in it")
    func integrity() async throws {
        let world = try await World()
        let (id, organization) = await history(world)
        let token = await world.token([.accountSettingsRead], of: id)
        let rolled = await world.get("/accounts/\(id)/tokens").texts("id").first ?? ""
        _ = await world.put("/accounts/\(id)/tokens/\(rolled)/value", [:])
        let found = await world.get("/organizations/\(organization)/logs/audit/integrity")
        #expect(found.result["first_broken_id"] == .null)
        #expect(found.result["intact"] == true)
        #expect(found.result["rows"]?.integerValue ?? 0 > 7)
        let log = await world.get("/accounts/\(id)/logs/audit?\(Self.range)")
        #expect(!log.text.contains("cfat_"))
        #expect(!token.isEmpty)
        #expect(await world.get("/accounts/\(id)/logs/audit/product_categories").items.count == 3)
    }
}
