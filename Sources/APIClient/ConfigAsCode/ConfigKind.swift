import JSON

/// One section of an account in a document: which collection it mirrors and how its resources are written without
/// identifiers.
package struct ConfigKind: Sendable {
    /// The member of the account's object: `apps`.
    package let member: String
    package let reference: ReferenceKind?
    package let resource: ResourceKind
    /// Members that the server makes; they are left out of documents.
    let serverFields: [[String]]
    let references: [ReferencePath]
    /// Members that may be `{"$env": "NAME"}` and are never compared.
    let secrets: [[String]]
    /// What the server puts in place of an absent or null member, where that is not empty.
    let defaults: JSONObject
    /// Rows of the list lack members, so each resource is fetched.
    let needsDetail: Bool

    private static let common = [["id"], ["uid"], ["created_at"], ["updated_at"], ["account_id"]]

    private init(
        _ member: String, _ resource: ResourceKind, reference: ReferenceKind? = nil, serverFields: [[String]] = [],
        references: [ReferencePath] = [], secrets: [[String]] = [], defaults: JSONObject = [:],
        needsDetail: Bool = false
    ) {
        self.member = member
        self.resource = resource
        self.reference = reference
        self.serverFields = Self.common + serverFields
        self.references = references
        self.secrets = secrets
        self.defaults = defaults
        self.needsDetail = needsDetail
    }

    /// In the order in which resources can be created.
    package static let all: [ConfigKind] = [
        tags, customPages, identityProviders, serviceTokens, groups, policies, apps,
    ]

    package static let tags = ConfigKind("tags", .tag, serverFields: [["app_count"]])

    package static let customPages = ConfigKind(
        "custom_pages", .customPage, reference: .customPage, serverFields: [["app_count"]], needsDetail: true)

    package static let identityProviders = ConfigKind(
        "identity_providers", .identityProvider, reference: .identityProvider,
        serverFields: [
            ["read_only"], ["source_account_id"], ["source_idp_id"], ["grant_id"], ["primary"], ["enforced_off"],
            ["config", "redirect_url"], ["scim_config", "scim_base_url"], ["scim_config", "secret"],
        ],
        secrets: [["config", "client_secret"]],
        defaults: ["config": ["email_claim_name": "email", "scopes": ["openid", "email", "profile"]]])

    package static let serviceTokens = ConfigKind(
        "service_tokens", .serviceToken, reference: .serviceToken,
        serverFields: [
            ["client_id"], ["client_secret"], ["client_secret_version"], ["expires_at"], ["last_seen_at"],
            ["previous_client_secret_expires_at"],
        ],
        defaults: ["duration": "8760h", "enabled": true])

    package static let groups = ConfigKind(
        "groups", .group, reference: .group, serverFields: [["default"]], references: ReferencePath.ofRules,
        needsDetail: true)

    package static let policies = ConfigKind(
        "policies", .policy, reference: .policy, serverFields: [["app_count"], ["reusable"], ["precedence"]],
        references: ReferencePath.ofRules)

    package static let apps = ConfigKind(
        "apps", .app, reference: .app,
        serverFields: [
            ["aud"], ["self_hosted_domains"], ["saas_app", "client_id"], ["saas_app", "client_secret"],
            ["saas_app", "public_key"], ["saas_app", "created_at"], ["saas_app", "updated_at"],
            ["saas_app", "sso_endpoint"], ["saas_app", "idp_entity_id"],
        ],
        references: [
            ReferencePath(.identityProvider, "allowed_idps", "*"), ReferencePath(.customPage, "custom_pages", "*"),
            ReferencePath(.identityProvider, "scim_config", "idp_uid"),
            ReferencePath(.identityProvider, "saas_app", "custom_claims", "*", "source", "name_by_idp", isKeys: true),
        ] + ReferencePath.ofRules.map { $0.below("policies", "*") },
        defaults: [
            "session_duration": "24h", "app_launcher_visible": true, "http_only_cookie_attribute": true,
            "same_site_cookie_attribute": "lax", "eager_redirect_cookie_setting": true,
        ])

    /// The Zero Trust organization of an account, one object rather than a list.
    static let zeroTrustServerFields: [[String]] = [["id"], ["created_at"], ["updated_at"], ["trusted_accounts"]]
    static let zeroTrustReferences = [ReferencePath(.customPage, "custom_pages", "*")]
    static let zeroTrustDefaults: JSONObject = [
        "session_duration": "24h", "strict_service_token_auth": true, "deny_unmatched_requests": true,
    ]
}
