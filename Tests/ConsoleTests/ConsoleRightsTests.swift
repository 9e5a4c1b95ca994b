import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import TestKit
import Testing

@testable import Console

/// What a form needs to change something, and who may see what.
@Suite("Rights in the console")
struct ConsoleRightsTests {
    @Test("a form without the hidden value of the session changes nothing", arguments: ["", "wrong", "other session"])
    func forgery(_ kind: String) async throws {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let other = try await world.browser().get("/accounts/new").hidden("_token") ?? ""
        let browser = try await world.browser()
        let token = kind == "other session" ? other : kind
        let sent = await browser.postPlain(
            "/accounts/new", [("_token", token), ("name", "forged"), ("unit/id", organization), ("type", "standard")])
        #expect(sent.status == 403)
        #expect(await world.base.get("/accounts").items.isEmpty)
    }

    @Test(
        "a form from another site changes nothing, even with the right value",
        arguments: [
            ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.test"),
            ("origin", "null"),
        ])
    func crossSite(_ name: String, _ value: String) async throws {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let browser = try await world.browser()
        _ = await browser.get("/accounts/new")
        let form = [("name", "forged"), ("unit/id", organization), ("type", "standard")]
        #expect(await browser.post("/accounts/new", form, [(name, value)]).status == 403)
        #expect(await world.base.get("/accounts").items.isEmpty)
        let fine = await browser.post("/accounts/new", form, [("origin", "http://localhost:8787")])
        #expect(fine.status == 303)
    }

    @Test("what the console changes has the audit row that the API would have, with the context dash")
    func audit() async throws {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let browser = try await world.browser()
        _ = await browser.get("/accounts/new")
        let done = await browser.post(
            "/accounts/new", [("name", "Ops"), ("unit/id", organization), ("type", "standard")])
        let id = try #require(done.location).split(separator: "/").last.map { String($0) } ?? ""
        let rows = try await world.base.auditRows().filter { $0.event.resource.id == id }
        let row = try #require(rows.first)
        #expect(row.event.action == .create)
        #expect(row.event.resource.kind == .account)
        #expect(row.request.actor.context == .dash)
        #expect(row.request.actor.email == "admin@localhost")
        #expect(row.request.actor.token?.name == "Bootstrap token")
        #expect(row.request.address == "198.51.100.7")
        #expect(row.event.request?.text.contains("_token") == false)
        #expect(row.event.request?.text.contains("Ops") == true)
    }

    @Test("the next page says once what was done")
    func flash() async throws {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let browser = try await world.browser()
        _ = await browser.get("/accounts/new")
        let done = await browser.post(
            "/accounts/new", [("name", "Ops"), ("unit/id", organization), ("type", "standard")])
        #expect(await browser.follow(done).text.contains("Account Ops was created."))
        #expect(await browser.get(done.location ?? "").text.contains("was created") == false)
    }

    @Test("nobody can make the console say something")
    func forgedFlash() async throws {
        let world = try await ConsoleWorld()
        let browser = try await world.browser()
        let other = try await world.browser()
        browser.cookies["orgd_console_flash"] = Flash(.good, "Call this number").cookie(
            for: try #require(secret(other)))
        #expect(await browser.get("/accounts").text.contains("Call this number") == false)
    }

    @Test("a mistake comes back beside its field, with what was entered")
    func mistakes() async throws {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let browser = try await world.browser()
        _ = await browser.get("/accounts/new")
        let refused = await browser.post(
            "/accounts/new", [("name", ""), ("unit/id", organization), ("type", "enterprise")])
        #expect(refused.status == 400)
        #expect(refused.text.contains("href=\"#f-name\""))
        #expect(refused.text.contains("id=\"f-name-error\""))
        #expect(refused.text.contains("value=\"enterprise\" selected"))
        #expect(refused.hidden("_token") != nil)
    }

    @Test("a form that was opened before somebody else's change is refused")
    func concurrentChange() async throws {
        let world = try await ConsoleWorld()
        let account = await world.base.account("Ops")
        let browser = try await world.browser()
        let page = await browser.get("/accounts/\(account)/settings")
        let version = try #require(page.hidden("_version")).replacing("&quot;", with: "\"")
        let body: JSONValue = ["id": .string(account), "name": "Changed", "type": "standard"]
        #expect(await world.base.put("/accounts/\(account)", body).isSuccess)
        let sent = await browser.post(
            "/accounts/\(account)/settings", [("name", "Mine"), ("type", "standard"), ("_version", version)])
        #expect(sent.status == 412)
        #expect(await world.base.get("/accounts/\(account)").text("name") == "Changed")
    }

    @Test("names are text, wherever they stand")
    func escaping() async throws {
        let world = try await ConsoleWorld()
        let hostile = "<script>alert(1)</script>\"'>"
        let organization = await world.base.organization(hostile)
        let account = await world.base.account(hostile, in: organization)
        let browser = try await world.browser()
        for path in [
            "/", "/accounts", "/organizations", "/organizations/\(organization)/tree", "/accounts/\(account)",
            "/accounts/\(account)/settings", "/organizations/\(organization)/settings",
            "/organizations/\(organization)/audit", "/accounts?search=%3Cscript%3Ealert(1)%3C/script%3E",
        ] {
            let shown = await browser.get(path)
            #expect(shown.status == 200, "\(path)")
            #expect(!shown.text.contains("<script>alert"), "\(path)")
        }
    }

    @Test("a token of one account finds nothing of another, on any address")
    func scoping() async throws {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let (own, foreign) = (
            await world.base.account("Own", in: organization), await world.base.account("Foreign", in: organization)
        )
        let token = await world.base.token(
            PermissionGroup.allCases.filter { $0.scope == .account }, of: own)
        let browser = try await world.browser(token)
        let before = try await world.base.fingerprint()
        var asked = 0
        for route in AllPages.groups.flatMap({ $0.routes }) where route.path.contains("{") {
            let path = route.path.replacing("{account_id}", with: foreign)
                .replacing("{organization_id}", with: organization)
                .replacing(/\{[a-z]+_id\}/, with: foreign)
            _ = await browser.get("/accounts")
            let shown =
                route.method == .post
                ? await browser.post(path, [("name", "x"), ("_confirm", "1")]) : await browser.get(path)
            #expect(shown.status == 404, "\(route.method.name) \(path)")
            #expect(!shown.text.contains("Foreign"), "\(path)")
            asked += 1
        }
        #expect(asked > 30)
        let list = await browser.get("/accounts")
        #expect(list.text.contains("Own") && !list.text.contains("Foreign"))
        var after = try await world.base.fingerprint()
        var kept = before
        for table in ["console_sessions", "audit_log", "audit_head"] { (kept[table], after[table]) = (nil, nil) }
        #expect(kept == after)
    }

    @Test("a token that only reads sees no button, and is refused when it sends the form anyway")
    func readOnly() async throws {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let account = await world.base.account("Ops", in: organization)
        let token = await world.base.userToken([
            World.policy(
                [.accountSettingsRead, .identityRead, .organizationRead],
                ["com.cloudflare.api.account.*", "\(ResourceKey.organization).*"])
        ])
        let browser = try await world.browser(token)
        for path in [
            "/accounts/\(account)", "/accounts/\(account)/settings", "/accounts/\(account)/members",
            "/organizations/\(organization)", "/organizations/\(organization)/settings",
            "/organizations/\(organization)/members", "/organizations/\(organization)/tree",
            "/organizations/\(organization)/primary-idp",
        ] {
            let page = await browser.get(path)
            #expect(page.status == 200, "\(path)")
            let forms = page.text.ranges(of: "method=\"post\"").count
            // Signing out is all that is left.
            #expect(forms == 1, "\(path)")
        }
        let sent = await browser.post(
            "/organizations/\(organization)/members",
            [("email", "eve@example.com"), ("role", "super_administrator"), ("status", "active")])
        #expect(sent.status == 403)
        #expect(await world.base.get("/organizations/\(organization)/members").text.contains("eve") == false)
        let rows = try await world.base.auditRows().filter { !$0.isSuccess && $0.request.actor.context == .dash }
        #expect(rows.count == 1)
        #expect(rows.first?.status == 403)
    }

    @Test("where the Zero Trust settings say so, the console shows and changes nothing; the API goes on")
    func consoleReadOnly() async throws {
        let world = try await ConsoleWorld()
        let account = await world.base.account("Ops", team: "ops")
        let changed = await world.base.put(
            "/accounts/\(account)/access/organizations",
            ["auth_domain": "ops.access.test", "name": "Ops", "is_ui_read_only": true])
        #expect(changed.isSuccess)
        let browser = try await world.browser()
        let page = await browser.get("/accounts/\(account)/members")
        #expect(page.text.contains("let nobody change it here"))
        #expect(page.text.ranges(of: "method=\"post\"").count == 1)
        let sent = await browser.post(
            "/accounts/\(account)/members",
            [("email", "eve@example.com"), ("roles", AccountRole.administrator.id), ("status", "accepted")])
        #expect(sent.status == 403)
        #expect(await world.base.get("/accounts/\(account)/members").items.count == 0)
        let rows = try await world.base.auditRows().filter { !$0.isSuccess }
        #expect(rows.last?.event.description.contains("12136") == true)
    }

    @Test("whatever is destroyed is shown first")
    func previews() async throws {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let account = await world.base.account("Ops", in: organization)
        let browser = try await world.browser()
        _ = await browser.get("/accounts/\(account)/settings")
        let plan = await browser.post("/accounts/\(account)/delete")
        #expect(plan.status == 200)
        #expect(plan.text.contains("What would happen"))
        #expect(await world.base.get("/accounts/\(account)").isSuccess)
        #expect(await browser.post("/accounts/\(account)/delete", [("_confirm", "1")]).status == 303)
        #expect(await world.base.get("/accounts/\(account)").status == 404)
    }

    @Test("every page has the headers that keep it whole")
    func headers() async throws {
        let world = try await ConsoleWorld()
        let browser = try await world.browser()
        for path in ["/", "/accounts", "/nowhere", "/accounts/new"] {
            let fields = await browser.get(path).fields
            let policy = fields[.contentSecurityPolicy] ?? ""
            #expect(policy.contains("default-src 'none'"))
            #expect(policy.contains("script-src 'self'"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(policy.contains("form-action 'self'"))
            #expect(!policy.contains("unsafe"))
            #expect(fields[.cacheControl] == "no-store")
            #expect(fields[.xContentTypeOptions] == "nosniff")
            #expect(FieldName("cross-origin-opener-policy").flatMap { fields[$0] } == "same-origin")
        }
        let asset = await browser.get(Assets.stylesheetPath)
        #expect(asset.fields[.cacheControl] == "public, max-age=31536000, immutable")
        #expect(await browser.get(Assets.scriptPath).status == 200)
    }

    @Test("a cell of an export is text in a spreadsheet too")
    func csv() {
        #expect(CSV.cell("=1+1") == "'=1+1")
        #expect(CSV.cell("a,\"b\"") == "\"a,\"\"b\"\"\"")
        #expect(CSV.cell("plain") == "plain")
    }

    @Test("the audit log can be taken away as a file, which leaves a row itself")
    func export() async throws {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let browser = try await world.browser()
        let file = await browser.get("/organizations/\(organization)/audit/export")
        #expect(file.fields[.contentType] == "text/csv; charset=utf-8")
        #expect(file.text.contains("create,organization,\(organization)"))
        let rows = try await world.base.auditRows()
        #expect(rows.last?.event.action == .view)
        #expect(rows.last?.event.resource.kind == .auditLog)
    }

    /// The cookie of a browser's session.
    private func secret(_ browser: ConsoleBrowser) -> BrowserSecret? {
        BrowserSecret(cookie: browser.cookies["orgd_console"])
    }
}
