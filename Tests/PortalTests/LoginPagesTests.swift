import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite struct LoginPagesTests {
    private static let home = "http://hq.access.localhost:8787/"

    @Test func theLauncherShowsWhatSomebodyMayOpen() async throws {
        let world = try await LoginWorld(bridged: false)
        await world.application(in: world.hq, at: "wiki.test/start", ["logo_url": "https://cdn.test/w.png"])
        await world.application(
            in: world.hq, at: "pay.test", ["name": "Payroll"],
            policy: ["include": [["email": ["email": "bob@example.com"]]]])
        await world.application(in: world.hq, at: "gone.test", ["name": "Hidden", "app_launcher_visible": false])
        await world.application(in: world.hq, at: "*.many.test", ["name": "Many"])
        _ = await world.base.post(
            "/accounts/\(world.hq)/access/apps",
            ["type": "bookmark", "name": "A <link>", "domain": "docs.example.org/x"])
        let shown = try await LoginBrowser(world).open(Self.home)
        #expect(shown.status == 200)
        #expect(shown.links(containing: "wiki.test") == ["http://wiki.test/start"])
        #expect(shown.text.contains("https://cdn.test/w.png"))
        #expect(shown.links(containing: "docs.example.org") == ["https://docs.example.org/x"])
        #expect(shown.text.contains("A &lt;link&gt;"))
        for hidden in ["Payroll", "Hidden", "Many"] { #expect(!shown.text.contains(hidden)) }
        #expect(try await LoginBrowser(world, as: "bob").open(Self.home).text.contains("Payroll"))
        await world.end()
    }

    @Test func theLauncherHasItsOwnRulesColoursAndLinks() async throws {
        let world = try await LoginWorld(bridged: false)
        let answer = await world.base.post(
            "/accounts/\(world.hq)/access/apps",
            [
                "type": "app_launcher", "bg_color": "#112233", "header_bg_color": "#ffee00",
                "footer_links": [["name": "Help & more", "url": "https://help.test/"]],
                "landing_page_design": ["title": "Hello <you>", "message": "Come in."],
                "policies": [
                    [
                        "name": "p", "decision": "allow", "include": [["email": ["email": "alice@example.com"]]],
                    ]
                ],
            ])
        #expect(answer.status < 300, "\(answer.text)")
        _ = await world.addProvider("onetimepin", to: world.hq)
        let page = try await LoginBrowser(world).open(Self.home)
        #expect(page.text.contains("<h1>Hello &lt;you&gt;</h1>") && page.text.contains("Come in."))
        func signIn(_ who: String) async throws -> Shown {
            let browser = LoginBrowser(world, as: who)
            let link = try #require(try await browser.open(Self.home).links(containing: world.provider).first)
            return try await browser.open("http://hq.access.localhost:8787" + link)
        }
        let shown = try await signIn("alice")
        #expect(shown.links(containing: "help.test") == ["https://help.test/"])
        #expect(shown.text.contains("Help &amp; more"))
        let css = try await LoginBrowser(world).get(Self.home + "cdn-cgi/access/launcher.css")
        #expect(css.text.contains("#112233") && css.text.contains("#ffee00"))
        #expect(try await signIn("bob").status == 403)
        await world.end()
    }

    @Test func pagesAreDressedAsTheOrganizationLikes() async throws {
        let world = try await LoginWorld(bridged: false)
        _ = await world.addProvider("onetimepin", to: world.hq)
        await world.setTeam(
            of: world.hq,
            [
                "login_design": [
                    "background_color": "#102030", "text_color": "#fefefe", "logo_path": "https://cdn.test/logo.png",
                    "header_text": "Hello <script>", "footer_text": "Call & ask",
                ]
            ])
        let shown = try await LoginBrowser(world).open(Self.home)
        #expect(shown.text.contains("Hello &lt;script&gt;") && shown.text.contains("Call &amp; ask"))
        #expect(shown.text.contains("src=\"https://cdn.test/logo.png\""))
        #expect(shown.text.contains("href=\"/cdn-cgi/access/theme.css\""))
        let css = try await LoginBrowser(world).get(Self.home + "cdn-cgi/access/theme.css")
        #expect(css.status == 200 && css.text.contains("#102030") && css.text.contains("#fefefe"))
        await world.end()
    }

    private static func customPage(_ world: LoginWorld, _ type: String, _ html: String) async -> JSONValue {
        await world.base.post(
            "/accounts/\(world.hq)/access/custom_pages",
            ["name": .string(type), "type": .string(type), "custom_html": .string(html)]
        ).result["uid"] ?? .null
    }

    @Test func pagesThatAnAccountWroteRunNothing() async throws {
        let world = try await LoginWorld(bridged: false)
        let html = "<h1>{{app_name}}</h1><p>{{message}}|{{email}}|{{ray_id}}|{{other}}</p><script>alert(1)</script>"
        let page = await Self.customPage(world, "identity_denied", html)
        await world.application(
            in: world.hq, ["name": "A <b>", "custom_deny_message": "{{email}} <i>", "custom_pages": [page]],
            policy: ["include": [["email": ["email": "bob@example.com"]]]])
        let shown = try await LoginBrowser(world).open("http://wiki.test/")
        #expect(shown.status == 403)
        #expect(
            shown.text
                == "<h1>A &lt;b&gt;</h1><p>{{email}} &lt;i&gt;|alice@example.com|0000000000000abc-ORG|{{other}}</p><script>alert(1)</script>")
        let policy = try #require(shown.header("content-security-policy"))
        #expect(policy.contains("default-src 'none'") && !policy.contains("script-src"))
        #expect(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"))
        await world.end()
    }

    @Test func theOrganizationsPagesAreShownWhereAnApplicationHasNone() async throws {
        let world = try await LoginWorld(bridged: false)
        let denied = await Self.customPage(world, "identity_denied", "<p>no {{email}}</p>")
        await world.setTeam(of: world.hq, ["custom_pages": ["identity_denied": denied]])
        await world.application(in: world.hq, policy: ["include": [["email": ["email": "bob@example.com"]]]])
        #expect(try await LoginBrowser(world).open("http://wiki.test/").text == "<p>no alice@example.com</p>")
        await world.end()
    }

    @Test func aLoginPageThatAnAccountWroteHasTheWaysToSignIn() async throws {
        let world = try await LoginWorld(bridged: false)
        _ = await world.addProvider("onetimepin", to: world.hq)
        let page = await Self.customPage(world, "login", "<h1>Welcome to {{app_name}}</h1>")
        await world.application(in: world.hq, ["custom_pages": [page]])
        let shown = try await LoginBrowser(world).open("http://wiki.test/")
        #expect(shown.text.hasPrefix("<h1>Welcome to Wiki</h1>"))
        #expect(shown.links(containing: "/idp/").count == 2)
        await world.end()
    }
}
