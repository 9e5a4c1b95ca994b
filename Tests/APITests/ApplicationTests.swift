import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import SQLite
import Store
import Testing

@Suite("Applications")
struct ApplicationTests {
    private let path = "access/apps"
    private let rule: JSONValue = ["include": [["everyone": [:]]]]

    private func app(_ domain: String, _ more: JSONObject = [:]) -> JSONValue {
        JSONValue.object(["type": "self_hosted", "name": "App", "domain": .string(domain)]).merged(with: .object(more))
    }

    @Test("a new application answers its defaults, its identifiers and where it is")
    func creation() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, app("App.Example.com/Admin"))
        #expect(created.status == 201)
        #expect(created.location?.hasSuffix("/access/apps/\(created.id)") == true)
        let result = created.result
        #expect(result["uid"]?.stringValue == created.id)
        #expect(result["aud"]?.stringValue?.count == 64)
        #expect(result["domain"] == "app.example.com/Admin")
        #expect(result["destinations"] == [["type": "public", "uri": "app.example.com/Admin"]])
        #expect(result["self_hosted_domains"] == ["app.example.com/Admin"])
        #expect(result["session_duration"] == "24h")
        #expect(result["http_only_cookie_attribute"] == true)
        #expect(result["same_site_cookie_attribute"] == "lax")
        #expect(result["app_launcher_visible"] == true)
        #expect(result["auto_redirect_to_identity"] == false)
        #expect(result["allowed_idps"] == [])
        #expect(result["tags"] == [])
        #expect(result["policies"] == [])
        let byID = await world.get("\(path)/\(created.id)")
        let byAudience = await world.get("\(path)/\(result["aud"]?.stringValue ?? "")")
        #expect(byID.result == result)
        #expect(byAudience.result == result)
        #expect(byID.etag == created.etag)
    }

    @Test(
        "kinds that are not supported are refused as the public API words it",
        arguments: [
            "ssh", "vnc", "rdp", "warp", "biso", "dash_sso", "infrastructure", "proxy_endpoint", "", "Self_hosted",
        ])
    func unsupported(type: String) async throws {
        let world = try await AccessWorld()
        let answer = await world.post(path, ["type": .string(type), "name": "x", "domain": "a.example.com"])
        #expect(answer.status == 400)
        #expect(answer.code == 12130)
        #expect(answer.message == "access.api.error.invalid_request: app type is missing or invalid")
        #expect(answer.pointers == ["/type"])
    }

    @Test(
        "malformed members are refused with a pointer",
        arguments: [
            (["domain": .null], ["/domain"]),
            (["domain": "https://a.example.com"], ["/domain"]),
            (["domain": "a.example.com:8443"], ["/domain"]),
            (["domain": "*"], ["/domain"]),
            (["domain": "a.*.com"], ["/domain"]),
            (["domain": "a..example.com"], ["/domain"]),
            (["domain": 7], ["/domain"]),
            (["destinations": [["type": "worker", "uri": "x.example.com"]]], ["/destinations/0/type"]),
            (["destinations": [["type": "private"]]], ["/destinations/0"]),
            (
                ["destinations": [["type": "private", "cidr": "10.0.0.0/8", "port_range": "9-1"]]],
                ["/destinations/0/port_range"]
            ),
            (["destinations": [["type": "via_mcp_server_portal"]]], ["/destinations/0/mcp_server_id"]),
            (["session_duration": "731h"], ["/session_duration"]),
            (["allowed_idps": ["nope"]], ["/allowed_idps/0"]),
            (["allowed_idps": ["00000000-0000-0000-0000-000000000001"]], ["/allowed_idps/0"]),
            (["auto_redirect_to_identity": true], ["/auto_redirect_to_identity"]),
            (
                ["cors_headers": ["allow_all_origins": true, "allow_credentials": true]],
                ["/cors_headers/allow_credentials"]
            ),
            (["cors_headers": ["max_age": 86_401]], ["/cors_headers/max_age"]),
            (["cors_headers": [:], "options_preflight_bypass": true], ["/options_preflight_bypass"]),
            (["read_service_tokens_from_header": "a b"], ["/read_service_tokens_from_header"]),
            (["tags": ["unknown"]], ["/tags"]),
            (["policies": ["00000000-0000-0000-0000-000000000001"]], ["/policies/0"]),
            (["policies": [["name": "p"]]], ["/policies/0/decision", "/policies/0/include"]),
            (["custom_pages": ["00000000-0000-0000-0000-000000000001"]], ["/custom_pages/0"]),
            (["same_site_cookie_attribute": "loose", "name": ""], ["/name", "/same_site_cookie_attribute"]),
            (
                ["oauth_configuration": ["grant": ["access_token_lifetime": "30s"]]],
                ["/oauth_configuration/grant/access_token_lifetime"]
            ),
            (
                ["oauth_configuration": ["dynamic_client_registration": ["allowed_uris": ["javascript:alert(1)"]]]],
                ["/oauth_configuration/dynamic_client_registration/allowed_uris/0"]
            ),
        ] as [(JSONObject, [String])])
    func malformed(change: JSONObject, pointers: [String]) async throws {
        let world = try await AccessWorld()
        let answer = await world.post(path, app("a.example.com", change))
        #expect(answer.status == 400)
        #expect(answer.code == 12130)
        #expect(answer.pointers == pointers)
        #expect(await world.get(path).result == [], "a refused request leaves nothing behind")
    }

    @Test("OAuth needs a domain without a path, in the words of the public API")
    func oauthPath() async throws {
        let world = try await AccessWorld()
        let answer = await world.post(path, app("a.example.com/x", ["oauth_configuration": [:]]))
        #expect(answer.message == "access.api.error.invalid_request: domain can not have a path if oauth is configured")
        let accepted = await world.post(path, app("a.example.com", ["oauth_configuration": [:]]))
        #expect(accepted.result["oauth_configuration"]?["enabled"] == true)
        #expect(accepted.result["oauth_configuration"]?["grant"] == ["access_token_lifetime": "15m"])
        #expect(
            accepted.result["oauth_configuration"]?["dynamic_client_registration"]?["allow_any_on_loopback"] == true)
    }

    @Test("a public destination belongs to one application of the whole server")
    func destinations() async throws {
        let world = try await AccessWorld()
        let first = await world.post(path, app("a.example.com"))
        let own = await world.post(path, app("A.example.com/"))
        #expect(own.status == 409)
        #expect(own.code == 12132)
        #expect(own.message.hasSuffix("application already exists"))
        let foreign = await world.send(.post, path, app("a.example.com"), in: world.other)
        #expect(foreign.status == 409)
        #expect(foreign.message.hasSuffix("destination belongs to another application"))
        #expect(await world.post(path, app("a.example.com/deeper")).status == 201)
        // Its own place is no conflict, and a place that was given up is free.
        #expect(await world.put("\(path)/\(first.id)", app("a.example.com", ["name": "B"])).status == 200)
        #expect(await world.put("\(path)/\(first.id)", app("b.example.com")).status == 200)
        #expect(await world.send(.post, path, app("a.example.com"), in: world.other).status == 201)
    }

    @Test("destinations supersede self_hosted_domains, and domain is one of them")
    func placing() async throws {
        let world = try await AccessWorld()
        let body: JSONValue = [
            "type": "self_hosted", "name": "x", "self_hosted_domains": ["ignored.example.com"],
            "destinations": [
                ["uri": "one.example.com"], ["type": "private", "cidr": "10.1.2.3/8", "l4_protocol": "tcp"],
            ],
        ]
        let created = await world.post(path, body)
        #expect(created.status == 201)
        #expect(created.result["domain"] == "one.example.com")
        #expect(created.result["self_hosted_domains"] == ["one.example.com"])
        #expect(created.result["destinations"]?[1]?["cidr"] == "10.0.0.0/8")
        let mirrored = await world.post(path, ["type": "self_hosted", "self_hosted_domains": ["two.example.com/x"]])
        #expect(mirrored.result["name"] == "two.example.com/x")
        #expect(mirrored.result["destinations"] == [["type": "public", "uri": "two.example.com/x"]])
    }

    @Test("PUT returns what it leaves out to its default and keeps identifiers")
    func replacement() async throws {
        let world = try await AccessWorld()
        let idp = try await world.identityProvider()
        _ = await world.post("access/tags", ["name": "prod"])
        let created = await world.post(
            path,
            app(
                "a.example.com",
                [
                    "tags": ["prod"], "allowed_idps": [.string(idp.uuid)], "auto_redirect_to_identity": true,
                    "session_duration": "1h", "logo_url": "https://x.org/l.png",
                ]))
        #expect(created.result["tags"] == ["prod"])
        #expect(created.result["allowed_idps"] == [.string(idp.uuid)])
        let replaced = await world.put("\(path)/\(created.id)", app("a.example.com"))
        #expect(replaced.status == 200)
        #expect(replaced.result["aud"] == created.result["aud"])
        #expect(replaced.result["tags"] == [])
        #expect(replaced.result["allowed_idps"] == [])
        #expect(replaced.result["auto_redirect_to_identity"] == false)
        #expect(replaced.result["session_duration"] == "24h")
        #expect(replaced.result["logo_url"] == nil)
        #expect(replaced.etag != created.etag)
        let changed = await world.put("\(path)/\(created.id)", ["type": "bookmark", "domain": "a.example.com"])
        #expect(changed.pointers == ["/type"])
    }

    @Test("an identity provider that has ended may stay where it is named, but cannot be named anew")
    func endedIdP() async throws {
        let world = try await AccessWorld()
        let idp = try await world.identityProvider()
        let foreign = try await world.identityProvider(in: world.other)
        let body = app("a.example.com", ["allowed_idps": [.string(idp.uuid)]])
        let created = await world.post(path, body)
        #expect(await world.post(path, app("b.example.com", ["allowed_idps": [.string(foreign.uuid)]])).status == 400)
        _ = try await world.plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.execute("DELETE FROM identity_providers WHERE id = ?", idp)
        }
        #expect(await world.put("\(path)/\(created.id)", body).status == 200)
        #expect(await world.post(path, app("b.example.com", ["allowed_idps": [.string(idp.uuid)]])).status == 400)
    }

    @Test("deletion frees everything and answers the id with 202")
    func deletion() async throws {
        let world = try await AccessWorld()
        let created = await world.post(
            path,
            app("a.example.com", ["policies": [["name": "p", "decision": "allow", "include": [["everyone": [:]]]]]]))
        let deleted = await world.delete("\(path)/\(created.id)")
        #expect(deleted.status == 202)
        #expect(deleted.result == ["id": .string(created.id)])
        #expect(await world.get("\(path)/\(created.id)").code == 12135)
        #expect(await world.delete("\(path)/\(created.id)").status == 404)
        #expect(await world.post(path, app("a.example.com")).status == 201)
    }

    @Test("an application is invisible from another account", arguments: ["", "/policies"])
    func isolation(suffix: String) async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, app("a.example.com"))
        let answer = await world.get("\(path)/\(created.id)\(suffix)", in: world.other)
        #expect(answer.status == 404)
        #expect(answer.code == 12135)
        #expect(await world.put("\(path)/\(created.id)", app("z.example.com"), in: world.other).status == 404)
        #expect(await world.delete("\(path)/\(created.id)", in: world.other).status == 404)
        #expect(await world.get(path, in: world.other).result == [])
        let stranger = try await world.token([.appsRead], in: world.other)
        #expect(await world.get(path, as: stranger).status == 404)
    }

    @Test("reading needs the read right and writing the write right")
    func rights() async throws {
        let world = try await AccessWorld()
        let reader = try await world.token([.appsRead], in: world.account)
        #expect(await world.get(path, as: reader).status == 200)
        #expect(await world.post(path, app("a.example.com"), as: reader).status == 403)
        let groups = try await world.token([.identityWrite], in: world.account)
        #expect(await world.get(path, as: groups).status == 404)
    }

    @Test("a list keeps each application's policies apart and its pages end empty")
    func listing() async throws {
        let world = try await AccessWorld()
        for number in 1...5 {
            let policies = (0..<number % 3).map { index in
                JSONValue.object([
                    "name": .string("\(number)-\(index)"), "decision": "allow", "include": [["everyone": [:]]],
                ])
            }
            let answer = await world.post(
                path, app("a\(number).example.com", ["name": .string("app \(number)"), "policies": .array(policies)]))
            #expect(answer.status == 201)
        }
        let all = await world.get(path)
        #expect(all.result.arrayValue?.count == 5)
        for (offset, item) in (all.result.arrayValue ?? []).enumerated() {
            let names = item["policies"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
            #expect(names == (0..<(offset + 1) % 3).map { "\(offset + 1)-\($0)" })
            #expect(item == (await world.get("\(path)/\(item["id"]?.stringValue ?? "")")).result)
        }
        let second = await world.get("\(path)?page=2&per_page=2")
        #expect(second.result.arrayValue?.compactMap { $0["name"]?.stringValue } == ["app 3", "app 4"])
        #expect(second.result[0]?["policies"] == [])
        #expect(second.result[1]?["policies"]?.arrayValue?.count == 1)
        #expect(
            second.json["result_info"] == ["page": 2, "per_page": 2, "count": 2, "total_count": 5, "total_pages": 3])
        let past = await world.get("\(path)?page=4&per_page=2")
        #expect(past.status == 200)
        #expect(past.result == [])
        #expect(past.json["result_info"]?["total_count"] == 5)
        #expect(await world.get("\(path)?page=0").code == 21902)
    }

    @Test(
        "filters narrow a list",
        arguments: [
            ("name=one", 2), ("name=one&exact=true", 1), ("domain=two.example", 1), ("search=example", 3),
            ("search=%25", 0), ("domain=two.example&exact=true", 0), ("name=none", 0),
        ])
    func filters(query: String, count: Int) async throws {
        let world = try await AccessWorld()
        for (name, domain) in [("one", "one.example.com"), ("one more", "two.example.com"), ("three", "x.example.org")]
        {
            _ = await world.post(path, app(domain, ["name": .string(name)]))
        }
        #expect(await world.get("\(path)?\(query)").result.arrayValue?.count == count)
    }

    @Test("the audience finds one application")
    func audienceFilter() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, app("a.example.com"))
        _ = await world.post(path, app("b.example.com"))
        let found = await world.get("\(path)?aud=\(created.result["aud"]?.stringValue ?? "")")
        #expect(found.result.arrayValue?.compactMap { $0["id"]?.stringValue } == [created.id])
    }

    @Test("settings change alone: PATCH some, PUT all")
    func settings() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, app("a.example.com", ["allow_iframe": true, "session_duration": "2h"]))
        let patched = await world.send(.patch, "\(path)/\(created.id)/settings", ["skip_interstitial": true])
        #expect(patched.result == ["allow_iframe": true, "skip_interstitial": true])
        let replaced = await world.put("\(path)/\(created.id)/settings", ["skip_interstitial": true])
        #expect(replaced.result == ["allow_iframe": false, "skip_interstitial": true])
        #expect(await world.get("\(path)/\(created.id)").result["session_duration"] == "2h")
        #expect(
            await world.put("\(path)/\(created.id)/settings", ["allow_iframe": "yes"]).pointers == ["/allow_iframe"])
    }

    @Test("one App Launcher an account, on the host of the team, which it follows")
    func launcher() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, ["type": "app_launcher", "bg_color": "#102030"])
        #expect(created.status == 201)
        #expect(created.result["domain"] == "acme.access.test")
        #expect(created.result["name"] == "App Launcher")
        #expect(await world.post(path, ["type": "app_launcher"]).code == 12132)
        _ = await world.send(.patch, "access/organizations", ["auth_domain": "acme2.access.test"])
        #expect(await world.get("\(path)/\(created.id)").result["domain"] == "acme2.access.test")
    }

    @Test("passwords of provisioning are not kept")
    func provisioningSecrets() async throws {
        let world = try await AccessWorld()
        let scim: JSONValue = [
            "remote_uri": "https://x.org",
            "authentication": [["scheme": "httpbasic", "user": "u", "password": "hunter2"]],
        ]
        let created = await world.post(path, app("a.example.com", ["scim_config": scim]))
        #expect(created.result["scim_config"]?["authentication"] == [["scheme": "httpbasic", "user": "u"]])
        for row in try await world.auditRows() {
            #expect(row.event.request?.text.contains("hunter2") != true)
            #expect(row.event.response?.text.contains("hunter2") != true)
        }
    }

    @Test("an account has a thousand applications at most")
    func limit() async throws {
        let world = try await AccessWorld()
        let account = world.account
        _ = try await world.plane.store.writes.perform { (transaction: WriteTransaction) throws(Failure) in
            try transaction.execute(
                """
                WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 999),
                ids AS MATERIALIZED (SELECT randomblob(16) AS id, n FROM numbers)
                INSERT INTO applications (id, account_id, type, name, aud, document, created_at, updated_at)
                SELECT id, ?, 'bookmark', 'b', CAST(substr(id, 1, 8) || randomblob(24) AS BLOB), '{}', n, n FROM ids
                """, account)
        }
        #expect(await world.post(path, app("a.example.com")).status == 201)
        #expect(await world.post(path, app("b.example.com")).code == 12132)
        #expect(await world.post(path, app("b.example.com"), in: world.other).status == 201)
        #expect(await world.get(path).json["result_info"]?["total_count"] == 1000)
        let last = await world.get("\(path)?page=20&per_page=50")
        #expect(last.result.arrayValue?.count == 50)
        #expect(last.result[49]?["domain"] == "a.example.com")
    }

    @Test("revoking tokens is audited and needs its own right")
    func revocation() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, app("a.example.com"))
        let answer = await world.post("\(path)/\(created.id)/revoke_tokens")
        #expect(answer.status == 200)
        #expect(answer.result == [:])
        #expect(try await world.auditRows().last?.event.description == "revoke tokens")
        let writer = try await world.token([.appsWrite], in: world.account)
        #expect(await world.post("\(path)/\(created.id)/revoke_tokens", as: writer).status == 403)
    }
}
