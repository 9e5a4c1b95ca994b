import Domain
import JSON
import Primitives
import Store
import TestKit
import Testing

/// The pages of what an account protects.
@Suite("The console's pages of an account")
struct AccountPagesTests {
    /// A console with an account in which Access is set up, and a browser that is signed in as the administrator.
    private struct Scene {
        let world: ConsoleWorld
        let account: String
        let browser: ConsoleBrowser

        init() async throws {
            world = try await ConsoleWorld()
            account = await world.base.account("Ops")
            await world.base.post(
                "/accounts/\(account)/access/organizations", ["name": "Ops", "auth_domain": "ops.access.test"]
            ).require(201)
            browser = try await world.browser()
        }

        var home: String { "/accounts/\(account)" }

        func api(_ path: String) -> String { "/accounts/\(account)/access" + path }

        /// A token with these rights on the account, and the browser of its holder.
        func visitor(_ groups: [PermissionGroup]) async throws -> ConsoleBrowser {
            let answer = await world.base.post(
                "/accounts/\(account)/tokens",
                [
                    "name": "visitor",
                    "policies": [World.policy(groups, ["com.cloudflare.api.account.\(account)"])],
                ])
            return try await world.browser(answer.text("value"))
        }

        func application(_ name: String, _ domain: String, _ policies: JSONValue = []) async -> String {
            await world.base.post(
                api("/apps"),
                ["type": "self_hosted", "name": .string(name), "domain": .string(domain), "policies": policies]
            ).id
        }

        /// The rows of the audit log of the account about one kind of thing.
        func audit(_ kind: String) async -> [JSONValue] {
            await world.base.get(
                "/accounts/\(account)/logs/audit?since=2000-01-01&before=2100-01-01&resource_type=\(kind)"
            ).items
        }
    }

    private static let paths = [
        "/service-tokens", "/service-tokens/new", "/applications", "/applications/new", "/policies", "/policies/new",
        "/groups", "/groups/new", "/agents", "/users", "/access-log", "/audit", "/zero-trust", "/zero-trust/keys",
        "/zero-trust/tags", "/zero-trust/custom-pages", "/zero-trust/custom-pages/new",
    ]

    @Test("every page can be opened, and says what to do where there is nothing yet", arguments: paths)
    func opens(_ path: String) async throws {
        let scene = try await Scene()
        let page = await scene.browser.get(scene.home + path)
        #expect(page.status == 200)
        #expect(page.text.contains("<h1>"))
        if !path.hasSuffix("new"), !["/zero-trust", "/audit"].contains(path) {
            #expect(page.text.contains("class=\"empty\""), "\(path) has no empty state")
        }
    }

    @Test("before Access is set up, pages lead to where that is done", arguments: ["/applications", "/service-tokens"])
    func notSetUp(_ path: String) async throws {
        let world = try await ConsoleWorld()
        let account = await world.base.account("Bare")
        let browser = try await world.browser()
        let page = await browser.get("/accounts/\(account)\(path)")
        #expect(page.text.contains("href=\"/accounts/\(account)/zero-trust\""))
        _ = await browser.get("/accounts/\(account)/zero-trust")
        let done = await browser.post(
            "/accounts/\(account)/zero-trust", [("name", "Bare"), ("auth_domain", "bare.access.test")])
        #expect(done.status == 303)
        #expect(await browser.get("/accounts/\(account)\(path)").text.contains("yet"))
    }

    @Test("a token of one account gets 404 for every page of another", arguments: paths)
    func otherAccounts(_ path: String) async throws {
        let scene = try await Scene()
        let browser = try await scene.visitor([.accountSettingsRead, .appsRead])
        let other = await scene.world.base.account("Other")
        #expect(await browser.get("/accounts/\(other)\(path)").status == 404)
    }

    @Test("whoever may only read sees no button, and a form that is sent all the same is refused and noted")
    func readOnly() async throws {
        let scene = try await Scene()
        let application = await scene.application("Wiki", "wiki.test")
        let group = await scene.world.base.post(
            scene.api("/groups"), ["name": "Staff", "include": [["email": ["email": "a@example.com"]]]]
        ).id
        let browser = try await scene.visitor([
            .accountSettingsRead, .appsRead, .identityRead, .serviceTokensRead, .zeroTrustRead, .customPagesRead,
            .accessAuditLogsRead,
        ])
        for path in Self.paths where !path.hasSuffix("/new") {
            let page = await browser.get(scene.home + path)
            #expect(page.status == 200, "\(path)")
            let main = page.text.firstRange(of: "<main").map { String(page.text[$0.lowerBound...]) } ?? ""
            #expect(!main.contains("method=\"post\""), "\(path) has a form that changes something")
        }
        #expect(await browser.get("\(scene.home)/applications/\(application)").status == 200)
        for (path, form) in [
            ("/applications/\(application)/delete", [("_confirm", "1")]),
            ("/applications/\(application)/oauth", [("enabled", "true")]),
            ("/service-tokens/new", [("name", "x")]), ("/policies/new", [("name", "x")]),
            ("/groups/\(group)/delete", [("_confirm", "1")]), ("/zero-trust/tags", [("name", "x")]),
            ("/zero-trust/keys/rotate", [("_confirm", "1")]), ("/zero-trust", [("name", "x")]),
        ] {
            #expect(await browser.post(scene.home + path, form).status == 403, "\(path)")
        }
        #expect(await scene.world.base.get(scene.api("/apps/\(application)")).status == 200)
        let refused = await scene.audit("access_application").first {
            $0["action"]?["result"]?.stringValue == "failure"
        }
        #expect(refused?["actor"]?["context"] == "dash")
    }

    @Test("names of strangers are text on every list")
    func escaping() async throws {
        let scene = try await Scene()
        let name: JSONValue = "<img src=x onerror=alert(1)>\"'"
        let base = scene.world.base
        await base.post(scene.api("/apps"), ["type": "self_hosted", "name": name, "domain": "x.test"]).require(201)
        let rules: JSONValue = [["email": ["email": "a@example.com"]]]
        await base.post(scene.api("/policies"), ["name": name, "decision": "allow", "include": rules]).require(201)
        await base.post(scene.api("/groups"), ["name": name, "include": rules]).require(201)
        await base.post(scene.api("/service_tokens"), ["name": name]).require(201)
        await base.post(scene.api("/tags"), ["name": name]).require(201)
        for path in ["/applications", "/policies", "/groups", "/service-tokens", "/zero-trust/tags", "/audit"] {
            let page = await scene.browser.get(scene.home + path)
            #expect(!page.text.contains("<img"), "\(path)")
            if path != "/audit" { #expect(page.text.contains("&lt;img src=x onerror=alert(1)&gt;"), "\(path)") }
        }
    }

    // MARK: Service tokens

    @Test("the secret of a service token is shown once, and works; the audit log says that it was shown")
    func secretOnce() async throws {
        let scene = try await Scene()
        _ = await scene.browser.get("\(scene.home)/service-tokens/new")
        let made = await scene.browser.post(
            "\(scene.home)/service-tokens/new", [("name", "backup"), ("duration", "8760h")])
        #expect(made.status == 200)
        let secret = try #require(made.content(ofID: "secret"))
        #expect(secret.count > 30)
        let token = try #require(await scene.world.base.get(scene.api("/service_tokens")).items.first)
        let id = token["id"]?.stringValue ?? ""
        let page = await scene.browser.get("\(scene.home)/service-tokens/\(id)")
        #expect(!page.text.contains(secret))
        let rows = await scene.audit("access_service_token")
        #expect(rows.contains { $0["action"]?["description"] == "secret shown" })
        #expect(rows.allSatisfy { $0["actor"]?["context"] == "dash" && !$0.serialized().contains(secret) })

        let rotated = await scene.browser.post(
            "\(scene.home)/service-tokens/\(id)/rotate", [("grace", "24h")])
        let second = try #require(rotated.content(ofID: "secret"))
        #expect(second != secret)
        #expect(await scene.browser.get("\(scene.home)/service-tokens/\(id)").text.contains("Old secret"))
    }

    @Test("a service token is disabled only after a look at what that does")
    func disable() async throws {
        let scene = try await Scene()
        let id = await scene.world.base.post(scene.api("/service_tokens"), ["name": "backup"]).id
        let path = "\(scene.home)/service-tokens/\(id)"
        _ = await scene.browser.get(path)
        let plan = await scene.browser.post(path, [("name", "backup"), ("duration", "8760h")])
        #expect(plan.text.contains("What would happen"))
        #expect(await scene.world.base.get(scene.api("/service_tokens/\(id)")).result["enabled"] == true)
        let done = await scene.browser.post(path, [("name", "backup"), ("duration", "8760h"), ("_confirm", "1")])
        #expect(done.status == 303)
        #expect(await scene.world.base.get(scene.api("/service_tokens/\(id)")).result["enabled"] == false)
    }

    @Test("what is wrong stands beside its field, and what was entered stays")
    func fieldErrors() async throws {
        let scene = try await Scene()
        _ = await scene.browser.get("\(scene.home)/service-tokens/new")
        let refused = await scene.browser.post(
            "\(scene.home)/service-tokens/new", [("name", "backup"), ("duration", "soon")])
        #expect(refused.status == 400)
        #expect(refused.text.contains("id=\"f-duration-error\""))
        #expect(refused.text.contains("value=\"backup\""))
    }

    // MARK: Applications

    @Test("an application is added with its policies, and changed without losing what the form does not show")
    func application() async throws {
        let scene = try await Scene()
        let base = scene.world.base
        let policy = await base.post(
            scene.api("/policies"), ["name": "Staff", "decision": "allow", "include": [["everyone": [:]]]]
        ).id
        _ = await scene.browser.get("\(scene.home)/applications/new")
        let refused = await scene.browser.post(
            "\(scene.home)/applications/new", [("name", "Wiki"), ("destinations", "")])
        #expect(refused.status == 400)
        #expect(refused.text.contains("id=\"f-destinations-error\""))
        let made = await scene.browser.post(
            "\(scene.home)/applications/new",
            [
                ("name", "Wiki"), ("destinations", "wiki.test\nwiki.test/admin"), ("session_duration", "6h"),
                ("policies", policy),
            ])
        let path = try #require(made.location)
        let id = try #require(path.split(separator: "/").last.map { String($0) })
        let app = await base.get(scene.api("/apps/\(id)")).result
        #expect(app["domain"] == "wiki.test")
        #expect(app["destinations"]?.arrayValue?.count == 2)
        #expect(app["session_duration"] == "6h")
        #expect(app["policies"]?[0]?["id"]?.stringValue == policy)

        var body = app.objectValue ?? JSONObject()
        body["same_site_cookie_attribute"] = "strict"
        await base.put(scene.api("/apps/\(id)"), .object(body)).require(200)
        let form = await scene.browser.get(path + "/edit")
        let saved = await scene.browser.post(
            path + "/edit",
            [
                ("_version", form.unescapedHidden("_version") ?? ""), ("name", "Handbook"),
                ("destinations", "wiki.test"),
                ("session_duration", "24h"),
            ])
        #expect(saved.status == 303)
        let changed = await base.get(scene.api("/apps/\(id)")).result
        #expect(changed["name"] == "Handbook")
        #expect(changed["same_site_cookie_attribute"] == "strict")
        #expect(changed["policies"]?[0]?["id"]?.stringValue == policy)
        #expect(changed["destinations"]?.arrayValue?.count == 1)
        let late = await scene.browser.post(
            path + "/edit",
            [("_version", form.unescapedHidden("_version") ?? ""), ("name", "Late"), ("destinations", "wiki.test")])
        #expect(late.status == 412)
    }

    @Test("managed OAuth goes on with one click, and off after a look")
    func managedOAuth() async throws {
        let scene = try await Scene()
        let id = await scene.application("Wiki", "wiki.test")
        let path = "\(scene.home)/applications/\(id)"
        _ = await scene.browser.get(path)
        #expect(await scene.browser.post(path + "/oauth", [("enabled", "true")]).status == 303)
        let on = await scene.world.base.get(scene.api("/apps/\(id)")).result
        #expect(on["oauth_configuration"]?["enabled"] == true)
        #expect(await scene.browser.post(path + "/oauth", [("enabled", "false")]).text.contains("What would happen"))
        #expect(
            await scene.browser.post(path + "/oauth", [("enabled", "false"), ("_confirm", "1")]).status == 303)
        let off = await scene.world.base.get(scene.api("/apps/\(id)")).result
        #expect(off["oauth_configuration"]?["enabled"] == false)
    }

    @Test("policies of an application are added, moved and removed")
    func order() async throws {
        let scene = try await Scene()
        let base = scene.world.base
        var policies: [String] = []
        for name: JSONValue in ["One", "Two"] {
            policies.append(
                await base.post(
                    scene.api("/policies"), ["name": name, "decision": "allow", "include": [["everyone": [:]]]]
                ).id)
        }
        let id = await scene.application("Wiki", "wiki.test")
        let path = "\(scene.home)/applications/\(id)"
        _ = await scene.browser.get(path)
        func order() async -> [String] {
            await base.get(scene.api("/apps/\(id)")).result["policies"]?.arrayValue?.compactMap {
                $0["id"]?.stringValue
            } ?? []
        }
        for policy in policies {
            #expect(await scene.browser.post(path + "/policies", [("act", "add"), ("policy", policy)]).status == 303)
        }
        #expect(await order() == policies)
        #expect(
            await scene.browser.post(path + "/policies", [("act", "earlier"), ("policy", policies[1])]).status == 303)
        #expect(await order() == policies.reversed())
        #expect(
            await scene.browser.post(path + "/policies", [("act", "remove"), ("policy", policies[0])]).status == 303)
        #expect(await order() == [policies[1]])
    }

    @Test("an application is deleted only after a look at what that does")
    func deletion() async throws {
        let scene = try await Scene()
        let id = await scene.application("Wiki", "wiki.test")
        let path = "\(scene.home)/applications/\(id)"
        _ = await scene.browser.get(path)
        let plan = await scene.browser.post(path + "/delete")
        #expect(plan.text.contains("Nobody is let in to wiki.test any more."))
        #expect(await scene.world.base.get(scene.api("/apps/\(id)")).status == 200)
        #expect(await scene.browser.post(path + "/delete", [("_confirm", "1")]).status == 303)
        #expect(await scene.world.base.get(scene.api("/apps/\(id)")).status == 404)
    }

    // MARK: Policies

    @Test("a policy is written row by row without a script, tried, and saved")
    func policyEditor() async throws {
        let scene = try await Scene()
        let path = "\(scene.home)/policies/new"
        let start = await scene.browser.get(path)
        #expect(start.text.contains("name=\"include/0/email_domain/domain\""))
        let more = await scene.browser.post(
            path,
            [
                ("name", "Staff"), ("decision", "allow"), ("include/0", "email_domain"),
                ("include/0/email_domain/domain", "example.com"), ("_add_require", "geo"), ("_do", "add:require"),
            ])
        #expect(more.status == 200)
        #expect(more.text.contains("name=\"require/0/geo/country_code\""))
        #expect(more.text.contains("value=\"example.com\""))
        let draft = [
            ("name", "Staff"), ("decision", "allow"), ("include/0", "email_domain"),
            ("include/0/email_domain/domain", "example.com"), ("require/0", "geo"),
            ("require/0/geo/country_code", "NL"),
        ]
        let yes = await scene.browser.post(
            path, draft + [("_email", "ada@example.com"), ("_country", "NL"), ("_do", "ask")])
        #expect(yes.text.contains("Yes: “Staff” lets this person in."))
        let no = await scene.browser.post(
            path, draft + [("_email", "ada@example.com"), ("_country", "BE"), ("_do", "ask")])
        #expect(no.text.contains("No: no policy lets this person in."))
        #expect(no.text.contains("Require 1: Country: NL"))
        #expect(await scene.world.base.get(scene.api("/policies")).items.isEmpty)
        let less = await scene.browser.post(path, draft + [("_do", "remove:require:0")])
        #expect(!less.text.contains("name=\"require/0\""))

        let wrong = await scene.browser.post(
            path,
            [
                ("name", "Staff"), ("decision", "allow"), ("include/0", "email"), ("include/0/email/email", "nobody"),
                ("_do", "save"),
            ])
        #expect(wrong.status == 400)
        #expect(wrong.text.contains("id=\"f-include-0-email-email-error\""))
        #expect(await scene.browser.post(path, draft + [("_do", "save")]).status == 303)
        let saved = await scene.world.base.get(scene.api("/policies")).items.first
        #expect(saved?["require"] == [["geo": ["country_code": "NL"]]])
    }

    @Test("rules without fields survive an edit as JSON")
    func jsonRules() async throws {
        let scene = try await Scene()
        let rule: JSONValue = ["user_risk_score": ["user_risk_score": ["low", "medium"]]]
        let id = await scene.world.base.post(
            scene.api("/policies"),
            [
                "name": "Careful", "decision": "allow", "include": [rule, ["everyone": [:]]],
                "isolation_required": true,
            ]
        ).id
        let path = "\(scene.home)/policies/\(id)/edit"
        let page = await scene.browser.get(path)
        #expect(page.text.contains("Rule as JSON"))
        let saved = await scene.browser.post(
            path,
            [
                ("_version", page.unescapedHidden("_version") ?? ""), ("name", "Careful still"), ("decision", "allow"),
                ("include/0", "json"), ("include/0/json", rule.serialized()), ("include/1", "everyone"),
                ("_do", "save"),
            ])
        #expect(saved.status == 303)
        let policy = await scene.world.base.get(scene.api("/policies/\(id)")).result
        #expect(policy["name"] == "Careful still")
        #expect(policy["include"] == [rule, ["everyone": [:]]])
        #expect(policy["isolation_required"] == true)
        let broken = await scene.browser.post(
            path,
            [("name", "x"), ("decision", "allow"), ("include/0", "json"), ("include/0/json", "{"), ("_do", "save")])
        #expect(broken.status == 400)
        #expect(broken.text.contains("id=\"f-include-0-json-error\""))
    }

    @Test("the page of an application answers whether somebody would get in, as the REST API does")
    func question() async throws {
        let scene = try await Scene()
        let id = await scene.application(
            "Wiki", "wiki.test",
            [["name": "Staff", "decision": "allow", "include": [["email_domain": ["domain": "example.com"]]]]])
        let path = "\(scene.home)/applications/\(id)"
        let reader = try await scene.visitor([.accountSettingsRead, .appsRead])
        #expect(await reader.get(path + "?email=ada@example.com").text.contains("Yes: “Staff” lets this person in."))
        #expect(await reader.get(path + "?email=ada@example.org").text.contains("No: no policy lets this person in."))
        #expect(await reader.get(path + "?email=").text.contains("asks who it is, and nobody has signed in."))
        let wrong = await reader.get(path + "?email=ada@example.com&ip=here")
        #expect(wrong.text.contains("id=\"f-ip-error\""))
    }

    @Test("a group is written with the same rows")
    func groups() async throws {
        let scene = try await Scene()
        let path = "\(scene.home)/groups/new"
        _ = await scene.browser.get(path)
        let made = await scene.browser.post(
            path,
            [("name", "Staff"), ("include/0", "email"), ("include/0/email/email", "a@example.com"), ("_do", "save")])
        #expect(made.status == 303)
        let group = await scene.world.base.get(scene.api("/groups")).items.first
        #expect(group?["include"] == [["email": ["email": "a@example.com"]]])
    }

    // MARK: Logs

    @Test("a row of the audit log shows what changed")
    func diff() async throws {
        let scene = try await Scene()
        let id = await scene.application("Wiki", "wiki.test")
        let path = "\(scene.home)/applications/\(id)"
        scene.world.base.clock.advance(by: .seconds(1))
        _ = await scene.browser.get(path)
        _ = await scene.browser.post(path + "/edit", [("name", "Handbook"), ("destinations", "wiki.test")])
        scene.world.base.clock.advance(by: .seconds(1))
        let row = try #require(
            await scene.audit("access_application").first { $0["action"]?["type"] == "update" })
        #expect(row["resource"]?["response"]?["name"] == "Handbook")
        let page = await scene.browser.get("\(scene.home)/audit/\(row["id"]?.stringValue ?? "")")
        #expect(page.status == 200)
        #expect(page.text.contains("<span class=\"was wrap\">Wiki</span>"))
        #expect(page.text.contains("<span class=\"is wrap\">Handbook</span>"))
    }

    @Test("looks at logs are in the audit log")
    func watched() async throws {
        let scene = try await Scene()
        _ = await scene.browser.get("\(scene.home)/access-log")
        let rows = await scene.audit("access_log")
        #expect(rows.count == 1)
        #expect(rows.first?["action"]?["type"] == "view")
        #expect(rows.first?["actor"]?["context"] == "dash")
    }

    @Test("filters of the audit log hold for its export as well, and no cell is a formula")
    func export() async throws {
        let scene = try await Scene()
        _ = await scene.application("Wiki", "wiki.test")
        await scene.world.base.post(scene.api("/tags"), ["name": "=1+1"]).require(201)
        let lines = await scene.browser.get("\(scene.home)/audit/export?format=ndjson&type=access_application").text
        #expect(lines.split(separator: "\n").count == 1)
        #expect(lines.contains("\"type\":\"access_application\""))
        let table = await scene.browser.get("\(scene.home)/audit/export?format=csv&type=access_tag").text
        #expect(table.hasPrefix("time,action,resource_type,"))
        #expect(table.contains(",'=1+1,"))
        #expect(!table.contains("access_application"))
    }

    @Test("the integrity of the log is told to whoever may see the organization")
    func integrity() async throws {
        let scene = try await Scene()
        let organization = await scene.world.base.post("/organizations", ["name": "Acme"]).id
        let account = await scene.world.base.post(
            "/accounts", ["name": "In", "unit": ["id": .string(organization)]]
        ).id
        #expect(await scene.browser.get("/accounts/\(account)/audit/integrity").text.contains("Intact"))
        #expect(await scene.browser.get("\(scene.home)/audit/integrity").status == 404)
    }

    // MARK: Zero Trust

    @Test("settings keep what the form does not show; a change of the team domain is shown first")
    func zeroTrust() async throws {
        let scene = try await Scene()
        let path = "\(scene.home)/zero-trust"
        await scene.world.base.patch(scene.api("/organizations"), ["mfa_required_for_all_apps": true]).require(200)
        _ = await scene.browser.get(path)
        let form = [
            ("name", "Ops"), ("session_duration", "12h"), ("login_design/background_color", "#112233"),
            ("deny_unmatched_requests", "on"),
        ]
        #expect(await scene.browser.post(path, form + [("auth_domain", "ops.access.test")]).status == 303)
        let saved = await scene.world.base.get(scene.api("/organizations")).result
        #expect(saved["mfa_required_for_all_apps"] == true)
        #expect(saved["session_duration"] == "12h")
        #expect(saved["login_design"]?["background_color"] == "#112233")
        let plan = await scene.browser.post(path, form + [("auth_domain", "other.access.test")])
        #expect(plan.text.contains("What would happen"))
        #expect(await scene.world.base.get(scene.api("/organizations")).result["auth_domain"] == "ops.access.test")
        let wrong = await scene.browser.post(
            path, [("name", "Ops"), ("auth_domain", "ops.access.test"), ("login_design/text_color", "red")])
        #expect(wrong.text.contains("id=\"f-login_design-text_color-error\""))
    }

    @Test("an account that is changed through the API only shows no button and takes no form")
    func readOnlyConsole() async throws {
        let scene = try await Scene()
        await scene.world.base.patch(scene.api("/organizations"), ["is_ui_read_only": true]).require(200)
        let page = await scene.browser.get("\(scene.home)/zero-trust")
        #expect(page.text.contains("through the API only"))
        #expect(await scene.browser.post("\(scene.home)/zero-trust/tags", [("name", "x")]).status == 403)
    }

    @Test("a signing key is rotated, and the old one goes on verifying")
    func keys() async throws {
        let scene = try await Scene()
        let path = "\(scene.home)/zero-trust/keys"
        _ = await scene.browser.get(path)
        #expect(await scene.browser.post(path + "/rotate").text.contains("What would happen"))
        for _ in 1...2 {
            #expect(await scene.browser.post(path + "/rotate", [("_confirm", "1")]).status == 303)
            scene.world.base.clock.advance(by: .seconds(60))
        }
        let page = await scene.browser.get(path)
        #expect(page.text.contains("still verifies"))
        let wrong = await scene.browser.post(path, [("key_rotation_interval_days", "3")])
        #expect(wrong.text.contains("id=\"f-key_rotation_interval_days-error\""))
        #expect(await scene.browser.post(path, [("key_rotation_interval_days", "30")]).status == 303)
    }

    @Test("users lose their seat and their sessions after a look at what that does")
    func users() async throws {
        let scene = try await Scene()
        let id = await scene.world.base.post(scene.api("/users"), ["email": "ada@example.com", "name": "Ada"]).id
        let path = "\(scene.home)/users/\(id)"
        #expect(await scene.browser.get("\(scene.home)/users?search=ada").text.contains("ada@example.com"))
        #expect(await scene.browser.get(path).status == 200)
        #expect(await scene.browser.post(path + "/revoke").text.contains("What would happen"))
        #expect(await scene.browser.post(path + "/revoke", [("_confirm", "1")]).status == 303)
        let rows = await scene.audit("access_user")
        #expect(rows.contains { $0["action"]?["description"] == "revoke all sessions" })
        #expect(await scene.browser.post(path + "/delete", [("_confirm", "1")]).status == 303)
        #expect(await scene.browser.get(path).status == 404)
    }
}
