import ControlPlane
import Domain
import HTML
import JSON
import Primitives
import Wire

/// The form of an identity provider: a field for each member that its type may have (contract 20 §5).
struct ProviderForm {
    let type: IdentityProviderType
    /// What there is; `nil` for a new one.
    let provider: IdentityProvider?
    let view: View
    let action: String
    let cancel: String
    var version: String?

    private static let texts: [String: String] = [
        "client_id": "Client ID", "auth_url": "Authorization endpoint", "token_url": "Token endpoint",
        "certs_url": "Key set (jwks_uri)", "issuer": "Issuer", "directory_id": "Directory (tenant) ID",
        "okta_account": "Okta account", "authorization_server_id": "Authorization server ID", "apps_domain": "Domain",
        "onelogin_account": "OneLogin account", "ping_env_id": "Environment ID", "centrify_account": "Centrify account",
        "centrify_app_id": "Centrify application ID", "email_claim_name": "Claim with the e-mail address",
        "prompt": "Prompt",
    ]
    private static let flags: [String: String] = [
        "pkce_enabled": "Use PKCE", "support_groups": "Read groups",
        "conditional_access_enabled": "Use conditional access", "use_login_hint": "Pass on the address as a hint",
        "restrict_to_account_members": "Only members of this account",
    ]
    private static let lists: [String: String] = ["claims": "Further claims to keep", "scopes": "Scopes"]
    private static let required: Set<String> = [
        "client_id", "auth_url", "token_url", "certs_url", "directory_id", "okta_account", "apps_domain",
        "onelogin_account", "ping_env_id", "centrify_account", "centrify_app_id",
    ]

    var markup: Markup {
        let config = provider.flatMap { try? JSONParser.parse($0.config).objectValue } ?? JSONObject()
        let names = IdentityProviderDraft.configFields(of: type).map(\.name).enumerated()
            .sorted { (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset) }.map(\.element)
        return element("section", ["class": "card narrow"]) {
            element("h2") { type.title }
            view.form(to: action, version: version) {
                UI.hidden("type", type.rawValue)
                view.field(
                    "name", "Name", provider?.name ?? type.title, hint: "People see it when they sign in.",
                    isRequired: true)
                for name in names { field(name, config[name]) }
                view.buttons(provider == nil ? "Add identity provider" : "Save", cancel: cancel)
            }
        }
    }

    /// Where a field stands: who the client is first, then where things are, then what is asked for, switches last.
    private static func rank(_ name: String) -> Int {
        switch name {
        case "issuer": 0
        case "client_id": 1
        case "client_secret": 2
        case "email_claim_name": 5
        default: flags[name] != nil ? 6 : lists[name] != nil ? 4 : 3
        }
    }

    @MarkupBuilder private func field(_ name: String, _ value: JSONValue?) -> Markup {
        if name == "client_secret" {
            view.field(
                "config/client_secret", "Client secret",
                hint: provider?.hasSecret == true ? "Leave it empty to keep the one that is stored." : nil,
                type: "password", autocomplete: "new-password")
        } else if let label = Self.texts[name] {
            view.field("config/\(name)", label, value?.stringValue, isRequired: Self.required.contains(name))
        } else if let label = Self.flags[name] {
            view.check("config/\(name)", label, value?.boolValue ?? false)
        } else if let label = Self.lists[name] {
            view.field(
                "config/\(name)", label, value?.arrayValue?.compactMap(\.stringValue).joined(separator: ", "),
                hint: "Separated by commas.")
        }
    }

    /// The body of the request that the form stands for.
    static func body(of form: FormBody, keeping old: JSONObject = JSONObject()) -> JSONObject {
        guard let type = form.text("type").flatMap({ IdentityProviderType(rawValue: $0) }) else {
            return form.object("name", "type")
        }
        var config = JSONObject()
        for name in IdentityProviderDraft.configFields(of: type).map(\.name) {
            let text = form.text("config/\(name)")
            if flags[name] != nil {
                config[name] = .bool(form.flag("config/\(name)"))
            } else if lists[name] != nil {
                let items = form.lines("config/\(name)")
                if !items.isEmpty { config[name] = .array(items.map(JSONValue.string)) }
            } else if texts[name] != nil || name == "client_secret" {
                if let text { config[name] = .string(text) }
            } else if let kept = old[name] {
                // What the form does not show stays as it is.
                config[name] = kept
            }
        }
        var body = form.object("name", "type")
        body["config"] = .object(config)
        return body
    }
}
