import APIClient
import CommandLine
import JSON

/// `orgctl idp`.
enum IdentityProviderCommands {
    static let resource = ResourceGroup(
        name: "idp", summary: "Identity providers of an account, bridged ones too", kind: .identityProvider,
        scope: .account,
        columns: [
            .id, .name, Column("TYPE", "type"), Column("BRIDGED", "read_only"), Column("SOURCE", "source_account_id"),
        ],
        filters: [Filter("scim-enabled", choices: ["true", "false"], help: "Only those with SCIM")],
        fields: common, operations: [.list, .show, .update, .delete],
        examples: [
            .init(
                "orgctl idp create oidc --name Okta --issuer https://acme.okta.com --client-id 0oa1 "
                    + "--client-secret-file secret.txt", "Endpoints are found by discovery"),
            .init("orgctl idp test Okta", "Fetch its discovery document and keys"),
        ])

    static var group: Command {
        resource.command(with: [create, test, refresh, scim("users"), scim("groups")])
    }

    private static let common: [Field] = [
        .name, Field("client-id", at: "config.client_id", help: "Client id at the provider"),
        Field("client-secret", .secret, at: "config.client_secret", help: "File with the client secret"),
        Field("claim", .list, at: "config.claims", help: "A claim to keep"),
        Field("email-claim-name", at: "config.email_claim_name", help: "The claim that holds the e-mail address"),
        Field("scim-enabled", .bool, at: "scim_config.enabled", help: "Accept SCIM provisioning"),
    ]

    private static let oidc: [Field] = [
        Field("issuer", at: "config.issuer", help: "The issuer, exactly as tokens name it"),
        Field("auth-url", at: "config.auth_url", help: "Authorization endpoint"),
        Field("token-url", at: "config.token_url", help: "Token endpoint"),
        Field("certs-url", at: "config.certs_url", help: "Key set"),
        Field("scope", .list, at: "config.scopes", help: "A scope to ask for"),
        Field("pkce", .bool, at: "config.pkce_enabled", help: "Use PKCE"),
        Field("signing-alg", .list, at: "config.id_token_signing_algs", help: "An accepted signature algorithm"),
    ]

    /// What each type needs beside the common members (contract 20 §5).
    private static let types: [(name: String, type: String, summary: String, fields: [Field])] = [
        ("oidc", "oidc", "A generic OpenID Connect provider", oidc),
        (
            "okta", "okta", "Okta",
            [
                Field("okta-account", at: "config.okta_account", required: true, help: "https://acme.okta.com"),
                Field("authorization-server-id", at: "config.authorization_server_id", help: "If not the default one"),
            ]
        ),
        (
            "azure-ad", "azureAD", "Microsoft Entra ID",
            [
                Field("directory-id", at: "config.directory_id", required: true, help: "The tenant"),
                Field("support-groups", .bool, at: "config.support_groups", help: "Read groups"),
                Field("prompt", at: "config.prompt", choices: ["login", "select_account", "none"], help: "Prompt"),
            ]
        ),
        ("google", "google", "Google accounts", []),
        (
            "google-apps", "google-apps", "Google Workspace",
            [Field("apps-domain", at: "config.apps_domain", required: true, help: "The domain of the workspace")]
        ),
        (
            "onelogin", "onelogin", "OneLogin",
            [
                Field(
                    "onelogin-account", at: "config.onelogin_account", required: true, help: "https://acme.onelogin.com"
                )
            ]
        ),
        (
            "pingone", "pingone", "PingOne",
            [Field("ping-env-id", at: "config.ping_env_id", required: true, help: "The environment")]
        ),
        (
            "centrify", "centrify", "Centrify",
            [
                Field(
                    "centrify-account", at: "config.centrify_account", required: true, help: "https://acme.centrify.com"
                ),
                Field("centrify-app-id", at: "config.centrify_app_id", required: true, help: "The application"),
            ]
        ),
        ("onetimepin", "onetimepin", "A one-time PIN by e-mail", []),
        (
            "cloudflare", "cloudflare", "This server's own member accounts",
            [
                Field(
                    "restrict-to-account-members", .bool, at: "config.restrict_to_account_members",
                    help: "Members of this account only")
            ]
        ),
    ]

    private static let create = Command(
        "create", summary: "Create an identity provider of a type",
        subcommands: types.map { type in
            command(type.name, type: type.type, summary: type.summary, fields: type.fields)
        } + [custom])

    private static func command(_ name: String, type: String, summary: String, fields: [Field]) -> Command {
        let isKeyless = type == "onetimepin" || type == "cloudflare"
        let all = (isKeyless ? [Field.name] : common) + fields
        return .online(
            name, summary: summary,
            options: all.map(\.option) + [.flag("no-discovery", help: "Send what is given, look nothing up")]
                + Body.options
        ) { session throws(ClientError) in
            let place = try await session.account()
            var body = try await Body.read(session, all, in: place, isNew: true)
            body = body.setting(["type"], to: .string(type))
            if body["config"] == nil { body = body.setting(["config"], to: [:]) }
            if !isKeyless, body.at(["config", "client_secret"]) == nil,
                body.at(["config", "pkce_enabled"])?.boolValue != true,
                let secret = session.terminal.readSecret("Client secret")
            {
                body = body.setting(["config", "client_secret"], to: .string(secret))
            }
            if type == "oidc", !session.values.bool("no-discovery") { body = try await discovered(body, session) }
            let answer = try await session.client.post(ResourceKind.identityProvider.path(in: place), body)
            session.notes(of: answer)
            session.print(answer.result)
            return .ok
        }
    }

    /// Endpoints of the discovery document of an issuer, where they were not given.
    private static func discovered(_ body: JSONValue, _ session: Session) async throws(ClientError) -> JSONValue {
        guard let issuer = body.at(["config", "issuer"])?.stringValue else { return body }
        let keys = [
            ("auth_url", "authorization_endpoint"), ("token_url", "token_endpoint"), ("certs_url", "jwks_uri"),
        ]
        guard keys.contains(where: { body.at(["config", $0.0]) == nil }) else { return body }
        let document = try await Discovery.document(of: issuer, session)
        return keys.reduce(body) { body, key in
            body.at(["config", key.0]) == nil ? body.setting(["config", key.0], to: document[key.1]) : body
        }
    }

    private static let custom = Command.online(
        "json", summary: "Any type, as a body", options: Body.options
    ) { session throws(ClientError) in
        let place = try await session.account()
        let body = try await Body.read(session, [], in: place, isNew: false)
        session.print(try await session.client.post(ResourceKind.identityProvider.path(in: place), body).result)
        return .ok
    }

    private static func chosen(_ session: Session) async throws(ClientError) -> APIPath {
        let place = try await session.account()
        return try await resource.chosen(session, in: place)
    }

    private static let test = Command.online(
        "test", summary: "Fetch discovery and keys, and say what was found", arguments: [resource.argument()]
    ) { session throws(ClientError) in
        session.print(try await session.client.post(try await chosen(session).appending("test")).result)
        return .ok
    }

    private static let refresh = Command.online(
        "refresh-keys", summary: "Forget its cached discovery and keys", arguments: [resource.argument()]
    ) { session throws(ClientError) in
        _ = try await session.client.delete(try await chosen(session).appending("discovery_cache"))
        session.note("The next use fetches them again.")
        return .ok
    }

    private static func scim(_ what: String) -> Command {
        .online(
            "scim-\(what)", summary: "List the \(what) it provisioned", arguments: [resource.argument()]
        ) { session throws(ClientError) in
            let rows = try await session.client.all(try await chosen(session).appending("scim", what), paging: .page)
            session.print(
                list: rows, [.id, Column("NAME", "displayName"), Column("EXTERNAL ID", "externalId")],
                empty: "None.")
            return .ok
        }
    }
}
