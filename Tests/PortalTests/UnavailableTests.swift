import ControlPlane
import HTTP
import JSON
import Primitives
import Store
import TestKit
import Testing

/// A database that takes no more writes while requests wait for them: each is told to come back, in the form that it reads.
@Suite("A database that is busy", .serialized)
struct UnavailableTests {
    @Test("people are shown a page with 503, wherever they are in a sign-in")
    func people() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        await world.application(in: world.hq, at: "asked.test", policy: ["purpose_justification_required": true])
        await world.application(
            in: world.hq, at: "wide.test",
            [
                "destinations": [["type": "public", "uri": "wide.test"], ["type": "public", "uri": "other.test"]]
            ])
        let known = LoginBrowser(world)
        let question = try await known.open("http://asked.test/")
        let ticket = try #require(question.hidden("ticket"), "\(question.text)")
        let stranger = LoginBrowser(world)
        let atProvider = try await stranger.follow(try await stranger.get("http://wiki.test/")) {
            $0.contains("/cdn-cgi/access/callback")
        }
        let callback = try #require(atProvider.location)
        let handedOver = try await known.follow(try await known.get("http://wiki.test/")) {
            $0.contains("/cdn-cgi/access/authorized")
        }
        let authorized = try #require(handedOver.location)
        let fresh = try await LoginBrowser(world).get("http://wiki.test/")
        let login = try #require(fresh.location)
        world.base.plane.store.close()
        let team = "http://hq.access.localhost:8787/cdn-cgi/access"
        let answers = [
            "login": try await LoginBrowser(world).get(login),
            "callback": try await stranger.get(callback),
            "authorized": try await known.get(authorized),
            "purpose": try await known.post("\(team)/purpose", [("ticket", ticket), ("purpose", "why")]),
            "logout": try await known.get("\(team)/logout"),
        ]
        for (name, answer) in answers {
            #expect(answer.status == 503, "\(name)")
            #expect(answer.header("retry-after") == "5", "\(name)")
            #expect(answer.text.contains("Try again in a moment"), "\(name)")
            #expect(answer.text.contains("0000000000000abc-ORG"), "\(name)")
            #expect(answer.header("content-type")?.hasPrefix("text/html") == true, "\(name)")
        }
        await world.end()
    }

    @Test("programs are answered with JSON and 503")
    func programs() async throws {
        let world = try await OAuthWorld()
        let saas = await world.world.post(
            "/accounts/\(world.gate.account)/access/apps",
            [
                "type": "saas", "name": "crm", "policies": [GateWorld.allow(GateWorld.staff)],
                "saas_app": [
                    "auth_type": "oidc", "redirect_uris": ["https://crm.example.org/callback"],
                    "grant_types": ["authorization_code"],
                ],
            ])
        let pair = try JSONParser.parse(Array(saas.text.utf8))["result"]?["saas_app"]
        let id = try #require(pair?["client_id"]?.stringValue)
        let secret = try #require(pair?["client_secret"]?.stringValue)
        let client = await world.client()
        let code = await world.code(client)
        let page = await world.authorize(client, ["prompt": "consent"])
        let signedIn = await world.get(
            "/cdn-cgi/access/sso/oidc/\(id)/authorization?client_id=\(id)&response_type=code&scope=openid&state=s&redirect_uri=https%3A%2F%2Fcrm.example.org%2Fcallback",
            cookies: world.cookies)
        let oidcCode = try #require(signedIn.answer["code"], "\(signedIn.text)")
        world.world.plane.store.close()
        let answers = [
            "registration": await world.register(),
            "token": await world.redeem(client, code),
            "oidc token": await world.post(
                "/cdn-cgi/access/sso/oidc/\(id)/token",
                [
                    ("grant_type", "authorization_code"), ("code", oidcCode), ("client_id", id),
                    ("client_secret", secret), ("redirect_uri", "https://crm.example.org/callback"),
                ]),
        ]
        for (name, answer) in answers {
            #expect(answer.status == .serviceUnavailable, "\(name)")
            #expect(answer.error == "temporarily_unavailable", "\(name)")
            #expect(answer.value("retry-after") == "5", "\(name)")
            #expect(answer.value("cache-control") == "no-store", "\(name)")
        }
        // The person at the consent page sees a page.
        let decided = await world.decide(page)
        #expect(decided.status == .serviceUnavailable && decided.text.contains("Try again in a moment"))
    }

    @Test("a proxy gets 503 also where its answer waits for a write")
    func proxies() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)])
        await world.setTeam(["name": "HQ", "strict_service_token_auth": false])
        let token = await world.serviceToken()
        let fields = [("cf-access-client-id", token.client), ("cf-access-client-secret", token.secret)]
        #expect(await world.ask(as: .program, fields: fields).status == .ok)
        _ = await world.world.post("/accounts/\(world.account)/access/keys/rotate")
        let other = await world.serviceToken()
        world.world.plane.store.close()
        let answer = await world.ask(
            as: .program, fields: [("cf-access-client-id", other.client), ("cf-access-client-secret", other.secret)])
        #expect(answer.status == .serviceUnavailable && answer.value("retry-after") == "5", "\(answer.text)")
        #expect(answer.assertion == nil)
    }
}
