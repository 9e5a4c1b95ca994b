import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import SQLite
import Store
import Testing

@Suite("Tags")
struct TagTests {
    private let path = "access/tags"

    @Test(
        "names of any kind travel in paths, percent-encoded",
        arguments: [("a/1", "a%2F1"), ("Ü b", "%C3%9C%20b"), ("%", "%25")])
    func names(name: String, encoded: String) async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, ["name": .string(name)])
        #expect(created.status == 201)
        #expect(created.location?.hasSuffix("/access/tags/\(encoded)") == true)
        #expect(created.result["app_count"] == 0)
        #expect(await world.get("\(path)/\(encoded)").result == created.result)
        let deleted = await world.delete("\(path)/\(encoded)")
        #expect(deleted.status == 202)
        #expect(deleted.result == ["name": .string(name)])
        #expect(await world.get("\(path)/\(encoded)").code == 12135)
    }

    @Test("a name exists once an account")
    func unique() async throws {
        let world = try await AccessWorld()
        _ = await world.post(path, ["name": "prod"])
        #expect(await world.post(path, ["name": "prod"]).code == 12132)
        #expect(await world.post(path, ["name": "prod"], in: world.other).status == 201)
        #expect(await world.post(path, ["name": " "]).pointers == ["/name"])
    }

    @Test("renaming and deleting reach the applications, whose ETag moves")
    func attached() async throws {
        let world = try await AccessWorld()
        for name in ["one", "two"] { _ = await world.post(path, ["name": .string(name)]) }
        let app = await world.post(
            "access/apps", ["type": "self_hosted", "domain": "a.example.com", "tags": ["two", "one"]])
        #expect(app.result["tags"] == ["two", "one"])
        #expect(await world.get("\(path)/one").result["app_count"] == 1)
        #expect(await world.put("\(path)/one", ["name": "two"]).code == 12132)
        #expect(await world.put("\(path)/one", ["name": "uno"]).result["name"] == "uno")
        let renamed = await world.get("access/apps/\(app.id)")
        #expect(renamed.result["tags"] == ["two", "uno"])
        #expect(renamed.etag != app.etag)
        #expect(await world.delete("\(path)/two").status == 202)
        let detached = await world.get("access/apps/\(app.id)")
        #expect(detached.result["tags"] == ["uno"])
        #expect(detached.etag != renamed.etag)
    }
}

@Suite("Custom pages")
struct CustomPageTests {
    private let path = "access/custom_pages"
    private let page: JSONValue = ["name": "Denied", "type": "identity_denied", "custom_html": "<p>\n{{message}}</p>"]

    @Test("only a GET of one page answers its HTML")
    func html() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, page)
        #expect(created.status == 201)
        let uid = created.result["uid"]?.stringValue ?? ""
        #expect(created.result["custom_html"] == nil)
        #expect(await world.get(path).result[0]?["custom_html"] == nil)
        #expect(await world.get("\(path)/\(uid)").result["custom_html"] == "<p>\n{{message}}</p>")
        #expect(await world.put("\(path)/\(uid)", page.merged(with: ["name": "D2"])).result["name"] == "D2")
        #expect(await world.delete("\(path)/\(uid)").result == ["id": .string(uid)])
        #expect(await world.get("\(path)/\(uid)").code == 12135)
    }

    @Test("HTML has a limit in bytes")
    func limit() async throws {
        let world = try await AccessWorld()
        let most = String(repeating: "é", count: CustomPage.maxBytes / 2)
        #expect(await world.post(path, page.merged(with: ["custom_html": .string(most)])).status == 201)
        #expect(
            await world.post(path, page.merged(with: ["custom_html": .string(most + "x")])).pointers == ["/custom_html"]
        )
        #expect(
            await world.post(path, page.merged(with: ["custom_html": "", "type": "x"])).pointers == [
                "/custom_html", "/type",
            ])
    }

    @Test("a page in use stays")
    func inUse() async throws {
        let world = try await AccessWorld()
        let uid = await world.post(path, page).result["uid"] ?? .null
        let app = await world.post(
            "access/apps", ["type": "self_hosted", "domain": "a.example.com", "custom_pages": [uid]])
        #expect(app.status == 201)
        #expect(await world.delete("\(path)/\(uid.stringValue ?? "")").code == 12132)
        _ = await world.send(.patch, "access/organizations", ["custom_pages": ["identity_denied": uid]])
        _ = await world.delete("access/apps/\(app.id)")
        #expect(await world.delete("\(path)/\(uid.stringValue ?? "")").code == 12132)
        let wrong = await world.send(.patch, "access/organizations", ["custom_pages": ["forbidden": uid]])
        #expect(wrong.pointers == ["/custom_pages/forbidden"])
    }
}

@Suite("Signing keys")
struct SigningKeyTests {
    private let path = "access/keys"

    @Test("a rotation starts the interval anew and the old key verifies for seven days")
    func rotation() async throws {
        let world = try await AccessWorld()
        #expect(await world.get(path).result["key_rotation_interval_days"] == 42)
        #expect(await world.put(path, ["key_rotation_interval_days": 30]).result["days_until_next_rotation"] == 30)
        world.clock.advance(by: .seconds(10 * 86_400))
        #expect(await world.get(path).result["days_until_next_rotation"] == 20)
        #expect(await world.post(path + "/rotate").result["days_until_next_rotation"] == 30)
        let first = try await signing(world)
        #expect(await world.post(path + "/rotate").status == 200)
        let second = try await signing(world)
        #expect(first != second)
        #expect(try await verifying(world) == [second, first])
        world.clock.advance(by: .seconds(7 * 86_400))
        #expect(try await verifying(world) == [second])
        #expect(await world.get(path, in: world.other).result["days_until_next_rotation"] == 25)
    }

    @Test("the interval is 21 to 365 days", arguments: [20, 366, -1])
    func interval(days: Int) async throws {
        let world = try await AccessWorld()
        #expect(
            await world.put(path, ["key_rotation_interval_days": .integer(days)]).pointers == [
                "/key_rotation_interval_days"
            ])
    }

    private func signing(_ world: AccessWorld) async throws -> SigningKeyID? {
        let (account, now) = (world.account, world.clock.now)
        return try await world.plane.store.background { (reader) throws(Failure) in
            try reader.signingKey(of: account, at: now)?.id
        }
    }

    private func verifying(_ world: AccessWorld) async throws -> [SigningKeyID] {
        let (account, now) = (world.account, world.clock.now)
        return try await world.plane.store.background { (reader) throws(Failure) in
            try reader.verifyingKeys(of: account, at: now).map(\.id)
        }
    }
}

@Suite("Access users and seats")
struct AccessUserTests {
    private let path = "access/users"

    @Test("an address is one user of an account, and a user created again has a new id")
    func users() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, ["email": "Ann@x.org", "name": "Ann"])
        #expect(created.status == 201)
        #expect(created.result["access_seat"] == false)
        #expect(created.result["active_device_count"] == 0)
        #expect(await world.post(path, ["email": "ann@X.ORG"]).code == 12132)
        #expect(await world.post(path, ["email": "ann@x.org"], in: world.other).status == 201)
        #expect(await world.get("\(path)?email=ANN@x.org").result.arrayValue?.count == 1)
        #expect(await world.get("\(path)?search=nn").result.arrayValue?.count == 1)
        #expect(await world.get("\(path)/\(created.id)/active_sessions").result == [])
        #expect(await world.put("\(path)/\(created.id)", ["email": "ann@x.org"]).result["name"] == "")
        #expect(await world.delete("\(path)/\(created.id)").status == 202)
        let again = await world.post(path, ["email": "ann@x.org"])
        #expect(again.status == 201)
        #expect(again.id != created.id)
    }

    @Test("seats change together or not at all")
    func seats() async throws {
        let world = try await AccessWorld()
        let seats = [
            await world.post(path, ["email": "a@x.org"]).result["seat_uid"] ?? .null,
            await world.post(path, ["email": "b@x.org"]).result["seat_uid"] ?? .null,
        ]
        let change = { (seat: JSONValue) in
            JSONValue.object(["seat_uid": seat, "access_seat": true, "gateway_seat": false])
        }
        let answer = await world.send(.patch, "access/seats", .array(seats.map(change)))
        #expect(answer.status == 200)
        #expect(answer.result.arrayValue?.map { $0["access_seat"] } == [true, true])
        let unknown: JSONValue = [
            "seat_uid": "00000000-0000-0000-0000-000000000001", "access_seat": false, "gateway_seat": false,
        ]
        let freed: JSONValue = ["seat_uid": seats[0], "access_seat": false, "gateway_seat": false]
        let refused = await world.send(.patch, "access/seats", .array([freed, unknown]))
        #expect(refused.status == 404)
        #expect(refused.pointers == ["/1/seat_uid"])
        #expect(await world.get("\(path)?email=a@x.org").result[0]?["access_seat"] == true)
        #expect(await world.send(.patch, "access/seats", [:]).status == 400)
        #expect(await world.send(.patch, "access/seats", [change(seats[0])], in: world.other).status == 404)
    }
}

@Suite("Aliases of applications")
struct AliasTests {
    @Test("bookmarks read and write bookmark applications and nothing else")
    func bookmarks() async throws {
        let world = try await AccessWorld()
        let app = await world.post("access/apps", ["type": "self_hosted", "domain": "a.example.com"])
        // The old path takes the id from the client.
        let chosen = "01234567-89ab-4def-8123-456789abcdef"
        let created = await world.post(
            "access/bookmarks/\(chosen)", ["name": "Wiki", "domain": "https://wiki.example.com/x?y"])
        #expect(created.status == 201)
        #expect(created.result["domain"] == "https://wiki.example.com/x?y")
        let listed = await world.get("access/bookmarks")
        #expect(listed.result.arrayValue?.count == 1)
        #expect(listed.json["result_info"] == ["count": 1, "total_count": 1])
        #expect(await world.get("access/apps/\(created.id)").result["type"] == "bookmark")
        #expect(await world.get("access/bookmarks/\(app.id)").code == 12135)
        #expect(await world.delete("access/bookmarks/\(app.id)").status == 404)
        #expect(
            await world.put("access/bookmarks/\(created.id)", ["domain": "b.example.com"]).result["name"]
                == "b.example.com")
        #expect(created.id == chosen)
        #expect(await world.post("access/bookmarks", ["name": "x", "domain": "c.example.com"]).status == 405)
        let other = "01234567-89ab-4def-8123-456789abcde0"
        #expect(await world.post("access/bookmarks/\(other)", ["name": "x"]).pointers == ["/domain"])
        #expect(await world.delete("access/bookmarks/\(created.id)").status == 202)
    }

    @Test("MCP listings read applications and refuse writes with 405")
    func mcp() async throws {
        let world = try await AccessWorld()
        let server = await world.post("access/apps", ["type": "mcp", "name": "Tools"])
        let portal = await world.post(
            "access/apps",
            [
                "type": "mcp_portal", "domain": "mcp.example.com",
                "destinations": [["type": "via_mcp_server_portal", "mcp_server_id": .string(server.id)]],
            ])
        #expect(portal.status == 201)
        let base = "access/ai-controls/mcp"
        #expect(await world.get(base + "/servers").result[0]?["id"]?.stringValue == server.id)
        #expect(await world.get(base + "/portals").result[0]?["hostname"] == "mcp.example.com")
        #expect(await world.get(base + "/portals/\(portal.id)").status == 200)
        #expect(await world.get(base + "/portals/\(server.id)").status == 404)
        #expect(await world.post(base + "/portals").status == 405)
    }
}

@Suite("Service tokens")
struct ServiceTokenTests {
    private let path = "access/service_tokens"

    @Test("a secret is shown when it is made and never again")
    func secrets() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, ["name": "ci"])
        #expect(created.status == 201)
        let secret = try #require(created.result["client_secret"]?.stringValue)
        #expect(secret.hasPrefix("cfast_"))
        #expect(secret.utf8.count == 54)
        #expect(created.result["client_id"]?.stringValue?.hasSuffix(".access") == true)
        #expect(created.result["duration"] == "8760h")
        #expect(await world.get("\(path)/\(created.id)").result["client_secret"] == nil)
        let rotated = await world.post("\(path)/\(created.id)/rotate")
        #expect(rotated.result["client_secret"]?.stringValue != secret)
        let kept = await world.put("\(path)/\(created.id)", ["name": "ci", "client_secret_version": 2])
        #expect(kept.result["client_secret"] == nil)
        let renewed = await world.put("\(path)/\(created.id)", ["name": "ci", "client_secret_version": 3])
        #expect(renewed.result["client_secret"] != nil)
        for row in try await world.auditRows() { #expect(row.event.response?.text.contains("cfast_") != true) }
    }

    @Test("a duration counts from now, and forever has no end")
    func durations() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, ["name": "ci", "duration": "60m"])
        let end = created.result["expires_at"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        let start = created.result["created_at"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        #expect(start.map { $0 + .seconds(3600) } == end)
        #expect(await world.post(path, ["name": "ci", "duration": "forever"]).result["expires_at"] == .null)
        #expect(await world.post(path, ["name": "ci", "duration": "59s"]).pointers == ["/duration"])
        let refreshed = await world.post("\(path)/\(created.id)/refresh")
        #expect(refreshed.result["expires_at"] != created.result["expires_at"])
    }

    @Test("a token that a policy names is not deleted")
    func inUse() async throws {
        let world = try await AccessWorld()
        let token = await world.post(path, ["name": "ci"])
        let policy = await world.post(
            "access/policies",
            ["name": "p", "decision": "non_identity", "include": [["service_token": ["token_id": .string(token.id)]]]])
        #expect(policy.status == 201)
        let refused = await world.delete("\(path)/\(token.id)")
        #expect(refused.status == 409)
        #expect(refused.code == 12132)
        _ = await world.delete("access/policies/\(policy.id)")
        #expect(await world.delete("\(path)/\(token.id)").status == 200)
    }
}
