import ControlPlane
import Domain
import JSON
import Primitives
import Store
import TestKit
import Testing

@Suite("Chores")
struct ChoreTests {
    private struct Scene {
        let world: World
        let door: Doorkeeper
        let account: String
        let idp: String
        let app: String

        init() async throws {
            world = try await World()
            door = Doorkeeper(world)
            account = await world.account("EMEA", team: "emea")
            idp = await world.idp(of: account)
            app = await world.post(
                "/accounts/\(account)/access/apps",
                [
                    "type": "self_hosted", "name": "wiki", "domain": "wiki.example.org",
                    "policies": [["name": "all", "decision": "allow", "include": [["everyone": [:]]]]],
                ]
            ).id
        }

        func count(_ table: String) async throws -> String {
            try await world.texts("SELECT count(*) FROM \(table)").first ?? ""
        }
    }

    @Test("what has expired is forgotten, what has not stays, and no decision is made anew")
    func expired() async throws {
        let scene = try await Scene()
        let world = scene.world
        let ana = try await scene.door.signIn("ana@x.org", to: scene.app, of: scene.account, through: scene.idp)
        #expect(try await world.plane.doChores().liveSessions == 1)
        world.clock.advance(by: .seconds(43_200))
        let ben = try await scene.door.signIn("ben@x.org", to: scene.app, of: scene.account, through: scene.idp)
        world.clock.advance(by: .seconds(43_201))
        let generation = world.plane.store.generations[.access]
        let report = try await world.plane.doChores()
        #expect(report.expiredRowsForgotten == 2)
        #expect(report.liveSessions == 1)
        #expect(world.plane.store.generations[.access] == generation)
        #expect(await scene.door.knock(ana.token, at: "wiki.example.org") == 302)
        #expect(await scene.door.knock(ben.token, at: "wiki.example.org") == 200)
        #expect(try await world.plane.doChores().isEmpty)
    }

    @Test("a session stays as long as a token of an application needs it")
    func needed() async throws {
        let scene = try await Scene()
        let world = scene.world
        let ana = try await scene.door.signIn("ana@x.org", to: scene.app, of: scene.account, through: scene.idp)
        let earlier = (world.clock.now - .seconds(1)).microseconds
        try await world.execute("UPDATE sessions SET expires_at = \(earlier)")
        #expect(try await world.plane.doChores().expiredRowsForgotten == 0)
        #expect(await scene.door.knock(ana.token, at: "wiki.example.org") == 200)
    }

    @Test("every table of what expires has its chore, and more than a batch goes in one round")
    func tables() async throws {
        let scene = try await Scene()
        let world = scene.world
        let past = (world.clock.now - .seconds(1)).microseconds
        let account = "(SELECT id FROM accounts LIMIT 1)"
        for statement in [
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
            INSERT INTO spent_digests SELECT randomblob(32), \(past) FROM n
            """,
            "INSERT INTO login_attempts VALUES (randomblob(32), \(account), x'01', randomblob(32), x'', \(past))",
            "INSERT INTO user_revocations VALUES (\(account), 'a@x.org', \(past))",
        ] { try await world.execute(statement) }
        #expect(try await world.plane.doChores().expiredRowsForgotten == 2502)
        for table in ["spent_digests", "login_attempts", "user_revocations"] {
            #expect(try await scene.count(table) == "0", "\(table)")
        }
    }

    @Test("rows of the log of logins are kept for 548 days")
    func retention() async throws {
        let scene = try await Scene()
        _ = try await scene.door.signIn("ana@x.org", to: scene.app, of: scene.account, through: scene.idp)
        scene.world.clock.advance(by: .seconds(547 * 86_400))
        #expect(try await scene.world.plane.doChores().loginRowsRemoved == 0)
        scene.world.clock.advance(by: .seconds(86_400 + 1))
        #expect(try await scene.world.plane.doChores().loginRowsRemoved == 1)
        #expect(try await scene.count("access_requests") == "0")
    }

    @Test(
        "service tokens that nobody uses are disabled or deleted, as the account wants",
        arguments: ["disable", "delete"])
    func inactivity(action: String) async throws {
        let scene = try await Scene()
        let world = scene.world
        let access = "/accounts/\(scene.account)/access"
        let idle = await world.post("\(access)/service_tokens", ["name": "idle"]).id
        #expect(
            await world.patch(
                "\(access)/organizations",
                [
                    "service_token_inactivity": [
                        "enabled": true, "inactivity_threshold_days": 30, "action": .string(action),
                    ]
                ]
            ).isSuccess)
        world.clock.advance(by: .seconds(29 * 86_400))
        let fresh = await world.post("\(access)/service_tokens", ["name": "fresh"]).id
        #expect(try await world.plane.doChores().serviceTokensRetired == 0)
        world.clock.advance(by: .seconds(86_400))
        #expect(try await world.plane.doChores().serviceTokensRetired == 1)
        let answer = await world.get("\(access)/service_tokens/\(idle)")
        #expect(action == "delete" ? answer.status == 404 : answer.result["enabled"] == false)
        #expect(await world.get("\(access)/service_tokens/\(fresh)").result["enabled"] == true)
        let row = try await world.auditRows().last
        #expect(row?.request.actor.kind == .system)
        #expect(try await world.plane.doChores().serviceTokensRetired == 0)
        guard action == "disable" else { return }
        // Whoever enables it again has it for as long again.
        #expect(await world.put("\(access)/service_tokens/\(idle)", ["name": "idle", "enabled": true]).isSuccess)
        #expect(try await world.plane.doChores().serviceTokensRetired == 0)
    }
}
