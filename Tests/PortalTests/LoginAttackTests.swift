import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// What is used twice, elsewhere, too late, or by somebody else.
@Suite struct LoginAttackTests {
    /// The address that the identity provider sends the browser back to, not opened yet.
    private static func callback(_ browser: LoginBrowser, _ url: String = "http://wiki.test/") async throws -> String {
        let stopped = try await browser.follow(try await browser.get(url)) { $0.contains("/cdn-cgi/access/callback") }
        return try #require(stopped.location)
    }

    private static func expect(_ shown: Shown, _ status: Int, _ code: String, _ place: SourceLocation = #_sourceLocation) {
        #expect(shown.status == status, sourceLocation: place)
        #expect(shown.text.contains("<code>\(code)</code>"), "\(shown.text)", sourceLocation: place)
    }

    @Test func anAnswerOfTheIdentityProviderWorksOnceAndInItsBrowserOnly() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        let (browser, thief) = (LoginBrowser(world), LoginBrowser(world))
        let callback = try await Self.callback(browser)
        Self.expect(try await thief.get(callback), 400, "state_mismatch")
        _ = try await Self.callback(thief)
        Self.expect(try await thief.get(callback), 400, "state_mismatch")
        #expect(try await browser.open(callback).status == 200)
        Self.expect(try await browser.get(callback), 400, "state_mismatch")
        await world.end()
    }

    @Test func anAnswerThatComesTooLateOrIsChangedIsRefused() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        let browser = LoginBrowser(world)
        let late = try await Self.callback(browser)
        world.base.clock.advance(by: .seconds(601))
        Self.expect(try await browser.get(late), 400, "state_mismatch")
        let changed = try await Self.callback(browser)
        Self.expect(try await browser.get(changed + "x"), 400, "state_mismatch")
        for bad in ["?state=", "?code=1", "?state=a&state=b", "?state=a&code=1&code=2", "?state=%00", ""] {
            let shown = try await browser.get("http://hq.access.localhost:8787/cdn-cgi/access/callback\(bad)")
            Self.expect(shown, 400, "state_mismatch")
        }
        await world.end()
    }

    @Test func theAnswerMayComeAsAFormOfTheIdentityProvider() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        let browser = LoginBrowser(world)
        let address = try #require(WebAddress(try await Self.callback(browser)))
        let query = try #require(QueryString(address.query ?? ""))
        let posted = try await browser.post(
            address.origin + "/cdn-cgi/access/callback", query.items.map { ($0.name, $0.value) })
        #expect(try await browser.follow(posted).status == 200)
        await world.end()
    }

    @Test func anAdmissionWorksOnceInItsBrowserAndForAMinute() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        let browser = LoginBrowser(world)
        func admission() async throws -> String {
            browser.forget("CF_Authorization", at: "wiki.test")
            let stopped = try await browser.follow(try await browser.get("http://wiki.test/")) {
                $0.contains("/cdn-cgi/access/authorized")
            }
            return try #require(stopped.location)
        }
        let first = try await admission()
        Self.expect(try await LoginBrowser(world).get(first), 400, "session_invalid")
        let thief = LoginBrowser(world)
        _ = try await thief.get("http://wiki.test/")
        Self.expect(try await thief.get(first), 400, "session_invalid")
        // Another host of ours does not take it.
        let elsewhere = first.replacing("http://wiki.test/", with: "http://hq.access.localhost:8787/")
        #expect(try await thief.get(elsewhere).status == 404)
        #expect(try await browser.follow(try await browser.get(first)).status == 200)
        Self.expect(try await browser.get(first), 400, "session_invalid")
        let late = try await admission()
        world.base.clock.advance(by: .seconds(61))
        Self.expect(try await browser.get(late), 400, "session_invalid")
        let changed = try await admission()
        Self.expect(try await browser.get(changed.replacing("state=", with: "state=A")), 400, "session_invalid")
        await world.end()
    }

    @Test func aSignedLoginAddressIsForOneApplicationOfOneAccount() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        let other = await world.application(in: world.hq, at: "news.test", ["name": "News"])
        await world.application(in: world.emea, at: "emea.test", ["name": "EMEA"])
        let aud = await world.base.get("/accounts/\(world.hq)/access/apps/\(other)").result["aud"]?.stringValue ?? ""
        let browser = LoginBrowser(world)
        let login = try #require(try await browser.get("http://wiki.test/a").location)
        let address = try #require(WebAddress(login))
        let query = try #require(QueryString(address.query ?? ""))
        let (kid, meta) = (try #require(query["kid"]), try #require(query["meta"]))
        let team = "http://hq.access.localhost:8787/cdn-cgi/access/login"
        for bad in [
            "\(team)/wiki.test?kid=\(aud)&redirect_url=%2Fa&meta=\(meta)",
            "\(team)/news.test?kid=\(kid)&redirect_url=%2Fa&meta=\(meta)",
            "\(team)/news.test?kid=\(aud)&redirect_url=%2Fa&meta=\(meta)",
            "\(team)/wiki.test?kid=\(kid)&redirect_url=%2Fb&meta=\(meta)",
            "\(team)/wiki.test?kid=\(kid)&redirect_url=%2Fa&meta=\(meta.dropLast(2))",
            "\(team)/wiki.test?kid=\(kid)&redirect_url=%2Fa", "\(team)/wiki.test?meta=\(meta)",
            "http://emea.access.localhost:8787/cdn-cgi/access/login/wiki.test?kid=\(kid)&redirect_url=%2Fa&meta=\(meta)",
        ] {
            Self.expect(try await browser.get(bad), 400, "session_invalid")
        }
        world.base.clock.advance(by: .seconds(361))
        Self.expect(try await browser.get(login), 400, "session_invalid")
        await world.end()
    }

    @Test(arguments: [
        "//evil.test", "/\\evil.test", "https://evil.test/", "evil.test", "", "/a%0d%0aLocation:x", "/\u{9}/evil.test",
        "/%00", "javascript:alert(1)", "\\/evil.test", "/ evil",
    ])
    func noLoginLeadsToAnotherHost(_ path: String) async throws {
        let world = try await LoginWorld(bridged: false)
        let browser = LoginBrowser(world)
        let encoded = PercentEncoding.encode(path)
        let login = "http://hq.access.localhost:8787/cdn-cgi/access/login/hq.access.localhost%3A8787?redirect_url="
        let shown = try await browser.get(login + encoded)
        // Either it is refused, or it stays a harmless path of the team's own host.
        if shown.status == 302 {
            let end = try await browser.follow(shown) { !$0.hasPrefix("http://hq.access.localhost:8787/") && !$0.contains("127.0.0.1") && !$0.hasPrefix("/") }
            #expect(end.url.host == "hq.access.localhost")
        } else {
            Self.expect(shown, 400, "session_invalid")
        }
        await world.end()
    }

    @Test func aRequestOfABridgeWorksOnceForAMinuteAndUnchanged() async throws {
        let world = try await LoginWorld()
        await world.application(in: world.emea)
        let browser = LoginBrowser(world)
        func request() async throws -> String {
            let stopped = try await browser.follow(try await browser.get("http://wiki.test/")) { $0.contains("/bridge/") }
            return try #require(stopped.location)
        }
        let first = try await request()
        #expect(try await LoginBrowser(world).get(first).status == 302)
        Self.expect(try await browser.get(first), 400, "bridge_invalid")
        let late = try await request()
        world.base.clock.advance(by: .seconds(125))
        Self.expect(try await browser.get(late), 400, "bridge_invalid")
        let changed = try await request()
        Self.expect(try await browser.get(changed.dropLast(3) + "AAA"), 400, "bridge_invalid")
        Self.expect(
            try await browser.get(changed.replacing("hq.access.localhost", with: "emea.access.localhost")), 400, "bridge_invalid")
        #expect(try await browser.open(changed).status == 200)
        await world.end()
    }

    @Test func aCodeOfABridgeWorksOnceForAMinuteAndInItsBrowser() async throws {
        let world = try await LoginWorld()
        await world.application(in: world.emea)
        func code(_ browser: LoginBrowser) async throws -> String {
            let stopped = try await browser.follow(try await browser.get("http://wiki.test/")) {
                $0.hasPrefix("http://emea.access.localhost:8787/cdn-cgi/access/callback")
            }
            return try #require(stopped.location)
        }
        let (browser, thief) = (LoginBrowser(world), LoginBrowser(world, as: "bob"))
        let late = try await code(browser)
        world.base.clock.advance(by: .seconds(61))
        Self.expect(try await browser.get(late), 400, "bridge_invalid")
        let (mine, theirs) = (try await code(browser), try await code(thief))
        Self.expect(try await thief.get(mine), 400, "state_mismatch")
        // The code of one login with the state of another.
        let state = try #require(WebAddressQuery.value("state", in: theirs))
        let stolen = try #require(WebAddressQuery.value("code", in: mine))
        Self.expect(
            try await thief.get(
                "http://emea.access.localhost:8787/cdn-cgi/access/callback?state=\(state)&code=\(stolen)"),
            400, "bridge_invalid")
        // Trying cost the code its life.
        Self.expect(try await browser.get(mine), 400, "bridge_invalid")
        await world.end()
    }
}
