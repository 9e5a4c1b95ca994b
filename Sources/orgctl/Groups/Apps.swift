import APIClient
import CommandLine
import JSON

/// `orgctl app`: Access applications.
enum AppCommands {
    static let resource = ResourceGroup(
        name: "app", summary: "Access applications of an account", kind: .app, scope: .account,
        columns: [
            .id, .name, Column("TYPE", "type"), Column("DOMAIN", "domain"), Column("POLICIES", "policies"),
            Column("TAGS", "tags"),
        ],
        filters: [
            Filter("name", help: "Names that contain this"), Filter("domain", help: "Domains that contain this"),
            Filter("aud", help: "The one with this audience"), Filter("search", help: "Anything that contains this"),
            Filter("exact", choices: ["true", "false"], help: "Whole names and domains only"),
        ],
        fields: [
            Field("name", help: "Its name, by default its domain"),
            Field("domain", help: "host or host/path, * allowed"),
            Field("destination", .destinations, at: "destinations", help: "A public host or host/path"),
            Field("allowed-idp", .references(.identityProvider), at: "allowed_idps", help: "A login it accepts"),
            Field("auto-redirect-to-identity", .bool, help: "Skip the choice when one login is allowed"),
            Field("session-duration", help: "How long a session lasts, as 24h"),
            Field("policy", .references(.policy), at: "policies", help: "A reusable policy, the first one first"),
            Field("tag", .references(.tag), at: "tags", help: "A tag"),
            Field("app-launcher-visible", .bool, help: "Show it in the App Launcher"),
            Field("logo-url", help: "URL of its logo"), Field("custom-deny-message", help: "What denied people read"),
            Field("custom-deny-url", help: "Where denied people are sent"),
            Field("custom-non-identity-deny-url", help: "Where denied machines are sent"),
            Field("custom-page", .references(.customPage), at: "custom_pages", help: "A page of the account"),
            Field("http-only-cookie-attribute", .bool, help: "Cookie: HttpOnly"),
            Field("same-site-cookie-attribute", choices: ["none", "lax", "strict"], help: "Cookie: SameSite"),
            Field("path-cookie-attribute", .bool, help: "Cookie: the application's path only"),
            Field("enable-binding-cookie", .bool, help: "Bind the session to a second cookie"),
            Field("options-preflight-bypass", .bool, help: "Let CORS preflights through"),
            Field("service-auth-401-redirect", .bool, help: "Answer 401 to machines that fail"),
            Field("read-service-tokens-from-header", help: "The header that may hold a service token"),
            Field("skip-interstitial", .bool, help: "Skip the interstitial"),
            Field("allow-iframe", .bool, help: "Allow our pages in frames"),
            Field("oauth", .bool, at: "oauth_configuration.enabled", help: "Managed OAuth"),
            Field("redirect-uri", .list, at: "saas_app.redirect_uris", help: "saas: a redirect URI"),
            Field("grant-type", .list, at: "saas_app.grant_types", help: "saas: a grant type"),
            Field("scope", .list, at: "saas_app.scopes", help: "saas: a scope"),
            Field("access-token-lifetime", at: "saas_app.access_token_lifetime", help: "saas: as 5m"),
        ],
        creationFields: [
            Field(
                "type", choices: ["self_hosted", "saas", "bookmark", "app_launcher", "mcp", "mcp_portal"],
                help: "Its type; self_hosted unless given")
        ],
        operations: [.list, .show, .update, .delete],
        editable: { app, changes in EditableForm.app(app, changedBy: changes) },
        examples: [
            .init(
                "orgctl app create --domain wiki.example.org --policy Staff --allowed-idp Okta --account EMEA",
                "Protect a host"),
            .init("orgctl app update wiki --session-duration 8h --account EMEA", "Change one thing"),
        ])

    static var group: Command {
        resource.command(with: [
            create, revoke, rotate, settings, ExplainCommand.command, AppPolicyCommands.group,
        ])
    }

    private static let create = Command.online(
        "create", summary: "Create an application",
        options: (resource.fields + resource.creationFields).map(\.option) + Body.options
    ) { session throws(ClientError) in
        let place = try await session.account()
        var body = try await Body.read(session, resource.fields + resource.creationFields, in: place, isNew: true)
        if body["type"] == nil { body = body.setting(["type"], to: "self_hosted") }
        if body["type"]?.stringValue == "saas", body.at(["saas_app", "auth_type"]) == nil {
            body = body.setting(["saas_app", "auth_type"], to: "oidc")
        }
        let answer = try await session.client.post(ResourceKind.app.path(in: place), body)
        session.notes(of: answer)
        session.print(answer.result)
        if answer.result.at(["saas_app", "client_secret"]) != nil {
            session.note("Store the client secret now: it is not shown again.")
        }
        return .ok
    }

    private static func chosen(_ session: Session) async throws(ClientError) -> APIPath {
        try await resource.chosen(session, in: try await session.account())
    }

    private static let argument = Positional(
        ResourceGroup.which, help: "The application", completion: .command("orgctl app list --names"))

    private static let revoke = Command.online(
        "revoke-tokens", summary: "End all its sessions, codes and OAuth grants", arguments: [argument]
    ) { session throws(ClientError) in
        let path = try await chosen(session)
        try session.confirm("End every session of \"\(session.values.string(ResourceGroup.which))\"?")
        _ = try await session.client.post(path.appending("revoke_tokens"))
        session.note("Ended.")
        return .ok
    }

    private static let rotate = Command.online(
        "rotate-client-secret", summary: "Replace the client secret of an OIDC SaaS application", arguments: [argument]
    ) { session throws(ClientError) in
        let path = try await chosen(session)
        try session.confirm("Replace the client secret? The old one stops at once.")
        session.print(try await session.client.post(path.appending("rotate_client_secret")).result)
        session.note("Store the client secret now: it is not shown again.")
        return .ok
    }

    private static let settings = Command.online(
        "settings", summary: "Change its frame and interstitial settings", arguments: [argument],
        options: [
            .flag("allow-iframe", negatable: true, help: "Allow our pages in frames"),
            .flag("skip-interstitial", negatable: true, help: "Skip the interstitial"),
        ]
    ) { session throws(ClientError) in
        var body: JSONObject = [:]
        for flag in ["allow-iframe", "skip-interstitial"] {
            guard let value = session.values.boolIfGiven(flag) else { continue }
            body[flag == "allow-iframe" ? "allow_iframe" : "skip_interstitial"] = .bool(value)
        }
        guard !body.isEmpty else { throw .misuse("nothing to change: give --allow-iframe or --skip-interstitial") }
        session.print(
            try await session.client.patch(try await chosen(session).appending("settings"), .object(body)).result)
        return .ok
    }
}
