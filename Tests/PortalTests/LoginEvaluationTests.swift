import ControlPlane
import HTTP
import JSON
import Primitives
import Synchronization
import Telemetry
import TestKit
import Testing

/// Lines of the log of the server.
final class KeptLines: LogSink {
    private let kept = Mutex<[String]>([])
    var text: String { kept.withLock { $0.joined() } }
    func write(_ line: [UInt8]) { kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
}

/// A world with a service that rules ask, and an application whose only policy asks it.
private struct EvaluatedWorld {
    let world: LoginWorld
    let service: EvaluationService
    let lines = KeptLines()
    let application: String

    init(policy: (EvaluationService) -> JSONObject = { ["require": [$0.rule]] }) async throws {
        world = try await LoginWorld(bridged: false, logger: Logger(level: .warning, sink: lines))
        service = try EvaluationService(clock: world.base.clock, group: world.base.group)
        application = await world.application(in: world.hq, policy: policy(service))
    }

    func browser(_ person: String = "alice") -> LoginBrowser { LoginBrowser(world, as: person) }

    func end() async {
        await service.stop()
        await world.end()
    }
}

@Suite("Rules that ask another service", .serialized)
struct LoginEvaluationTests {
    @Test("a service lets somebody in, and is asked once in a session")
    func success() async throws {
        let evaluated = try await EvaluatedWorld()
        let browser = evaluated.browser()
        #expect(try await browser.open("http://wiki.test/").status == 200)
        #expect(evaluated.service.asked.count == 1)
        for _ in 1...3 { #expect(try await browser.open("http://wiki.test/again").status == 200) }
        await evaluated.world.application(
            in: evaluated.world.hq, at: "news.test", policy: ["include": [evaluated.service.rule]])
        #expect(try await browser.open("http://news.test/").status == 200)
        // The answer is good for a minute.
        #expect(evaluated.service.asked.count == 1)
        #expect(evaluated.lines.text == "")
        await evaluated.end()
    }

    @Test("a service learns who it is about from a token of the account that no application takes")
    func question() async throws {
        let evaluated = try await EvaluatedWorld()
        let browser = evaluated.browser()
        #expect(try await browser.open("http://wiki.test/").status == 200)
        let token = try #require(evaluated.service.asked.first)
        let claims = EvaluationService.claims(token)
        #expect(claims["identity"]?["email"]?.stringValue == "alice@example.com")
        #expect(claims["identity"]?["ip"]?.stringValue == browser.address)
        #expect(claims["identity"]?["account_id"]?.stringValue == evaluated.world.hq)
        #expect(claims["iss"]?.stringValue == "http://hq.access.localhost:8787")
        #expect(claims["aud"]?[0]?.stringValue == evaluated.service.origin + "/")
        #expect((claims["nonce"]?.stringValue ?? "").utf8.count >= 32)
        let lifetime = (claims["exp"]?.integerValue ?? 0) - (claims["iat"]?.integerValue ?? 0)
        #expect(lifetime == 60)
        let certs = try await browser.get("http://hq.access.localhost:8787/cdn-cgi/access/certs")
        let header = try #require(token.split(separator: ".").first.flatMap { Base64URL.decode($0) })
        let kid = try #require(try JSONParser.parse(header)["kid"]?.stringValue)
        #expect(certs.text.contains(kid))
        let thief = evaluated.browser()
        thief.cookies["wiki.test"] = ["CF_Authorization": token]
        thief.cookies["hq.access.localhost"] = ["CF_Authorization": token]
        #expect(try await thief.get("http://wiki.test/").status == 302)
        #expect(try await thief.get("http://hq.access.localhost:8787/cdn-cgi/access/get-identity").status == 401)
        await evaluated.end()
    }

    @Test("a service that says no turns people away, until it says yes")
    func refusal() async throws {
        let evaluated = try await EvaluatedWorld()
        evaluated.service.admit([])
        let browser = evaluated.browser()
        let shown = try await browser.open("http://wiki.test/")
        #expect(shown.status == 403 && shown.text.contains("Ask its owner for access"))
        #expect(try await evaluated.world.log(of: evaluated.world.hq) == ["login 0 alice@example.com denied "])
        evaluated.service.admit(["alice@example.com"])
        // Nobody is asked twice within seconds.
        #expect(try await browser.open("http://wiki.test/").status == 403)
        #expect(evaluated.service.asked.count == 1)
        evaluated.world.base.clock.advance(by: .seconds(6))
        #expect(try await browser.open("http://wiki.test/").status == 200)
        #expect(evaluated.lines.text == "")
        await evaluated.end()
    }

    @Test(
        "an answer that does not count is no answer, and the page says so", arguments: EvaluationService.Fault.allCases)
    func faults(_ fault: EvaluationService.Fault) async throws {
        let evaluated = try await EvaluatedWorld()
        evaluated.service.misbehave(fault)
        // One that is let in by another rule can see the difference between no and nothing in what `exclude` does.
        await evaluated.world.application(
            in: evaluated.world.hq, at: "news.test", policy: ["exclude": [evaluated.service.rule]])
        let browser = evaluated.browser()
        let shown = try await browser.open("http://wiki.test/page")
        #expect(shown.status == 403)
        #expect(shown.text.contains("did not answer"))
        #expect(shown.links(containing: "http://wiki.test/page").count == 1)
        #expect(try await browser.open("http://news.test/").status == 403)
        #expect(
            try await evaluated.world.log(of: evaluated.world.hq)
                == Array(repeating: "login 0 alice@example.com external_evaluation ", count: 2))
        #expect(evaluated.lines.text.contains("\"event\":\"external_evaluation_failed\""), "\(evaluated.lines.text)")
        #expect(evaluated.lines.text.contains("\"code\":\"\(fault.code)\""), "\(evaluated.lines.text)")
        evaluated.service.misbehave(nil)
        evaluated.world.base.clock.advance(by: .seconds(61))
        #expect(try await browser.open("http://wiki.test/page").status == 200)
        await evaluated.end()
    }

    @Test("a service that is not there is no answer")
    func absent() async throws {
        let evaluated = try await EvaluatedWorld()
        await evaluated.service.stop()
        let shown = try await evaluated.browser().open("http://wiki.test/")
        #expect(shown.status == 403 && shown.text.contains("did not answer"))
        #expect(evaluated.lines.text.contains("\"code\":\"evaluation_unreachable\""))
        await evaluated.world.end()
    }

    @Test("services are asked over https, or on loopback")
    func plainAddress() async throws {
        let evaluated = try await EvaluatedWorld()
        let rule: JSONValue = [
            "external_evaluation": ["evaluate_url": "http://e.example.org/", "keys_url": "https://e.example.org/keys"]
        ]
        let answer = await evaluated.world.base.post(
            "/accounts/\(evaluated.world.hq)/access/groups", ["name": "g", "include": [rule]])
        #expect(answer.status == 400 && answer.code == 12130)
        #expect(answer.pointers == ["/include/0/external_evaluation/evaluate_url"])
        await evaluated.end()
    }

    @Test("an old yes is asked for again at the next admission, and taken back everywhere")
    func again() async throws {
        let evaluated = try await EvaluatedWorld()
        await evaluated.world.application(
            in: evaluated.world.hq, at: "news.test", policy: ["require": [evaluated.service.rule]])
        let browser = evaluated.browser()
        #expect(try await browser.open("http://wiki.test/").status == 200)
        evaluated.world.base.clock.advance(by: .seconds(120))
        evaluated.service.admit([])
        // Nothing is asked on the way in.
        #expect(try await browser.open("http://wiki.test/").status == 200)
        #expect(try await browser.open("http://news.test/").status == 403)
        #expect(evaluated.service.asked.count == 2)
        #expect(try await browser.open("http://wiki.test/").status == 403)
        await evaluated.end()
    }

    @Test("the launcher shows what has to ask first, and what said no is not shown")
    func launcher() async throws {
        let evaluated = try await EvaluatedWorld()
        let (world, service) = (evaluated.world, evaluated.service)
        await world.application(in: world.hq, at: "open.test", ["name": "Open"])
        await world.application(
            in: world.hq, at: "spared.test", ["name": "Spared"], policy: ["exclude": [service.rule]])
        // Somebody whom its other rules turn away has nothing to ask.
        await world.application(
            in: world.hq, at: "shut.test", ["name": "Shut"],
            policy: ["include": [["email": ["email": "bob@example.com"]]], "require": [service.rule]])
        let browser = evaluated.browser()
        let first = try await browser.open("http://hq.access.localhost:8787/").text
        for name in ["Open", "Wiki", "Spared"] { #expect(first.contains("<bdi>\(name)</bdi>"), "\(first)") }
        #expect(!first.contains("<bdi>Shut</bdi>"))
        #expect(service.asked.isEmpty)
        // Opened, it asks; what the answer is decides from then on.
        #expect(try await browser.open("http://wiki.test/").status == 200)
        #expect(service.asked.count == 1)
        let second = try await browser.open("http://hq.access.localhost:8787/").text
        #expect(second.contains("<bdi>Wiki</bdi>") && !second.contains("<bdi>Spared</bdi>"))
        let bob = evaluated.browser("bob")
        #expect(try await bob.open("http://hq.access.localhost:8787/").text.contains("<bdi>Wiki</bdi>"))
        #expect(try await bob.open("http://wiki.test/").status == 403)
        #expect(try await !bob.open("http://hq.access.localhost:8787/").text.contains("<bdi>Wiki</bdi>"))
        await evaluated.end()
    }

    @Test("a code is mailed to whom a service has yet to be asked about")
    func mail() async throws {
        let evaluated = try await EvaluatedWorld()
        let world = evaluated.world
        let pin = await world.addProvider("onetimepin", to: world.emea)
        await world.application(
            in: world.emea, at: "pin.test", ["allowed_idps": [.string(pin)]],
            policy: ["require": [evaluated.service.rule]])
        let base = "http://emea.access.localhost:8787/cdn-cgi/access/pin"
        for (email, status) in [("alice@example.com", 200), ("bob@example.com", 403)] {
            let browser = evaluated.browser()
            let state = try #require(try await browser.open("http://pin.test/").hidden("state"))
            _ = try await browser.post(base, [("state", state), ("email", email)])
            let code = try #require(world.postbox.code(for: email))
            let sent = try await browser.post(base + "/verify", [("state", state), ("code", code)])
            #expect(try await browser.follow(sent).status == status)
        }
        // Nobody else hears of it.
        let browser = evaluated.browser()
        let state = try #require(try await browser.open("http://pin.test/").hidden("state"))
        _ = try await browser.post(base, [("state", state), ("email", "eve@evil.test")])
        #expect(world.postbox.code(for: "eve@evil.test") == nil)
        await evaluated.end()
    }

    @Test("a rule that is newer than a session is asked before the session goes on")
    func newRule() async throws {
        let evaluated = try await EvaluatedWorld { _ in [:] }
        let browser = evaluated.browser()
        #expect(try await browser.open("http://wiki.test/").status == 200)
        #expect(evaluated.service.asked.isEmpty)
        try await evaluated.replacePolicy(["include": [["everyone": [:]]], "require": [evaluated.service.rule]])
        // The application's token alone is not enough any more; the team's session is.
        #expect(try await browser.get("http://wiki.test/").status == 302)
        let shown = try await browser.open("http://wiki.test/")
        #expect(shown.status == 200 && evaluated.service.asked.count == 1)
        #expect(!shown.way.contains { $0.contains("127.0.0.1") })
        evaluated.service.misbehave(.status)
        try await evaluated.replacePolicy([
            "include": [["email_domain": ["domain": "example.com"]]],
            "exclude": [
                ["external_evaluation": ["evaluate_url": "https://127.0.0.1:1/", "keys_url": "https://127.0.0.1:1/k"]]
            ],
        ])
        #expect(try await browser.open("http://wiki.test/").status == 403)
        await evaluated.end()
    }

    @Test("one policy that needs no service admits although another's service is silent, without going round")
    func otherPolicy() async throws {
        let evaluated = try await EvaluatedWorld { ["include": [$0.rule]] }
        evaluated.service.misbehave(.status)
        let more = await evaluated.world.base.post(
            "/accounts/\(evaluated.world.hq)/access/apps/\(evaluated.application)/policies",
            ["name": "all", "decision": "allow", "include": [["email_domain": ["domain": "example.com"]]]])
        #expect(more.status == 201 || more.status == 200, "\(more.text)")
        let browser = evaluated.browser()
        #expect(try await browser.open("http://wiki.test/").status == 200)
        #expect(try await browser.open("http://wiki.test/").status == 200)
        await evaluated.end()
    }

    @Test("rules ask at most eight services for one admission")
    func tooMany() async throws {
        let evaluated = try await EvaluatedWorld { service in
            let rules = (1...9).map { number -> JSONValue in
                [
                    "external_evaluation": [
                        "evaluate_url": .string("\(service.origin)/\(number)"),
                        "keys_url": .string("\(service.origin)/keys"),
                    ]
                ]
            }
            return ["require": .array(rules)]
        }
        #expect(try await evaluated.browser().open("http://wiki.test/").status == 403)
        #expect(evaluated.service.asked.count == 8)
        #expect(evaluated.lines.text.contains("evaluation_too_many"))
        await evaluated.end()
    }

    @Test("a session that ends while a service is asked opens nothing")
    func ended() async throws {
        let evaluated = try await EvaluatedWorld()
        let world = evaluated.world
        evaluated.service.meanwhile {
            _ = await world.base.post(
                "/accounts/\(world.hq)/access/organizations/revoke_user", ["email": "alice@example.com"])
        }
        let shown = try await evaluated.browser().open("http://wiki.test/")
        #expect(shown.status == 400 && shown.text.contains("<code>session_invalid</code>"))
        await evaluated.end()
    }

    @Test("answers stay out of what people and programs are told about an identity")
    func stored() async throws {
        let evaluated = try await EvaluatedWorld()
        #expect(try await evaluated.browser().open("http://wiki.test/").status == 200)
        let stored = try await evaluated.world.identity(of: "alice@example.com", in: evaluated.world.hq)
        #expect(stored["evaluations"]?[0]?["success"]?.boolValue == true)
        let user = try #require(stored["user_uuid"]?.stringValue)
        let seen = await evaluated.world.base.get(
            "/accounts/\(evaluated.world.hq)/access/users/\(user)/last_seen_identity")
        #expect(seen.status == 200 && !seen.text.contains("evaluat"))
        // A policy test judges with the latest answer.
        let path = "/accounts/\(evaluated.world.hq)/access/policy-tests"
        let test = await evaluated.world.base.post(
            path,
            [
                "policies": [
                    ["name": "p", "decision": "allow", "include": [evaluated.service.rule]]
                ]
            ])
        var status = JSONValue.null
        for _ in 1...100 where status["status"]?.stringValue != "complete" {
            status = await evaluated.world.base.get("\(path)/\(test.id)").result
            await Task.yield()
        }
        #expect(status["users_approved"]?.integerValue == 1, "\(status)")
        #expect(evaluated.service.asked.count == 1)
        await evaluated.end()
    }

    @Test("sign-in for a SaaS application asks too, and judges with the answer")
    func saas() async throws {
        let evaluated = try await EvaluatedWorld()
        let world = evaluated.world
        let made = await world.base.post(
            "/accounts/\(world.hq)/access/apps",
            [
                "type": "saas", "name": "crm",
                "policies": [["name": "p", "decision": "allow", "include": [evaluated.service.rule]]],
                "saas_app": [
                    "auth_type": "oidc", "redirect_uris": ["https://crm.example.org/callback"],
                    "grant_types": ["authorization_code"],
                ],
            ])
        let client = try #require(made.result["saas_app"]?["client_id"]?.stringValue, "\(made.text)")
        let address =
            "http://hq.access.localhost:8787/cdn-cgi/access/sso/oidc/\(client)/authorization?client_id=\(client)&response_type=code&scope=openid&state=s&redirect_uri=https%3A%2F%2Fcrm.example.org%2Fcallback"
        func open(_ browser: LoginBrowser) async throws -> Shown {
            try await browser.follow(try await browser.get(address)) { $0.hasPrefix("https://crm.example.org/") }
        }
        let admitted = try await open(evaluated.browser())
        #expect(admitted.location?.contains("code=") == true, "\(admitted.text)")
        #expect(evaluated.service.asked.count == 1)
        evaluated.service.misbehave(.status)
        let silent = try await open(evaluated.browser("bob"))
        #expect(silent.status == 403 && silent.text.contains("did not answer"))
        #expect(silent.links(containing: "/authorization?").contains { !$0.contains("returnTo") })
        await evaluated.end()
    }

    @Test("consent for a program asks too, and the grant keeps the answer")
    func consent() async throws {
        let evaluated = try await EvaluatedWorld()
        let world = evaluated.world
        await world.application(
            in: world.hq, at: "agents.localhost", ["oauth_configuration": ["enabled": true]],
            policy: ["include": [evaluated.service.rule]])
        let host = "hq.access.localhost:8787"
        let registration = try #require(
            Request(
                .post, "/cdn-cgi/access/oauth/registration", host: host, fields: [.contentType: "application/json"],
                body: Array(#"{"redirect_uris":["http://127.0.0.1/cb"],"client_name":"Agent"}"#.utf8),
                origin: Origin(peer: .loopbackV4, ray: 0xABC)))
        let client = try #require(await world.send(registration).json["client_id"]?.stringValue)
        let address =
            "http://\(host)/cdn-cgi/access/oauth/authorization?"
            + OAuthWorld.query(client, ["resource": "http://agents.localhost/"])
        evaluated.service.misbehave(.isExpired)
        let browser = evaluated.browser()
        let refused = try await browser.follow(try await browser.get(address)) { $0.contains(":4711/") }
        #expect(refused.location?.contains("error=access_denied") == true, "\(refused.text)")
        evaluated.service.misbehave(nil)
        world.base.clock.advance(by: .seconds(6))
        let page = try await browser.follow(try await browser.get(address)) { $0.contains(":4711/") }
        let ticket = try #require(page.hidden("ticket"), "\(page.text)")
        let answer = try await browser.post(
            "http://\(host)/cdn-cgi/access/oauth/consent", [("ticket", ticket), ("decision", "allow")])
        let code = try #require(answer.response.answer["code"], "\(answer.status) \(answer.text)")
        let asked = evaluated.service.asked.count
        let token = try await browser.post(
            "http://\(host)/cdn-cgi/access/oauth/token",
            [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", OAuthWorld.redirect),
                ("client_id", client), ("code_verifier", OAuthWorld.verifier),
            ])
        let refresh = try #require(token.response.json["refresh_token"]?.stringValue, "\(token.text)")
        evaluated.service.misbehave(.status)
        let renewed = try await browser.post(
            "http://\(host)/cdn-cgi/access/oauth/token",
            [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", client)])
        #expect(renewed.status == 200 && evaluated.service.asked.count == asked)
        await evaluated.end()
    }
}

extension EvaluatedWorld {
    func replacePolicy(_ rules: JSONObject) async throws {
        var body: JSONObject = ["name": "staff", "decision": "allow"]
        for (name, value) in rules { body[name] = value }
        let path = "/accounts/\(world.hq)/access/apps/\(application)/policies"
        let id = try #require(await world.base.get(path).result[0]?["id"]?.stringValue)
        let answer = await world.base.send(.put, "\(path)/\(id)", .object(body))
        #expect(answer.status == 200, "\(answer.text)")
    }
}
