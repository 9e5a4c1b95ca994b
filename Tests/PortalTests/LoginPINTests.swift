import ControlPlane
import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite struct LoginPINTests {
    /// A world where people get to the application with a PIN alone.
    private static func world(policy: JSONObject = [:]) async throws -> LoginWorld {
        let world = try await LoginWorld(bridged: false)
        let pin = await world.addProvider("onetimepin", to: world.emea)
        await world.application(in: world.emea, ["allowed_idps": [.string(pin)]], policy: policy)
        return world
    }

    private static let pin = "http://emea.access.localhost:8787/cdn-cgi/access/pin"

    private static func ask(_ browser: LoginBrowser, _ email: String) async throws -> (state: String, shown: Shown) {
        let page = try await browser.open("http://wiki.test/")
        let state = try #require(page.hidden("state"), "\(page.text)")
        return (state, try await browser.post(pin, [("state", state), ("email", email)]))
    }

    @Test func sixDigitsThatCameByMailSignIn() async throws {
        let world = try await Self.world(policy: ["require": [["auth_method": ["auth_method": "otp"]]]])
        let browser = LoginBrowser(world)
        let (state, page) = try await Self.ask(browser, " ann@example.com ")
        #expect(page.status == 200 && page.text.contains("Check your mail"))
        let device = try #require(browser.takeSetCookies().last { $0.hasPrefix("CF_Device=") })
        #expect(device.contains("Max-Age=2592000") && device.contains("SameSite=Strict") && device.contains("HttpOnly"))
        let code = try #require(world.postbox.code(for: "ann@example.com"))
        #expect(code.count == 6 && code.allSatisfy(\.isNumber))
        let sent = try await browser.post(Self.pin + "/verify", [("state", state), ("code", " \(code.prefix(3)) \(code.suffix(3)) ")])
        #expect(sent.status == 303)
        let shown = try await browser.follow(sent)
        #expect(shown.status == 200)
        #expect(shown.claims["email"]?.stringValue == "ann@example.com")
        let identity = try await world.identity(of: "ann@example.com", in: world.emea)
        #expect(identity["amr"] == ["otp"])
        #expect(identity["groups"] == [])
        #expect(identity["idp"]?["type"]?.stringValue == "onetimepin")
        // The PIN and the attempt are used up.
        #expect(try await browser.post(Self.pin + "/verify", [("state", state), ("code", code)]).status == 400)
        await world.end()
    }

    /// Nothing tells a stranger whether an address may sign in.
    @Test func thePageIsTheSameWhetherOrNotAMailWasSent() async throws {
        let world = try await Self.world()
        var pages: [[String]] = []
        for email in ["ann@example.com", "eve@evil.test"] {
            let browser = LoginBrowser(world)
            let (state, page) = try await Self.ask(browser, email)
            var texts = [page.text]
            for code in ["000000x", "", "111111", "222222", "333333", "444444"] {
                texts.append(try await browser.post(Self.pin + "/verify", [("state", state), ("code", code)]).text)
            }
            texts.append(try await browser.post(Self.pin, [("state", state), ("email", email)]).text)
            pages.append(texts.map { $0.replacing(email, with: "EMAIL").replacing(state, with: "STATE") })
        }
        #expect(pages[0] == pages[1])
        #expect(world.postbox.letters.map(\.to) == ["ann@example.com"])
        await world.end()
    }

    @Test func fiveTriesAreAllAndEvenTheRightDigitsComeTooLate() async throws {
        let world = try await Self.world()
        let browser = LoginBrowser(world)
        let (state, _) = try await Self.ask(browser, "ann@example.com")
        let code = try #require(world.postbox.code(for: "ann@example.com"))
        let wrong = code == "000000" ? "000001" : "000000"
        for left in [4, 3, 2, 1, 0] {
            let shown = try await browser.post(Self.pin + "/verify", [("state", state), ("code", wrong)])
            #expect(shown.status == 403)
            #expect(shown.text.contains(left == 0 ? "no tries are left" : left == 1 ? "One try is left" : "\(left) tries are left"))
        }
        #expect(try await browser.post(Self.pin + "/verify", [("state", state), ("code", code)]).status == 403)
        await world.end()
    }

    @Test func digitsAreGoodForTenMinutesInTheBrowserThatAsked() async throws {
        let world = try await Self.world()
        let (browser, thief) = (LoginBrowser(world), LoginBrowser(world))
        let (state, _) = try await Self.ask(browser, "ann@example.com")
        let code = try #require(world.postbox.code(for: "ann@example.com"))
        _ = try await thief.open("http://wiki.test/")
        #expect(try await thief.post(Self.pin + "/verify", [("state", state), ("code", code)]).status == 400)
        world.base.clock.advance(by: .seconds(600))
        #expect(try await browser.post(Self.pin + "/verify", [("state", state), ("code", code)]).status >= 400)
        await world.end()
    }

    @Test func anAddressGetsOneMailAMinuteAndTenAnHour() async throws {
        let world = try await Self.world()
        for _ in 0..<3 { _ = try await Self.ask(LoginBrowser(world), "ann@example.com") }
        #expect(world.postbox.letters.count == 1)
        for _ in 0..<12 {
            world.base.clock.advance(by: .seconds(61))
            _ = try await Self.ask(LoginBrowser(world), "ANN@example.com")
        }
        #expect(world.postbox.letters.count < 12)
        world.base.clock.advance(by: .seconds(3601))
        let before = world.postbox.letters.count
        _ = try await Self.ask(LoginBrowser(world), "ann@example.com")
        #expect(world.postbox.letters.count == before + 1)
        await world.end()
    }

    @Test func aBrowserThatAsksTooOftenIsToldToWait() async throws {
        let world = try await Self.world()
        let browser = LoginBrowser(world)
        for number in 0..<10 { #expect(try await Self.ask(browser, "a\(number)@example.com").shown.status == 200) }
        let shown = try await Self.ask(browser, "b@example.com").shown
        #expect(shown.status == 429 && shown.text.contains("<code>rate_limited</code>"))
        #expect(try await Self.ask(LoginBrowser(world), "b@example.com").shown.status == 200)
        await world.end()
    }

    @Test func whatIsNoAddressIsSaidAtOnce() async throws {
        let world = try await Self.world()
        for bad in ["", "ann", "a@b@c", "<x>@y.z", "a b@c.d", "@x.y", "a@"] {
            let shown = try await Self.ask(LoginBrowser(world), bad).shown
            #expect(shown.status == 400 && shown.text.contains("That is not an e-mail address."), "\(bad)")
            #expect(shown.text.contains("aria-invalid=\"true\""))
        }
        #expect(world.postbox.letters.isEmpty)
        await world.end()
    }

    @Test func aMailServerThatIsDownIsAPageThatSaysTryAgain() async throws {
        let world = try await Self.world()
        world.postbox.fail()
        for email in ["ann@example.com", "eve@evil.test"] {
            let shown = try await Self.ask(LoginBrowser(world), email).shown
            #expect(shown.status == 502 && shown.text.contains("Try again in a minute"))
        }
        await world.end()
    }

    @Test func aServerWithoutMailShowsTheChoiceDisabled() async throws {
        let world = try await LoginWorld(sendsMail: false, bridged: false)
        _ = await world.addProvider("onetimepin", to: world.hq)
        await world.application(in: world.hq)
        let shown = try await LoginBrowser(world).open("http://wiki.test/")
        #expect(shown.status == 200 && shown.text.contains("sends no mail"))
        #expect(shown.links(containing: "/idp/").count == 1)
        await world.end()
    }

    @Test func underEnforcementNoMailIsSent() async throws {
        let world = try await LoginWorld()
        let pin = await world.addProvider("onetimepin", to: world.emea)
        await world.application(in: world.emea)
        let browser = LoginBrowser(world)
        let login = try #require(try await browser.get("http://wiki.test/").location)
        let choice = login.replacing("?kid", with: "/idp/\(pin)?kid")
        let page = try await browser.get(choice)
        let state = try #require(page.hidden("state"))
        await world.base.primary(world.provider, of: world.hq, for: world.organization, mode: "enforce")
        let sent = try await browser.post(Self.pin, [("state", state), ("email", "ann@example.com")])
        #expect(sent.status == 403 && sent.text.contains("<code>idp_not_allowed</code>"))
        let verified = try await browser.post(Self.pin + "/verify", [("state", state), ("code", "000000")])
        #expect(verified.status == 403 && verified.text.contains("<code>idp_not_allowed</code>"))
        #expect(try await browser.get(choice).status == 403)
        #expect(world.postbox.letters.isEmpty)
        #expect(try await world.log(of: world.emea).allSatisfy { $0.hasPrefix("login 0  enforced") })
        await world.end()
    }
}
