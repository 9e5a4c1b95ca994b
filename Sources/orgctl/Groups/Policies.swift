import APIClient
import CommandLine
import JSON

/// `orgctl policy`: reusable policies.
enum PolicyCommands {
    static let rules: [Field] = [
        Field("include", .rules, help: "Who: any of these"), Field("exclude", .rules, help: "Not these"),
        Field("require", .rules, help: "And all of these"),
    ]

    static let ruleHelp = """
        Rules are written selector:value, with names of groups, identity providers, service tokens and applications: \
        everyone, email:ann@example.org, email_domain:example.org, group:Staff, login_method:Okta, ip:10.0.0.0/8, \
        geo:PT, service_token:ci, any_valid_service_token, okta:Okta/Engineering, oidc:Okta/role=admin. Anything else \
        is written as the JSON of the rule.
        """

    static let fields: [Field] =
        [
            .name,
            Field(
                "decision", choices: ["allow", "deny", "non_identity", "bypass"], required: true, help: "What it does"),
        ]
        + rules + [
            Field("session-duration", help: "Instead of the application's"),
            Field("approval-required", .bool, help: "Somebody has to approve"),
            Field("approval-groups", .json, help: "Who may approve"),
            Field("purpose-justification-required", .bool, help: "People say why"),
            Field("purpose-justification-prompt", help: "What they are asked"),
            Field("isolation-required", .bool, help: "Only in an isolated browser"),
        ]

    static let group = ResourceGroup(
        name: "policy", summary: "Reusable policies of an account", kind: .policy, scope: .account,
        columns: [
            .id, .name, Column("DECISION", "decision"), Column("APPS", "app_count", isNumber: true),
            Column("INCLUDE", "include"),
        ],
        fields: fields, discussion: ruleHelp,
        examples: [
            .init(
                "orgctl policy create --name Staff --decision allow --include email_domain:example.org "
                    + "--require auth_method:mfa", "Everybody of a domain, with a second factor")
        ],
        more: [PolicyTestCommand.command]
    ).command
}

/// `orgctl group`: named sets of rules.
enum GroupCommands {
    static let group = ResourceGroup(
        name: "group", summary: "Rule groups of an account", kind: .group, scope: .account,
        columns: [.id, .name, Column("INCLUDE", "include"), Column("CREATED", "created_at")],
        filters: [Filter("search", help: "Names that contain this")],
        fields: [.name] + PolicyCommands.rules + [Field("is-default", .bool, help: "Used for new applications")],
        editable: { group, _ in EditableForm.group(group) }, discussion: PolicyCommands.ruleHelp
    ).command
}

/// `orgctl tag`.
enum TagCommands {
    static let group = ResourceGroup(
        name: "tag", summary: "Tags of an account's applications", kind: .tag, scope: .account,
        columns: [.name, Column("APPS", "app_count", isNumber: true), Column("CREATED", "created_at")],
        fields: [.name]
    ).command
}

/// `orgctl page`: custom pages.
enum PageCommands {
    static let group = ResourceGroup(
        name: "page", summary: "Custom pages of an account", kind: .customPage, scope: .account,
        columns: [Column("UID", "uid", isElastic: false), .name, Column("TYPE", "type")],
        fields: [
            .name,
            Field(
                "type", choices: ["identity_denied", "forbidden", "login", "interstitial"], help: "When it is shown"),
            Field("html", .secret, at: "custom_html", help: "File with the HTML"),
        ],
        examples: [
            .init("orgctl page create --name Denied --type identity_denied --html-file denied.html", "Add a page")
        ]
    ).command
}
