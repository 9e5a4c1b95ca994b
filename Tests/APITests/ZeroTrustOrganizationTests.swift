import Domain
import HTTP
import JSON
import Primitives
import SQLite
import Store
import Testing

@Suite("Zero Trust organization")
struct ZeroTrustOrganizationTests {
    private let path = "access/organizations"

    @Test(
        "every path below access answers 9999 until it is created", arguments: ["access/apps", "access/organizations"])
    func notEnabled(path: String) async throws {
        let world = try await AccessWorld(hasZeroTrust: false)
        let answer = await world.get(path)
        #expect(answer.status == 403)
        #expect(answer.code == 9999)
    }

    @Test("creation enables access at once and answers defaults")
    func creation() async throws {
        let world = try await AccessWorld(hasZeroTrust: false)
        let created = await world.post(path, ["auth_domain": "Acme.access.test", "name": " Acme "])
        #expect(created.status == 201)
        #expect(created.location?.hasSuffix("/access/organizations") == true)
        #expect(created.result["auth_domain"] == "acme.access.test")
        #expect(created.result["name"] == "Acme")
        #expect(created.result["session_duration"] == "24h")
        #expect(created.result["strict_service_token_auth"] == true)
        #expect(created.result["deny_unmatched_requests"] == true)
        #expect(created.result["trusted_accounts"] == [])
        #expect(await world.get("access/apps").status == 200)
        let again = await world.post(path, ["auth_domain": "acme2.access.test", "name": "Acme"])
        #expect(again.status == 409)
        #expect(again.code == 12132)
    }

    @Test(
        "a malformed body is refused with a pointer to each problem",
        arguments: [
            (["name": "x"], ["/auth_domain"]), ([:], ["/auth_domain", "/name"]),
            (["auth_domain": "acme.elsewhere.test", "name": "x"], ["/auth_domain"]),
            (["auth_domain": "-a.access.test", "name": "x"], ["/auth_domain"]),
            (["auth_domain": "a.b.access.test", "name": "x"], ["/auth_domain"]),
            (["auth_domain": ".access.test", "name": "x"], ["/auth_domain"]),
            (["auth_domain": "a.access.test", "name": "x", "session_duration": "14m"], ["/session_duration"]),
            (
                ["auth_domain": "a.access.test", "name": "x", "user_seat_expiration_inactive_time": "1h"],
                ["/user_seat_expiration_inactive_time"]
            ),
            (
                ["auth_domain": "a.access.test", "name": "x", "service_token_inactivity": ["enabled": true]],
                ["/service_token_inactivity/action", "/service_token_inactivity/inactivity_threshold_days"]
            ),
            (
                ["auth_domain": "a.access.test", "name": "x", "login_design": ["text_color": "red"]],
                ["/login_design/text_color"]
            ),
            (
                [
                    "auth_domain": "a.access.test", "name": "x",
                    "custom_pages": ["forbidden": "00000000-0000-0000-0000-000000000001"],
                ], ["/custom_pages/forbidden"]
            ),
        ] as [(JSONValue, [String])])
    func malformed(body: JSONValue, pointers: [String]) async throws {
        let world = try await AccessWorld(hasZeroTrust: false)
        let answer = await world.post(path, body)
        #expect(answer.status == 400)
        #expect(answer.code == 12130)
        #expect(answer.pointers == pointers)
    }

    @Test("PATCH merges and PUT resets what it leaves out, but keeps host and name")
    func updates() async throws {
        let world = try await AccessWorld()
        let patched = await world.send(.patch, path, ["session_duration": "1h", "login_design": ["header_text": "Hi"]])
        #expect(patched.status == 200)
        #expect(patched.result["session_duration"] == "1h")
        let merged = await world.send(.patch, path, ["login_design": ["footer_text": "Bye"], "is_ui_read_only": true])
        #expect(merged.result["login_design"] == ["header_text": "Hi", "footer_text": "Bye"])
        #expect(merged.result["session_duration"] == "1h")
        let replaced = await world.put(path, ["auto_redirect_to_identity": true])
        #expect(replaced.result["auth_domain"] == "acme.access.test")
        #expect(replaced.result["session_duration"] == "24h")
        #expect(replaced.result["is_ui_read_only"] == false)
        #expect(replaced.result["login_design"] == [:])
        #expect(replaced.result["auto_redirect_to_identity"] == true)
        let removed = await world.send(.patch, path, ["auto_redirect_to_identity": .null])
        #expect(removed.result["auto_redirect_to_identity"] == false)
    }

    @Test("a team name is one account's, and stays reserved for 30 days after it was given up")
    func teams() async throws {
        let world = try await AccessWorld()
        let taken = await world.send(.patch, path, ["auth_domain": "acme.access.test"], in: world.other)
        #expect(taken.status == 409)
        #expect(taken.pointers == ["/auth_domain"])
        #expect(await world.send(.patch, path, ["auth_domain": "acme-new.access.test"]).status == 200)
        #expect(await world.send(.patch, path, ["auth_domain": "acme.access.test"], in: world.other).status == 409)
        // Who gave it up may take it back.
        #expect(await world.send(.patch, path, ["auth_domain": "acme.access.test"]).status == 200)
        #expect(await world.send(.patch, path, ["auth_domain": "acme-new.access.test"], in: world.other).status == 409)
        world.clock.advance(by: .seconds(31 * 86_400))
        #expect(await world.send(.patch, path, ["auth_domain": "acme-new.access.test"], in: world.other).status == 200)
    }

    @Test("If-Match guards an update and the ETag moves with each write")
    func versions() async throws {
        let world = try await AccessWorld()
        let first = await world.get(path)
        let etag = try #require(first.etag)
        #expect(await world.send(.patch, path, ["name": "Acme 2"], [(.ifMatch, etag)]).status == 200)
        let stale = await world.send(.patch, path, ["name": "Acme 3"], [(.ifMatch, etag)])
        #expect(stale.status == 412)
        #expect(await world.get(path).result["name"] == "Acme 2")
    }

    @Test("revoking a user answers true, is audited, and needs its own right")
    func revocation() async throws {
        let world = try await AccessWorld()
        let answer = await world.post(path + "/revoke_user", ["email": "a@x.org"])
        #expect(answer.status == 200)
        #expect(answer.result == true)
        let row = try #require(try await world.auditRows().last)
        #expect(row.event.description == "revoke all sessions")
        #expect(row.event.resource.id == "a@x.org")
        let writer = try await world.token([.identityWrite], in: world.account)
        #expect(await world.post(path + "/revoke_user", ["email": "a@x.org"], as: writer).status == 403)
        #expect(await world.post(path + "/revoke_user", ["email": "nobody"]).pointers == ["/email"])
    }
}
