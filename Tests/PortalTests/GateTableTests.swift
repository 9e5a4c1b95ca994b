import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// The table of contract 40 §8, row by row.
@Suite("Forward-auth: the table of answers")
struct GateTableTests {
    typealias Client = GateWorld.Client

    @Test("somebody who is admitted passes, whatever asks", arguments: Client.allCases)
    func allowed(_ client: Client) async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        let tokens = try await world.signIn("Ann@example.com", to: app)
        for method in ["GET", "HEAD", "POST", "DELETE"] {
            let answer = await world.ask(
                "/page?x=1", method: method, as: client,
                cookies: [
                    "CF_Authorization=\(tokens.application)", "theirs=1", "CF_AppSession=a", "CF_Binding=b", "more=2",
                ])
            #expect(answer.status == .ok)
            #expect(answer.assertion == tokens.application)
            #expect(answer.email == "Ann@example.com")
            #expect(answer.value("cf-access-user-uuid")?.utf8.count == 36)
            #expect(answer.value("cf-access-aud")?.utf8.count == 64)
            #expect(answer.value("cf-access-oauth-client-id") == "")
            #expect(answer.value("cf-access-oauth-client-name") == "")
            #expect(answer.value("x-orgd-cookie") == "theirs=1; more=2")
            #expect(answer.value("cache-control") == "no-store")
            #expect(answer.fields.values(.setCookie).isEmpty)
        }
    }

    @Test(
        "without good credentials a login is asked for, as each client understands it",
        arguments: [
            (Client.browser, "GET", 302), (.browser, "HEAD", 302), (.browser, "POST", 401), (.script, "GET", 401),
            (.script, "POST", 401), (.program, "GET", 302), (.program, "HEAD", 302), (.program, "PUT", 401),
        ])
    func loginNeeded(_ client: Client, _ method: String, _ status: Int) async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.allow(GateWorld.staff)])
        for cookies in [[], ["CF_Authorization=ey.expired.x"]] {
            let answer = await world.ask("/docs/a?b=c", method: method, as: client, cookies: cookies)
            #expect(Int(answer.status.code) == status)
            #expect(answer.assertion == nil)
            let challenge = answer.value("www-authenticate") ?? ""
            #expect(challenge.hasPrefix("Cloudflare-Access"))
            guard status == 302 else { continue }
            #expect(
                challenge
                    == "Cloudflare-Access resource_metadata=\"http://wiki.example.org/.well-known/oauth-protected-resource/docs/a\""
            )
            let location = answer.value("location") ?? ""
            #expect(location.hasPrefix("http://acme.access.test:8787/cdn-cgi/access/login/wiki.example.org?kid="))
            #expect(location.contains("redirect_url=%2Fdocs%2Fa%3Fb%3Dc"))
            #expect(answer.cookie("CF_AppSession")?.utf8.count == 43)
        }
    }

    @Test("nginx gets redirects as 401 with Location")
    func nginx() async throws {
        let world = try await GateWorld()
        let app = await world.application(
            [GateWorld.allow(GateWorld.staff)], ["custom_deny_url": "https://help.example.org/no"])
        let answer = await world.ask(query: "?proxy=nginx")
        #expect(answer.status == .unauthorized)
        #expect(answer.value("location")?.hasPrefix("http://acme.access.test") == true)
        #expect(answer.cookie("CF_AppSession") != nil)
        let tokens = try await world.signIn("ann@elsewhere.org", to: app)
        let denied = await world.ask(cookies: ["CF_Authorization=\(tokens.application)"], query: "?proxy=nginx")
        #expect(denied.status == .unauthorized)
        #expect(denied.value("location") == "https://help.example.org/no")
    }

    @Test("the cookie of a login under way is kept, and a strange one replaced")
    func appSession() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.allow(GateWorld.staff)])
        let first = await world.ask().cookie("CF_AppSession") ?? ""
        #expect(await world.ask(cookies: ["CF_AppSession=\(first)"]).cookie("CF_AppSession") == nil)
        #expect(await world.ask(cookies: ["CF_AppSession=mine"]).cookie("CF_AppSession") != nil)
    }

    @Test("what a login could not come back to leads to the root")
    func unsafeTarget() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.allow(GateWorld.staff)])
        let location = await world.ask("//evil.example/").value("location") ?? ""
        #expect(location.contains("redirect_url=%2F&"))
    }

    @Test("somebody whom the policies deny is told so", arguments: Client.allCases)
    func denied(_ client: Client) async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)], ["custom_deny_message": "Ask <Bob>."])
        let tokens = try await world.signIn("ann@elsewhere.org", to: app)
        let answer = await world.ask(as: client, cookies: ["CF_Authorization=\(tokens.application)"])
        #expect(answer.status == .forbidden)
        #expect(answer.value("www-authenticate") == nil)
        if client == .browser {
            #expect(answer.text.contains("ann@elsewhere.org"))
            #expect(answer.text.contains("Ask &lt;Bob&gt;."))
            #expect(answer.value("x-frame-options") == "DENY")
        } else {
            #expect(!answer.text.contains("<"))
        }
    }

    @Test("a person is sent to the application's page of denial, a program is not")
    func customDenyURL() async throws {
        let world = try await GateWorld()
        let app = await world.application(
            [GateWorld.allow(GateWorld.staff), GateWorld.nonIdentity(["ip": ["ip": "203.0.113.0/24"]])],
            [
                "custom_deny_url": "https://help.example.org/no",
                "custom_non_identity_deny_url": "https://help.example.org/machines",
            ])
        let tokens = try await world.signIn("ann@elsewhere.org", to: app)
        let cookies = ["CF_Authorization=\(tokens.application)"]
        let answer = await world.ask(cookies: cookies)
        #expect(answer.status == .found)
        #expect(answer.value("location") == "https://help.example.org/no")
        #expect(await world.ask(as: .script, cookies: cookies).status == .forbidden)
        #expect(await world.ask(method: "POST", cookies: cookies).status == .forbidden)
    }

    @Test("an application for machines alone does not send anybody to a login", arguments: Client.allCases)
    func serviceOnly(_ client: Client) async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)])
        await world.application(
            [GateWorld.nonIdentity(GateWorld.anyServiceToken)], at: "api.example.org",
            ["service_auth_401_redirect": true])
        await world.application(
            [GateWorld.nonIdentity(GateWorld.anyServiceToken)], at: "page.example.org",
            ["custom_non_identity_deny_url": "https://help.example.org/machines"])
        #expect(await world.ask(as: client).status == .forbidden)
        let told = await world.ask(host: "api.example.org", as: client)
        #expect(told.status == .unauthorized)
        #expect(told.value("www-authenticate") == "Cloudflare-Access")
        let page = await world.ask(host: "page.example.org", as: client)
        #expect(page.status == (client == .browser ? .found : .forbidden))
    }

    @Test("an application with managed OAuth challenges programs and sends people to the login")
    func managedOAuth() async throws {
        let world = try await GateWorld()
        let app = await world.application(
            [GateWorld.allow(GateWorld.staff)], ["oauth_configuration": ["enabled": true]])
        let plain = await world.ask("/mcp", method: "POST", as: .program)
        #expect(plain.status == .unauthorized)
        #expect(
            plain.value("www-authenticate")
                == "Bearer realm=\"OAuth\", resource_metadata=\"http://wiki.example.org/.well-known/oauth-protected-resource/mcp\""
        )
        let tried = await world.ask(as: .program, fields: [("authorization", "Bearer oauth:nothing")])
        #expect(tried.status == .unauthorized)
        #expect(tried.value("www-authenticate")?.contains("error=\"invalid_token\"") == true)
        let metadata = "http://wiki.example.org/.well-known/oauth-protected-resource"
        #expect(try JSONParser.parse(tried.bytes ?? [])["resource_metadata"]?.stringValue == metadata)
        #expect(await world.ask().status == .found)
        let tokens = try await world.signIn("ann@elsewhere.org", to: app)
        let denied = await world.ask(as: .program, cookies: ["CF_Authorization=\(tokens.application)"])
        #expect(denied.status == .forbidden)
        #expect(denied.text == #"{"error":"access_denied"}"#)
        #expect(denied.value("www-authenticate") == nil)
    }

    @Test("a bypass policy and a public path let everybody through, without a name")
    func open() async throws {
        let world = try await GateWorld()
        let app = await world.application(
            [GateWorld.allow(GateWorld.staff)],
            [
                "destinations": [
                    [
                        "type": "public", "uri": "wiki.example.org",
                        "overrides": [["path_pattern": "/assets/*", "behavior": "public"]],
                    ]
                ]
            ])
        await world.application([GateWorld.bypass(GateWorld.everyone)], at: "open.example.org")
        let tokens = try await world.signIn("ann@example.com", to: app)
        let cookies = ["CF_Authorization=\(tokens.application)", "a=b"]
        for answer in [
            await world.ask("/assets/logo.png", cookies: cookies),
            await world.ask(host: "open.example.org", cookies: cookies),
        ] {
            #expect(answer.status == .ok)
            for name in [
                "jwt-assertion", "authenticated-user-email", "user-uuid", "aud", "oauth-client-id", "oauth-client-name",
            ] {
                #expect(answer.value("cf-access-\(name)") == "")
            }
            #expect(answer.value("x-orgd-cookie") == "a=b")
        }
        #expect(await world.ask("/assets/../secret").status == .found)
        #expect(await world.ask("/assetsx").status == .found)
    }

    @Test("a host without an application is refused, unless the account says otherwise")
    func unknownHost() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.bypass(GateWorld.everyone)], at: "wiki.example.org/docs")
        #expect(await world.ask("/docs").status == .ok)
        for client in Client.allCases {
            #expect(await world.ask(host: "other.example.org", as: client).status == .forbidden)
            #expect(await world.ask("/elsewhere", as: client).status == .forbidden)
        }
        await world.setTeam(["deny_unmatched_requests": false])
        let answer = await world.ask(host: "other.example.org")
        #expect(answer.status == .ok)
        #expect(answer.assertion == "")
        #expect(await world.ask("/elsewhere").status == .ok)
        await world.setTeam(
            ["deny_unmatched_requests": true, "deny_unmatched_requests_exempted_zone_names": ["example.org"]])
        #expect(await world.ask(host: "a.b.example.org").status == .ok)
        #expect(await world.ask(host: "badexample.org").status == .forbidden)
    }

    @Test("one account opens no hosts of another")
    func unmatchedIsolation() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.bypass(GateWorld.everyone)])
        let other = await world.world.account("Other", team: "other")
        let answer = await world.world.put(
            "/accounts/\(other)/access/organizations",
            [
                "deny_unmatched_requests": false,
                "deny_unmatched_requests_exempted_zone_names": ["example.org"],
            ])
        #expect(answer.isSuccess)
        #expect(await world.ask(host: "new.example.org").status == .forbidden)
        _ = await world.world.post(
            "/accounts/\(other)/access/apps",
            [
                "type": "self_hosted", "name": "theirs", "domain": "shop.example.net",
                "policies": [GateWorld.bypass(GateWorld.everyone)],
            ])
        #expect(await world.ask(host: "new.example.net").status == .ok)
        #expect(await world.ask(host: "new.example.org").status == .forbidden)
    }

    @Test("a page may be framed where the application says so")
    func frames() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)], ["allow_iframe": true])
        let tokens = try await world.signIn("ann@elsewhere.org", to: app)
        let answer = await world.ask(cookies: ["CF_Authorization=\(tokens.application)"])
        #expect(answer.status == .forbidden)
        #expect(answer.value("x-frame-options") == nil)
        let policy = answer.value("content-security-policy") ?? ""
        #expect(policy.contains("default-src 'none'") && !policy.contains("frame-ancestors"))
    }

    @Test("a database that cannot be read answers 503, with and without credentials")
    func brokenDatabase() async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        let tokens = try await world.signIn("ann@example.com", to: app)
        let cookies = ["CF_Authorization=\(tokens.application)"]
        #expect(await world.ask(cookies: cookies).status == .ok)
        // The table is gone under everything that is remembered.
        try await world.world.execute("ALTER TABLE application_tokens RENAME TO hidden")
        let answer = await world.ask(cookies: cookies)
        #expect(answer.status == .serviceUnavailable && answer.value("retry-after") == "5")
        #expect(answer.assertion == nil)
        try await world.world.execute("ALTER TABLE hidden RENAME TO application_tokens")
        #expect(await world.ask(cookies: cookies).status == .ok)
        await world.closeReader()
        let closed = await world.ask(cookies: ["CF_Authorization=another"])
        #expect(closed.status == .serviceUnavailable)
        #expect(closed.assertion == nil)
    }

    @Test("nobody but trusted proxies may ask")
    func untrusted() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.bypass(GateWorld.everyone)])
        guard let stranger = IPAddress("192.0.2.9"), let proxy = IPAddress("10.9.3.3") else { return }
        #expect(await world.ask(peer: stranger).status == .forbidden)
        #expect(await world.ask(peer: proxy).status == .ok)
    }
}
