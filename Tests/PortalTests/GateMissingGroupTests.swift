import ControlPlane
import HTTP
import JSON
import SQLite
import Store
import TestKit
import Testing

/// A policy that names a group which is not there. The API lets nobody make one, so that only a damaged database has it:
/// the rule cannot be evaluated (contract 20 §12), and everything else goes on.
@Suite("Forward-auth: a group that is gone")
struct GateMissingGroupTests {
    private static let other = "other.example.org"

    private static func group(_ id: String) -> JSONValue { ["group": ["id": .string(id)]] }
    private func cookie(_ token: String) -> [String] { ["CF_Authorization=\(token)"] }

    private func makeGroup(_ world: GateWorld, _ include: JSONValue = GateWorld.staff) async -> String {
        let made = await world.world.post(
            "/accounts/\(world.account)/access/groups", ["name": "crew", "include": [include]])
        precondition(made.isSuccess, made.text)
        return made.id
    }

    /// Takes all groups away past the API.
    private func loseGroups(_ world: GateWorld) async throws { try await world.world.execute("DELETE FROM groups") }

    @Test("the API refuses both ways to it: naming one that is not there, and deleting one that is named")
    func refused() async throws {
        let world = try await GateWorld()
        let apps = "/accounts/\(world.account)/access/apps"
        let group = await makeGroup(world)
        let app = await world.application([GateWorld.allow(Self.group(group))])
        let deleted = await world.world.delete("/accounts/\(world.account)/access/groups/\(group)")
        #expect(deleted.code == 12132, "\(deleted.text)")
        let named = await world.world.post(
            "\(apps)/\(app)/policies", GateWorld.allow(Self.group("00000000-0000-4000-8000-000000000000")))
        #expect(!named.isSuccess && named.code == 12130, "\(named.text)")
        // A group of another account is none of this one's.
        let far = await world.world.account("Far", team: "far")
        let foreign = await world.world.post(
            "/accounts/\(far)/access/groups", ["name": "crew", "include": [GateWorld.staff]])
        #expect(
            await world.world.post("\(apps)/\(app)/policies", GateWorld.allow(Self.group(foreign.id))).code == 12130)
    }

    @Test("who was admitted by it is denied with the next request, on a page that helps, and others are not touched")
    func include() async throws {
        let world = try await GateWorld()
        let group = await makeGroup(world)
        let app = await world.application([GateWorld.allow(Self.group(group))])
        let other = await world.application([GateWorld.allow(GateWorld.staff)], at: Self.other)
        let ann = try await world.signIn("ann@example.com", to: app).application
        let there = try await world.signIn("ann@example.com", to: other).application
        #expect(await world.ask(cookies: cookie(ann)).status == .ok)
        try await loseGroups(world)
        let page = await world.ask(cookies: cookie(ann))
        #expect(page.status == .forbidden && page.assertion == nil)
        #expect(page.text.contains("<code>denied</code>") && page.text.contains("ann@example.com"))
        for client in [GateWorld.Client.script, .program] {
            #expect(await world.ask(as: client, cookies: cookie(ann)).status == .forbidden)
        }
        // Without a credential the answer is the login, as for every application with people.
        #expect(await world.ask().status == .found)
        #expect(await world.ask(as: .script).status == .unauthorized)
        #expect(await world.ask(host: Self.other, cookies: cookie(there)).status == .ok)
    }

    @Test(
        "an exclusion by it excludes everybody, and a requirement of it is fulfilled by nobody",
        arguments: [true, false])
    func excludeAndRequire(_ excludes: Bool) async throws {
        let world = try await GateWorld()
        let group = await makeGroup(
            world, excludes ? ["email": ["email": "eve@example.com"]] : GateWorld.staff)
        let app = await world.application([
            excludes
                ? GateWorld.allow(GateWorld.staff, exclude: [Self.group(group)])
                : GateWorld.allow(GateWorld.staff, require: [Self.group(group)])
        ])
        let ann = try await world.signIn("ann@example.com", to: app).application
        #expect(await world.ask(cookies: cookie(ann)).status == .ok)
        try await loseGroups(world)
        #expect(await world.ask(cookies: cookie(ann)).status == .forbidden)
    }

    @Test("a bypass and a service policy through it open nothing")
    func beforeIdentity() async throws {
        let world = try await GateWorld()
        let group = await makeGroup(world, ["ip": ["ip": "198.51.100.0/24"]])
        await world.application([GateWorld.bypass(Self.group(group)), GateWorld.allow(GateWorld.staff)])
        let robots = await makeGroup(world, GateWorld.anyServiceToken)
        await world.application([GateWorld.nonIdentity(Self.group(robots))], at: Self.other)
        let robot = await world.serviceToken()
        let pair = [("cf-access-client-id", robot.client), ("cf-access-client-secret", robot.secret)]
        #expect(await world.ask().status == .ok)
        #expect(await world.ask(host: Self.other, as: .program, fields: pair).status == .ok)
        try await loseGroups(world)
        #expect(await world.ask().status == .found)
        #expect(await world.ask(host: Self.other, as: .program, fields: pair).status == .forbidden)
        try await world.settle()
        let rows = try await world.world.texts("SELECT reason FROM access_requests WHERE allowed = 0")
        #expect(rows == ["not_admitted"])
    }

    @Test("a nested group that is gone takes its rule along, not the rules beside it")
    func nested() async throws {
        let world = try await GateWorld()
        let inner = await makeGroup(world)
        let outer = await world.world.post(
            "/accounts/\(world.account)/access/groups",
            ["name": "outer", "include": [Self.group(inner), ["email": ["email": "bob@example.com"]]]])
        let app = await world.application([GateWorld.allow(Self.group(outer.id))])
        let ann = try await world.signIn("ann@example.com", to: app).application
        let bob = try await world.signIn("bob@example.com", to: app).application
        #expect(await world.ask(cookies: cookie(ann)).status == .ok)
        try await world.world.execute("DELETE FROM groups WHERE name = 'crew'")
        #expect(await world.ask(cookies: cookie(ann)).status == .forbidden)
        #expect(await world.ask(cookies: cookie(bob)).status == .ok)
    }

    @Test("at login the person is told, and the log has the code")
    func login() async throws {
        let world = try await LoginWorld(bridged: false)
        let path = "/accounts/\(world.hq)/access/groups"
        let group = await world.base.post(
            path, ["name": "crew", "include": [["email_domain": ["domain": "example.com"]]]])
        await world.application(in: world.hq, policy: ["include": [Self.group(group.id)]])
        await world.application(in: world.hq, at: "news.test", ["name": "News"])
        try await world.base.plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.execute("DELETE FROM groups")
        }
        let browser = LoginBrowser(world)
        let shown = try await browser.open("http://wiki.test/")
        #expect(shown.status == 403)
        #expect(shown.text.contains("<code>denied</code>") && shown.text.contains("alice@example.com"))
        #expect(shown.links(containing: "/cdn-cgi/access/logout").count == 1)
        #expect(try await world.log(of: world.hq) == ["login 0 alice@example.com denied "])
        #expect(try await browser.open("http://news.test/").status == 200)
        await world.end()
    }
}
