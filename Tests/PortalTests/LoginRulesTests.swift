import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// Who may sign in through what, and for how long.
@Suite struct LoginRulesTests {
    private static func enforce(_ world: LoginWorld, _ more: JSONObject = [:]) async {
        var body: JSONObject = [
            "account_id": .string(world.hq), "idp_id": .string(world.provider), "mode": "enforce",
        ]
        for (name, value) in more { body[name] = value }
        let answer = await world.base.post("/organizations/\(world.organization)/primary_idp?force=true", .object(body))
        precondition(answer.status < 300, answer.text)
    }

    private static func idp(_ browser: LoginBrowser, _ provider: String, _ more: String = "") async throws -> Shown {
        let login = try #require(try await browser.get("http://wiki.test/").location)
        return try await browser.open(login.replacing("?kid", with: "/idp/\(provider)?kid") + more)
    }

    /// I11, I9: what enforcement ends, and what it lets through.
    @Test func underEnforcementOnlyThePrimaryAndBreakGlassAdmit() async throws {
        let world = try await LoginWorld()
        let own = try world.base.secondProvider(clientID: "own")
        let local = await world.base.identityProvider(in: world.emea, at: own, ["client_id": "own"])
        let app = await world.application(in: world.emea)
        let (before, primary) = (LoginBrowser(world), LoginBrowser(world))
        #expect(try await Self.idp(before, local).status == 200)
        #expect(try await Self.idp(primary, await world.connection(in: world.emea)).status == 200)
        let start = world.base.clock.now
        await Self.enforce(world, ["break_glass_emails": ["bob@example.com"]])
        // Sessions of before: only the primary's goes on.
        #expect(try await before.get("http://wiki.test/").status == 302)
        #expect(try await primary.get("http://wiki.test/").status == 200)
        let way = try await before.open("http://wiki.test/").way
        #expect(way.contains { $0.hasPrefix(world.base.idp.issuer) } && !way.contains { $0.hasPrefix(own.issuer) })
        // The other one is not to be had, by whichever door.
        let alice = LoginBrowser(world)
        #expect(try await Self.idp(alice, local).text.contains("<code>idp_not_allowed</code>"))
        let denied = try await Self.idp(alice, local, "&break_glass=1")
        #expect(denied.status == 403 && denied.text.contains("<code>idp_not_allowed</code>"))
        #expect(alice.cookie("CF_Authorization", at: "emea.access.localhost") == nil)
        // The button is there for those who know the word; the address decides.
        let login = try #require(try await alice.get("http://wiki.test/").location)
        #expect(try await alice.get(login + "&break_glass=1").links(containing: local).count == 1)
        let bob = LoginBrowser(world, as: "bob")
        let broken = try await Self.idp(bob, local, "&break_glass=1")
        #expect(broken.status == 200, "\(broken.text)")
        let audit = try await world.base.audit(of: world.organization)
        #expect(audit.filter { $0.event.description == "break-glass login of bob@example.com" }.count == 1)
        // Every admission is one of the kinds that enforcement allows.
        let admitted = try await world.base.plane.store.admittedProviders(of: app, since: start)
        let connection = await world.connection(in: world.emea)
        #expect(admitted.count == 2)
        #expect(admitted.allSatisfy { $0.provider == connection || $0.email == "bob@example.com" })
        await own.stop()
        await world.end()
    }

    /// I9: a connection that ended takes its sessions along.
    @Test func aConnectionThatEndsTakesItsSessionsAlong() async throws {
        let world = try await LoginWorld()
        await world.application(in: world.emea)
        let browser = LoginBrowser(world)
        #expect(try await browser.open("http://wiki.test/").status == 200)
        let answer = await world.base.send(
            .delete, "/organizations/\(world.organization)/primary_idp?delete_grant=true")
        #expect(answer.status == 200)
        #expect(try await browser.get("http://wiki.test/").status == 302)
        let shown = try await browser.open("http://wiki.test/")
        #expect(shown.status == 200 && shown.text.contains("No identity provider can be used here"))
        await world.end()
    }

    @Test func whoseSessionsWereEndedStaysOutForAMinute() async throws {
        let world = try await LoginWorld()
        await world.application(in: world.hq)
        await world.application(in: world.emea, at: "far.test")
        let browser = LoginBrowser(world)
        #expect(try await browser.open("http://wiki.test/").status == 200)
        #expect(try await browser.open("http://far.test/").status == 200)
        let answer = await world.base.post(
            "/accounts/\(world.hq)/access/organizations/revoke_user", ["email": "Alice@example.com"])
        #expect(answer.status == 200)
        for host in ["wiki.test", "far.test"] {
            #expect(try await browser.get("http://\(host)/").status == 302)
            let shown = try await browser.open("http://\(host)/")
            #expect(shown.status == 403 && shown.text.contains("<code>denied</code>"))
        }
        #expect(try await world.log(of: world.hq).last == "login 0 alice@example.com revoked ")
        world.base.clock.advance(by: .seconds(61))
        #expect(try await browser.open("http://far.test/").status == 200)
        await world.end()
    }

    @Test func thePauseAfterARevocationIsNoLongerUnderAClockThatWasSetBack() async throws {
        let world = try await LoginWorld()
        await world.application(in: world.hq)
        func revoke() async {
            let answer = await world.base.post(
                "/accounts/\(world.hq)/access/organizations/revoke_user", ["email": "alice@example.com"])
            #expect(answer.status == 200)
        }
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
        world.base.clock.advance(by: .seconds(86_400))
        await revoke()
        world.base.clock.advance(by: .seconds(-86_400))
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
        // A revocation of now holds, whatever an earlier one said.
        await revoke()
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 403)
        world.base.clock.advance(by: .seconds(61))
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
        await world.end()
    }

    @Test func endedTokensOfAnApplicationAreEndedAtOnce() async throws {
        let world = try await LoginWorld(bridged: false)
        let app = await world.application(in: world.hq)
        let browser = LoginBrowser(world)
        #expect(try await browser.open("http://wiki.test/").status == 200)
        _ = await world.base.post("/accounts/\(world.hq)/access/apps/\(app)/revoke_tokens")
        #expect(try await browser.get("http://wiki.test/").status == 302)
        await world.end()
    }

    @Test func whoFindsNoSeatIsTurnedAway() async throws {
        let world = try await LoginWorld(seats: 1, bridged: false)
        await world.application(in: world.hq)
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
        let shown = try await LoginBrowser(world, as: "bob").open("http://wiki.test/")
        #expect(shown.status == 403 && shown.text.contains("<code>no_seat</code>"))
        #expect(try await world.log(of: world.hq).last == "login 0 bob@example.com no_seat ")
        // Who has a seat keeps it.
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
        let users = await world.base.get("/accounts/\(world.hq)/access/users").result.arrayValue ?? []
        #expect(users.count == 1)
        let seat: JSONValue = [
            "seat_uid": users.first?["seat_uid"] ?? .null, "access_seat": false, "gateway_seat": false,
        ]
        _ = await world.base.send(.patch, "/accounts/\(world.hq)/access/seats", [seat])
        #expect(try await LoginBrowser(world, as: "bob").open("http://wiki.test/").status == 200)
        await world.end()
    }

    @Test func theLoginPageGoesOnByItselfWhereItIsToldTo() async throws {
        let world = try await LoginWorld(bridged: false)
        let pin = await world.addProvider("onetimepin", to: world.hq)
        await world.application(in: world.hq)
        #expect(try await LoginBrowser(world).open("http://wiki.test/").links(containing: "/idp/").count == 2)
        await world.application(
            in: world.hq, at: "auto.test",
            ["allowed_idps": [.string(world.provider)], "auto_redirect_to_identity": true])
        #expect(try await LoginBrowser(world).open("http://auto.test/").status == 200)
        // At the team, it matters once one provider is left that works.
        _ = await world.base.send(.delete, "/accounts/\(world.hq)/access/identity_providers/\(pin)")
        _ = await world.addProvider("github", to: world.hq, ["client_id": "c", "client_secret": "s"])
        let page = try await LoginBrowser(world).open("http://wiki.test/")
        #expect(page.text.contains("nobody can sign in through them here"))
        #expect(page.links(containing: "/idp/").count == 1)
        await world.setTeam(of: world.hq, ["auto_redirect_to_identity": true])
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
        await world.end()
    }

    @Test func anApplicationTakesItsIdentityProvidersOnly() async throws {
        let world = try await LoginWorld()
        let own = try world.base.secondProvider(clientID: "own")
        let local = await world.base.identityProvider(in: world.emea, at: own, ["client_id": "own"])
        await world.application(in: world.emea, ["allowed_idps": [.string(local)]])
        let browser = LoginBrowser(world)
        let refused = try await Self.idp(browser, await world.connection(in: world.emea))
        #expect(refused.status == 403 && refused.text.contains("<code>idp_not_allowed</code>"))
        let shown = try await browser.open("http://wiki.test/")
        #expect(shown.status == 200 && shown.way.contains { $0.hasPrefix(own.issuer) })
        await own.stop()
        await world.end()
    }

    // MARK: Members of the server

    @Test func aMemberSignsInWithATokenOfTheirOwn() async throws {
        let world = try await LoginWorld(bridged: false)
        let members = await world.addProvider("cloudflare", to: world.emea, ["restrict_to_account_members": true])
        _ = members
        await world.application(in: world.emea, policy: ["include": [["everyone": [:]]]])
        let browser = LoginBrowser(world)
        let page = "http://emea.access.localhost:8787/cdn-cgi/access/member"
        func enter(_ token: String) async throws -> Shown {
            let state = try #require(try await browser.open("http://wiki.test/").hidden("state"))
            return try await browser.follow(try await browser.post(page, [("state", state), ("token", token)]))
        }
        let root = await world.base.get("/user").result["email"]?.stringValue ?? ""
        // The first administrator is no member of this account.
        #expect(try await enter(FederationWorld.root).text.contains("not good here"))
        let role = await world.base.get("/accounts/\(world.emea)/roles").result[0]?["id"] ?? .null
        let member = await world.base.post(
            "/accounts/\(world.emea)/members", ["email": .string(root), "roles": [role], "status": "accepted"])
        #expect(member.status < 300, "\(member.text)")
        for bad in ["", "x", FederationWorld.root + "x"] {
            let shown = try await enter(bad)
            #expect(shown.status == 403 && shown.text.contains("not good here"))
        }
        let shown = try await enter(FederationWorld.root)
        #expect(shown.status == 200)
        #expect(shown.claims["email"]?.stringValue == root)
        await world.end()
    }

    @Test func guessingTokensIsSlowedDown() async throws {
        let world = try await LoginWorld(bridged: false)
        _ = await world.addProvider("cloudflare", to: world.emea)
        await world.application(in: world.emea)
        let browser = LoginBrowser(world)
        let state = try #require(try await browser.open("http://wiki.test/").hidden("state"))
        let page = "http://emea.access.localhost:8787/cdn-cgi/access/member"
        var last = 0
        for _ in 0..<1001 where last != 429 {
            last = try await browser.post(page, [("state", state), ("token", "guess")]).status
        }
        #expect(last == 429)
        let other = LoginBrowser(world)
        other.address = "203.0.113.9"
        _ = try await other.open("http://wiki.test/")
        await world.end()
    }
}
