import ControlPlane
import Crypto
import Foundation
import HTTP
import JSON
import Primitives
import SQLite
import Store
import TestKit
import Testing

@Suite("Managed OAuth: tokens", .serialized)
struct OAuthTokenTests {
    @Test("a code becomes tokens, and a token lets the program in as the person")
    func flow() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let response = await world.redeem(client, await world.code(client), ["resource": "http://WIKI.localhost:80"])
        #expect(response.status == .ok)
        let tokens = response.json
        #expect(tokens["token_type"] == "Bearer" && tokens["expires_in"] == 900 && tokens["scope"] == "")
        #expect(tokens["resource"] == .string(OAuthWorld.resource))
        #expect(response.value("cache-control") == "no-store" && response.value("access-control-allow-origin") == "*")
        let access = tokens["access_token"]?.stringValue ?? ""
        #expect(access.hasPrefix("oauth:") && access.utf8.count == 49)

        let pass = await world.use(access, at: "/page")
        #expect(pass.status == .ok)
        #expect(pass.email == "Ann@example.com")
        #expect(pass.value("cf-access-oauth-client-id") == client)
        #expect(pass.value("cf-access-oauth-client-name") == "Agent")
        #expect(pass.value("x-orgd-strip-authorization") == "1")
        let claims = try #require(pass.assertion.flatMap(Self.claims))
        #expect(claims["email"] == "Ann@example.com" && claims["type"] == "app")
        #expect(claims["sub"]?.stringValue == pass.value("cf-access-user-uuid"))
        #expect(claims["azp"] == .string(client) && claims["oauth_client_name"] == "Agent")
        #expect(claims["act"] == ["sub": .string(client), "client_name": "Agent"])
        #expect(claims["iss"] == .string(OAuthWorld.issuer))
        let life = (claims["exp"]?.integerValue ?? 0) - (claims["iat"]?.integerValue ?? 0)
        #expect(life == 60)
        #expect(claims["grant_id"]?.stringValue?.isEmpty == false)
    }

    private static func claims(_ token: String) -> JSONValue? {
        let parts = token.split(separator: ".")
        guard parts.count == 3, let bytes = Base64URL.decode(parts[1]) else { return nil }
        return try? JSONParser.parse(bytes)
    }

    @Test(
        "without a matching verifier there is no token",
        arguments: [
            nil, "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong", "short", OAuthWorld.challenge,
        ] as [String?])
    func verifier(_ verifier: String?) async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let code = await world.code(client)
        let response = await world.redeem(client, code, ["code_verifier": verifier])
        #expect(response.status == .badRequest)
        #expect(response.error == (verifier == nil ? "invalid_request" : "invalid_grant"))
        #expect(try await world.count("grants") == 0)
    }

    @Test("a code is bound to its client, redirect URI, issuer and application")
    func binding() async throws {
        let world = try await OAuthWorld()
        await world.gate.application(
            [GateWorld.allow(GateWorld.staff)], at: "other.localhost", ["oauth_configuration": ["enabled": true]])
        let (client, thief) = (await world.client(), await world.client())
        let code = await world.code(client)
        #expect(await world.redeem(thief, code).error == "invalid_grant")
        #expect(await world.redeem(client, code, ["redirect_uri": "http://127.0.0.1:9/cb"]).error == "invalid_grant")
        #expect(await world.redeem(client, code, host: OAuthWorld.host).error == "invalid_grant")
        #expect(await world.redeem(client, code, ["resource": "http://other.localhost/"]).error == "invalid_target")
        #expect(await world.redeem(client, code, ["resource": "https://nobody.example/"]).error == "invalid_target")
        #expect(await world.redeem(client, code).status == .ok)
    }

    @Test("a second use of a code ends what the first produced")
    func replay() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let code = await world.code(client)
        let tokens = await world.redeem(client, code).json
        let access = tokens["access_token"]?.stringValue ?? ""
        #expect(await world.use(access).status == .ok)
        #expect(await world.redeem(client, code).error == "invalid_grant")
        #expect(await world.use(access).status == .unauthorized)
        #expect(await world.refresh(client, tokens["refresh_token"]?.stringValue ?? "").error == "invalid_grant")
        #expect(try await world.count("grants") == 0)
    }

    @Test("a code lasts a minute")
    func codeExpires() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let code = await world.code(client)
        world.world.clock.advance(by: .seconds(60))
        #expect(await world.redeem(client, code).error == "invalid_grant")
    }

    @Test("each refresh retires the token before it; an old one ends the family")
    func rotation() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let first = await world.tokens(client)
        let second = await world.refresh(client, first.refresh).json
        let next = second["refresh_token"]?.stringValue ?? ""
        let access = second["access_token"]?.stringValue ?? ""
        #expect(next != first.refresh && access != first.access)
        #expect(await world.use(access).status == .ok)
        #expect(try await world.count("live") == 1)
        world.world.clock.advance(by: .seconds(11))
        #expect(await world.refresh(client, first.refresh).error == "invalid_grant")
        #expect(try await world.count("live") == 0)
        for token in [first.access, access] { #expect(await world.use(token).status == .unauthorized) }
        #expect(await world.refresh(client, next).error == "invalid_grant")
        let audit = await world.world.get(
            "/accounts/\(world.gate.account)/logs/audit?since=2020-01-01&before=2100-01-01")
        #expect(audit.text.contains("oauth_refresh_reuse"))
    }

    @Test("a token of a future that did not come is over, and the next refresh is one of now")
    func setBack() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let first = await world.tokens(client)
        world.world.clock.advance(by: .seconds(3600))
        let future = await world.refresh(client, first.refresh).json
        let (access, next) = (
            future["access_token"]?.stringValue ?? "", future["refresh_token"]?.stringValue ?? ""
        )
        #expect(await world.use(access).status == .ok)
        world.world.clock.advance(by: .seconds(-3600))
        #expect(await world.use(access).status == .unauthorized)
        let renewed = await world.refresh(client, next).json["access_token"]?.stringValue ?? ""
        #expect(await world.use(renewed).status == .ok)
        // A grant of the future is none.
        world.world.clock.advance(by: .seconds(36_000))
        let late = await world.tokens(client)
        world.world.clock.advance(by: .seconds(-36_000))
        #expect(await world.use(late.access).status == .unauthorized)
        #expect(await world.refresh(client, late.refresh).error == "invalid_grant")
    }

    @Test("a lost answer is given again for ten seconds, until its successor is used")
    func lostResponse() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let first = await world.tokens(client)
        let second = await world.refresh(client, first.refresh).json
        world.world.clock.advance(by: .seconds(9))
        let again = await world.refresh(client, first.refresh).json
        #expect(again["access_token"] == second["access_token"] && again["refresh_token"] == second["refresh_token"])
        #expect((890...891).contains(again["expires_in"]?.integerValue ?? 0))
        #expect(try await world.count("live") == 1)
        #expect(await world.refresh(client, second["refresh_token"]?.stringValue ?? "").status == .ok)
        #expect(await world.refresh(client, first.refresh).error == "invalid_grant")
        #expect(try await world.count("live") == 0)
    }

    @Test("of refreshes at once one rotates, and all get the same pair")
    func parallel() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let first = await world.tokens(client)
        let answers = await withTaskGroup(of: JSONValue.self) { group in
            for _ in 0..<8 { group.addTask { await world.refresh(client, first.refresh).json } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.compactMap { $0["refresh_token"]?.stringValue }).count == 1)
        #expect(answers.allSatisfy { $0["access_token"] == answers[0]["access_token"] && $0["error"] == nil })
        #expect(try await world.count("live") == 1)
    }

    @Test("rotation does not make a grant last longer, and no token outlives it")
    func familyEnds() async throws {
        let world = try await OAuthWorld([
            "enabled": true, "grant": ["session_duration": "1h", "access_token_lifetime": "15m"],
        ])
        let client = await world.client()
        var refresh = await world.tokens(client).refresh
        for _ in 0..<3 {
            world.world.clock.advance(by: .seconds(17 * 60))
            refresh = await world.refresh(client, refresh).json["refresh_token"]?.stringValue ?? ""
        }
        world.world.clock.advance(by: .seconds(5 * 60))
        let last = await world.refresh(client, refresh).json
        #expect((239...240).contains(last["expires_in"]?.integerValue ?? 0))
        world.world.clock.advance(by: .seconds(240))
        #expect(await world.use(last["access_token"]?.stringValue ?? "").status == .unauthorized)
        #expect(await world.refresh(client, last["refresh_token"]?.stringValue ?? "").error == "invalid_grant")
    }

    @Test("where sessions have no length there is one short token and nothing after it")
    func momentary() async throws {
        let world = try await OAuthWorld(["enabled": true], ["session_duration": "0s"])
        let client = await world.client()
        // The session that is there is not enough: each grant begins with a login.
        let asked = await world.authorize(client)
        #expect(asked.answer["prompt"] == "login")
        let back = asked.answer["redirect_url"] ?? ""
        #expect(await world.get(back, cookies: world.cookies).answer["error"] == "login_required")
        let session = try await world.gate.signIn("ann@example.com", to: world.application).team
        let cookies = ["CF_Authorization=\(session)", world.cookies[1]]
        let answer = await world.decide(await world.get(back, cookies: cookies), cookies: cookies)
        let tokens = await world.redeem(client, answer.answer["code"] ?? "").json
        #expect(tokens["expires_in"] == 60 && tokens["refresh_token"] == nil)
        world.world.clock.advance(by: .seconds(60))
        #expect(await world.use(tokens["access_token"]?.stringValue ?? "").status == .unauthorized)
    }

    @Test("clients prove themselves as they registered, and in no other way")
    func clientAuthentication() async throws {
        let world = try await OAuthWorld()
        let registered = await world.register([
            "redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "client_secret_basic",
        ]).json
        let (client, secret) = (
            registered["client_id"]?.stringValue ?? "", registered["client_secret"]?.stringValue ?? ""
        )
        let code = await world.code(client)
        let basic = "Basic " + Base64.encode(Array("\(client):\(secret)".utf8))
        #expect(await world.redeem(client, code).error == "invalid_client")
        #expect(await world.redeem(client, code, ["client_secret": secret]).error == "invalid_client")
        let wrong = await world.redeem(
            client, code, ["client_id": nil], [("authorization", "Basic " + Base64.encode(Array("\(client):x".utf8)))])
        #expect(wrong.status == .unauthorized && wrong.value("www-authenticate")?.hasPrefix("Basic") == true)
        #expect(
            await world.redeem(client, code, ["client_secret": secret], [("authorization", basic)]).error
                == "invalid_request")
        #expect(await world.redeem(client, code, ["client_id": nil], [("authorization", basic)]).status == .ok)
        #expect(await world.redeem("00000000-0000-0000-0000-000000000000", code).status == .unauthorized)
    }

    @Test("what is no request for tokens is refused by name")
    func requests() async throws {
        let world = try await OAuthWorld()
        let client = await world.client([
            "redirect_uris": ["http://127.0.0.1/cb"], "grant_types": ["authorization_code"],
        ])
        func ask(_ form: [(String, String)]) async -> String {
            await world.post("/cdn-cgi/access/oauth/token", form).error
        }
        #expect(await ask([("client_id", client)]) == "invalid_request")
        for kind in ["client_credentials", "password", "implicit"] {
            #expect(await ask([("client_id", client), ("grant_type", kind)]) == "unsupported_grant_type")
        }
        #expect(await world.refresh(client, "oauth:x").error == "unauthorized_client")
        let tokens = await world.redeem(client, await world.code(client)).json
        #expect(tokens["refresh_token"] == nil && tokens["access_token"] != nil)
        #expect(
            await ask([("client_id", client), ("client_id", client), ("grant_type", "refresh_token")])
                == "invalid_request")
        let json = await world.gate.send(
            .post, "/cdn-cgi/access/oauth/token", host: OAuthWorld.team, [("content-type", "application/json")],
            body: Array("{}".utf8))
        #expect(json.error == "invalid_request")
        #expect(await world.get("/cdn-cgi/access/oauth/token?grant_type=refresh_token").status == .methodNotAllowed)
    }

    @Test("nothing that a program holds is stored, only its digest")
    func storage() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let code = await world.code(client)
        let tokens = await world.redeem(client, code).json
        let texts = [code, tokens["access_token"]?.stringValue ?? "", tokens["refresh_token"]?.stringValue ?? ""]
        var file: [UInt8] = []
        for name in ["orgd.sqlite", "orgd.sqlite-wal"] {
            file += [UInt8](try Data(contentsOf: URL(fileURLWithPath: world.world.folder.file(name))))
        }
        for text in texts {
            let secret = Array(text.utf8.dropFirst(6))
            #expect(secret.count == 43 && file.firstRange(of: secret) == nil)
        }
        #expect(file.firstRange(of: Array(client.utf8)) != nil)
    }
}
