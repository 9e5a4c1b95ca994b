import Domain
import JSON
import Primitives
import Store
import TestKit
import Testing

/// Whoever was let in is asked again at the very next request (contract 40 §3).
@Suite("Ends of sessions")
struct RevocationTests {
    private static let host = "wiki.example.org"

    /// A recipient with an application, bridged to a source, and one person who signed in each way.
    private struct Scene {
        let world: World
        let door: Doorkeeper
        let organization: String
        let source: String
        let account: String
        let primary: String
        let own: String
        let connection: String
        let app: String
        let ana: SignedIn
        let ben: SignedIn

        init() async throws {
            world = try await World()
            door = Doorkeeper(world)
            organization = await world.organization("Acme")
            source = await world.account("HQ", in: organization, team: "hq")
            primary = await world.idp(of: source)
            await world.designate(primary, of: source, for: organization)
            account = await world.account("EMEA", in: organization, team: "emea")
            own = await world.idp("Own", of: account)
            connection = await world.connection(of: account)
            app = await world.post(
                "/accounts/\(account)/access/apps",
                [
                    "type": "self_hosted", "name": "wiki", "domain": .string(RevocationTests.host),
                    "policies": [
                        ["name": "staff", "decision": "allow", "include": [["email_domain": ["domain": "x.org"]]]]
                    ],
                ]
            ).id
            ana = try await door.signIn("Ana@x.org", to: app, of: account, through: connection, over: source)
            ben = try await door.signIn("ben@x.org", to: app, of: account, through: own)
            #expect(await passes == [true, true])
        }

        var passes: [Bool] {
            get async {
                [
                    await door.knock(ana.token, at: RevocationTests.host) == 200,
                    await door.knock(ben.token, at: RevocationTests.host) == 200,
                ]
            }
        }

        var access: String { "/accounts/\(account)/access" }

        func user(_ email: String) async -> JSONValue {
            await world.get("\(access)/users?email=\(email)").items.first ?? .null
        }

        /// What the last row of the audit log says the request ended.
        func ended(_ member: String = "sessions_ended", in rows: Int = 1) async throws -> [Int64] {
            try await world.auditRows().suffix(rows).compactMap { row in
                row.event.response.flatMap { try? JSONParser.parse($0.text) }?[member]?.integerValue
            }
        }
    }

    @Test("revoking a user ends their sessions and no others, in any spelling of the address")
    func revokeUser() async throws {
        let scene = try await Scene()
        let path = "\(scene.access)/organizations/revoke_user"
        let answer = await scene.world.post(
            path, ["email": "ANA@x.org", "devices": true, "warp_session_reauth": true])
        #expect(answer.status == 200)
        #expect(answer.result == true)
        #expect(await scene.passes == [false, true])
        #expect(try await scene.ended() == [1])
        #expect(await scene.world.post(path, ["email": "nobody@x.org"]).result == true)
        #expect(try await scene.ended() == [0])
    }

    @Test("revoking a user in the source account ends the sessions that came over its bridges")
    func revokeAtSource() async throws {
        let scene = try await Scene()
        _ = await scene.world.post(
            "/accounts/\(scene.source)/access/organizations/revoke_user", ["email": "ben@x.org"])
        #expect(await scene.passes == [true, true], "Ben came through the recipient's own identity provider")
        _ = await scene.world.post(
            "/accounts/\(scene.source)/access/organizations/revoke_user", ["email": "ana@x.org"])
        #expect(await scene.passes == [false, true])
        #expect(try await scene.ended() == [1])
    }

    @Test("a revoked person gets no session for a minute, however far their login had come")
    func pause() async throws {
        let scene = try await Scene()
        _ = await scene.world.post(
            "/accounts/\(scene.source)/access/organizations/revoke_user", ["email": "ana@x.org"])
        await #expect(throws: Failure.self) {
            try await scene.door.signIn(
                "ana@x.org", to: scene.app, of: scene.account, through: scene.connection, over: scene.source)
        }
        _ = try await scene.door.signIn("ana@x.org", to: scene.app, of: scene.account, through: scene.own)
        scene.world.clock.advance(by: .seconds(60))
        _ = try await scene.door.signIn(
            "ana@x.org", to: scene.app, of: scene.account, through: scene.connection, over: scene.source)
    }

    @Test("revoking the tokens of an application closes it for everybody, and leaves sessions alone")
    func revokeTokens() async throws {
        let scene = try await Scene()
        #expect(await scene.world.post("\(scene.access)/apps/\(scene.app)/revoke_tokens").result == [:])
        #expect(await scene.passes == [false, false])
        #expect(try await scene.ended("application_tokens_ended") == [2])
        let id = await scene.user("ben@x.org")["id"]?.stringValue ?? ""
        #expect(await scene.world.get("\(scene.access)/users/\(id)/active_sessions").items.count == 1)
    }

    @Test("whoever loses the seat loses the sessions; another change of seats ends none")
    func seats() async throws {
        let scene = try await Scene()
        let seat = await scene.user("ben@x.org")["seat_uid"] ?? .null
        func change(_ access: Bool, _ gateway: Bool) async -> Int {
            await scene.world.patch(
                "\(scene.access)/seats",
                [["seat_uid": seat, "access_seat": .bool(access), "gateway_seat": .bool(gateway)]]
            ).status
        }
        #expect(await change(true, true) == 200)
        #expect(await scene.passes == [true, true])
        #expect(await change(false, true) == 200)
        #expect(await scene.passes == [true, false])
        #expect(try await scene.ended() == [1])
    }

    @Test("a deleted user has no sessions")
    func deletedUser() async throws {
        let scene = try await Scene()
        let id = await scene.user("ben@x.org")["id"]?.stringValue ?? ""
        #expect(await scene.world.delete("\(scene.access)/users/\(id)").status == 202)
        #expect(await scene.passes == [true, false])
        #expect(try await scene.ended() == [1])
    }

    @Test("a deleted identity provider leaves no session")
    func deletedProvider() async throws {
        let scene = try await Scene()
        #expect(await scene.world.delete("\(scene.access)/identity_providers/\(scene.own)").status == 202)
        #expect(await scene.passes == [true, false])
        #expect(try await scene.ended(in: 5) == [1])
        await #expect(throws: Failure.self) {
            try await scene.door.signIn("ben@x.org", to: scene.app, of: scene.account, through: scene.own)
        }
    }

    @Test("a connection that ends takes its sessions along, and the preview says how many people it concerns")
    func connection() async throws {
        let scene = try await Scene()
        let path = "\(scene.access)/idp_bridge"
        let preview = await scene.world.delete(path + "?preview=true")
        #expect(preview.result["sessions_ended"] == 1)
        #expect(preview.result["users_affected_30d"] == 1)
        #expect(await scene.passes == [true, true])
        #expect(await scene.world.delete(path).isSuccess)
        #expect(await scene.passes == [false, true])
        #expect(try await scene.ended(in: 8) == [1])
        await #expect(throws: Failure.self) {
            try await scene.door.signIn(
                "ana@x.org", to: scene.app, of: scene.account, through: scene.connection, over: scene.source)
        }
    }

    @Test("people who signed in over a connection more than 30 days ago are not concerned")
    func longAgo() async throws {
        let scene = try await Scene()
        scene.world.clock.advance(by: .seconds(31 * 86_400))
        let preview = await scene.world.delete("\(scene.access)/idp_bridge?preview=true")
        #expect(preview.result["users_affected_30d"] == 0)
    }

    @Test("enforcement stops sessions from other identity providers at once, except break-glass, and gives them back")
    func enforcement() async throws {
        let scene = try await Scene()
        let path = "/organizations/\(scene.organization)/primary_idp"
        func set(_ mode: String, glass: [JSONValue] = []) async -> Int {
            await scene.world.patch(
                path + "?force=true", ["mode": .string(mode), "break_glass_emails": .array(glass)]
            ).status
        }
        #expect(await set("enforce") == 200)
        #expect(await scene.passes == [true, false])
        #expect(await set("enforce", glass: ["ben@x.org"]) == 200)
        #expect(await scene.passes == [true, true])
        #expect(await set("enforce") == 200)
        #expect(await scene.passes == [true, false])
        #expect(await set("report") == 200)
        #expect(await scene.passes == [true, true])
    }

    @Test("validation says of the account's own tokens when they were revoked")
    func validation() async throws {
        let scene = try await Scene()
        func reason(_ token: String) async -> JSONValue? {
            await scene.world.post("\(scene.access)/tokens/validate", ["token": .string(token)]).result["reason"]
        }
        #expect(await reason(scene.ana.token) == nil)
        let good = await scene.world.post("\(scene.access)/tokens/validate", ["token": .string(scene.ana.token)]).result
        #expect(good["active"] == true)
        #expect(good["idp_id"] == .null)
        #expect(good["email"] == "Ana@x.org")
        _ = await scene.world.post("\(scene.access)/organizations/revoke_user", ["email": "ana@x.org"])
        #expect(await reason(scene.ana.token) == "revoked")
        #expect(await reason(scene.ben.token) == nil)
        _ = await scene.world.post("\(scene.access)/apps/\(scene.app)/revoke_tokens")
        #expect(await reason(scene.ben.token) == "revoked")
    }

    @Test("a service token that is disabled or deleted opens nothing, and what it was minted is revoked")
    func serviceTokens() async throws {
        let scene = try await Scene()
        let (world, door) = (scene.world, scene.door)
        let made = await world.post("\(scene.access)/service_tokens", ["name": "robot"])
        let (client, secret) = (made.text("client_id"), made.text("client_secret"))
        let policy = await world.post(
            "\(scene.access)/apps/\(scene.app)/policies",
            [
                "name": "robots", "decision": "non_identity",
                "include": [["service_token": ["token_id": .string(made.id)]]],
            ])
        #expect(policy.status == 201)
        let passed = await door.knock(clientID: client, secret: secret, at: Self.host)
        #expect(passed.status == 200)
        func reason() async -> JSONValue? {
            await world.post("\(scene.access)/tokens/validate", ["token": .string(passed.assertion)]).result["reason"]
        }
        #expect(await reason() == nil)
        let path = "\(scene.access)/service_tokens/\(made.id)"
        #expect(await world.put(path, ["name": "robot", "enabled": false]).status == 200)
        #expect(await door.knock(clientID: client, secret: secret, at: Self.host).status == 401)
        #expect(await reason() == "revoked")
        #expect(await world.put(path, ["name": "robot", "enabled": true]).status == 200)
        #expect(await door.knock(clientID: client, secret: secret, at: Self.host).status == 200)
        #expect(await world.delete("\(scene.access)/apps/\(scene.app)/policies/\(policy.id)").isSuccess)
        #expect(await world.delete(path).status == 200)
        #expect(await reason() == "revoked")
    }
}
