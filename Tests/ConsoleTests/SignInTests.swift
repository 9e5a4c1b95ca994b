import Domain
import HTTP
import JSON
import Primitives
import Store
import TestKit
import Testing

/// Coming to the console, staying, and going.
@Suite("Signing in to the console")
struct SignInTests {
    @Test("whoever is not signed in is sent to sign in, and then to where they wanted to go")
    func wayIn() async throws {
        let browser = ConsoleBrowser(try await ConsoleWorld())
        let sent = await browser.get("/accounts?search=a")
        #expect(sent.status == 303)
        #expect(sent.location == "/sign-in?next=%2Faccounts%3Fsearch%3Da")
        let page = await browser.follow(sent)
        #expect(page.status == 200)
        #expect(page.hidden("next") == "/accounts?search=a")
        let done = await browser.post("/sign-in", [("token", World.root), ("next", "/accounts?search=a")])
        #expect(done.status == 303)
        #expect(done.location == "/accounts?search=a")
        #expect(await browser.get("/accounts").status == 200)
    }

    @Test(
        "a next address of another server is not followed",
        arguments: ["//evil.test/", "https://evil.test/", "/\\evil"])
    func openRedirect(_ next: String) async throws {
        let browser = ConsoleBrowser(try await ConsoleWorld())
        _ = await browser.get("/sign-in")
        let done = await browser.post("/sign-in", [("token", World.root), ("next", next)])
        #expect(done.location == "/")
    }

    @Test("the session's cookie is kept from scripts and other sites")
    func cookie() async throws {
        let browser = ConsoleBrowser(try await ConsoleWorld())
        _ = await browser.signIn(World.root)
        let cookie = try #require(browser.setCookies.first { $0.hasPrefix("orgd_console=") })
        #expect(cookie.contains("; HttpOnly"))
        #expect(cookie.contains("; SameSite=Lax"))
        #expect(cookie.contains("; Path=/"))
        #expect(!cookie.contains("Domain"))
        #expect(!cookie.contains("Max-Age"))
    }

    @Test("a wrong token is refused beside its field, and counted")
    func wrongToken() async throws {
        let browser = ConsoleBrowser(try await ConsoleWorld(failuresPerMinute: 2))
        let refused = await browser.signIn("cfut_wrong")
        #expect(refused.status == 403)
        #expect(refused.text.contains("id=\"token-error\""))
        #expect(refused.text.contains("aria-invalid=\"true\""))
        _ = await browser.signIn("cfut_wrong")
        #expect(await browser.signIn(World.root).status == 429)
    }

    @Test("the sign-in form of another browser does nothing")
    func signInForgery() async throws {
        let world = try await ConsoleWorld()
        let attacker = ConsoleBrowser(world)
        let page = await attacker.get("/sign-in")
        let victim = ConsoleBrowser(world)
        _ = await victim.get("/sign-in")
        let sent = await victim.postPlain(
            "/sign-in", [("_token", page.hidden("_token") ?? ""), ("token", World.root), ("next", "/")])
        #expect(sent.status == 403)
        #expect(victim.cookies["orgd_console"] == nil)
    }

    @Test(
        "nobody is signed in or out by another site, even with the right value",
        arguments: [
            ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.test"),
            ("origin", "null"),
        ])
    func otherSites(_ name: String, _ value: String) async throws {
        let world = try await ConsoleWorld()
        let browser = ConsoleBrowser(world)
        _ = await browser.get("/sign-in")
        #expect(await browser.post("/sign-in", [("token", World.root)], [(name, value)]).status == 403)
        #expect(browser.cookies["orgd_console"] == nil)
        #expect(await browser.signIn(World.root).status == 303)
        _ = await browser.get("/accounts")
        #expect(await browser.post("/sign-out", [], [(name, value)]).status == 403)
        #expect(await browser.postPlain("/sign-out", []).status == 403)
        #expect(await browser.get("/accounts").status == 200)
    }

    @Test("signing in again gives another session and ends the one before")
    func regeneration() async throws {
        let world = try await ConsoleWorld()
        let browser = try await world.browser()
        let old = try #require(browser.cookies["orgd_console"])
        // The sign-in page sends whoever is signed in on; the form still works from another tab.
        let other = ConsoleBrowser(world)
        _ = await other.get("/sign-in")
        other.cookies["orgd_console"] = old
        #expect(await other.post("/sign-in", [("token", World.root)]).status == 303)
        #expect(other.cookies["orgd_console"] != old)
        #expect(await browser.get("/accounts").status == 303)
        #expect(await other.get("/accounts").status == 200)
    }

    @Test("after half an hour without a request the session is over")
    func idle() async throws {
        let world = try await ConsoleWorld()
        let browser = try await world.browser()
        world.base.clock.advance(by: .seconds(29 * 60))
        #expect(await browser.get("/accounts").status == 200)
        world.base.clock.advance(by: .seconds(29 * 60))
        #expect(await browser.get("/accounts").status == 200)
        world.base.clock.advance(by: .seconds(30 * 60))
        let ended = await browser.get("/accounts")
        #expect(ended.location == "/sign-in?next=%2Faccounts&ended=1")
        #expect(browser.cookies["orgd_console"] == nil)
    }

    @Test("a page that refreshes itself does not keep a session alive")
    func refreshIsNoSignOfLife() async throws {
        let world = try await ConsoleWorld()
        let browser = try await world.browser()
        for _ in 1...3 {
            world.base.clock.advance(by: .seconds(9 * 60))
            #expect(await browser.get("/", [("x-console-refresh", "1")]).status == 200)
        }
        world.base.clock.advance(by: .seconds(4 * 60))
        #expect(await browser.get("/accounts").status == 303)
    }

    @Test("after twelve hours the session is over, however busy it was")
    func absolute() async throws {
        let world = try await ConsoleWorld()
        let browser = try await world.browser()
        for _ in 1...35 {
            world.base.clock.advance(by: .seconds(20 * 60))
            #expect(await browser.get("/accounts").status == 200)
        }
        world.base.clock.advance(by: .seconds(20 * 60))
        #expect(await browser.get("/accounts").status == 303)
    }

    @Test("a session of a future that did not come is over, and one of before goes on")
    func setBack() async throws {
        let world = try await ConsoleWorld()
        let before = try await world.browser()
        world.base.clock.advance(by: .seconds(86_400))
        let during = try await world.browser()
        #expect(await during.get("/accounts").status == 200)
        world.base.clock.advance(by: .seconds(-86_400))
        #expect(await during.get("/accounts").status == 303)
        #expect(await before.get("/accounts").status == 200)
    }

    @Test("a session ends with its token")
    func revokedToken() async throws {
        let world = try await ConsoleWorld()
        let account = await world.base.account("Ops")
        let answer = await world.base.post(
            "/accounts/\(account)/tokens",
            [
                "name": "short",
                "policies": [World.policy([.accountSettingsRead], ["com.cloudflare.api.account.\(account)"])],
            ])
        let browser = try await world.browser(answer.text("value"))
        #expect(await browser.get("/accounts/\(account)").status == 200)
        _ = await world.base.delete("/accounts/\(account)/tokens/\(answer.id)")
        #expect(await browser.get("/accounts/\(account)").status == 303)
    }

    @Test("a token that gets another value ends its sessions")
    func rolledToken() async throws {
        let world = try await ConsoleWorld()
        let account = await world.base.account("Ops")
        let answer = await world.base.post(
            "/accounts/\(account)/tokens",
            [
                "name": "short",
                "policies": [World.policy([.accountSettingsRead], ["com.cloudflare.api.account.\(account)"])],
            ])
        let browser = try await world.browser(answer.text("value"))
        _ = await world.base.put("/accounts/\(account)/tokens/\(answer.id)/value", [:])
        #expect(await browser.get("/accounts/\(account)").status == 303)
    }

    @Test("signing out ends the session, not only the cookie")
    func signOut() async throws {
        let world = try await ConsoleWorld()
        let browser = try await world.browser()
        _ = await browser.get("/accounts")
        let cookie = browser.cookies["orgd_console"]
        #expect(await browser.post("/sign-out").status == 200)
        browser.cookies["orgd_console"] = cookie
        #expect(await browser.get("/accounts").status == 303)
    }

    @Test("other names of the server lead to the public one")
    func otherHosts() async throws {
        let browser = ConsoleBrowser(try await ConsoleWorld())
        browser.host = "127.0.0.1:8787"
        #expect(await browser.get("/").location == "http://localhost:8787/")
        browser.host = "unknown.test"
        #expect(await browser.get("/").status == 404)
    }
}
