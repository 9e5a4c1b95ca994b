import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite("Managed OAuth: authorization", .serialized)
struct OAuthAuthorizationTests {
    @Test("consent names everybody, and the answer carries code, state and issuer")
    func consent() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let page = await world.authorize(client)
        #expect(page.status == .ok)
        for text in ["Agent", "not verified", client, "127.0.0.1:4711", "Ann@example.com", OAuthWorld.host, "24 hours"]
        {
            #expect(page.text.contains(text), "\(text)")
        }
        let policy = page.value("content-security-policy") ?? ""
        #expect(
            policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self' http://127.0.0.1:4711;"))
        #expect(page.value("x-frame-options") == "DENY" && page.value("cache-control") == "no-store")
        let answer = await world.decide(page)
        #expect(answer.status == .found)
        #expect(answer.value("location")?.hasPrefix("http://127.0.0.1:4711/cb?code=oauth%3A") == true)
        #expect(answer.answer["state"] == "xyz &=1" && answer.answer["iss"] == OAuthWorld.issuer)
        #expect(try await world.log() == ["oauth_authorize 1 Ann@example.com  Agent"])
    }

    @Test(
        "an unknown client or redirect URI is a page, and nobody is sent anywhere",
        arguments: [
            ["client_id": "nobody"], ["client_id": nil], ["redirect_uri": nil],
            ["redirect_uri": "http://127.0.0.1/other"],
            ["redirect_uri": "https://evil.example/"], ["redirect_uri": "http://localhost:4711/cb"],
            ["redirect_uri": "http://127.0.0.1:4711/cb/"], ["redirect_uri": "http://127.0.0.1:4711@evil.example/cb"],
            ["client_id": "https://unreachable.example/client"],
        ] as [[String: String?]])
    func pages(_ changes: [String: String?]) async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        var changes = changes
        if changes["client_id"] == nil { changes["client_id"] = client }
        let response = await world.authorize(client, changes)
        #expect(response.status == .badRequest)
        #expect(response.value("location") == nil)
        #expect(response.text.contains("invalid_client"))
    }

    @Test(
        "other mistakes go back to the client",
        arguments: [
            (["response_type": "token"], "unsupported_response_type"), (["response_type": nil], "invalid_request"),
            (["code_challenge": nil], "invalid_request"), (["code_challenge_method": "plain"], "invalid_request"),
            (["code_challenge_method": nil], "invalid_request"), (["code_challenge": "short"], "invalid_request"),
            (["resource": nil], "invalid_target"), (["resource": "https://nobody.example/"], "invalid_target"),
            (["resource": "http://wiki.localhost/#x"], "invalid_target"), (["prompt": "none login"], "invalid_request"),
            (["response_mode": "fragment"], "invalid_request"), (["request": "x"], "request_not_supported"),
        ] as [([String: String?], String)])
    func mistakes(_ changes: [String: String?], _ code: String) async throws {
        let world = try await OAuthWorld()
        let response = await world.authorize(await world.client(), changes)
        #expect(response.status == .found)
        #expect(response.value("location")?.hasPrefix("http://127.0.0.1:4711/cb?error=\(code)&") == true)
        #expect(response.answer["iss"] == OAuthWorld.issuer && response.answer["state"] == "xyz &=1")
    }

    @Test("a repeated parameter is a mistake", arguments: ["state", "resource", "code_challenge"])
    func repeated(_ name: String) async throws {
        let world = try await OAuthWorld()
        let query = OAuthWorld.query(await world.client()) + "&\(name)=http%3A%2F%2Fwiki.localhost"
        let response = await world.get("/cdn-cgi/access/oauth/authorization?" + query, cookies: world.cookies)
        #expect(response.answer["error"] == (name == "resource" ? "invalid_target" : "invalid_request"))
        #expect(response.answer["code"] == nil)
    }

    @Test("without a session the person signs in first, and comes back to the same request")
    func login() async throws {
        let world = try await OAuthWorld()
        let response = await world.authorize(await world.client(), ["login_hint": "ann@example.com"], cookies: [])
        #expect(response.status == .found)
        let location = response.value("location") ?? ""
        #expect(
            location.hasPrefix(
                "/cdn-cgi/access/login/acme.access.test%3A8787?redirect_url=%2Fcdn-cgi%2Faccess%2Foauth%2Fcontinue"))
        #expect(response.answer["login_hint"] == "ann@example.com")
        let back = response.answer["redirect_url"] ?? ""
        let page = await world.get(back, cookies: world.cookies)
        #expect(page.status == .ok && page.text.contains("not verified"))
        #expect(await world.decide(page).answer["code"]?.hasPrefix("oauth:") == true)
        world.world.clock.advance(by: .seconds(601))
        #expect(await world.get(back, cookies: world.cookies).status == .badRequest)
        #expect(await world.get(back + "x", cookies: world.cookies).status == .badRequest)
    }

    @Test("prompt none shows no page, prompt login asks for a login of its own, prompt consent asks again")
    func prompts() async throws {
        let world = try await OAuthWorld([
            "enabled": true, "dynamic_client_registration": ["allowed_uris": ["https://agent.example/cb"]],
        ])
        let client = await world.client(["redirect_uris": ["https://agent.example/cb"], "client_name": "Agent"])
        let there: [String: String?] = ["redirect_uri": "https://agent.example/cb"]
        func ask(_ prompt: String?, cookies: [String]? = nil) async -> Response {
            await world.authorize(client, there.merging(["prompt": prompt]) { $1 }, cookies: cookies)
        }
        #expect(await ask("none", cookies: []).answer["error"] == "login_required")
        #expect(await ask("none").answer["error"] == "consent_required")
        let code = await world.decide(await ask(nil)).answer["code"] ?? ""
        #expect(await world.redeem(client, code, there).status == .ok)
        #expect(await ask("none").answer["code"] != nil)
        #expect(await ask(nil).answer["code"] != nil)
        #expect(await ask("consent").status == .ok)
        world.world.clock.advance(by: .seconds(5))
        #expect(await ask("login").answer["prompt"] == "login")
    }

    @Test("programs on the person's own machine are asked about each time")
    func loopbackIsNotRemembered() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        _ = await world.tokens(client)
        #expect(await world.authorize(client).status == .ok)
        #expect(await world.authorize(client, ["prompt": "none"]).answer["error"] == "consent_required")
    }

    @Test("a decision counts in the browser and the session that was asked, and only from our page")
    func forgedConsent() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let page = await world.authorize(client)
        let session = world.cookies[0]
        let other = "CF_Session=\(String(repeating: "A", count: 43))"
        #expect(await world.decide(page, cookies: [session, other]).status == .badRequest)
        #expect(await world.decide(page, cookies: [session]).status == .badRequest)
        #expect(await world.decide(page, cookies: [world.cookies[1]]).status == .badRequest)
        #expect(await world.decide(page, fields: [("sec-fetch-site", "cross-site")]).status == .badRequest)
        #expect(await world.decide(page, fields: [("origin", "https://evil.example")]).status == .badRequest)
        let bob = try await world.gate.signIn("bob@example.com", to: world.application)
        #expect(
            await world.decide(page, cookies: ["CF_Authorization=\(bob.team)", world.cookies[1]]).status == .badRequest)
        #expect(await world.decide(page, "maybe").status == .badRequest)
        let query = await world.get(
            "/cdn-cgi/access/oauth/consent?ticket=\(page.ticket)&decision=allow", cookies: world.cookies)
        #expect(query.status == .notFound)
        #expect(try await world.count("grants") == 0)
        #expect(await world.decide(page).answer["code"] != nil)
    }

    @Test("the person may say no")
    func denied() async throws {
        let world = try await OAuthWorld()
        let answer = await world.decide(await world.authorize(await world.client()), "deny")
        #expect(answer.answer["error"] == "access_denied" && answer.answer["iss"] == OAuthWorld.issuer)
        #expect(try await world.log() == ["oauth_authorize 0 Ann@example.com user_denied Agent"])
    }

    @Test("nobody gives away what they may not have themselves")
    func policyDenies() async throws {
        let world = try await OAuthWorld(policies: [GateWorld.allow(["email": ["email": "bob@example.com"]])])
        let answer = await world.authorize(await world.client())
        #expect(answer.answer["error"] == "access_denied" && answer.answer["code"] == nil)
        #expect(try await world.log() == ["oauth_authorize 0 Ann@example.com denied Agent"])
    }

    @Test("rules that were tightened since stop old clients")
    func tightened() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let page = await world.authorize(client)
        let path = "/accounts/\(world.gate.account)/access/apps/\(world.application)"
        let changed = await world.world.put(
            path,
            [
                "type": "self_hosted", "name": "wiki", "domain": .string(OAuthWorld.host),
                "policies": [GateWorld.allow(GateWorld.staff)],
                "oauth_configuration": [
                    "enabled": true, "dynamic_client_registration": ["allow_any_on_loopback": false],
                ],
            ])
        #expect(changed.isSuccess, "\(changed.text)")
        #expect(await world.authorize(client).status == .badRequest)
        #expect(await world.decide(page).status == .badRequest)
    }

    @Test("an application's host hands over to the team's, and its own name stays the issuer")
    func applicationHost() async throws {
        let world = try await OAuthWorld()
        let client = await world.client(host: OAuthWorld.host)
        let hop = await world.authorize(client, ["resource": nil], host: OAuthWorld.host, cookies: [])
        #expect(hop.status == .found)
        let location = hop.value("location") ?? ""
        #expect(location.hasPrefix("\(OAuthWorld.issuer)/cdn-cgi/access/oauth/authorization?orgd_issuer="))
        let path = String(location.dropFirst(OAuthWorld.issuer.count))
        let answer = await world.decide(await world.get(path, cookies: world.cookies))
        #expect(answer.answer["iss"] == "http://wiki.localhost")
        let code = answer.answer["code"] ?? ""
        #expect(await world.redeem(client, code).error == "invalid_grant")
        let tokens = await world.redeem(client, code, host: OAuthWorld.host)
        #expect(tokens.status == .ok)
        #expect(await world.refresh(client, tokens.json["refresh_token"]?.stringValue ?? "").error == "invalid_grant")
        let forged = path.replacing("orgd_issuer=", with: "orgd_issuer=A")
        #expect(await world.get(forged, cookies: world.cookies).status == .badRequest)
    }

    @Test("a client of one application is unknown to others")
    func clientOfAnotherApplication() async throws {
        let world = try await OAuthWorld()
        await world.gate.application(
            [GateWorld.allow(GateWorld.staff)], at: "other.localhost", ["oauth_configuration": ["enabled": true]])
        let client = await world.client(host: OAuthWorld.host)
        #expect(await world.authorize(client, ["resource": "http://other.localhost/"]).status == .badRequest)
        #expect(await world.authorize(client).status == .ok)
    }
}
