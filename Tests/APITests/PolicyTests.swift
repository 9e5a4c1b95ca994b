import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import SQLite
import Store
import Testing

@Suite("Policies")
struct PolicyTests {
    private let path = "access/policies"

    private func policy(_ more: JSONObject = [:]) -> JSONValue {
        JSONValue.object(["name": "p", "decision": "allow", "include": [["everyone": [:]]]]).merged(with: .object(more))
    }

    private func app(_ domain: String, _ policies: [JSONValue]) -> JSONValue {
        ["type": "self_hosted", "domain": .string(domain), "policies": .array(policies)]
    }

    @Test("a reusable policy counts the applications that use it, and goes only when none does")
    func reusable() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, policy())
        #expect(created.status == 201)
        #expect(created.result["reusable"] == true)
        #expect(created.result["app_count"] == 0)
        #expect(created.result["account_id"]?.stringValue == world.account.hex)
        #expect(created.result["exclude"] == [])
        let application = await world.post("access/apps", app("a.example.com", [.string(created.id)]))
        #expect(application.result["policies"]?[0]?["id"]?.stringValue == created.id)
        #expect(application.result["policies"]?[0]?["precedence"] == 1)
        #expect(application.result["policies"]?[0]?["reusable"] == true)
        #expect(await world.get("\(path)/\(created.id)").result["app_count"] == 1)
        let refused = await world.delete("\(path)/\(created.id)")
        #expect(refused.status == 409)
        #expect(refused.code == 12132)
        _ = await world.put("access/apps/\(application.id)", app("a.example.com", []))
        #expect(await world.delete("\(path)/\(created.id)").status == 202)
        #expect(await world.get("\(path)/\(created.id)").code == 12135)
    }

    @Test("a change of a reusable policy shows in its applications, whose ETag moves")
    func propagation() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, policy())
        let application = await world.post("access/apps", app("a.example.com", [.string(created.id)]))
        #expect(
            await world.put("\(path)/\(created.id)", policy(["name": "renamed", "session_duration": "1h"])).status
                == 200)
        let read = await world.get("access/apps/\(application.id)")
        #expect(read.result["policies"]?[0]?["name"] == "renamed")
        #expect(read.result["policies"]?[0]?["session_duration"] == "1h")
        #expect(read.etag != application.etag)
    }

    @Test("links take their precedence or their place")
    func precedence() async throws {
        let world = try await AccessWorld()
        var ids: [String] = []
        for name in ["a", "b", "c"] { ids.append(await world.post(path, policy(["name": .string(name)])).id) }
        let links: [JSONValue] = [
            ["id": .string(ids[0]), "precedence": 7], ["id": .string(ids[1]), "precedence": 3], .string(ids[2]),
        ]
        let application = await world.post("access/apps", app("a.example.com", links))
        let order = application.result["policies"]?.arrayValue?.map {
            [$0["name"] ?? .null, $0["precedence"] ?? .null]
        }
        #expect(order == [["b", 3], ["a", 7], ["c", 8]])
        let doubled: [JSONValue] = [
            ["id": .string(ids[0]), "precedence": 1], ["id": .string(ids[1]), "precedence": 1],
        ]
        #expect(await world.post("access/apps", app("b.example.com", doubled)).pointers == ["/policies/1"])
        let twice: [JSONValue] = [.string(ids[0]), .string(ids[0])]
        #expect(await world.post("access/apps", app("b.example.com", twice)).pointers == ["/policies/1"])
    }

    @Test("reusable and inline policies do not mix")
    func mixing() async throws {
        let world = try await AccessWorld()
        let reusable = await world.post(path, policy())
        let mixed = await world.post("access/apps", app("a.example.com", [.string(reusable.id), policy()]))
        #expect(mixed.status == 400)
        #expect(mixed.pointers == ["/policies"])
        let linked = await world.post("access/apps", app("a.example.com", [.string(reusable.id)]))
        #expect(await world.post("access/apps/\(linked.id)/policies", policy()).status == 400)
        let met = await world.put("access/apps/\(linked.id)/policies/\(reusable.id)", policy())
        #expect(met.status == 400)
        #expect(met.code == 12130)
        #expect(await world.delete("access/apps/\(linked.id)/policies/\(reusable.id)").code == 12130)
        #expect(await world.get("access/apps/\(linked.id)/policies/\(reusable.id)").status == 200)
    }

    @Test("what a GET of an application shows can be sent back and changes nothing but the version")
    func roundTrip() async throws {
        let world = try await AccessWorld()
        let reusable = await world.post(path, policy())
        for (domain, policies) in [
            ("a.example.com", [policy(["name": "x"]), policy(["name": "y"])]),
            ("b.example.com", [.string(reusable.id)]),
        ] {
            let created = await world.post("access/apps", app(domain, policies))
            let replaced = await world.put("access/apps/\(created.id)", created.result)
            #expect(replaced.status == 200)
            let ids = { (answer: AccessWorld.Answer) in answer.result["policies"]?.arrayValue?.map { $0["id"] } }
            #expect(ids(replaced) == ids(created))
        }
    }

    @Test("inline policies: created last, unique precedence, changed in place, removed alone")
    func inline() async throws {
        let world = try await AccessWorld()
        let application = await world.post("access/apps", app("a.example.com", [policy(["name": "first"])]))
        let base = "access/apps/\(application.id)/policies"
        let second = await world.post(base, policy(["name": "second"]))
        #expect(second.status == 201)
        #expect(second.result["precedence"] == 2)
        #expect(second.result["reusable"] == false)
        #expect(await world.post(base, policy(["precedence": 2])).code == 12132)
        let moved = await world.put("\(base)/\(second.id)", policy(["name": "second", "precedence": 0]))
        #expect(moved.result["precedence"] == 0)
        let names = await world.get(base).result.arrayValue?.compactMap { $0["name"]?.stringValue }
        #expect(names == ["second", "first"])
        // It is no policy of the account's own list.
        #expect(await world.get("\(path)/\(second.id)").status == 404)
        #expect(await world.get(path).result == [])
        #expect(await world.delete("\(base)/\(second.id)").status == 202)
        #expect(await world.get("access/apps/\(application.id)").result["policies"]?.arrayValue?.count == 1)
    }

    @Test(
        "malformed members are refused with a pointer",
        arguments: [
            (["decision": "maybe"], ["/decision"]), (["include": []], ["/include"]), (["include": .null], ["/include"]),
            (["name": .null, "decision": .null], ["/decision", "/name"]),
            (["include": [["unknown": [:]]]], ["/include/0"]),
            (["include": [[:]]], ["/include/0"]),
            (["include": [["everyone": [:], "email": ["email": "a@x.org"]]]], ["/include/0"]),
            (["include": ["everyone"]], ["/include/0"]),
            (["include": [["email": ["email": "nobody"]]]], ["/include/0/email/email"]),
            (["include": [["ip": ["ip": "10.0.0.0/33"]]]], ["/include/0/ip/ip"]),
            (["require": [["geo": ["country_code": "pt"]]]], ["/require/0/geo/country_code"]),
            (["exclude": [["group": ["id": "00000000-0000-0000-0000-000000000001"]]]], ["/exclude/0/group/id"]),
            (
                ["include": [["service_token": ["token_id": "00000000-0000-0000-0000-000000000001"]]]],
                ["/include/0/service_token/token_id"]
            ),
            (
                ["include": [["login_method": ["id": "00000000-0000-0000-0000-000000000001"]]]],
                ["/include/0/login_method/id"]
            ),
            (
                ["include": [["linked_app_token": ["app_uid": "00000000-0000-0000-0000-000000000001"]]]],
                ["/include/0/linked_app_token/app_uid"]
            ),
            (
                ["approval_groups": [["approvals_needed": 0]]],
                ["/approval_groups/0", "/approval_groups/0/approvals_needed"]
            ),
            (["session_duration": "forever"], ["/session_duration"]),
        ] as [(JSONObject, [String])])
    func malformed(change: JSONObject, pointers: [String]) async throws {
        let world = try await AccessWorld()
        let answer = await world.post(path, policy(change))
        #expect(answer.status == 400)
        #expect(answer.code == 12130)
        #expect(answer.pointers == pointers)
    }

    @Test("rules are answered in canonical form")
    func canonical() async throws {
        let world = try await AccessWorld()
        let created = await world.post(
            path,
            policy([
                "include": [
                    ["email_domain": ["domain": "@X.org", "extra": 1]], ["ip": ["ip": "10.1.2.3/8"]],
                    ["ip": ["ip": "::1"]],
                ]
            ]))
        #expect(
            created.result["include"]
                == [["email_domain": ["domain": "x.org"]], ["ip": ["ip": "10.0.0.0/8"]], ["ip": ["ip": "::1/128"]]])
    }

    @Test(
        "policies before login refuse rules about identity, also inside groups", arguments: ["bypass", "non_identity"])
    func identity(decision: String) async throws {
        let world = try await AccessWorld()
        let direct = await world.post(
            path, policy(["decision": .string(decision), "require": [["email": ["email": "a@x.org"]]]]))
        #expect(direct.pointers == ["/require/0"])
        let group = await world.post("access/groups", ["name": "g", "include": [["ip": ["ip": "10.0.0.0/8"]]]])
        let outer = await world.post("access/groups", ["name": "o", "include": [["group": ["id": .string(group.id)]]]])
        let accepted = await world.post(
            path, policy(["decision": .string(decision), "include": [["group": ["id": .string(outer.id)]]]]))
        #expect(accepted.status == 201)
        let turned = await world.put(
            "access/groups/\(group.id)", ["name": "g", "include": [["email": ["email": "a@x.org"]]]])
        #expect(turned.status == 400)
        #expect(turned.pointers == ["/include"])
        let late = await world.post("access/groups", ["name": "l", "include": [["email": ["email": "a@x.org"]]]])
        let nested = await world.post(
            path, policy(["decision": .string(decision), "include": [["group": ["id": .string(late.id)]]]]))
        #expect(nested.pointers == ["/include/0"])
    }

    @Test("a policy of another account cannot be linked, and its id says nothing")
    func isolation() async throws {
        let world = try await AccessWorld()
        let foreign = await world.post(path, policy(), in: world.other)
        #expect(
            await world.post("access/apps", app("a.example.com", [.string(foreign.id)])).pointers == ["/policies/0"])
        #expect(await world.get("\(path)/\(foreign.id)").status == 404)
        #expect(await world.delete("\(path)/\(foreign.id)").status == 404)
    }

    @Test("a rule may keep naming what is gone, but not begin to")
    func gone() async throws {
        let world = try await AccessWorld()
        let idp = try await world.identityProvider()
        let rule: JSONObject = ["include": [["login_method": ["id": .string(idp.uuid)]]]]
        let created = await world.post(path, policy(rule))
        _ = try await world.plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.execute("DELETE FROM identity_providers WHERE id = ?", idp)
        }
        #expect(await world.put("\(path)/\(created.id)", policy(rule)).status == 200)
        #expect(await world.post(path, policy(rule)).status == 400)
    }
}

@Suite("Groups")
struct AccessGroupTests {
    private let path = "access/groups"

    private func group(_ inner: String...) -> JSONValue {
        let rules = inner.map { JSONValue.object(["group": ["id": .string($0)]]) }
        return ["name": "g", "include": .array(rules.isEmpty ? [["everyone": [:]]] : rules)]
    }

    @Test("the default flag shows on single reads and never in lists")
    func defaultFlag() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, ["name": "g", "include": [["everyone": [:]]], "is_default": true])
        #expect(created.status == 201)
        #expect(created.result["is_default"] == nil)
        #expect(await world.get("\(path)/\(created.id)").result["default"] == true)
        #expect(await world.get(path).result[0]?["default"] == nil)
        let replaced = await world.put("\(path)/\(created.id)", group())
        #expect(replaced.result["default"] == false)
    }

    @Test("a group that would contain itself is refused, at any distance")
    func cycles() async throws {
        let world = try await AccessWorld()
        let first = await world.post(path, group())
        let second = await world.post(path, group(first.id))
        let third = await world.post(path, group(second.id))
        for inner in [first.id, second.id, third.id] {
            let answer = await world.put("\(path)/\(first.id)", group(inner))
            #expect(answer.status == 400)
            #expect(answer.code == 12130)
        }
        #expect(await world.get("\(path)/\(first.id)").result["include"] == [["everyone": [:]]])
    }

    @Test("groups nest five deep and no deeper, whichever end grows")
    func nesting() async throws {
        let world = try await AccessWorld()
        var chain = [await world.post(path, group()).id]
        for _ in 0..<5 {
            let answer = await world.post(path, group(chain[chain.count - 1]))
            #expect(answer.status == 201)
            chain.append(answer.id)
        }
        #expect(await world.post(path, group(chain[5])).status == 400)
        let leaf = await world.post(path, group())
        #expect(await world.put("\(path)/\(chain[0])", group(leaf.id)).status == 400)
        #expect(await world.put("\(path)/\(chain[1])", group(leaf.id)).status == 200)
    }

    @Test("a group in use is not deleted")
    func inUse() async throws {
        let world = try await AccessWorld()
        let inner = await world.post(path, group())
        let outer = await world.post(path, group(inner.id))
        #expect(await world.delete("\(path)/\(inner.id)").code == 12132)
        #expect(await world.delete("\(path)/\(outer.id)").status == 202)
        #expect(await world.delete("\(path)/\(inner.id)").status == 202)
    }

    @Test("name finds exactly and search in part")
    func filters() async throws {
        let world = try await AccessWorld()
        for name in ["Admins", "Admins EU", "Guests"] {
            _ = await world.post(path, ["name": .string(name), "include": [["everyone": [:]]]])
        }
        #expect(await world.get("\(path)?name=Admins").result.arrayValue?.count == 1)
        #expect(await world.get("\(path)?search=admins").result.arrayValue?.count == 2)
        #expect(await world.get("\(path)?search=_").result.arrayValue?.count == 0)
    }

    @Test("a thousand rules are accepted and one more is not")
    func manyRules() async throws {
        let world = try await AccessWorld()
        let rules = (0..<1000).map { JSONValue.object(["email": ["email": .string("u\($0)@x.org")]]) }
        #expect(await world.post(path, ["name": "g", "include": .array(rules)]).status == 201)
        #expect(await world.post(path, ["name": "g", "include": .array(rules + [rules[0]])]).pointers == ["/include"])
    }
}
