import HTTP
import JSON
import Primitives
import Store
import TestKit
import Testing

@Suite("Managed OAuth: the life of grants", .serialized)
struct OAuthGrantTests {
    @Test("a token of one application opens no other")
    func otherApplication() async throws {
        let world = try await OAuthWorld()
        await world.gate.application(
            [GateWorld.allow(GateWorld.staff)], at: "other.localhost", ["oauth_configuration": ["enabled": true]])
        await world.gate.application([GateWorld.allow(GateWorld.staff)], at: "plain.localhost")
        let token = await world.tokens(await world.client()).access
        let other = await world.use(token, host: "other.localhost")
        let unknown = await world.use("oauth:unknown", host: "other.localhost")
        #expect(other.status == .unauthorized && other.text == unknown.text)
        #expect(await world.use(token, host: "plain.localhost").status == .unauthorized)
    }

    @Test("a token counts in the field Authorization only, and there it decides alone")
    func oneWay() async throws {
        let world = try await OAuthWorld()
        let token = await world.tokens(await world.client()).access
        #expect(
            await world.gate.ask("/?access_token=\(token)", host: OAuthWorld.host, as: .program).status == .unauthorized
        )
        let cookie = try await world.gate.signIn("ann@example.com", to: world.application).application
        let jar = ["CF_Authorization=\(cookie)"]
        #expect(await world.use("oauth:bad", cookies: jar).status == .unauthorized)
        #expect(await world.use(token, cookies: jar).value("cf-access-oauth-client-name") == "Agent")
        // What is not ours is the application's business.
        let foreign = await world.gate.ask(
            "/", host: OAuthWorld.host, as: .program, cookies: jar, fields: [("authorization", "Bearer something")])
        #expect(foreign.status == .ok && foreign.value("x-orgd-strip-authorization") == nil)
        #expect(await world.use(token, [("authorization", "Bearer \(token)")]).status == .unauthorized)
    }

    @Test("a program that gives a token back ends the whole grant; somebody else's changes nothing")
    func revocation() async throws {
        let world = try await OAuthWorld()
        let (client, other) = (await world.client(), await world.client())
        for name in ["access", "refresh"] {
            let tokens = await world.tokens(client)
            let token = name == "access" ? tokens.access : tokens.refresh
            func revoke(_ form: [(String, String)]) async -> Response {
                await world.post("/cdn-cgi/access/oauth/revoke", form)
            }
            #expect(await revoke([("token", token), ("client_id", other)]).status == .ok)
            #expect(await world.use(tokens.access).status == .ok)
            #expect(await revoke([("token", token), ("client_id", "nobody")]).status == .unauthorized)
            #expect(await revoke([("client_id", client)]).error == "invalid_request")
            #expect(await revoke([("token", token), ("client_id", client), ("token_type_hint", "x")]).status == .ok)
            #expect(await revoke([("token", token), ("client_id", client)]).status == .ok)
            #expect(await world.use(tokens.access).status == .unauthorized)
            #expect(await world.refresh(client, tokens.refresh).error == "invalid_grant")
        }
    }

    @Test("who loses access gets no new token, and is kept out at once")
    func policyChange() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let tokens = await world.tokens(client)
        let unredeemed = await world.code(client)
        #expect(await world.use(tokens.access).status == .ok)
        try await world.change(policies: [GateWorld.allow(["email": ["email": "bob@example.com"]])])
        let denied = await world.use(tokens.access)
        #expect(
            denied.status == .forbidden && denied.error == "access_denied" && denied.value("www-authenticate") == nil)
        #expect(await world.redeem(client, unredeemed).error == "invalid_grant")
        #expect(await world.refresh(client, tokens.refresh).error == "invalid_grant")
        try await world.change(policies: [GateWorld.allow(GateWorld.staff)])
        #expect(await world.use(tokens.access).status == .unauthorized)
        #expect(
            try await world.log().suffix(2) == [
                "oauth_refresh 0 Ann@example.com denied Agent", "oauth_refresh 0 Ann@example.com denied Agent",
            ])
    }

    @Test("rules about the request are asked with each of them")
    func continuous() async throws {
        let world = try await OAuthWorld(policies: [
            GateWorld.allow(GateWorld.staff, exclude: [["ip": ["ip": "203.0.113.0/24"]]])
        ])
        let token = await world.tokens(await world.client()).access
        func ask(_ address: String) async -> Response {
            await world.gate.ask(
                "/", host: OAuthWorld.host, as: .program, from: address, fields: [("authorization", "Bearer \(token)")])
        }
        #expect(await ask("198.51.100.1").status == .ok)
        #expect(await ask("203.0.113.5").status == .forbidden)
        #expect(await ask("198.51.100.1").status == .ok)
    }

    @Test(
        "whatever ends access for people ends it for their programs",
        arguments: [
            "revoke_tokens", "disable", "revoke_user", "seat", "delete_user", "delete_app", "delete_idp",
        ])
    func ends(_ way: String) async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let tokens = await world.tokens(client)
        #expect(await world.use(tokens.access).status == .ok)
        try await world.end(way)
        let after = await world.use(tokens.access)
        #expect(after.status == (way == "delete_app" ? .forbidden : .unauthorized), "\(after.text)")
        #expect(await world.refresh(client, tokens.refresh).status != .ok)
        #expect(try await world.count("grants") == 0)
    }

    @Test("logging out in the browser ends cookies, not grants")
    func logout() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let tokens = await world.tokens(client)
        #expect(await world.get("/cdn-cgi/access/logout", cookies: world.cookies).status.code < 400)
        #expect(await world.authorize(client).value("location")?.contains("/cdn-cgi/access/login/") == true)
        #expect(await world.use(tokens.access).status == .ok)
        #expect(await world.refresh(client, tokens.refresh).status == .ok)
    }

    @Test("on the way in a token costs one question at first, and none after that")
    func cost() async throws {
        let world = try await OAuthWorld()
        let token = await world.tokens(await world.client()).access
        // What the last write made doubtful is read again.
        try await world.gate.settle()
        _ = await world.use(token)
        func cost(_ ask: () async -> Void) async -> UInt64 {
            let before = await world.gate.executions()
            await ask()
            return await world.gate.executions() - before
        }
        // Beginning and ending a read is all that a request costs which asks nothing.
        let nothing = await cost { _ = await world.gate.ask("relative", host: OAuthWorld.host) }
        var assertions: Set<String?> = []
        let known = await cost { assertions.insert(await world.use(token).assertion) }
        #expect(known == nothing)
        assertions.insert(await world.use(token).assertion)
        #expect(assertions.count == 1)
        let unknown = await cost { _ = await world.use("oauth:unknown") }
        #expect(unknown == nothing + 1)
        world.world.clock.advance(by: .seconds(31))
        #expect(!assertions.contains(await world.use(token).assertion))
    }

    @Test("a person has so many grants for one program, and the oldest goes first")
    func limit() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        var tokens: [String] = []
        for _ in 0..<21 {
            tokens.append(await world.tokens(client).access)
            world.world.clock.advance(by: .seconds(1))
        }
        #expect(try await world.count("grants") == 20)
        #expect(await world.use(tokens[0]).status == .unauthorized)
        #expect(await world.use(tokens[1]).status == .ok)
    }
}

extension OAuthWorld {
    func change(policies: [JSONValue]? = nil, oauth: JSONObject = ["enabled": true]) async throws {
        let answer = await world.put(
            "/accounts/\(gate.account)/access/apps/\(application)",
            [
                "type": "self_hosted", "name": .string(Self.host), "domain": .string(Self.host),
                "policies": .array(policies ?? [GateWorld.allow(GateWorld.staff)]),
                "oauth_configuration": .object(oauth),
            ])
        #expect(answer.isSuccess, "\(answer.text)")
    }

    func end(_ way: String) async throws {
        let account = "/accounts/\(gate.account)/access"
        let users = await world.get("\(account)/users").result.arrayValue ?? []
        let user = users.first { $0["email"]?.stringValue?.lowercased() == "ann@example.com" }
        let id = user?["id"]?.stringValue ?? ""
        let answer =
            switch way {
            case "revoke_tokens": await world.post("\(account)/apps/\(application)/revoke_tokens")
            case "revoke_user": await world.post("\(account)/organizations/revoke_user", ["email": "ann@example.com"])
            case "seat":
                await world.patch(
                    "\(account)/seats",
                    [["seat_uid": user?["seat_uid"] ?? .null, "access_seat": false, "gateway_seat": false]])
            case "delete_user": await world.delete("\(account)/users/\(id)")
            case "delete_app": await world.delete("\(account)/apps/\(application)")
            case "delete_idp": await world.delete("\(account)/identity_providers/\(gate.idp)")
            default:
                await world.put(
                    "\(account)/apps/\(application)",
                    [
                        "type": "self_hosted", "name": .string(Self.host), "domain": .string(Self.host),
                        "policies": [GateWorld.allow(GateWorld.staff)], "oauth_configuration": ["enabled": false],
                    ])
            }
        #expect(answer.isSuccess, "\(way): \(answer.text)")
    }
}
