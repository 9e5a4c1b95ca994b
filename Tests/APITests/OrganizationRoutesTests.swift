import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite("Organizations over the API")
struct OrganizationRoutesTests {
    private let profile: JSONValue = [
        "business_name": "Acme", "business_email": "a@acme.test", "business_phone": "1", "business_address": "Here",
        "external_metadata": "{}",
    ]

    @Test("creation makes the caller its administrator and shows the way from the root")
    func creation() async throws {
        let world = try await World()
        let root = await world.organization("Root")
        let child = await world.post(
            "/organizations", ["name": " Child ", "parent": ["id": .string(root)], "profile": profile])
        #expect(child.status == 200)
        #expect(child.result["name"] == "Child")
        #expect(child.result["parent"] == ["id": .string(root), "name": "Root"])
        #expect(child.result["meta"]?["hierarchy_tags"] == [.string(root), .string(child.id)])
        #expect(child.result["profile"] == profile)
        let members = await world.get("/organizations/\(child.id)/members")
        #expect(members.items.count == 1)
        #expect(members.items.first?["meta"]?["role"] == "super_administrator")
        #expect(members.items.first?["status"] == "active")
        let first = await world.get("/organizations/\(root)")
        #expect(first.result["parent"] == nil)
        #expect(first.etag == "\"1\"")
    }

    @Test("a replacement without a parent stays where it is, and loses a profile that it does not name")
    func replacement() async throws {
        let world = try await World()
        let root = await world.organization("Root")
        let child = await world.post(
            "/organizations", ["name": "Child", "parent": ["id": .string(root)], "profile": profile])
        let renamed = await world.put("/organizations/\(child.id)", ["name": "Kid"])
        #expect(renamed.result["parent"]?["id"] == .string(root))
        #expect(renamed.result["profile"] == nil)
        #expect(renamed.etag == "\"2\"")
        let stale = await world.call(
            .put, "/organizations/\(child.id)", ["name": "x"], as: World.root, [(.ifMatch, "\"1\"")])
        #expect(stale.status == 412)
        let set = await world.put("/organizations/\(child.id)/profile", profile)
        #expect(set.status == 200)
        #expect(set.result == .null)
        #expect(await world.get("/organizations/\(child.id)/profile").result == profile)
        #expect(await world.put("/organizations/\(child.id)/profile", ["business_name": "x"]).code == 21000)
    }

    @Test("a name shows in everything below it with a new version")
    func renaming() async throws {
        let world = try await World()
        let root = await world.organization("Root")
        let child = await world.organization("Child", below: root)
        let account = await world.account("A", in: root)
        let before = (await world.get("/organizations/\(child)").etag, await world.get("/accounts/\(account)").etag)
        _ = await world.put("/organizations/\(root)", ["name": "Stem"])
        let (organization, owned) = (
            await world.get("/organizations/\(child)"), await world.get("/accounts/\(account)")
        )
        #expect(organization.result["parent"]?["name"] == "Stem")
        #expect(owned.result["managed_by"]?["parent_org_name"] == "Stem")
        #expect(organization.etag != before.0)
        #expect(owned.etag != before.1)
    }

    @Test("circles, deep trees and unknown parents are refused")
    func limits() async throws {
        let world = try await World()
        var chain = [await world.organization("0")]
        for level in 1..<8 { chain.append(await world.organization("\(level)", below: chain[level - 1])) }
        let tooDeep = await world.post("/organizations", ["name": "8", "parent": ["id": .string(chain[7])]])
        #expect(tooDeep.status == 409)
        #expect(tooDeep.code == 21004)
        for below in [chain[1], chain[7]] {
            let circle = await world.put("/organizations/\(chain[1])", ["name": "1", "parent": ["id": .string(below)]])
            #expect(circle.code == 21003)
        }
        let other = await world.organization("other")
        let moved = await world.put("/organizations/\(chain[0])", ["name": "0", "parent": ["id": .string(other)]])
        #expect(moved.code == 21004)
        let unknown: JSONValue = ["name": "x", "parent": ["id": "00000000000000000000000000000000"]]
        #expect(await world.post("/organizations", unknown).code == 21001)
        #expect(await world.get("/organizations/\(chain[7])").result["meta"]?["hierarchy_tags"]?.arrayValue?.count == 8)
    }

    @Test("an organization moves with everything below it, and to the top with an explicit null")
    func moving() async throws {
        let world = try await World(maxAccounts: 2)
        let (one, two) = (await world.organization("One"), await world.organization("Two"))
        let child = await world.organization("Child", below: one)
        let leaf = await world.organization("Leaf", below: child)
        let account = await world.account("A", in: leaf)
        _ = await world.put("/organizations/\(child)", ["name": "Child", "parent": ["id": .string(two)]])
        #expect(
            await world.get("/organizations/\(leaf)").result["meta"]?["hierarchy_tags"] == [
                .string(two), .string(child), .string(leaf),
            ])
        #expect(await world.get("/organizations/\(one)/accounts").items.isEmpty)
        #expect(await world.get("/organizations/\(two)/accounts").texts("id") == [account])
        _ = await world.put("/organizations/\(child)", ["name": "Child", "parent": .null])
        #expect(
            await world.get("/organizations/\(leaf)").result["meta"]?["hierarchy_tags"] == [
                .string(child), .string(leaf),
            ])
        _ = await world.account("B", in: one)
        _ = await world.account("C", in: one)
        let tooMany = await world.put("/organizations/\(child)", ["name": "Child", "parent": ["id": .string(one)]])
        #expect(tooMany.code == 21004)
    }

    @Test("only an empty organization can be deleted")
    func deletion() async throws {
        let world = try await World()
        let root = await world.organization("Root")
        let child = await world.organization("Child", below: root)
        #expect(await world.delete("/organizations/\(root)").code == 21002)
        let account = await world.account("A", in: child)
        #expect(await world.delete("/organizations/\(child)").code == 21002)
        _ = await world.delete("/accounts/\(account)")
        let member = await world.post("/organizations/\(child)/members", ["email": "m@x.test"])
        #expect(await world.delete("/organizations/\(child)").code == 21002)
        _ = await world.delete("/organizations/\(child)/members/\(member.id)")
        let deleted = await world.delete("/organizations/\(child)")
        #expect(deleted.status == 200)
        #expect(deleted.result == ["id": .string(child)])
        #expect(await world.get("/organizations/\(child)").status == 404)
        #expect(await world.delete("/organizations/\(root)").status == 200)
    }

    @Test("the list is filtered by name, place and content")
    func filters() async throws {
        let world = try await World()
        let root = await world.organization("North")
        let child = await world.organization("Northern 100%", below: root)
        let other = await world.organization("South")
        let account = await world.account("A", in: child)
        func ids(_ query: String) async -> [String] { await world.get("/organizations?\(query)").texts("id") }
        #expect(await ids("") == [root, child, other])
        #expect(await ids("id=\(other)&id=\(child)") == [child, other])
        #expect(await ids("name.startsWith=north") == [root, child])
        #expect(await ids("name.endsWith=TH") == [root, other])
        #expect(await ids("name.contains=0%25") == [child])
        #expect(await ids("name.contains=_") == [])
        #expect(await ids("parent.id=\(root)") == [child])
        #expect(await ids("parent.id=null") == [root, other])
        #expect(await ids("containing.account=\(account)") == [root, child])
        #expect(await ids("containing.organization=\(child)") == [root])
        let user = await world.get("/user").id
        #expect(await ids("containing.user=\(user)&parent.id=null") == [root, other])
        #expect(await world.get("/organizations?id=zz").code == 21902)
    }

    @Test("pages follow each other by token until there is none", arguments: [1, 2, 3, 7, 100])
    func paging(size: Int) async throws {
        let world = try await World()
        var expected: [String] = []
        for number in 0..<7 { expected.append(await world.organization("o\(number)")) }
        var seen: [String] = []
        var token: String?
        repeat {
            let page = await world.get("/organizations?page_size=\(size)" + (token.map { "&page_token=\($0)" } ?? ""))
            #expect(page.json["result_info"]?["total_size"] == 7)
            seen += page.texts("id")
            token = page.json["result_info"]?["next_page_token"]?.stringValue
        } while token != nil && seen.count < 20
        #expect(seen == expected)
    }

    @Test("a page token is good for its own list, for a day, and as it was given")
    func foreignTokens() async throws {
        let world = try await World()
        let organization = await world.organization("one")
        _ = await world.organization("two")
        let first = await world.get("/organizations?page_size=1")
        let token = try #require(first.json["result_info"]?["next_page_token"]?.stringValue)
        #expect(await world.get("/organizations?page_size=1&page_token=\(token)").items.count == 1)
        #expect(await world.get("/organizations?page_size=1&name.contains=o&page_token=\(token)").code == 21902)
        #expect(await world.get("/organizations/\(organization)/members?page_token=\(token)").code == 21902)
        for bad in [String(token.dropLast()), "B" + token.dropFirst(), "x", "%20", token + "AAAA"] {
            #expect(await world.get("/organizations?page_token=\(bad)").code == 21902, "\(bad)")
        }
        world.clock.advance(by: .seconds(24 * 3600))
        #expect(await world.get("/organizations?page_token=\(token)").code == 21902)
        #expect(await world.get("/organizations?page_size=0").code == 21902)
        #expect(await world.get("/organizations?page_size=101").code == 21902)
    }

    @Test("members: once each, all or nothing in a batch, and never without an administrator")
    func members() async throws {
        let world = try await World()
        let base = "/organizations/\(await world.organization("Root"))/members"
        let own = try #require(await world.get(base).texts("id").first)
        #expect(await world.delete("\(base)/\(own)").code == 21005)
        #expect(await world.patch("\(base)/\(own)", ["role": "reader"]).code == 21005)
        #expect(await world.patch("\(base)/\(own)", ["status": "canceled"]).code == 21005)
        let added = await world.post(base, ["member": ["user": ["email": "Ann@x.test"], "status": "pending"]])
        #expect(added.status == 200)
        #expect(added.result["user"]?["email"] == "Ann@x.test")
        #expect(await world.post(base, ["email": "ann@X.test"]).code == 21021)
        // A pending administrator is none yet.
        #expect(await world.delete("\(base)/\(own)").code == 21005)
        #expect(await world.patch("\(base)/\(added.id)", ["status": "active"]).result["status"] == "active")
        #expect(await world.delete("\(base)/\(own)").status == 200)
        let batch: JSONValue = ["members": [["user": ["email": "new@x.test"]], ["user": ["email": "ann@x.test"]]]]
        #expect(await world.post(base + ":batchCreate", batch).code == 21021)
        #expect(await world.get(base).items.count == 1)
        let good: JSONValue = ["members": [["user": ["email": "b@x.test"]], ["user": ["email": "c@x.test"]]]]
        #expect(await world.post(base + ":batchCreate", good).items.count == 2)
    }
}
