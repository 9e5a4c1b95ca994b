import Crypto
import Domain
import HTTP
import JSON
import Primitives
import Store
import Synchronization
import TestKit
import Testing

/// Contract 40 §3 and 20 §12: what is looked at with every request, however good the token is.
@Suite("Forward-auth: each request is judged")
struct GateContinuousTests {
    private func cookie(_ token: String) -> [String] { ["CF_Authorization=\(token)"] }

    @Test("address, country and certificate are those of the request")
    func request() async throws {
        let world = try await GateWorld()
        let app = await world.application([
            GateWorld.allow(GateWorld.staff, require: [["ip": ["ip": "203.0.113.0/24"]]]),
            GateWorld.allow(["email": ["email": "bea@example.com"]], require: [["geo": ["country_code": "PT"]]]),
            GateWorld.allow(
                ["email": ["email": "cem@example.com"]], require: [["common_name": ["common_name": "cem-laptop"]]]),
        ])
        let ann = try await world.signIn("ann@example.com", to: app).application
        #expect(await world.ask(cookies: cookie(ann), from: "203.0.113.9").status == .ok)
        #expect(await world.ask(cookies: cookie(ann), from: "198.51.100.1").status == .forbidden)
        #expect(await world.ask(cookies: cookie(ann), from: "203.0.113.9").status == .ok)
        let bea = try await world.signIn("bea@example.com", to: app).application
        #expect(await world.ask(cookies: cookie(bea), fields: [("x-orgd-country", "PT")]).status == .ok)
        #expect(await world.ask(cookies: cookie(bea), fields: [("x-orgd-country", "ES")]).status == .forbidden)
        #expect(await world.ask(cookies: cookie(bea)).status == .forbidden)
        let cem = try await world.signIn("cem@example.com", to: app).application
        let certificate = [("x-orgd-client-cert-verified", "SUCCESS"), ("x-orgd-client-cert-cn", "cem-laptop")]
        #expect(await world.ask(cookies: cookie(cem), fields: certificate).status == .ok)
        #expect(await world.ask(cookies: cookie(cem), fields: [certificate[1]]).status == .forbidden)
        #expect(
            await world.ask(
                cookies: cookie(cem), fields: [("x-orgd-client-cert-verified", "FAILED:expired"), certificate[1]]
            ).status == .forbidden)
    }

    @Test("somebody admitted by address alone passes without a name")
    func anonymous() async throws {
        let world = try await GateWorld()
        await world.application([
            GateWorld.nonIdentity(["ip": ["ip": "203.0.113.0/24"]]), GateWorld.allow(GateWorld.staff),
        ])
        let answer = await world.ask(from: "203.0.113.4")
        #expect(answer.status == .ok)
        #expect(answer.assertion == "" && answer.email == "")
        #expect(await world.ask(from: "203.0.114.4").status == .found)
        // The rightmost address that is no proxy's counts: what stands left of it anybody may have written.
        #expect(await world.ask(from: "203.0.113.4, 198.51.100.4").status == .found)
        #expect(await world.ask(from: "198.51.100.4, 203.0.113.4, 10.9.0.1").status == .ok)
    }

    @Test("a token of a linked application counts, of another or an ended one it does not")
    func linked() async throws {
        let world = try await GateWorld()
        let first = await world.application([GateWorld.allow(GateWorld.staff)], at: "first.example.org")
        let second = await world.application([GateWorld.allow(GateWorld.staff)], at: "second.example.org")
        await world.application([GateWorld.nonIdentity(["linked_app_token": ["app_uid": .string(first)]])])
        let good = try await world.signIn("ann@example.com", to: first).application
        let other = try await world.signIn("ann@example.com", to: second).application
        #expect(await world.ask(as: .program, fields: [("cf-access-token", good)]).status == .ok)
        // In that field come tokens of SaaS applications only.
        #expect(await world.ask(as: .program, fields: [("authorization", "Bearer \(good)")]).status == .forbidden)
        #expect(await world.ask(as: .program, fields: [("cf-access-token", other)]).status == .forbidden)
        #expect(await world.ask(as: .program, fields: [("cf-access-token", "ey.nothing.x")]).status == .forbidden)
        #expect(await world.ask(as: .program, cookies: cookie(good)).status == .forbidden)
        _ = await world.world.post("/accounts/\(world.account)/access/apps/\(first)/revoke_tokens")
        #expect(await world.ask(as: .program, fields: [("cf-access-token", good)]).status == .forbidden)
    }

    @Test("an access token of a linked SaaS application counts while its grant lasts")
    func linkedSaaS() async throws {
        let world = try await GateWorld()
        let made = await world.world.post(
            "/accounts/\(world.account)/access/apps",
            [
                "type": "saas", "name": "crm", "policies": [GateWorld.allow(GateWorld.staff)],
                "saas_app": ["auth_type": "oidc", "redirect_uris": ["https://crm.example.org/callback"]],
            ])
        #expect(made.isSuccess, "\(made.text)")
        await world.application([GateWorld.nonIdentity(["linked_app_token": ["app_uid": .string(made.id)]])])
        let other = await world.application([GateWorld.allow(GateWorld.staff)], at: "other.example.org")
        try await world.signIn("ann@example.com", to: other)
        let token = "eyJh.eyJi.c"
        let bearer = [("authorization", "Bearer \(token)")]
        #expect(await world.ask(as: .program, fields: bearer).status == .forbidden)
        let grant = String(repeating: "ab", count: 16)
        let end = (world.world.clock.now + .seconds(600)).microseconds
        try await world.world.execute(
            """
            INSERT INTO oidc_grants (id, account_id, application_id, client_id, user_id, idp_id, email, session_nonce,
                                     identity, ip, policy_id, issuer, scope, redirect_uri, code_expires_at, created_at,
                                     expires_at)
            SELECT X'\(grant)', account_id, X'\(made.id.filter { $0 != "-" })', zeroblob(32), user_id, idp_id, email, nonce,
                   identity, ip, zeroblob(16), 'https://x', 'openid', 'https://crm.example.org/callback', 0, created_at, \(end)
              FROM sessions
            """)
        try await world.world.execute(
            """
            INSERT INTO oidc_access_tokens (digest, grant_id, kid, scope, expires_at)
            SELECT X'\(SHA256.hash(token).hex)', X'\(grant)', kid, 'openid', \(end) FROM signing_keys
            """)
        #expect(await world.ask(as: .program, fields: bearer).status == .ok)
        _ = await world.world.post("/accounts/\(world.account)/access/apps/\(made.id)/revoke_tokens")
        #expect(await world.ask(as: .program, fields: bearer).status == .forbidden)
    }

    @Test("a token of the application itself may come in Cf-Access-Token, not in Authorization")
    func presented() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        let token = try await world.signIn("ann@example.com", to: app).application
        let answer = await world.ask(as: .program, fields: [("cf-access-token", token)])
        #expect(answer.status == .ok && answer.email == "ann@example.com")
        #expect(await world.ask(as: .program, fields: [("authorization", "Bearer \(token)")]).status == .found)
    }

    @Test("membership of an account is asked for where a rule wants it")
    func membership() async throws {
        let world = try await GateWorld()
        let app = await world.application([
            GateWorld.allow(["cloudflare_account_member": ["account_id": .string(world.account)]])
        ])
        let token = try await world.signIn("ann@example.com", to: app).application
        #expect(await world.ask(cookies: cookie(token)).status == .forbidden)
        let role = await world.world.get("/accounts/\(world.account)/roles").texts("id").last ?? ""
        let member = await world.world.post(
            "/accounts/\(world.account)/members",
            ["email": "ann@example.com", "roles": [.string(role)], "status": "accepted"])
        #expect(member.isSuccess, "\(member.text)")
        #expect(await world.ask(cookies: cookie(token)).status == .ok)
        let removed = await world.world.delete("/accounts/\(world.account)/members/\(member.id)")
        #expect(removed.isSuccess, "\(removed.text)")
        #expect(await world.ask(cookies: cookie(token)).status == .forbidden)
    }

    @Test("policies that change are in force for the next request")
    func policyChange() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        let token = try await world.signIn("ann@example.com", to: app).application
        #expect(await world.ask(cookies: cookie(token)).status == .ok)
        let policies = "/accounts/\(world.account)/access/apps/\(app)/policies"
        let policy = await world.world.get(policies).texts("id").first ?? ""
        let changed = await world.world.put(
            "\(policies)/\(policy)", GateWorld.allow(["email": ["email": "bob@example.com"]]))
        #expect(changed.isSuccess, "\(changed.text)")
        #expect(await world.ask(cookies: cookie(token)).status == .forbidden)
        _ = await world.world.delete("/accounts/\(world.account)/access/apps/\(app)")
        #expect(await world.ask(cookies: cookie(token)).status == .forbidden)
    }

    @Test("a token ends with its time, and so does one whose key no longer verifies")
    func time() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        let short = try await world.signIn("ann@example.com", to: app, lifetime: .seconds(60)).application
        let long = try await world.signIn("ann@example.com", to: app, lifetime: .seconds(30 * 86_400)).application
        #expect(await world.ask(cookies: cookie(short)).status == .ok)
        #expect(await world.ask(cookies: cookie(long)).status == .ok)
        world.world.clock.advance(by: .seconds(61))
        #expect(await world.ask(cookies: cookie(short)).status == .found)
        let rotated = await world.world.post("/accounts/\(world.account)/access/keys/rotate")
        #expect(rotated.isSuccess, "\(rotated.text)")
        #expect(await world.ask(cookies: cookie(long)).status == .ok)
        world.world.clock.advance(by: .seconds(7 * 86_400))
        #expect(await world.ask(cookies: cookie(long)).status == .found)
    }

    @Test("of several cookies the first that is good counts")
    func severalCookies() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        let other = await world.application([GateWorld.allow(GateWorld.staff)], at: "other.example.org")
        let token = try await world.signIn("ann@example.com", to: app)
        let foreign = try await world.signIn("ann@example.com", to: other).application
        let cookies = ["nonsense", token.team, foreign, token.application].map { "CF_Authorization=\($0)" }
        #expect(await world.ask(cookies: cookies).assertion == token.application)
        #expect(await world.ask(cookies: Array(cookies.prefix(3))).status == .found)
    }

    @Test("a token that is bound to a cookie is nothing without it")
    func binding() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)], ["enable_binding_cookie": true])
        let token = try await world.signIn("ann@example.com", to: app, binding: "secret").application
        #expect(await world.ask(cookies: cookie(token) + ["CF_Binding=secret"]).status == .ok)
        #expect(await world.ask(cookies: cookie(token)).status == .found)
        #expect(await world.ask(cookies: cookie(token) + ["CF_Binding=other"]).status == .found)
        #expect(await world.ask(as: .program, fields: [("cf-access-token", token)]).status == .found)
    }

    @Test("a token found good once costs no question, a new one a single one")
    func statements() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        let first = try await world.signIn("ann@example.com", to: app).application
        _ = await world.ask(cookies: cookie(first))
        let second = try await world.signIn("bob@example.com", to: app).application
        // What the last write made doubtful is read again.
        try await world.settle()
        _ = await world.ask(cookies: cookie(first))
        func cost(_ ask: () async -> Void) async -> UInt64 {
            let before = await world.executions()
            await ask()
            return await world.executions() - before
        }
        // Beginning and ending a read is all that a request costs which asks nothing.
        let nothing = await cost { #expect(await world.ask("relative").status == .badRequest) }
        for _ in 0..<10 {
            let known = await cost { #expect(await world.ask(cookies: cookie(first)).status == .ok) }
            #expect(known == nothing)
        }
        let unknown = await cost { #expect(await world.ask(cookies: cookie(second)).status == .ok) }
        #expect(unknown == nothing + 1)
    }

    @Test("no question of the way in walks through a table")
    func plans() async throws {
        let world = try await GateWorld()
        let app = await world.application([
            GateWorld.nonIdentity(GateWorld.anyServiceToken),
            GateWorld.allow(["cloudflare_account_member": ["account_id": .string(world.account)]]),
        ])
        await world.setTeam(["strict_service_token_auth": false, "deny_unmatched_requests": false])
        let token = await world.serviceToken()
        let pair = [("cf-access-client-id", token.client), ("cf-access-client-secret", token.secret)]
        let cookie = await world.ask(as: .program, fields: pair).cookie("CF_Authorization") ?? ""
        _ = await world.ask(as: .program, cookies: ["CF_Authorization=\(cookie)"])
        let person = try await world.signIn("ann@example.com", to: app)
        _ = await world.ask(cookies: ["CF_Authorization=\(person.application)"])
        _ = await world.ask(host: "nobody.example.org")
        for path in ["get-identity", "certs", "logout"] {
            _ = await world.send(
                .get, "/cdn-cgi/access/\(path)", host: GateWorld.host, [("cookie", "CF_Authorization=\(cookie)")])
        }
        var scans: [String] = []
        for (statement, plan) in try await world.plans() {
            for line in plan where line.hasPrefix("SCAN") {
                // These two end at the second row, and walk over an index of the few there are.
                if statement.hasSuffix("LIMIT 2") || line.hasSuffix("teams_that_open") { continue }
                if line.hasSuffix("destinations_with_wildcards") { continue }
                scans.append("\(line) in \(statement)")
            }
        }
        #expect(scans.isEmpty, "\(scans)")
    }

    private final class Progress: Sendable {
        let isOver = Atomic<Bool>(false)
        let count = Atomic<Int>(0)
    }

    /// Asks for something over and over from eight tasks while `body` runs, and never stops before it.
    private func during(
        _ body: () async throws -> Void, _ ask: @escaping @Sendable () async -> Void
    ) async throws -> Int {
        let progress = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    while !progress.isOver.load(ordering: .acquiring) {
                        await ask()
                        progress.count.add(1, ordering: .relaxed)
                    }
                }
            }
            defer { progress.isOver.store(true, ordering: .releasing) }
            try await body()
        }
        return progress.count.load(ordering: .relaxed)
    }

    @Test("a revocation holds for every request that begins after its answer, under load")
    func revocationUnderLoad() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        for round in 0..<10 {
            let token = try await world.signIn("ann@example.com", to: app, as: "ey.round\(round).x").application
            #expect(await world.ask(cookies: cookie(token)).status == .ok)
            let jar = cookie(token)
            func revoke() async throws {
                let answer = await world.world.post("/accounts/\(world.account)/access/apps/\(app)/revoke_tokens")
                #expect(answer.isSuccess)
                for _ in 0..<20 { #expect(await world.ask(cookies: jar).status == .found) }
            }
            let asked = try await during(revoke) { _ = await world.ask(cookies: jar) }
            #expect(asked >= 20)
        }
    }

    @Test("a policy, a group and a service token that change hold for every request after the answer, under load")
    func changesUnderLoad() async throws {
        let world = try await GateWorld()
        let account = "/accounts/\(world.account)/access"
        let group = await world.world.post("\(account)/groups", ["name": "g", "include": [GateWorld.staff]])
        let app = await world.application([
            GateWorld.nonIdentity(GateWorld.anyServiceToken), GateWorld.allow(["group": ["id": .string(group.id)]]),
        ])
        let robot = await world.serviceToken()
        let pair = [("cf-access-client-id", robot.client), ("cf-access-client-secret", robot.secret)]
        let jar = cookie(try await world.signIn("ann@example.com", to: app).application)
        let everybody: JSONValue = ["name": "g", "include": [GateWorld.staff]]
        let nobody: JSONValue = ["name": "g", "include": [["email": ["email": "bea@example.com"]]]]
        func change() async throws {
            for _ in 0..<10 {
                #expect(await world.world.put("\(account)/groups/\(group.id)", nobody).isSuccess)
                for _ in 0..<8 { #expect(await world.ask(cookies: jar).status == .forbidden) }
                #expect(await world.world.put("\(account)/groups/\(group.id)", everybody).isSuccess)
                for _ in 0..<8 { #expect(await world.ask(cookies: jar).status == .ok) }
                let path = "\(account)/service_tokens/\(robot.id)"
                #expect(await world.world.put(path, ["name": "robot", "enabled": false]).isSuccess)
                for _ in 0..<8 { #expect(await world.ask(as: .program, fields: pair).status == .unauthorized) }
                #expect(await world.world.put(path, ["name": "robot", "enabled": true]).isSuccess)
                for _ in 0..<8 { #expect(await world.ask(as: .program, fields: pair).status == .ok) }
            }
        }
        let asked = try await during(change) {
            _ = await world.ask(cookies: jar)
            _ = await world.ask(as: .program, fields: pair)
        }
        #expect(asked >= 100)
    }
}
