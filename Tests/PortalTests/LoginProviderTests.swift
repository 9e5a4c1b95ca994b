import HTTP
import JSON
import Primitives
import Synchronization
import TestKit
import Testing

/// Identity providers that fail, lie, or change meanwhile.
@Suite struct LoginProviderTests {
    private static func scripted(bridged: Bool = false) async throws -> (LoginWorld, ScriptedProvider, String) {
        let world = try await LoginWorld(bridged: false)
        let script = try ScriptedProvider(world.base.idp, group: world.base.group)
        let account = await world.base.account("scripted", in: world.organization)
        let provider = await world.base.identityProvider(in: account, script.configuration)
        if bridged { await world.base.primary(provider, of: account, for: world.organization) }
        return (world, script, account)
    }

    @Test(arguments: ScriptedProvider.Fault.allCases)
    func aTokenEndpointThatFailsLeadsToAPageThatSaysSo(_ fault: ScriptedProvider.Fault) async throws {
        let (world, script, account) = try await Self.scripted()
        await world.application(in: account)
        let browser = LoginBrowser(world)
        script.misbehave(fault)
        let shown = try await browser.open("http://wiki.test/")
        #expect([502, 403].contains(shown.status), "\(fault) \(shown.status)")
        #expect(
            shown.text.contains("<code>token_error</code>") || shown.text.contains("<code>idp_unreachable</code>"))
        #expect(!shown.text.contains("broken"))
        #expect(browser.cookie("CF_Authorization", at: "scripted.access.localhost") == nil)
        let row = try #require(try await world.log(of: account).last)
        #expect(row.hasPrefix("login 0  token_error") || row.hasPrefix("login 0  idp_unreachable"))
        script.misbehave(nil)
        #expect(try await browser.open("http://wiki.test/").status == 200)
        await script.stop()
        await world.end()
    }

    @Test(
        arguments: [
            (["nonce": "another"], "token_error", "wrong_nonce"), (["nonce": .null], "token_error", "wrong_nonce"),
            (["aud": "somebody"], "token_error", "wrong_audience"),
            (["iss": "https://evil.test"], "token_error", "unknown_issuer"),
            (["exp": 1], "token_error", "expired"), (["email": .null], "email_missing", ""),
            (["email_verified": false], "email_missing", "not verified"),
            (["email": "a b"], "email_missing", ""),
        ] as [(JSONObject, String, String)])
    func aTokenThatIsNotForThisLoginIsRefused(_ claims: JSONObject, _ code: String, _ part: String) async throws {
        let (world, script, account) = try await Self.scripted()
        await world.application(in: account)
        script.say(claims)
        let shown = try await LoginBrowser(world).open("http://wiki.test/")
        if claims["email"]?.stringValue == "a b" {
            // An odd address is an address that no rule admits.
            #expect(shown.status == 403)
        } else {
            #expect(shown.text.contains("<code>\(code)</code>"), "\(shown.text)")
            #expect(shown.text.contains(part))
        }
        await script.stop()
        await world.end()
    }

    @Test func aProviderThatIsDownWhenTheCodeIsExchangedIsAPageThatSaysTryAgain() async throws {
        let (world, script, account) = try await Self.scripted()
        await world.application(in: account)
        await world.application(in: world.hq, at: "other.test", ["name": "Other"])
        let browser = LoginBrowser(world)
        let stopped = try await browser.follow(try await browser.get("http://wiki.test/")) { $0.contains("/callback") }
        await script.stop()
        let shown = try await browser.get(try #require(stopped.location))
        #expect(shown.status == 502 && shown.text.contains("<code>idp_unreachable</code>"), "\(shown.text)")
        #expect(shown.text.contains("Try again in a minute"))
        #expect(try await world.log(of: account).last?.hasPrefix("login 0  idp_unreachable") == true)
        #expect(try await LoginBrowser(world).open("http://other.test/").status == 200)
        await world.end()
    }

    /// Its keys lead elsewhere: to another provider's, or to none at all.
    @Test(arguments: ["/token", "/nowhere", "/authorize"])
    func aProviderWhoseKeysAreNoneLetsNobodyIn(_ path: String) async throws {
        let (world, script, account) = try await Self.scripted()
        let liar = await world.base.account("liar", in: world.organization)
        var configuration = script.configuration
        configuration["certs_url"] = .string(script.origin + path)
        _ = await world.base.identityProvider(in: liar, configuration)
        await world.application(in: liar)
        await world.application(in: account, at: "other.test", ["name": "Other"])
        let shown = try await LoginBrowser(world).open("http://wiki.test/")
        #expect(shown.status == 502 || shown.status == 403, "\(shown.status)")
        #expect(shown.text.contains("<code>idp_unreachable</code>") || shown.text.contains("<code>token_error</code>"))
        #expect(try await world.log(of: liar).last?.hasPrefix("login 0 ") == true)
        #expect(try await LoginBrowser(world).open("http://other.test/").status == 200)
        await script.stop()
        await world.end()
    }

    /// One loop serves everybody: whoever waits for a slow provider keeps nobody waiting.
    @Test func aSlowProviderKeepsNobodyElseWaiting() async throws {
        let (world, script, account) = try await Self.scripted()
        await world.application(in: account)
        await world.application(in: world.hq, at: "other.test", ["name": "Other"])
        let statuses = Mutex<[Int]>([])
        script.meanwhile {
            for _ in 0..<3 {
                let status = try? await LoginBrowser(world, as: "bob").open("http://other.test/").status
                statuses.withLock { $0.append(status ?? 0) }
            }
        }
        let shown = try await LoginBrowser(world).open("http://wiki.test/")
        #expect(statuses.withLock { $0 } == [200, 200, 200])
        #expect(shown.status == 200, "\(shown.text)")
        await script.stop()
        await world.end()
    }

    @Test func anErrorOfTheIdentityProviderIsShownWithoutItsWords() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        for (query, part) in [
            ("error=access_denied&error_description=%3Cb%3Ebad", "did not let you in"),
            ("error=x%3Cy", "reports a problem"),
            ("", "sent no code"),
        ] {
            let browser = LoginBrowser(world)
            let stopped = try await browser.follow(try await browser.get("http://wiki.test/")) {
                $0.contains("/callback")
            }
            let state = try #require(WebAddressQuery.value("state", in: stopped.location ?? ""))
            let shown = try await browser.get(
                "http://hq.access.localhost:8787/cdn-cgi/access/callback?state=\(state)&\(query)")
            #expect(shown.status == 502)
            #expect(shown.text.contains("<code>idp_error</code>") && shown.text.contains(part))
            #expect(!shown.text.contains("<b>bad") && !shown.text.contains("x&lt;y"))
        }
        await world.end()
    }

    @Test func anAnswerThatNamesAnotherIssuerIsRefused() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq)
        for (issuer, isGood) in [("https://evil.test", false), (world.base.idp.issuer, true)] {
            let browser = LoginBrowser(world)
            let stopped = try await browser.follow(try await browser.get("http://wiki.test/")) {
                $0.contains("/callback")
            }
            let shown = try await browser.open(
                try #require(stopped.location) + "&iss=" + PercentEncoding.encode(issuer))
            #expect(shown.status == (isGood ? 200 : 502))
        }
        await world.end()
    }

    @Test func aProviderThatIsDeletedOnTheWayIsNotComeBackFrom() async throws {
        let world = try await LoginWorld(bridged: false)
        let (browser, id) = (LoginBrowser(world), world.provider)
        await world.application(in: world.hq)
        let stopped = try await browser.follow(try await browser.get("http://wiki.test/")) { $0.contains("/callback") }
        let deleted = await world.base.send(.delete, "/accounts/\(world.hq)/access/identity_providers/\(id)")
        #expect(deleted.status < 300, "\(deleted.text)")
        let shown = try await browser.get(try #require(stopped.location))
        #expect(shown.status == 403)
        #expect(shown.text.contains("<code>idp_not_allowed</code>"))
        await world.end()
    }

    @Test func keysMayChangeWhilePeopleSignIn() async throws {
        let world = try await LoginWorld()
        await world.application(in: world.hq)
        await world.application(in: world.emea, at: "emea.test")
        for round in 0..<4 {
            #expect(try await LoginBrowser(world).open("http://wiki.test/").status == 200)
            let browser = LoginBrowser(world)
            let stopped = try await browser.follow(try await browser.get("http://emea.test/")) {
                $0.contains("/callback")
            }
            try world.base.idp.rotateKeys(keepingOld: round % 2 == 0)
            #expect(try await browser.open(try #require(stopped.location)).status == 200)
            // Keys are looked for again once a minute at most.
            world.base.clock.advance(by: .seconds(61))
        }
        await world.end()
    }

    /// I15: an identity over the bridge has the same address, groups and methods as a direct login at the source.
    @Test func anIdentityOverTheBridgeIsTheOneOfADirectLogin() async throws {
        let (world, script, account) = try await Self.scripted(bridged: true)
        await world.application(in: account, at: "source.test", policy: ["include": [["everyone": [:]]]])
        await world.application(in: world.emea, at: "emea.test", policy: ["include": [["everyone": [:]]]])
        var random = SeededNumbers(seed: 0x15)
        for round in 0..<12 {
            let words = ["eng", "Ops & co", "münchen", "a,b", "x\"y", "admins"]
            let groups = words.filter { _ in random.next() % 2 == 0 }
            let amr = ["pwd", "otp", "mfa", "hwk"].filter { _ in random.next() % 2 == 0 }
            let email = "\(round % 2 == 0 ? "Ann.\(round)" : "ünal\(round)")@Example.COM"
            script.say([
                "email": .string(email), "sub": .string("s\(round)"), "name": "N",
                "groups": .array(groups.map(JSONValue.string)), "amr": .array(amr.map(JSONValue.string)),
            ])
            #expect(try await LoginBrowser(world).open("http://source.test/").status == 200)
            #expect(try await LoginBrowser(world).open("http://emea.test/").status == 200)
            let direct = try await world.identity(of: email, in: account)
            let bridged = try await world.identity(of: email, in: world.emea)
            for name in ["email", "groups", "amr", "acrs", "name", "sub", "oidc_fields"] {
                #expect(direct[name] == bridged[name], "round \(round), \(name)")
            }
            #expect(direct["groups"]?.arrayValue?.compactMap(\.stringValue) == groups)
            #expect(direct["amr"]?.arrayValue?.compactMap(\.stringValue) == amr)
            #expect(bridged["idp"]?["source_account_id"]?.stringValue == account)
            #expect(direct["user_uuid"] != bridged["user_uuid"])
        }
        await script.stop()
        await world.end()
    }

    @Test func whoAsksForALoginEachTimeGetsOneEachTime() async throws {
        let (world, script, account) = try await Self.scripted(bridged: true)
        await world.application(in: account, at: "app.test", ["session_duration": "0s"])
        await world.application(in: account, at: "policy.test", policy: ["session_duration": "0s"])
        await world.application(in: world.emea, at: "far.test", ["session_duration": "0s"])
        for host in ["app.test", "policy.test", "far.test"] {
            let browser = LoginBrowser(world)
            for _ in 0..<2 {
                let shown = try await browser.open("http://\(host)/")
                #expect(shown.status == 200, "\(host)")
                #expect(shown.way.contains { $0.hasPrefix(script.origin) }, "\(host)")
                #expect(script.lastAsked?["prompt"] == "login")
                #expect(
                    browser.takeSetCookies().contains { $0.hasPrefix("CF_Authorization") && $0.contains("Max-Age=60") })
                #expect(try await browser.get("http://\(host)/").status == 200)
                world.base.clock.advance(by: .seconds(61))
                #expect(try await browser.get("http://\(host)/").status == 302)
            }
        }
        // A provider that says it did not ask is not believed.
        script.say(["auth_time": .integer(world.base.clock.now.seconds - 600)])
        let lazy = try await LoginBrowser(world).open("http://app.test/")
        #expect(lazy.text.contains("<code>idp_error</code>"))
        await script.stop()
        await world.end()
    }

    @Test func hintsAndWishesTravelToTheIdentityProvider() async throws {
        let (world, script, account) = try await Self.scripted(bridged: true)
        await world.application(in: world.emea, at: "far.test")
        _ = account
        let browser = LoginBrowser(world)
        let login = try #require(try await browser.get("http://far.test/").location)
        _ = try await browser.open(login + "&login_hint=ann%40example.com&prompt=login")
        #expect(script.lastAsked?["login_hint"] == "ann@example.com")
        #expect(script.lastAsked?["prompt"] == "login")
        #expect(script.lastAsked?["response_type"] == "code")
        await script.stop()
        await world.end()
    }
}

/// Numbers that are the same in every run (SplitMix64).
struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
