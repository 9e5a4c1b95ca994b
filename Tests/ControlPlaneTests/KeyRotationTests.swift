import ControlPlane
import Crypto
import Domain
import Federation
import JOSE
import JSON
import Primitives
import Store
import TestKit
import Testing

/// Keys of accounts change without anybody noticing (contract 40 §6).
@Suite("Rotation of signing keys")
struct KeyRotationTests {
    private struct Scene {
        let world: World
        let account: AccountID
        var path: String { "/accounts/\(account.hex)/access/keys" }

        init() async throws {
            world = try await World()
            account = try #require(AccountID(hex: await world.account("EMEA", team: "emea")))
            try await world.plane.makeFirstKey(of: account)
        }

        /// The ids of the certs document, the newest first.
        func listed() async throws -> [SigningKeyID] {
            let now = world.clock.now
            return try await world.plane.store.background { [account] (reader) throws(Failure) in
                try reader.verifyingKeys(of: account, at: now).map(\.id)
            }
        }

        func signer() async throws -> TeamKey {
            let key = try await world.plane.store.background {
                [account, plane = world.plane] (reader) throws(Failure) in
                try plane.teamKey(of: account, in: reader)
            }
            return try #require(key)
        }

        func chores() async throws -> ChoreReport { try await world.plane.doChores() }
    }

    @Test("the next key is listed a day before it signs, the old one seven days after; only time passes in between")
    func schedule() async throws {
        let scene = try await Scene()
        let clock = scene.world.clock
        let first = try await scene.signer().id
        clock.advance(by: .seconds(41 * 86_400 - 60))
        #expect(try await scene.chores().keysListed == 0)
        #expect(try await scene.listed() == [first])
        clock.advance(by: .seconds(60))
        #expect(try await scene.chores().keysListed == 1)
        #expect(try await scene.chores().keysListed == 0)
        let listed = try await scene.listed()
        #expect(listed.count == 2 && listed.last == first)
        #expect(try await scene.signer().id == first)
        #expect(await scene.world.get(scene.path).result["days_until_next_rotation"] == 1)
        clock.advance(by: .seconds(86_400))
        #expect(try await scene.signer().id == listed[0])
        #expect(await scene.world.get(scene.path).result["days_until_next_rotation"] == 42)
        clock.advance(by: .seconds(7 * 86_400 - 120))
        #expect(try await scene.listed() == listed)
        clock.advance(by: .seconds(180))
        #expect(try await scene.listed() == [listed[0]])
    }

    @Test(
        "a rotation on demand before the scheduled one makes three entries at most, and the scheduled key never signs")
    func onDemand() async throws {
        let scene = try await Scene()
        let first = try await scene.signer().id
        #expect(await scene.world.put(scene.path, ["key_rotation_interval_days": 21]).isSuccess)
        #expect(await scene.world.post(scene.path + "/rotate").isSuccess)
        let second = try await scene.signer().id
        scene.world.clock.advance(by: .seconds(20 * 86_400))
        #expect(try await scene.chores().keysListed == 1)
        let scheduled = try await scene.listed()[0]
        #expect(try await scene.signer().id == second)
        #expect(await scene.world.post(scene.path + "/rotate").isSuccess)
        let third = try await scene.signer().id
        #expect(try await scene.listed() == [third, second])
        #expect(Set([first, second, third, scheduled]).count == 4)
        scene.world.clock.advance(by: .seconds(2 * 86_400))
        #expect(try await scene.signer().id == third)
    }

    @Test("another interval takes back a key that was listed for the old one")
    func interval() async throws {
        let scene = try await Scene()
        let first = try await scene.signer().id
        scene.world.clock.advance(by: .seconds(41 * 86_400))
        #expect(try await scene.chores().keysListed == 1)
        #expect(await scene.world.put(scene.path, ["key_rotation_interval_days": 365]).isSuccess)
        #expect(try await scene.listed() == [first])
        scene.world.clock.advance(by: .seconds(30 * 86_400))
        #expect(try await scene.chores().keysListed == 0)
        #expect(try await scene.listed() == [first], "its end was taken back with the key that was to replace it")
    }

    @Test("while keys rotate, every signature verifies with the keys that were listed before or after it")
    func underLoad() async throws {
        let scene = try await Scene()
        let world = scene.world
        let door = Doorkeeper(world)
        let app = await world.post(
            "/accounts/\(scene.account.hex)/access/apps",
            [
                "type": "self_hosted", "name": "wiki", "domain": "wiki.example.org",
                "policies": [
                    ["name": "robots", "decision": "non_identity", "include": [["any_valid_service_token": [:]]]]
                ],
            ])
        #expect(app.isSuccess)
        let robot = await world.post("/accounts/\(scene.account.hex)/access/service_tokens", ["name": "robot"])
        let (client, secret) = (robot.text("client_id"), robot.text("client_secret"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<25 {
                        let before = Set(try await scene.listed().map(\.hex))
                        let passed = await door.knock(clientID: client, secret: secret, at: "wiki.example.org")
                        let after = Set(try await scene.listed().map(\.hex))
                        #expect(passed.status == 200)
                        let kid = try CompactJWS.parse(Array(passed.assertion.utf8)).keyID ?? ""
                        #expect(before.union(after).contains(kid))
                    }
                }
            }
            group.addTask {
                for _ in 0..<6 { #expect(await world.post(scene.path + "/rotate").isSuccess) }
            }
            try await group.waitForAll()
        }
    }

    @Test("a token of an application ends with the grace of its key, also where it is remembered")
    func grace() async throws {
        let scene = try await Scene()
        let (world, account) = (scene.world, scene.account.hex)
        let door = Doorkeeper(world)
        let idp = await world.idp(of: account)
        let app = await world.post(
            "/accounts/\(account)/access/apps",
            [
                "type": "self_hosted", "name": "wiki", "domain": "wiki.example.org",
                "policies": [["name": "all", "decision": "allow", "include": [["everyone": [:]]]]],
            ]
        ).id
        let ana = try await door.signIn("ana@x.org", to: app, of: account, through: idp, for: .seconds(30 * 86_400))
        #expect(await world.post(scene.path + "/rotate").isSuccess)
        world.clock.advance(by: .seconds(7 * 86_400 - 120))
        #expect(await door.knock(ana.token, at: "wiki.example.org") == 200)
        world.clock.advance(by: .seconds(180))
        #expect(await door.knock(ana.token, at: "wiki.example.org") == 302)
    }
}
