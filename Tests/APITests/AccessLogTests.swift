import ControlPlane
import Domain
import JSON
import Primitives
import Store
import TestKit
import Testing

@Suite("Log of logins")
struct AccessLogTests {
    /// A world whose account has a few rows, one a second, and another account with one of its own.
    private static func world() async throws -> (World, account: String, path: String) {
        let world = try await World()
        let account = await world.account("EMEA", team: "emea")
        let other = await world.account("Other", team: "other")
        try await write("eve@other.example", into: other, world) { _ in }
        try await write("ana@x.org", into: account, world) { $0.connection = "okta" }
        try await write("Ben@x.org", into: account, world) {
            $0.isAllowed = false
            $0.reason = "denied"
            $0.country = "DE"
        }
        try await write("", into: account, world, .serviceAuth) { $0.clientID = "e3.access" }
        try await write("ana@x.org", into: account, world, .logout) { _ in }
        return (world, account, "/accounts/\(account)/access/logs/access_requests")
    }

    private static func write(
        _ email: String, into account: String, _ world: World, _ action: AccessRequest.Action = .login,
        _ change: (inout AccessRequest) -> Void
    ) async throws {
        let account = try #require(AccountID(hex: account))
        var row = AccessRequest(action, isAllowed: true, address: "198.51.100.7", ray: "0123456789abcdef-ORG")
        row.email = email
        row.country = "PT"
        change(&row)
        world.clock.advance(by: .seconds(1))
        let (final, now) = (row, world.clock.now)
        try await world.plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.append(final, of: account, at: now)
        }
    }

    @Test("rows come the newest first, with every member, and of this account alone")
    func rows() async throws {
        let (world, _, path) = try await Self.world()
        let answer = await world.get(path)
        #expect(answer.texts("action") == ["logout", "service_auth", "login", "login"])
        #expect(answer.texts("user_email") == ["ana@x.org", "", "Ben@x.org", "ana@x.org"])
        let row = try #require(answer.items.last?.objectValue)
        #expect(row.count == 17)
        #expect(row["connection"] == "okta")
        #expect(row["created_at"]?.stringValue?.utf8.count == 27)
        #expect(row["app_uid"] == .null)
        #expect(await world.get(path + "?direction=asc").texts("action").first == "login")
    }

    @Test(
        "each filter narrows the log",
        arguments: [
            ("email=X.ORG", 3), ("email=ben@x.org", 1), ("email=en@x&emailOp=eq", 0), ("email=BEN@x.org&emailOp=eq", 1),
            ("email=en@x&email_exact=true", 0), ("email=en@x&emailOp=contains", 1),
            ("email=en@x&emailOp=contains&email_exact=true", 0), ("email=ana&emailOp=neq", 2),
            ("email=ana@x.org&emailOp=neq&email_exact=true", 2), ("allowed=false", 1),
            ("allowed=false&allowedOp=neq", 3),
            ("non_identity=true", 1), ("non_identity=true&non_identityOp=neq", 3), ("country_code=de", 1),
            ("country_code=DE&country_codeOp=neq", 3), ("idp=okta", 1), ("idp=okta&idpOp=neq", 3),
            ("idp=01234567-89ab-4def-8123-456789abcdef", 0), ("app_uid=nonsense", 0),
            ("app_uid=nonsense&app_uidOp=neq", 4),
            ("app_type=saas", 0), ("ray_id=0123456789abcdef-ORG", 4), ("ray_id=x", 0),
            ("email=_na&allowed=true", 0), ("user_id=anything", 4),
        ])
    func filters(query: String, count: Int) async throws {
        let (world, _, path) = try await Self.world()
        let answer = await world.get("\(path)?\(query)")
        #expect(answer.status == 200)
        #expect(answer.items.count == count)
        #expect(answer.json["result_info"]?["total_count"] == .integer(count))
    }

    @Test("since and until include their ends, and pages end empty")
    func pages() async throws {
        let (world, _, path) = try await Self.world()
        let times = await world.get(path).texts("created_at")
        #expect(await world.get("\(path)?since=\(times[1])&until=\(times[1])").texts("action") == ["service_auth"])
        #expect(await world.get("\(path)?since=2026-01-01").items.count == 4)
        #expect(await world.get("\(path)?since=2031-01-01").items.isEmpty)
        #expect(await world.get("\(path)?per_page=3&page=2").texts("action") == ["login"])
        #expect(await world.get("\(path)?limit=3&page=2").texts("action") == ["login"])
        #expect(await world.get("\(path)?limit=1&per_page=3").items.count == 1)
        #expect(await world.get("\(path)?per_page=3&page=3").items.isEmpty)
    }

    @Test("fields choose the members; an unknown one is refused")
    func fields() async throws {
        let (world, _, path) = try await Self.world()
        let row = await world.get(path + "?fields=user_email,action").items.first
        #expect(row == ["action": "logout", "user_email": "ana@x.org"])
        for query in [
            "fields=password", "limit=0", "per_page=1001", "direction=up", "allowed=perhaps",
            "allowed=true&allowedOp=lt",
            "emailOp=like&email=a", "since=yesterday",
        ] {
            #expect(await world.get("\(path)?\(query)").code == 21902, "\(query)")
        }
    }

    @Test("a look at the log is in the audit log, and needs its right")
    func watched() async throws {
        let (world, account, path) = try await Self.world()
        _ = await world.get(path)
        let row = try await world.auditRows().last
        #expect(row?.event.action == .view)
        #expect(row?.event.resource.kind == .accessLog)
        let reader = await world.token([.accessAuditLogsRead], of: account)
        #expect(await world.get(path, as: reader).items.count == 4)
        let other = await world.token([.zeroTrustRead], of: account)
        #expect(await world.get(path, as: other).status == 404)
    }

    @Test("nothing is provisioned over SCIM, and its log says so")
    func scim() async throws {
        let (world, account, _) = try await Self.world()
        let answer = await world.get("/accounts/\(account)/access/logs/scim/updates")
        #expect(answer.result == [])
        #expect(answer.json["result_info"]?["total_count"] == 0)
    }

    @Test("what a user did: sessions, the identity of one, the last seen one, failed logins")
    func user() async throws {
        let (world, account, _) = try await Self.world()
        let door = Doorkeeper(world)
        let access = "/accounts/\(account)/access"
        let idp = await world.idp(of: account)
        let app = await world.post(
            "\(access)/apps", ["type": "self_hosted", "name": "wiki", "domain": "wiki.example.org"]
        ).id
        let made = await world.post("\(access)/users", ["email": "ben@x.org"]).id
        let path = "\(access)/users/\(made)"
        #expect(await world.get(path + "/active_sessions").result == [])
        #expect(await world.get(path + "/last_seen_identity").status == 404)
        let failed = await world.get(path + "/failed_logins").items
        #expect(failed.count == 1)
        #expect(failed.first?["metadata"]?["reason"] == "denied")
        let ben = try await door.signIn("ben@x.org", to: app, of: account, through: idp)
        let session = await world.get(path + "/active_sessions").items.first ?? .null
        #expect(session["metadata"]?["nonce"] == .string(ben.nonce.text))
        #expect(session["metadata"]?["apps"]?[app]?["hostname"] == "wiki.example.org")
        #expect(session["metadata"]?["ttl"] == 86_400)
        let one = await world.get("\(path)/active_sessions/\(ben.nonce.text)").result
        #expect(one["isActive"] == true)
        #expect(one["email"] == "ben@x.org")
        #expect(one["ip"] == "198.51.100.7")
        #expect(one["idp"]?["id"] == .string(idp))
        #expect(one["user_uuid"] == .string(made))
        #expect(one["version"] == 2)
        world.clock.advance(by: .seconds(86_401))
        #expect(await world.get("\(path)/active_sessions/\(ben.nonce.text)").result["isActive"] == false)
        #expect(await world.get(path + "/active_sessions").result == [])
        _ = await world.post("\(access)/organizations/revoke_user", ["email": "ben@x.org"])
        #expect(await world.get("\(path)/active_sessions/\(ben.nonce.text)").status == 404)
        #expect(await world.get(path + "/last_seen_identity").result["geo"]?["country"] == "PT")
        let stranger = await world.post("\(access)/users", ["email": "cy@x.org"]).id
        #expect(await world.get("\(access)/users/\(stranger)/active_sessions/\(ben.nonce.text)").status == 404)
    }
}
