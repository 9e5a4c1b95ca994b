import Crypto
import HTTP
import JSON
import Primitives
import Store
import TestKit
import Testing

/// What answers beside forward-auth on the hosts of teams and applications (contract 40 §1, §6, §7).
@Suite("Hosts of teams and applications")
struct GateSiteTests {
    private static let team = "acme.access.test:8787"
    private static let identity = "/cdn-cgi/access/get-identity"
    private static let logout = "/cdn-cgi/access/logout"

    @Test("get-identity tells who is there, on the team's host and the application's")
    func identity() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        let tokens = try await world.signIn("Ann@example.com", to: app, groups: ["dev"])
        for (host, fields) in [
            (Self.team, [("cookie", "CF_Authorization=\(tokens.team)")]),
            (GateWorld.host, [("cookie", "CF_Authorization=\(tokens.application)")]),
            (GateWorld.host, [("cf-access-token", tokens.application)]),
        ] {
            let answer = await world.send(
                .get, Self.identity, host: host, fields + [("x-forwarded-for", "198.51.100.7")])
            #expect(answer.status == .ok)
            #expect(answer.value("cache-control") == "no-store")
            let json = try JSONParser.parse(answer.bytes ?? [])
            #expect(json["email"]?.stringValue == "Ann@example.com")
            #expect(json["groups"]?[0]?.stringValue == "dev")
            #expect(json["idp"]?["id"]?.stringValue == world.idp && json["idp"]?["type"]?.stringValue == "okta")
            #expect(json["account_id"]?.stringValue == world.account)
            #expect(json["id"] == json["user_uuid"] && json["ip"]?.stringValue == "198.51.100.7")
            #expect(json["auth_status"]?.stringValue == "NONE" && json["version"]?.integerValue == 2)
            #expect(json["service_token_status"]?.boolValue == false && json["is_warp"]?.boolValue == false)
            for name in ["geo", "device_sessions", "devicePosture", "mtls_auth", "oidc_fields", "custom"] {
                #expect(json[name]?.objectValue != nil, "\(name)")
            }
            #expect(json["amr"]?[0]?.stringValue == "pwd" && json["iat"]?.integerValue != nil)
        }
    }

    @Test("get-identity names a service token")
    func serviceIdentity() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)])
        await world.setTeam(["strict_service_token_auth": false])
        let token = await world.serviceToken()
        let cookie =
            await world.ask(
                as: .program,
                fields: [("cf-access-client-id", token.client), ("cf-access-client-secret", token.secret)]
            ).cookie("CF_Authorization") ?? ""
        let answer = await world.send(
            .get, Self.identity, host: GateWorld.host, [("cookie", "CF_Authorization=\(cookie)")])
        let json = try JSONParser.parse(answer.bytes ?? [])
        #expect(json["common_name"]?.stringValue == token.client)
        #expect(json["service_token_id"]?.stringValue == token.id && json["service_token_status"]?.boolValue == true)
        #expect(json["email"]?.stringValue == "")
    }

    @Test("get-identity is 401 without a session of that host")
    func noIdentity() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        await world.application([GateWorld.allow(GateWorld.staff)], at: "other.example.org")
        let tokens = try await world.signIn("ann@example.com", to: app)
        for (host, token) in [
            (Self.team, ""), (Self.team, tokens.application), (GateWorld.host, tokens.team),
            ("other.example.org", tokens.application),
        ] {
            let answer = await world.send(.get, Self.identity, host: host, [("cookie", "CF_Authorization=\(token)")])
            #expect(answer.status == .unauthorized)
            #expect(answer.text == #"{"err":"no valid session"}"#)
        }
    }

    @Test("logout ends every session of the person in the account and clears the cookies", arguments: [true, false])
    func logout(_ isOnTeam: Bool) async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)], ["path_cookie_attribute": true])
        let other = await world.application([GateWorld.allow(GateWorld.staff)], at: "other.example.org")
        let here = try await world.signIn("ann@example.com", to: app)
        let there = try await world.signIn("ann@example.com", to: other)
        let bob = try await world.signIn("bob@example.com", to: app)
        let answer = await world.send(
            .get, Self.logout, host: isOnTeam ? Self.team : GateWorld.host,
            [("cookie", "CF_Authorization=\(isOnTeam ? here.team : here.application)")])
        #expect(answer.status == .ok)
        #expect(answer.text.contains("signed out"))
        #expect(
            answer.fields.values(.setCookie).contains { $0.hasPrefix("CF_Authorization=;") && $0.contains("Max-Age=0") }
        )
        func cookie(_ token: String) -> [String] { ["CF_Authorization=\(token)"] }
        #expect(await world.ask(cookies: cookie(here.application)).status == .found)
        #expect(await world.ask(host: "other.example.org", cookies: cookie(there.application)).status == .found)
        #expect(await world.ask(cookies: cookie(bob.application)).status == .ok)
        let rows = try await world.world.texts("SELECT action || ' ' || user_email FROM access_requests")
        #expect(rows == ["logout ann@example.com"])
        let again = await world.send(.get, Self.logout, host: Self.team, [("cookie", "CF_Authorization=\(here.team)")])
        #expect(again.status == .ok)
        #expect(try await world.world.texts("SELECT action FROM access_requests").count == 1)
    }

    @Test(
        "logout leads back to hosts of the account only",
        arguments: [
            ("/somewhere?x=1", "/somewhere?x=1"), ("http://wiki.example.org/a", "http://wiki.example.org/a"),
            ("http://acme.access.test:8787/", "http://acme.access.test:8787/"),
            ("http://acme.access.test:1/", nil), ("http://evil.example/", nil), ("https://wiki.example.org/", nil),
            ("//evil.example", nil), ("/\\evil.example", nil), ("javascript:alert(1)", nil),
            ("http://wiki.example.org@evil.example/", nil), ("http://theirs.example.net/", nil), ("", nil),
        ])
    func returnTo(_ wanted: String, _ location: String?) async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.allow(GateWorld.staff)])
        let other = await world.world.account("Other", team: "other")
        _ = await world.world.post(
            "/accounts/\(other)/access/apps",
            [
                "type": "self_hosted", "name": "theirs", "domain": "theirs.example.net",
                "policies": [GateWorld.allow(GateWorld.staff)],
            ])
        let path = "\(Self.logout)?returnTo=\(PercentEncoding.encode(wanted))"
        for host in [Self.team, GateWorld.host] {
            let answer = await world.send(.get, path, host: host)
            #expect(answer.value("location") == location)
            #expect(answer.status == (location == nil ? .ok : .found))
        }
    }

    @Test("the certs document lists keys and certificates, the same from every loop")
    func certs() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.allow(GateWorld.staff)])
        let path = "/cdn-cgi/access/certs"
        let answer = await world.send(.get, path, host: Self.team)
        #expect(answer.status == .ok)
        #expect(answer.value("access-control-allow-origin") == "*")
        #expect(answer.value("cache-control") == "public, max-age=300")
        #expect(await world.send(.get, path, host: GateWorld.host).bytes == answer.bytes)
        let json = try JSONParser.parse(answer.bytes ?? [])
        let kid = json["keys"]?[0]?["kid"]?.stringValue ?? ""
        #expect(json["keys"]?.arrayValue?.count == 1 && kid.utf8.count == 64)
        #expect(json["public_cert"]?["kid"]?.stringValue == kid)
        let pem = json["public_cert"]?["cert"]?.stringValue ?? ""
        #expect(Certificate.der(pem: pem) != nil)
        #expect(json["public_certs"]?.arrayValue?.count == 1)

        _ = await world.world.post("/accounts/\(world.account)/access/keys/rotate")
        let rotated = try JSONParser.parse(await world.send(.get, path, host: Self.team).bytes ?? [])
        #expect(rotated["keys"]?.arrayValue?.count == 2)
        #expect(rotated["public_cert"]?["kid"]?.stringValue != kid)
        let certificates = rotated["public_certs"]?.arrayValue ?? []
        #expect(certificates.count == 2)
        #expect(certificates.contains { $0["kid"]?.stringValue == kid && $0["cert"]?.stringValue == pem })
        world.world.clock.advance(by: .seconds(8 * 86_400))
        let later = try JSONParser.parse(await world.send(.get, path, host: Self.team).bytes ?? [])
        #expect(later["keys"]?.arrayValue?.count == 1)
    }
}
