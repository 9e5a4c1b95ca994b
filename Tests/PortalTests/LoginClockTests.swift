import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// A clock that is set wrong, and right again. What was made under one time is good under no other for longer than it was
/// made for, and whoever signs in again gets in.
@Suite("A clock that jumps, at login", .serialized)
struct LoginClockTests {
    private static let year = Duration.seconds(365 * 86_400)
    private static let pin = "http://emea.access.localhost:8787/cdn-cgi/access/pin"

    @Test("sessions of a future that did not come are over, and those of before go on", arguments: [-1, 1])
    func sessions(_ sign: Int) async throws {
        let world = try await LoginWorld()
        await world.application(in: world.emea)
        let (before, during) = (LoginBrowser(world), LoginBrowser(world, as: "bob"))
        #expect(try await before.open("http://wiki.test/").status == 200)
        let jump = Duration.seconds(sign * 7 * 3600)
        world.base.clock.advance(by: jump)
        #expect(try await during.open("http://wiki.test/").status == 200)
        // What began in the future does not count; what began seven hours ago does.
        #expect(try await before.get("http://wiki.test/").status == (sign > 0 ? 200 : 302))
        #expect(try await before.open("http://wiki.test/").status == 200)
        world.base.clock.advance(by: .zero - jump)
        #expect(try await during.get("http://wiki.test/").status == (sign > 0 ? 302 : 200))
        for browser in [before, during] {
            #expect(try await browser.open("http://wiki.test/").status == 200)
            // Nothing was made before now, and nothing lasts longer than it should.
            let claims = try await browser.open("http://wiki.test/").claims
            let (issued, end) = (claims["iat"]?.integerValue ?? 0, claims["exp"]?.integerValue ?? 0)
            #expect(end - issued == 86_400)
            #expect(issued <= world.base.clock.now.seconds + 60 && end > world.base.clock.now.seconds)
        }
        await world.end()
    }

    @Test("no step of a login outlives a clock that is set back", arguments: [3600, 30 * 86_400])
    func steps(_ back: Int) async throws {
        let world = try await LoginWorld()
        await world.application(in: world.emea)
        await world.application(in: world.hq, at: "hq.test", ["name": "HQ"])
        let stops = ["/cdn-cgi/access/login/", "/bridge/", "/cdn-cgi/access/callback", "/cdn-cgi/access/authorized"]
        var waiting: [(LoginBrowser, String, String)] = []
        world.base.clock.advance(by: .seconds(back))
        for (host, step) in ["wiki.test", "hq.test"].flatMap({ host in stops.map { (host, $0) } }) {
            if host == "hq.test", step == "/bridge/" { continue }
            let browser = LoginBrowser(world)
            let stopped = try await browser.follow(try await browser.get("http://\(host)/")) { $0.contains(step) }
            waiting.append((browser, host, try #require(stopped.location)))
        }
        world.base.clock.advance(by: .seconds(-back))
        for (browser, host, address) in waiting {
            let shown = try await browser.get(address.hasPrefix("/") ? "http://\(host)\(address)" : address)
            #expect(shown.status == 400, "\(address): \(shown.status)")
            #expect(
                ["session_invalid", "state_mismatch", "bridge_invalid"].contains {
                    shown.text.contains("<code>\($0)</code>")
                }, "\(shown.text)")
            #expect(try await browser.open("http://\(host)/").status == 200)
        }
        await world.end()
    }

    @Test("a code by mail is good for ten minutes of either time, and the next one is sent")
    func pins() async throws {
        let world = try await LoginWorld(bridged: false)
        let pin = await world.addProvider("onetimepin", to: world.emea)
        await world.application(in: world.emea, ["allowed_idps": [.string(pin)]])
        func ask(_ browser: LoginBrowser) async throws -> (state: String, code: String) {
            let state = try #require(try await browser.open("http://wiki.test/").hidden("state"))
            let sent = try await browser.post(Self.pin, [("state", state), ("email", "ann@example.com")])
            #expect(sent.status == 200, "\(sent.text)")
            return (state, try #require(world.postbox.code(for: "ann@example.com")))
        }
        func verify(_ browser: LoginBrowser, _ entry: (state: String, code: String)) async throws -> Shown {
            try await browser.post(Self.pin + "/verify", [("state", entry.state), ("code", entry.code)])
        }
        world.base.clock.advance(by: Self.year)
        let early = LoginBrowser(world)
        let old = try await ask(early)
        // As many as may be sent in an hour, all of them in a future that did not come.
        for _ in 0..<OneTimePIN.mailsToAddress {
            world.base.clock.advance(by: .seconds(61))
            _ = try await ask(LoginBrowser(world))
        }
        world.base.clock.advance(by: .zero - Self.year)
        #expect(try await verify(early, old).status == 400)
        let letters = world.postbox.letters.count
        let browser = LoginBrowser(world)
        let fresh = try await ask(browser)
        #expect(world.postbox.letters.count == letters + 1)
        // A few seconds back, as clocks are corrected, are nothing.
        world.base.clock.advance(by: .seconds(-5))
        let verified = try await verify(browser, fresh)
        #expect(verified.status == 303, "\(verified.text)")
        #expect(try await browser.follow(verified).status == 200)
        // Forward: what is over is over.
        let late = LoginBrowser(world)
        world.base.clock.advance(by: .seconds(61))
        let entry = try await ask(late)
        world.base.clock.advance(by: Self.year)
        #expect(try await verify(late, entry).status == 400)
        await world.end()
    }

    @Test("keys of the identity provider are asked for again, and a new key is found")
    func keys() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        world.base.clock.advance(by: Self.year)
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
        // One refresh for an unknown key a minute: this one is of the future.
        try world.base.idp.rotateKeys(keepingOld: false)
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
        world.base.clock.advance(by: .zero - Self.year)
        try world.base.idp.rotateKeys(keepingOld: false)
        #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
        await world.end()
    }
}
