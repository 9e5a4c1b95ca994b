import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// Reasons that people must give, and the word of others.
@Suite struct LoginTermsTests {
    private static let team = "http://hq.access.localhost:8787/cdn-cgi/access"

    @Test func whoMustGiveAReasonGivesItAndItIsKept() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(
            in: world.hq,
            policy: ["purpose_justification_required": true, "purpose_justification_prompt": "Why <now>?"])
        let browser = LoginBrowser(world)
        let page = try await browser.open("http://wiki.test/a")
        #expect(page.status == 200 && page.text.contains("Why &lt;now&gt;?"))
        #expect(page.header("content-security-policy")?.contains("form-action 'self' http://wiki.test") == true)
        let ticket = try #require(page.hidden("ticket"))
        func state(_ text: String, _ who: LoginBrowser) async throws -> Shown {
            try await who.post(Self.team + "/purpose", [("ticket", ticket), ("purpose", text)])
        }
        for bad in ["", "  \n", String(repeating: "a", count: 1025)] {
            let again = try await state(bad, browser)
            #expect(again.status == 400 && again.text.contains("aria-invalid=\"true\""))
        }
        // Another browser, even one that is signed in as the same person, gets nowhere with it.
        let other = LoginBrowser(world)
        _ = try await other.open("http://wiki.test/a")
        #expect(try await state("x", other).status == 400)
        #expect(try await state("x", LoginBrowser(world)).status == 400)
        let sent = try await state("  Ticket 7 & <b>  ", browser)
        #expect(sent.status == 303)
        let shown = try await browser.follow(sent)
        #expect(shown.status == 200 && shown.url.description == "http://wiki.test/a")
        #expect(try await world.log(of: world.hq) == ["login 1 alice@example.com  Ticket 7 & <b>"])
        await world.end()
    }

    @Test func aTicketExpiresAndCannotBeChanged() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq, policy: ["purpose_justification_required": true])
        let browser = LoginBrowser(world)
        let ticket = try #require(try await browser.open("http://wiki.test/").hidden("ticket"))
        for bad in [ticket + "A", "A" + ticket, String(ticket.dropLast(4)), "", "x"] {
            let shown = try await browser.post(Self.team + "/purpose", [("ticket", bad), ("purpose", "p")])
            #expect(shown.status == 400 && shown.text.contains("<code>session_invalid</code>"))
        }
        world.base.clock.advance(by: .seconds(601))
        #expect(try await browser.post(Self.team + "/purpose", [("ticket", ticket), ("purpose", "p")]).status == 400)
        #expect(try await browser.get(Self.team + "/purpose").status == 405)
        await world.end()
    }

    private static let approval: JSONObject = [
        "approval_required": true,
        "approval_groups": [["approvals_needed": 1, "email_addresses": ["Bob@example.com", "alice@example.com"]]],
    ]

    @Test func anApprovalOfAFutureThatDidNotComeIsNone() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq, policy: Self.approval)
        let (alice, bob) = (LoginBrowser(world), LoginBrowser(world, as: "bob"))
        world.base.clock.advance(by: .seconds(86_400))
        #expect(try await alice.open("http://wiki.test/").text.contains("Waiting for approval"))
        let list = try await bob.open(Self.team + "/approvals")
        let (token, request) = (try #require(list.hidden("token")), try #require(list.hidden("request")))
        let form = [("token", token), ("request", request), ("answer", "approve")]
        #expect(try await bob.post(Self.team + "/approvals", form).text.contains("Approved."))
        world.base.clock.advance(by: .seconds(-86_400))
        #expect(try await LoginBrowser(world).open("http://wiki.test/").text.contains("Waiting for approval"))
        await world.end()
    }

    @Test func aLoginWaitsForTheWordOfAnApprover() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq, policy: Self.approval)
        let (alice, bob) = (LoginBrowser(world), LoginBrowser(world, as: "bob"))
        let waiting = try await alice.open("http://wiki.test/a")
        #expect(waiting.status == 200 && waiting.text.contains("Waiting for approval"))
        let again = "http://hq.access.localhost:8787" + (try #require(waiting.links(containing: "/resume").first))
        #expect(try await alice.open(again).text.contains("Waiting for approval"))
        // Asked once, however often the person looks.
        #expect(world.postbox.letters.map { $0.to } == ["bob@example.com"])
        #expect(
            world.postbox.letters.first?.body.contains("http://hq.access.localhost:8787/cdn-cgi/access/approvals")
                == true)

        // Nobody confirms what they ask for themselves.
        #expect(try await alice.open(Self.team + "/approvals").text.contains("Nobody waits for your word"))
        let list = try await bob.open(Self.team + "/approvals")
        #expect(list.text.contains("alice@example.com"))
        let (token, request) = (try #require(list.hidden("token")), try #require(list.hidden("request")))
        let form = [("token", token), ("request", request), ("answer", "approve")]
        // Another's form, or one without its token, does nothing.
        #expect(try await alice.post(Self.team + "/approvals", form).status == 400)
        #expect(try await bob.post(Self.team + "/approvals", [("token", "x")] + form.dropFirst()).status == 400)
        #expect(try await bob.post(Self.team + "/approvals", form).text.contains("Approved."))
        #expect(try await bob.post(Self.team + "/approvals", form).text.contains("not open any more"))
        let shown = try await alice.open(again)
        #expect(shown.status == 200 && shown.url.description == "http://wiki.test/a")
        // It holds for an hour.
        alice.forget("CF_Authorization", at: "wiki.test")
        #expect(try await alice.open("http://wiki.test/b").url.description == "http://wiki.test/b")
        world.base.clock.advance(by: .seconds(3601))
        alice.forget("CF_Authorization", at: "wiki.test")
        #expect(try await alice.open("http://wiki.test/c").text.contains("Waiting for approval"))
        let audit = try await world.base.audit(of: world.organization)
        #expect(audit.contains { $0.event.description == "approves the login of alice@example.com" })
        await world.end()
    }

    @Test func aRefusalIsSaidAndLogged() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq, policy: Self.approval)
        let (alice, bob) = (LoginBrowser(world), LoginBrowser(world, as: "bob"))
        _ = try await alice.open("http://wiki.test/a")
        let list = try await bob.open(Self.team + "/approvals")
        let form = [
            ("token", try #require(list.hidden("token"))), ("request", try #require(list.hidden("request"))),
            ("answer", "refuse"),
        ]
        _ = try await bob.post(Self.team + "/approvals", form)
        let shown = try await alice.open("http://wiki.test/a")
        #expect(shown.status == 403 && shown.text.contains("it was refused"))
        #expect(try await world.log(of: world.hq).last == "login 0 alice@example.com approval_refused ")
        await world.end()
    }

    @Test func everyGroupMustConfirmAndEachPersonCountsOnce() async throws {
        let world = try await LoginWorld(bridged: false)
        let pin = await world.addProvider("onetimepin", to: world.hq)
        _ = pin
        await world.application(
            in: world.hq,
            policy: [
                "include": [["email": ["email": "alice@example.com"]]], "approval_required": true,
                "approval_groups": [
                    ["approvals_needed": 2, "email_addresses": ["bob@example.com", "cy@example.com"]]
                ],
            ])
        let (alice, bob) = (LoginBrowser(world), LoginBrowser(world, as: "bob"))
        func signIn(_ browser: LoginBrowser) async throws -> Shown {
            let page = try await browser.open("http://wiki.test/a")
            guard let link = page.links(containing: world.provider).first else { return page }
            return try await browser.open("http://hq.access.localhost:8787" + link)
        }
        _ = try await signIn(alice)
        let choices = try await bob.open(Self.team + "/approvals")
        let link = try #require(choices.links(containing: world.provider).first)
        var list = try await bob.open("http://hq.access.localhost:8787" + link)
        for _ in 0..<2 {
            guard let request = list.hidden("request"), let token = list.hidden("token") else { break }
            list = try await bob.post(
                Self.team + "/approvals", [("token", token), ("request", request), ("answer", "approve")])
        }
        #expect(list.text.contains("Others have to as well"))
        #expect(try await signIn(alice).text.contains("Waiting for approval"))
        // The other approver comes with a PIN: being one is reason enough to get a mail.
        let cy = LoginBrowser(world)
        let pinLink = try #require(try await cy.open(Self.team + "/approvals").links(containing: pin).first)
        let state = try #require(try await cy.open("http://hq.access.localhost:8787" + pinLink).hidden("state"))
        _ = try await cy.post(Self.team + "/pin", [("state", state), ("email", "cy@example.com")])
        let code = try #require(world.postbox.code(for: "cy@example.com"))
        let entered = try await cy.post(Self.team + "/pin/verify", [("state", state), ("code", code)])
        let shown = try await cy.follow(entered)
        _ = try await cy.post(
            Self.team + "/approvals",
            [
                ("token", try #require(shown.hidden("token"))), ("request", try #require(shown.hidden("request"))),
                ("answer", "approve"),
            ])
        #expect(try await signIn(alice).url.description == "http://wiki.test/a")
        await world.end()
    }
}
