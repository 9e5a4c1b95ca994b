import ControlPlane
import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// The rules of contract 40 §8 that keep clients from speaking for the proxy.
@Suite("Forward-auth: spoofing")
struct GateSpoofingTests {
    @Test(
        "fields that contradict each other or repeat are refused",
        arguments: [
            [("x-forwarded-host", "other.example.org")], [("x-forwarded-uri", "/other")],
            [("x-forwarded-proto", "https")], [("x-forwarded-method", "POST")], [("x-original-method", "POST")],
            [("x-original-url", "http://other.example.org/")], [("x-original-url", "http://wiki.example.org/other")],
            [("x-original-url", "https://wiki.example.org/")], [("x-original-url", "/")],
            [("x-original-url", "http://user@wiki.example.org/")], [("x-original-uri", "/other")],
            [("x-original-url", "http://wiki.example.org/"), ("x-original-url", "http://wiki.example.org/")],
            [("x-orgd-country", "PT"), ("x-orgd-country", "ES")],
            [("x-orgd-client-cert-verified", "SUCCESS"), ("x-orgd-client-cert-verified", "SUCCESS")],
            [("cf_access_jwt_assertion", "a")], [("cf_access-token", "a")], [("x_orgd_country", "PT")],
            [("Cf_Access_Client_Id", "a")], [("Cf_Access_Client_Secret", "a")], [("Cf_Access_Jwt_Assertion", "a")],
            [("CF-ACCESS_AUTHENTICATED-USER-EMAIL", "a@example.com")], [("X_Forwarded_Uri", "/")],
            [("X_Forwarded_For", "203.0.113.1")], [("X_Orgd_Client_Cert_Verified", "SUCCESS")],
            [("x_forwarded_host", "a")], [("x-forwarded_for", "203.0.113.1")], [("X_ORIGINAL_URL", "http://a/")],
            [("x-forwarded-for", "nonsense")], [("x-forwarded-for", "")],
        ])
    func contradictions(_ extra: [(String, String)]) async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.bypass(GateWorld.everyone)])
        let answer = await world.ask(fields: extra)
        #expect(answer.status == .badRequest)
        #expect(answer.assertion == nil)
    }

    @Test(
        "a name with an underscore is refused also from somebody who would pass, and changes nothing",
        arguments: [
            ("Cf_Access_Client_Id", "Cf_Access_Client_Secret"), ("X_Forwarded_Uri", "X_Forwarded_Host"),
            ("Cf_Access_Jwt_Assertion", "Cf_Access_Authenticated_User_Email"),
        ])
    func underscores(_ first: String, _ second: String) async throws {
        let world = try await GateWorld()
        let app = await world.application([
            GateWorld.nonIdentity(GateWorld.anyServiceToken), GateWorld.allow(GateWorld.staff),
        ])
        let robot = await world.serviceToken()
        let cookie = "CF_Authorization=\(try await world.signIn("ann@example.com", to: app).application)"
        // With hyphens the pair would pass; with underscores nobody may take it for one.
        for cookies in [[], [cookie]] {
            for client in GateWorld.Client.allCases {
                let answer = await world.ask(
                    as: client, cookies: cookies, fields: [(first, robot.client), (second, robot.secret)])
                #expect(answer.status == .badRequest && answer.assertion == nil)
                #expect(answer.text.contains("underscore"), "\(answer.text)")
            }
        }
        #expect(await world.ask(cookies: [cookie]).status == .ok)
        #expect(try await world.world.texts("SELECT reason FROM access_requests").isEmpty)
    }

    @Test("forms that agree are one description")
    func agreement() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.bypass(GateWorld.everyone)])
        let answer = await world.ask(
            "/a?b",
            fields: [
                ("x-original-url", "http://wiki.example.org/a?b"), ("x-original-uri", "/a?b"),
                ("x-original-method", "GET"),
                ("x_other", "1"),
            ])
        #expect(answer.status == .ok)
    }

    @Test("nginx may give an URL, Envoy the request itself")
    func forms() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.bypass(GateWorld.everyone)], at: "wiki.example.org/open")
        let path = "/cdn-cgi/access/forward-auth"
        let nginx = await world.send(
            .get, path, [("x-original-url", "https://wiki.example.org/open/a"), ("x-original-method", "POST")])
        #expect(nginx.status == .ok)
        #expect(await world.send(.get, path, [("x-original-url", "https://wiki.example.org/")]).status == .forbidden)
        #expect(await world.send(.post, "\(path)/open?x=1", host: "wiki.example.org:443").status == .ok)
        #expect(await world.send(.get, "\(path)/", host: "wiki.example.org").status == .forbidden)
        #expect(await world.send(.get, path, host: "wiki.example.org").status == .forbidden)
        #expect(await world.send(.get, "\(path)/open/..%2f", host: "wiki.example.org").status == .badRequest)
    }

    @Test(
        "hosts have one spelling",
        arguments: [
            ("WIKI.Example.ORG", 200), ("wiki.example.org.", 200), ("wiki.example.org:8443", 200),
            ("wiki.example.org.:8443", 200), ("wiki.example.org..", 400), ("wiki..example.org", 400), (".", 400),
            ("", 400),
            ("wiki.example.org:0", 400), ("wiki.example.org:65536", 400), ("wiki.example.org:a", 400),
            ("wiki.example.org, evil.example", 400), ("wiki.example.org/path", 400), ("user@wiki.example.org", 400),
            ("wiki.example.org evil", 400), ("[::1", 400), ("[::1]", 403), ("evil.example", 403), ("192.0.2.1", 403),
        ])
    func hosts(_ host: String, _ status: Int) async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.bypass(GateWorld.everyone)])
        #expect(Int(await world.ask(host: host).status.code) == status)
    }

    @Test("a login goes to the host without its final dot")
    func finalDot() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.allow(GateWorld.staff)])
        let location = await world.ask(host: "Wiki.example.org.:8443").value("location") ?? ""
        #expect(location.contains("/cdn-cgi/access/login/wiki.example.org%3A8443?"))
    }

    @Test(
        "paths come to one spelling",
        arguments: [
            ("/", "/"), ("/a", "/a"), ("/a/", "/a/"), ("//a///b//", "/a/b/"), ("/a/./b", "/a/b"), ("/a/../b", "/b"),
            ("/../../a", "/a"), ("/a/..", "/"), ("/a/b/..", "/a/"), ("/a/.", "/a/"), ("/%61dmin", "/admin"),
            ("/a/%2e%2e/admin", "/admin"), ("/a/%2E/b", "/a/b"), ("/a%20b", "/a b"), ("/a?b=/../c", "/a"),
            ("/.well-known/x", "/.well-known/x"), ("/a;b/c", "/a;b/c"), ("/caf%C3%A9", "/café"), ("/a%3Fb", "/a?b"),
            ("/100%25", "/100%"), ("/...", "/..."), ("/a..b/", "/a..b/"),
        ])
    func paths(_ target: String, _ path: String) {
        #expect(RequestPath.canonical(target) == path)
    }

    @Test(
        "a path that two servers could read in two ways is refused",
        arguments: [
            "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/a%00", "/a%0a", "/a%7f", "/a%", "/a%2", "/a%zz", "/a%ff",
            "/a%c0%af",
            "/a/..;/admin", "/a/..;x=1/admin", "/a/.;/b", "/a%252fb", "/a/%252e%252e/admin", "/a%255c", "/a%2525",
            "/a/%2e%2e%2fadmin", "/..%5cadmin",
        ])
    func ambiguousPaths(_ target: String) async throws {
        #expect(RequestPath.canonical(target) == nil)
        let world = try await GateWorld()
        await world.application([GateWorld.bypass(GateWorld.everyone)])
        #expect(await world.ask(target).status == .badRequest)
    }

    @Test("a guarded path cannot be reached through an open one")
    func guardedPath() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.bypass(GateWorld.everyone)])
        await world.application([GateWorld.allow(GateWorld.staff)], at: "wiki.example.org/admin")
        #expect(await world.ask("/").status == .ok)
        for path in [
            "/admin", "/admin/", "/admin/x", "//admin", "/./admin", "/a/../admin", "/%61dmin", "/a/%2e%2e/admin",
            "/admin?x",
            "/admin//x", "/admin/../admin",
        ] {
            #expect(await world.ask(path).status == .found, "\(path)")
        }
        for path in ["relative", "", "http://wiki.example.org/", "*", "/a#b"] {
            #expect(await world.ask(path).status == .badRequest, "\(path)")
        }
        #expect(await world.ask("/administrator").status == .ok)
    }

    @Test("each byte in the middle of a path is either taken for itself or refused")
    func everyByte() {
        for byte in UInt8.min...UInt8.max {
            let hex = String(byte, radix: 16)
            let target = "/admin/%\(hex.utf8.count == 1 ? "0" : "")\(hex)x"
            guard let path = RequestPath.canonical(target) else { continue }
            #expect(path.utf8.count == "/admin/?x".utf8.count && path.hasPrefix("/admin/"), "\(target): \(path)")
        }
    }
}
