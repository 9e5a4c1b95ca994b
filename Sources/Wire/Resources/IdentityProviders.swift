package import Domain
package import JSON
package import Primitives

/// Identity providers on the wire: the configuration of each type as a table (contract 20 §5).
extension IdentityProviderDraft {
    /// What a masked secret reads as; sent back, it means "keep".
    package static let mask = String(repeating: "*", count: 34)

    package static let fields: [Field] = [
        Field("name", .name, .required),
        Field("type", .oneOf(IdentityProviderType.allCases.map(\.rawValue)), .required),
        Field("config", .freeObject, .required),
        Field("scim_config", .object(scimFields)),
    ]

    package static let scimFields: [Field] = [
        Field("enabled", .bool, default: false),
        Field("user_deprovision", .bool, default: false),
        Field("seat_deprovision", .bool, default: false),
        Field("identity_update_behavior", .oneOf(["no_action", "automatic", "reauth"]), default: "no_action"),
    ]

    private static let text = Shape.text(1...2048)
    private static let common: [Field] = [
        Field("client_id", .text(1...512), .required),
        Field("client_secret", .text(1...2048)),
        Field("claims", .array(.text(1...255), count: 0...50), default: []),
        Field("email_claim_name", .text(1...255), default: "email"),
    ]
    private static let plainOAuth: [Field] = [
        Field("client_id", .text(1...512), .required), Field("client_secret", .text(1...2048), .required),
    ]
    /// The algorithms that a provider's tokens may be signed with (contract 40 §10 row 7).
    private static let algorithms = Shape.oneOf([
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ])

    /// The members of `config` for a type.
    package static func configFields(of type: IdentityProviderType) -> [Field] {
        switch type {
        case .oneTimePIN: []
        case .cloudflare: [Field("restrict_to_account_members", .bool, default: false)]
        case .oidc:
            common + [
                Field("auth_url", .url, .required), Field("token_url", .url, .required),
                Field("certs_url", .url, .required), Field("issuer", .url),
                Field("scopes", .array(.text(1...255), count: 1...50), default: ["openid", "email", "profile"]),
                Field("pkce_enabled", .bool, default: false),
                Field("id_token_signing_algs", .array(algorithms, count: 1...10)),
            ]
        case .azureAD:
            common + [
                Field("directory_id", .text(1...255), .required), Field("support_groups", .bool, default: false),
                Field("prompt", .oneOf(["login", "select_account", "none"])),
                Field("conditional_access_enabled", .bool, default: false),
            ]
        case .okta:
            common + [
                Field("okta_account", .checked({ $0.isProviderHost }, "a host name or an https URL"), .required),
                Field("authorization_server_id", .text(1...255)),
            ]
        case .googleApps:
            common + [
                Field("apps_domain", .checked({ $0.isHostName }, "a domain"), .required),
                Field("prompt", .oneOf(["none", "consent", "select_account"])),
                Field("use_login_hint", .bool, default: false),
            ]
        case .google: common
        case .onelogin:
            common + [
                Field("onelogin_account", .checked({ $0.isProviderHost }, "a host name or an https URL"), .required)
            ]
        case .pingone: common + [Field("ping_env_id", .text(1...255), .required)]
        case .centrify:
            common + [
                Field("centrify_account", .checked({ $0.isProviderHost }, "a host name or an https URL"), .required),
                Field("centrify_app_id", .text(1...255), .required),
            ]
        case .saml:
            [
                Field("issuer_url", text), Field("sso_target_url", .url),
                Field("idp_public_certs", .array(.text(1...16_384), count: 0...10), default: []),
                Field("email_attribute_name", .text(0...255)),
                Field("attributes", .array(.text(1...255), count: 0...100), default: []),
                Field(
                    "header_attributes",
                    .array(
                        .object([
                            Field("attribute_name", .text(1...255), .required),
                            Field("header_name", .text(1...255), .required),
                        ]), count: 0...100), default: []),
                Field("sign_request", .bool, default: false), Field("force_authn", .bool, default: false),
                Field("enable_encryption", .bool, default: false),
                Field("max_sso_url_length", .integer(256...65_536)),
            ]
        case .github, .facebook, .linkedin, .yandex: plainOAuth
        }
    }

    /// - Parameter keepsSecret: a PUT: an absent or masked secret keeps the stored one.
    package init(_ value: JSONValue, keepsSecret: Bool) throws(Refusal) {
        let body = try Body(value, as: Self.fields, orRefuse: .accessInvalidRequest)
        guard let type = body.text("type").flatMap({ IdentityProviderType(rawValue: $0) }),
            var given = body["config"]?.objectValue
        else { throw Refusal(.accessInvalidRequest, "type is missing or invalid", at: "/type") }
        let secret = given["client_secret"]?.stringValue
        let isMasked = secret == Self.mask
        if keepsSecret, secret == nil || isMasked {
            // A plain-OAuth type requires its secret, which is there already.
            given["client_secret"] = .string(Self.mask)
        }
        var problems: [FieldProblem] = []
        var config = Self.configFields(of: type).normalize(given, at: "/config", &problems)
        if !keepsSecret, isMasked {
            problems.append(FieldProblem("/config/client_secret", "must be the secret itself"))
        }
        let scim = try Self.scim(body, &problems)
        try Body.refuse(problems, as: .accessInvalidRequest)
        let kept = config["client_secret"]?.stringValue
        config = config.removing("client_secret")
        self.init(
            type: type, name: body.text("name", or: ""), config: config.jsonText,
            secret: kept == Self.mask ? nil : kept.map { Secret($0) }, scim: scim.jsonText,
            isSCIMEnabled: scim["enabled"]?.boolValue ?? false, clientID: config["client_id"]?.stringValue,
            issuer: IssuerRule.issuer(of: type, config))
    }

    private static func scim(_ body: Body, _ problems: inout [FieldProblem]) throws(Refusal) -> JSONObject {
        let scim = body["scim_config"]?.objectValue ?? scimFields.normalize(JSONObject(), at: "/scim_config", &problems)
        if scim["seat_deprovision"]?.boolValue == true, scim["user_deprovision"]?.boolValue != true {
            problems.append(FieldProblem("/scim_config/seat_deprovision", "needs user_deprovision"))
        }
        return scim
    }
}

/// The issuer that follows from a type and its configuration. Unknown for a generic provider that names none.
enum IssuerRule {
    static func issuer(of type: IdentityProviderType, _ config: JSONObject) -> String? {
        func text(_ name: String) -> String? { config[name]?.stringValue }
        func origin(_ name: String) -> String? {
            text(name).map { $0.contains("://") ? String($0.trimmingSlash) : "https://\($0)" }
        }
        switch type {
        case .oidc: return text("issuer")
        case .azureAD: return text("directory_id").map { "https://login.microsoftonline.com/\($0)/v2.0" }
        case .okta:
            return origin("okta_account").map { account in
                text("authorization_server_id").map { "\(account)/oauth2/\($0)" } ?? account
            }
        case .google, .googleApps: return "https://accounts.google.com"
        case .onelogin: return origin("onelogin_account").map { "\($0)/oidc/2" }
        case .pingone: return text("ping_env_id").map { "https://auth.pingone.com/\($0)/as" }
        case .centrify:
            return origin("centrify_account").flatMap { account in text("centrify_app_id").map { "\(account)/\($0)/" } }
        default: return nil
        }
    }
}

extension StringProtocol {
    var isProviderHost: Bool { isHostName || isSecureURL }
    fileprivate var trimmingSlash: SubSequence { hasSuffix("/") ? dropLast() : self[...] }
}

extension IdentityProvider {
    /// - Parameters:
    ///   - redirectURL: the callback of the account's team.
    ///   - isEnforcedOff: whether an enforced primary IdP keeps it from being used.
    package func write(
        to writer: inout JSONWriter, redirectURL: String?, isEnforcedOff: Bool, scimSecret: Secret<String>? = nil
    ) {
        writer.beginObject()
        writer.member("id", uuid: id)
        writer.member("name", name)
        writer.member("type", type.rawValue)
        writer.key("config")
        writer.beginObject()
        writer.rawMembers(of: config)
        if hasSecret { writer.member("client_secret", IdentityProviderDraft.mask) }
        if type.showsRedirectURL, let redirectURL { writer.member("redirect_url", redirectURL) }
        writer.endObject()
        writer.key("scim_config")
        writer.beginObject()
        writer.rawMembers(of: scim)
        if let scimSecret { writer.member("secret", scimSecret.exposed()) }
        writer.endObject()
        writer.member("read_only", false)
        if isEnforcedOff { writer.member("enforced_off", true) }
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.endObject()
    }
}

extension IdPConnection {
    package func write(to writer: inout JSONWriter, redirectURL: String?, isEnforcedOff: Bool) {
        writer.beginObject()
        writer.member("id", uuid: id)
        writer.member("name", source.name)
        writer.member("type", source.type.rawValue)
        writer.member("read_only", true)
        writer.key("config")
        writer.beginObject()
        if let redirectURL { writer.member("redirect_url", redirectURL) }
        writer.endObject()
        writer.key("scim_config")
        writer.beginObject()
        writer.member("enabled", false)
        writer.endObject()
        writer.member("source_account_id", hex: source.account)
        writer.member("source_idp_id", uuid: source.id)
        writer.member("grant_id", uuid: grant)
        writer.member("primary", isPrimary)
        if isEnforcedOff { writer.member("enforced_off", true) }
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: max(createdAt, source.updatedAt))
        writer.endObject()
    }
}
