import Domain
import HTTP
import JSON
import Primitives
import Store
import Telemetry
import TestKit
import Testing

/// Contract 40 §5.
@Suite("Forward-auth: service tokens")
struct GateServiceTokenTests {
    private static func pair(_ client: String, _ secret: String) -> [(String, String)] {
        [("cf-access-client-id", client), ("cf-access-client-secret", secret)]
    }

    private static func claims(_ token: String) throws -> JSONValue {
        let parts = token.split(separator: ".")
        return try JSONParser.parse(Base64URL.decode(parts.count == 3 ? parts[1] : "") ?? [])
    }

    private func rows(_ world: GateWorld) async throws -> [String] {
        try await world.settle()
        return try await world.world.texts(
            "SELECT reason || ' ' || client_name FROM access_requests WHERE action = 'service_auth' AND allowed = 0 ORDER BY at, id"
        )
    }

    @Test("a good pair passes with a signed name, in strict mode without a cookie")
    func strict() async throws {
        let world = try await GateWorld()
        let app = await world.application([
            GateWorld.nonIdentity(GateWorld.anyServiceToken), GateWorld.allow(GateWorld.staff),
        ])
        let token = await world.serviceToken()
        let tokens = try await world.signIn("ann@example.com", to: app)
        let answer = await world.ask(
            as: .program, cookies: ["CF_Authorization=\(tokens.application)"],
            fields: Self.pair(token.client, token.secret))
        #expect(answer.status == .ok)
        #expect(answer.email == "")
        #expect(answer.value("cf-access-user-uuid") == "")
        #expect(answer.fields.values(.setCookie).isEmpty)
        let claims = try Self.claims(answer.assertion ?? "")
        #expect(claims["common_name"]?.stringValue == token.client)
        #expect(claims["sub"]?.stringValue == "")
        #expect(claims["type"]?.stringValue == "app")
        #expect(claims["email"] == nil && claims["nbf"] == nil)
        #expect(claims["iss"]?.stringValue == "http://acme.access.test:8787")
        // Signing is slow: the same token vouches again.
        #expect(
            await world.ask(as: .program, fields: Self.pair(token.client, token.secret)).assertion == answer.assertion)
        try await world.settle()
        let seen = try await world.world.texts("SELECT CAST(last_seen_at IS NOT NULL AS TEXT) FROM service_tokens")
        #expect(seen == ["1"])
    }

    @Test("an assertion is made anew when half its life is over, and after any change")
    func assertionLife() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)], ["session_duration": "1h"])
        let token = await world.serviceToken()
        let first = await world.ask(as: .program, fields: Self.pair(token.client, token.secret)).assertion
        world.world.clock.advance(by: .seconds(29 * 60))
        #expect(await world.ask(as: .program, fields: Self.pair(token.client, token.secret)).assertion == first)
        world.world.clock.advance(by: .seconds(2 * 60))
        let second = await world.ask(as: .program, fields: Self.pair(token.client, token.secret)).assertion
        #expect(second != first && second != "")
    }

    /// What is wrong with a pair, as fields.
    enum Wrong: String, CaseIterable {
        case noSecret, noID, idTwice, secretTwice, bothForms, unknown, wrongSecret, strangeID, emptySecret
        case documentWithoutSecret, documentTwice, documentNotText

        func fields(_ client: String, _ secret: String) -> [(String, String)] {
            let (id, key) = (("cf-access-client-id", client), ("cf-access-client-secret", secret))
            let document = #"{"cf-access-client-id":"\#(client)","cf-access-client-secret":"\#(secret)"}"#
            return switch self {
            case .noSecret: [id]
            case .noID: [key]
            case .idTwice: [id, id, key]
            case .secretTwice: [id, key, key]
            case .bothForms: [id, key, ("x-service", document)]
            case .unknown: [("cf-access-client-id", String(repeating: "0", count: 32) + ".access"), key]
            case .wrongSecret: [id, ("cf-access-client-secret", secret + "0")]
            case .strangeID: [("cf-access-client-id", "me"), key]
            case .emptySecret: [id, ("cf-access-client-secret", "")]
            case .documentWithoutSecret: [("x-service", #"{"cf-access-client-id":"\#(client)"}"#)]
            case .documentTwice: [("x-service", document), ("x-service", document)]
            case .documentNotText: [("x-service", #"{"cf-access-client-id":"\#(client)","cf-access-client-secret":5}"#)]
            }
        }
    }

    @Test("a bad pair is 401 in strict mode, and changes nothing otherwise", arguments: Wrong.allCases)
    func bad(_ wrong: Wrong) async throws {
        let world = try await GateWorld()
        let app = await world.application(
            [GateWorld.nonIdentity(GateWorld.anyServiceToken), GateWorld.allow(GateWorld.staff)],
            ["read_service_tokens_from_header": "X-Service"])
        let token = await world.serviceToken()
        let fields = wrong.fields(token.client, token.secret)
        for client in GateWorld.Client.allCases {
            let answer = await world.ask(as: client, fields: fields)
            #expect(answer.status == .unauthorized)
            #expect(answer.value("location") == nil)
        }
        let tokens = try await world.signIn("ann@example.com", to: app)
        let cookies = ["CF_Authorization=\(tokens.application)"]
        #expect(await world.ask(cookies: cookies, fields: fields).status == .unauthorized)

        await world.setTeam(["strict_service_token_auth": false])
        #expect(await world.ask(fields: fields).status == .found)
        #expect(await world.ask(as: .script, fields: fields).status == .unauthorized)
        #expect(await world.ask(cookies: cookies, fields: fields).assertion == tokens.application)
        let metrics = String(decoding: world.registry.render(), as: UTF8.self)
        let reason = wrong == .unknown ? "unknown" : wrong == .wrongSecret ? "wrong_secret" : "malformed"
        #expect(metrics.contains("orgd_service_token_failures_total{reason=\"\(reason)\"}"))
        #expect(!metrics.contains("orgd_service_token_failures_total{reason=\"\(reason)\"} 0\n"))
        #expect(Set(try await rows(world)) == (wrong == .wrongSecret ? ["wrong_secret robot"] : []))
    }

    @Test("the pair may come in one field, also in Authorization")
    func document() async throws {
        let world = try await GateWorld()
        await world.application(
            [GateWorld.nonIdentity(GateWorld.anyServiceToken), GateWorld.allow(GateWorld.staff)],
            ["read_service_tokens_from_header": "Authorization"])
        let token = await world.serviceToken()
        let document = #"{"CF-Access-Client-Id": "\#(token.client)", "cf-access-client-secret": "\#(token.secret)"}"#
        #expect(await world.ask(as: .program, fields: [("authorization", document)]).status == .ok)
        // Whatever else the field holds is not a service token.
        #expect(await world.ask(as: .program, fields: [("authorization", "Bearer abc")]).status == .found)
    }

    @Test("a disabled, expired or deleted token is over with the next request, and the log says why")
    func ended() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)])
        let token = await world.serviceToken(["duration": "1h"])
        let path = "/accounts/\(world.account)/access/service_tokens/\(token.id)"
        func ask() async -> Status {
            await world.ask(as: .program, fields: Self.pair(token.client, token.secret)).status
        }
        #expect(await ask() == .ok)
        _ = await world.world.put(path, ["name": "robot", "enabled": false])
        #expect(await ask() == .unauthorized)
        _ = await world.world.put(path, ["name": "robot", "enabled": true, "duration": "1h"])
        #expect(await ask() == .ok)
        world.world.clock.advance(by: .seconds(3601))
        #expect(await ask() == .unauthorized)
        #expect(try await rows(world) == ["disabled robot", "expired robot"])
        #expect(await world.world.delete(path).isSuccess)
        #expect(await ask() == .unauthorized)
        #expect(try await rows(world).count == 2)
    }

    @Test("the secret before the last is good while its grace lasts")
    func grace() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)])
        let token = await world.serviceToken()
        let end = world.world.clock.now + .seconds(600)
        let rotated = await world.world.post(
            "/accounts/\(world.account)/access/service_tokens/\(token.id)/rotate",
            ["previous_client_secret_expires_at": .string(end.rfc3339())])
        let new = rotated.text("client_secret")
        #expect(rotated.isSuccess && new != token.secret, "\(rotated.text)")
        #expect(await world.ask(as: .program, fields: Self.pair(token.client, new)).status == .ok)
        #expect(await world.ask(as: .program, fields: Self.pair(token.client, token.secret)).status == .ok)
        world.world.clock.advance(by: .seconds(601))
        #expect(await world.ask(as: .program, fields: Self.pair(token.client, token.secret)).status == .unauthorized)
        #expect(await world.ask(as: .program, fields: Self.pair(token.client, new)).status == .ok)
    }

    @Test("a good token that no policy admits is 403 in strict mode, and asks for a login otherwise")
    func notAdmitted() async throws {
        let world = try await GateWorld()
        let friend = await world.serviceToken(["name": "friend"])
        let other = await world.serviceToken()
        await world.application([
            GateWorld.nonIdentity(["service_token": ["token_id": .string(friend.id)]]),
            GateWorld.allow(GateWorld.staff),
        ])
        #expect(await world.ask(as: .program, fields: Self.pair(friend.client, friend.secret)).status == .ok)
        for client in GateWorld.Client.allCases {
            #expect(await world.ask(as: client, fields: Self.pair(other.client, other.secret)).status == .forbidden)
        }
        #expect(try await rows(world) == ["not_admitted robot"])
        await world.setTeam(["strict_service_token_auth": false])
        #expect(await world.ask(fields: Self.pair(other.client, other.secret)).status == .found)
    }

    @Test("a token of another account is unknown here")
    func otherAccount() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)])
        let other = await world.world.account("Other", team: "other")
        let token = await world.world.post("/accounts/\(other)/access/service_tokens", ["name": "robot"])
        let pair = Self.pair(token.text("client_id"), token.text("client_secret"))
        #expect(await world.ask(as: .program, fields: pair).status == .unauthorized)
        #expect(try await rows(world).isEmpty)
    }

    @Test("where tokens are not strict a pair begins a session, which is renewed near its end")
    func session() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)], ["session_duration": "1h"])
        await world.setTeam(["strict_service_token_auth": false])
        let token = await world.serviceToken()
        let first = await world.ask(as: .program, fields: Self.pair(token.client, token.secret))
        #expect(first.status == .ok)
        let cookie = first.cookie("CF_Authorization") ?? ""
        #expect(!cookie.isEmpty && cookie == first.assertion)
        // The same again for whoever keeps no cookies; nothing to set for whoever does.
        #expect(
            await world.ask(as: .program, fields: Self.pair(token.client, token.secret)).cookie("CF_Authorization")
                == cookie)
        let kept = await world.ask(
            as: .program, cookies: ["CF_Authorization=\(cookie)"], fields: Self.pair(token.client, token.secret))
        #expect(kept.status == .ok && kept.cookie("CF_Authorization") == nil)
        let alone = await world.ask(as: .program, cookies: ["CF_Authorization=\(cookie)"])
        #expect(alone.status == .ok && alone.assertion == cookie && alone.cookie("CF_Authorization") == nil)

        world.world.clock.advance(by: .seconds(55 * 60))
        let renewed = await world.ask(as: .program, cookies: ["CF_Authorization=\(cookie)"])
        let next = renewed.cookie("CF_Authorization") ?? ""
        #expect(renewed.status == .ok && !next.isEmpty && next != cookie && renewed.assertion == next)
        world.world.clock.advance(by: .seconds(10 * 60))
        #expect(await world.ask(as: .program, cookies: ["CF_Authorization=\(cookie)"]).status == .forbidden)
        #expect(await world.ask(as: .program, cookies: ["CF_Authorization=\(next)"]).status == .ok)

        let path = "/accounts/\(world.account)/access/service_tokens/\(token.id)"
        _ = await world.world.put(path, ["name": "robot", "enabled": false])
        #expect(await world.ask(as: .program, cookies: ["CF_Authorization=\(next)"]).status == .forbidden)
        // What was ended stays ended: the pair begins another session.
        _ = await world.world.put(path, ["name": "robot", "enabled": true])
        #expect(await world.ask(as: .program, cookies: ["CF_Authorization=\(next)"]).status == .forbidden)
        await world.setTeam(["strict_service_token_auth": true])
        #expect(await world.ask(as: .program, cookies: ["CF_Authorization=\(next)"]).status == .forbidden)
    }

    @Test("last_seen_at is written once a minute")
    func lastSeen() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)])
        let token = await world.serviceToken()
        func seen() async throws -> String {
            _ = await world.ask(as: .program, fields: Self.pair(token.client, token.secret))
            try await world.settle()
            return try await world.world.texts("SELECT CAST(last_seen_at AS TEXT) FROM service_tokens").first ?? ""
        }
        let first = try await seen()
        world.world.clock.advance(by: .seconds(30))
        #expect(try await seen() == first)
        world.world.clock.advance(by: .seconds(31))
        #expect(try await seen() != first)
    }
}
