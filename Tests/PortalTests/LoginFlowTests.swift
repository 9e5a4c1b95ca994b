import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite struct LoginFlowTests {
    @Test func aPersonSignsInAtTheirOwnAccountAndOpensTheApplication() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        let browser = LoginBrowser(world)
        let shown = try await browser.open("http://wiki.test/page?x=1")
        #expect(shown.status == 200)
        #expect(shown.url.description == "http://wiki.test/page?x=1")
        #expect(shown.claims["email"]?.stringValue == "alice@example.com")
        #expect(shown.claims["iss"]?.stringValue == "http://hq.access.localhost:8787")
        #expect(shown.claims["type"]?.stringValue == "app")
        let set = browser.takeSetCookies()
        // Over plain http, Secure is dropped and None becomes Lax.
        let session = try #require(set.first { $0.hasPrefix("CF_Session=") })
        #expect(session.contains("; Max-Age=14400; HttpOnly; SameSite=Lax"))
        let token = try #require(set.last { $0.hasPrefix("CF_Authorization=") })
        #expect(token.contains("; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"))
        #expect(try await world.log(of: world.hq) == ["login 1 alice@example.com  "])
        await world.end()
    }

    @Test func aSessionOpensAFurtherApplicationWithoutThePersonDoingAnything() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        await world.application(in: world.hq, at: "news.test", ["name": "News"])
        let browser = LoginBrowser(world)
        _ = try await browser.open("http://wiki.test/")
        browser.person = "bob"
        let shown = try await browser.open("http://news.test/")
        #expect(shown.status == 200)
        #expect(shown.claims["email"]?.stringValue == "alice@example.com")
        #expect(!shown.way.contains { $0.contains("127.0.0.1") })
        await world.end()
    }

    @Test func aPersonWhomNoPolicyAdmitsGetsAPageThatHelps() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(
            in: world.hq, ["custom_deny_message": "Ask <Ada> first."],
            policy: ["include": [["email": ["email": "bob@example.com"]]]])
        let browser = LoginBrowser(world)
        let shown = try await browser.open("http://wiki.test/")
        #expect(shown.status == 403)
        #expect(shown.text.contains("alice@example.com"))
        #expect(shown.text.contains("Ask &lt;Ada&gt; first."))
        #expect(shown.text.contains("<code>denied</code>"))
        #expect(shown.text.contains("0000000000000abc-ORG"))
        let other = try #require(shown.links(containing: "/cdn-cgi/access/logout").first)
        #expect(other.contains("prompt%3Dlogin"))
        #expect(try await world.log(of: world.hq) == ["login 0 alice@example.com denied "])
        // Whoever wants to be somebody else is asked again, session or not.
        let target = try #require(WebAddressQuery.value("returnTo", in: other))
        browser.person = "bob"
        #expect(try await browser.open(target).status == 200)
        await world.end()
    }

    @Test func anApplicationMaySendThoseWhomItDoesNotAdmitElsewhere() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(
            in: world.hq, ["custom_deny_url": "https://help.example.org/no"],
            policy: ["include": [["email": ["email": "bob@example.com"]]]])
        let browser = LoginBrowser(world)
        let shown = try await browser.follow(try await browser.get("http://wiki.test/")) { $0.hasPrefix("https://") }
        #expect(shown.location == "https://help.example.org/no")
        await world.end()
    }

    @Test func everyPageForbidsScriptsFramesAndReferrers() async throws {
        let world = try await LoginWorld(bridged: false)
        for page in [
            "http://hq.access.localhost:8787/nothing", "http://nobody.access.localhost:8787/",
            "http://hq.access.localhost:8787/cdn-cgi/access/callback?state=x",
        ] {
            let shown = try await LoginBrowser(world).get(page)
            let policy = try #require(shown.header("content-security-policy"))
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("script-src") && !policy.contains("unsafe"))
            #expect(shown.header("x-frame-options") == "DENY")
            #expect(shown.header("referrer-policy") == "no-referrer")
            #expect(shown.header("cache-control") == "no-store")
            #expect(shown.text.contains("<html lang=\"en\">"))
            #expect(shown.text.contains("<code>0000000000000abc-ORG</code>"))
        }
        await world.end()
    }

    @Test func aTeamThatTookAnotherNameAnswers410UnderItsOldOne() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.setTeam(of: world.hq, ["auth_domain": "main.access.localhost"])
        #expect(try await LoginBrowser(world).get("http://hq.access.localhost:8787/").status == 410)
        #expect(try await LoginBrowser(world).get("http://main.access.localhost:8787/").status == 302)
        #expect(try await LoginBrowser(world).get("http://none.access.localhost:8787/").status == 404)
        await world.end()
    }

    @Test func aTokenThatWasTamperedWithOpensNothing() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        let browser = LoginBrowser(world)
        _ = try await browser.open("http://wiki.test/")
        let token = try #require(browser.cookie("CF_Authorization", at: "wiki.test"))
        for bad in [token.dropLast() + "A", token + "A", "x" + token] where bad != token {
            browser.cookies["wiki.test"]?["CF_Authorization"] = String(bad)
            #expect(try await browser.get("http://wiki.test/").status == 302)
        }
        let team = try #require(browser.cookie("CF_Authorization", at: "hq.access.localhost"))
        browser.cookies["hq.access.localhost"]?["CF_Authorization"] = team + "A"
        let shown = try await browser.open("http://wiki.test/")
        #expect(shown.way.contains { $0.contains("127.0.0.1") })
        await world.end()
    }

    @Test func cookiesAreSetAsTheApplicationAsks() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(
            in: world.hq, at: "wiki.test/docs",
            [
                "enable_binding_cookie": true, "path_cookie_attribute": true, "http_only_cookie_attribute": false,
                "same_site_cookie_attribute": "strict", "session_duration": "2h",
            ])
        let browser = LoginBrowser(world)
        #expect(try await browser.open("http://wiki.test/docs/a").status == 200)
        let set = browser.takeSetCookies()
        let token = try #require(set.last { $0.hasPrefix("CF_Authorization=") })
        #expect(token.hasSuffix("; Path=/docs; Max-Age=7200; SameSite=Strict"))
        let binding = try #require(set.last { $0.hasPrefix("CF_Binding=") })
        #expect(binding.hasSuffix("; Path=/docs; Max-Age=7200; HttpOnly; SameSite=Lax"))
        // Without the second cookie the first is worth nothing.
        browser.forget("CF_Binding", at: "wiki.test")
        #expect(try await browser.get("http://wiki.test/docs/a").status == 302)
        await world.end()
    }

    @Test func allHostsOfAnApplicationGetTheirCookiesAtOnce() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(
            in: world.hq, at: "wiki.test",
            [
                "destinations": [
                    ["type": "public", "uri": "wiki.test"], ["type": "public", "uri": "b.wiki.test"],
                    ["type": "public", "uri": "c.wiki.test"], ["type": "public", "uri": "*.many.test"],
                    ["type": "public", "uri": "d.wiki.test/part"],
                ]
            ])
        let browser = LoginBrowser(world)
        let shown = try await browser.open("http://wiki.test/start?q=1")
        #expect(shown.status == 200)
        #expect(shown.url.description == "http://wiki.test/start?q=1")
        #expect(shown.way.count <= 20)
        for host in ["wiki.test", "b.wiki.test", "c.wiki.test"] {
            #expect(browser.cookie("CF_Authorization", at: host) != nil, "\(host)")
            #expect(try await browser.get("http://\(host)/").status == 200)
        }
        #expect(browser.cookie("CF_Authorization", at: "d.wiki.test") == nil)
        await world.end()
    }

    @Test func anApplicationMayDoWithoutCookiesForItsOtherHosts() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(
            in: world.hq, at: "wiki.test",
            [
                "eager_redirect_cookie_setting": false,
                "destinations": [["type": "public", "uri": "wiki.test"], ["type": "public", "uri": "b.wiki.test"]],
            ])
        let browser = LoginBrowser(world)
        #expect(try await browser.open("http://wiki.test/").status == 200)
        #expect(browser.cookies["b.wiki.test"] == nil)
        await world.end()
    }
}

enum WebAddressQuery {
    /// A value of the query of an address.
    static func value(_ name: String, in address: String) -> String? {
        guard let mark = address.firstIndex(of: "?") else { return nil }
        return QueryString(address[address.index(after: mark)...])?[name]
    }
}
