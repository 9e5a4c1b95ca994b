import Domain
import HTTP
import JSON
import Primitives
import Store
import TestKit
import Testing

@testable import Console
@testable import ControlPlane

/// The last step of members who come in through the primary IdP: the ticket that the team gave their browser.
@Suite("Signing in to the console as a member")
struct MemberSignInTests {
    /// A server with an organization that signs people in, of which Alice is a member, and her browser on its way.
    private struct Scene {
        let world: ConsoleWorld
        let browser: ConsoleBrowser
        let account: AccountID
        let provider: IdentityProviderID

        init(failuresPerMinute: Int = 1_000_000) async throws {
            world = try await ConsoleWorld(failuresPerMinute: failuresPerMinute)
            let organization = await world.base.organization("Acme")
            let hq = await world.base.account("hq", in: organization, team: "acme")
            let idp = await world.base.idp(of: hq)
            await world.base.designate(idp, of: hq, for: organization)
            let member: JSONValue = [
                "user": ["email": "alice@example.com"], "role": "super_administrator", "status": "active",
            ]
            _ = await world.base.post("/organizations/\(organization)/members", ["member": member])
            account = try #require(AccountID(hex: hq))
            provider = try #require(IdentityProviderID(uuid: idp))
            browser = ConsoleBrowser(world)
            let away = await browser.get("/sign-in/with?next=%2Faccounts")
            try #require(away.status == 302)
        }

        /// What the team would give this person to take back to a browser of the console.
        func ticket(_ email: String = "alice@example.com", for browser: ConsoleBrowser) throws -> String {
            let now = world.base.clock.now
            let session = Session(
                nonce: try #require(SessionNonce("0123456789abcdef")), account: account, user: AccessUserID(at: now),
                provider: provider, sourceAccount: nil, email: email, identity: JSONText(trusted: "{}"),
                address: "198.51.100.7", country: "NL", createdAt: now, expiresAt: now + .seconds(3600))
            let secret = try #require(BrowserSecret(cookie: browser.cookies["orgd_console_visit"]))
            return try ConsoleTicket(session, browserDigest: secret.digest, at: now).sealed(by: world.base.plane.vault)
        }

        func take(_ ticket: String, with browser: ConsoleBrowser) async -> Shown {
            await browser.get("/sign-in/return?ticket=\(ticket)&next=%2Faccounts")
        }
    }

    @Test("the way out leads to the team of the primary IdP, with the browser's digest and not its cookie")
    func wayOut() async throws {
        let scene = try await Scene()
        let away = await scene.browser.get("/sign-in/with?next=%2Faccounts")
        let address = try #require(away.location)
        #expect(address.hasPrefix("http://acme.access.test:8787/cdn-cgi/access/login/acme.access.test%3A8787/idp/"))
        let cookie = try #require(scene.browser.cookies["orgd_console_visit"])
        #expect(!address.contains(cookie))
    }

    @Test("a ticket opens a session of the member, and goes on to where they wanted")
    func fine() async throws {
        let scene = try await Scene()
        let shown = await scene.take(try scene.ticket(for: scene.browser), with: scene.browser)
        #expect(shown.status == 303)
        #expect(shown.location == "/accounts")
        let page = await scene.browser.follow(shown)
        #expect(page.status == 200)
        #expect(page.text.contains("alice@example.com"))
    }

    @Test("a ticket is good once")
    func replayed() async throws {
        let scene = try await Scene()
        let ticket = try scene.ticket(for: scene.browser)
        let visit = scene.browser.cookies["orgd_console_visit"]
        #expect(await scene.take(ticket, with: scene.browser).status == 303)
        let again = ConsoleBrowser(scene.world)
        again.cookies["orgd_console_visit"] = visit
        let shown = await scene.take(ticket, with: again)
        #expect(shown.status == 403)
        #expect(shown.text.contains("This sign-in was used already"))
        #expect(again.cookies["orgd_console"] == nil)
    }

    @Test("a ticket is good in the browser that left, and in no other")
    func otherBrowser() async throws {
        let scene = try await Scene()
        let ticket = try scene.ticket(for: scene.browser)
        let bare = ConsoleBrowser(scene.world)
        #expect(await scene.take(ticket, with: bare).status == 403)
        let other = ConsoleBrowser(scene.world)
        _ = await other.get("/sign-in")
        #expect(await scene.take(ticket, with: other).status == 403)
        #expect(other.cookies["orgd_console"] == nil)
        // Failing elsewhere did not spend it.
        #expect(await scene.take(ticket, with: scene.browser).status == 303)
    }

    @Test("a ticket is good for a minute", arguments: [(59, 303), (60, 403)])
    func expiry(_ seconds: Int, _ status: Int) async throws {
        let scene = try await Scene()
        let ticket = try scene.ticket(for: scene.browser)
        scene.world.base.clock.advance(by: .seconds(seconds))
        #expect(await scene.take(ticket, with: scene.browser).status == status)
        #expect((scene.browser.cookies["orgd_console"] != nil) == (status == 303))
    }

    @Test("a ticket that was changed is none")
    func changed() async throws {
        let scene = try await Scene()
        var ticket = Array(try scene.ticket(for: scene.browser))
        ticket[ticket.count / 2] = ticket[ticket.count / 2] == "A" ? "B" : "A"
        #expect(await scene.take(String(ticket), with: scene.browser).status == 403)
        #expect(await scene.take("", with: scene.browser).status == 403)
    }

    @Test("who is no member gets no session, and is counted")
    func stranger() async throws {
        let scene = try await Scene(failuresPerMinute: 2)
        // A member, but of an organization that does not sign people in this way.
        let other = await scene.world.base.organization("Other")
        let bob: JSONValue = ["user": ["email": "bob@example.com"], "role": "reader", "status": "active"]
        _ = await scene.world.base.post("/organizations/\(other)/members", ["member": bob])
        for email in ["mallory@example.net", "bob@example.com"] {
            let shown = await scene.take(try scene.ticket(email, for: scene.browser), with: scene.browser)
            #expect(shown.status == 403)
            #expect(shown.text.contains("You are no member here"))
            #expect(scene.browser.cookies["orgd_console"] == nil)
        }
        #expect(await scene.browser.signIn(World.root).status == 429)
    }
}

/// Where the public URL is https.
@Suite("Cookies of the console under https")
struct SecureCookieTests {
    @Test("with https every cookie is Secure and has a name that no other host can set; without, neither")
    func names() async throws {
        let world = try await ConsoleWorld(publicURL: "https://orgd.test")
        let browser = ConsoleBrowser(world)
        browser.host = "orgd.test"
        _ = await browser.get("/sign-in")
        #expect(browser.setCookies.map { $0.prefix { $0 != "=" } } == ["__Host-orgd_console_visit"])
        let done = await browser.post("/sign-in", [("token", World.root), ("next", "/")])
        #expect(done.status == 303)
        let cookie = try #require(browser.setCookies.first { $0.hasPrefix("__Host-orgd_console=") })
        #expect(browser.setCookies.allSatisfy { $0.hasPrefix("__Host-") && $0.contains("; Secure") })
        #expect(cookie.contains("; HttpOnly"))
        #expect(cookie.contains("; Path=/"))
        #expect(!cookie.contains("Domain"))
        #expect(await browser.get("/accounts").status == 200)
        // A cookie of the plain name, which any host of the site could set, is nothing here.
        let other = ConsoleBrowser(world)
        other.host = "orgd.test"
        other.cookies["orgd_console"] = browser.cookies["__Host-orgd_console"]
        #expect(await other.get("/accounts").status == 303)
        let plain = try await ConsoleWorld().browser()
        #expect(plain.setCookies.contains { $0.hasPrefix("orgd_console=") && !$0.contains("Secure") })
    }
}
