import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The identity providers of an account, its own and those that it is connected to.
enum IdentityProvidersPage: ConsolePages {
    private static let base = "/accounts/{account_id}/identity-providers"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.identityRead), .page(page)),
        .get(base + "/new", .account(.identityWrite), .page(newPage)),
        .post(base + "/new", .account(.identityWrite), .identityProvider, .create, page: newPage, create),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let own = try call.reader.identityProviders(of: account.id)
        let connected = try call.reader.connections(of: account.id)
        let logins = try AccountLogins(of: account.id, call.reader, view.settings)
        let path = "\(account.path)/identity-providers"
        return Screen(
            "Identity providers", .account(account), section: "/identity-providers",
            lead: "How people prove who they are in this account.",
            actions: view.may(.identityWrite) ? UI.button("Add identity provider", path + "/new", "") : .nothing
        ) {
            if own.isEmpty, connected.isEmpty {
                UI.empty(
                    "No identity provider yet",
                    "Add one, or bridge the account to the primary IdP of its organization.",
                    action: UI.button("Open the summary", account.path))
            }
            if !own.isEmpty {
                UI.table(
                    "Identity providers of this account", own,
                    [
                        Column("Name", isHeader: true) { UI.link($0.name, "\(path)/\($0.id.uuid)") },
                        Column("Type") { $0.type.title },
                        Column("Issuer") { provider in
                            if let issuer = provider.issuer ?? provider.learntIssuer { UI.code(issuer) }
                        },
                        Column("State") { provider in
                            if logins.isEnforcedOff(provider.id) { UI.badge("off: the primary IdP is enforced", .warn) }
                            if !provider.type.canLogIn { UI.badge("stored only") }
                        },
                    ])
            }
            if !connected.isEmpty {
                UI.card("Connected") {
                    element("p", ["class": "muted"]) {
                        "Identity providers of other accounts, which are changed there and used here."
                    }
                    UI.table(
                        "Connections", connected,
                        [
                            Column("Name", isHeader: true) { $0.source.name },
                            Column("Type") { $0.source.type.title },
                            Column("From") { UI.link("source account", "/accounts/\($0.source.account.hex)") },
                            Column("State") { connection in
                                if connection.isPrimary { UI.badge("primary IdP", .good) }
                            },
                        ])
                }
            }
            if let url = logins.redirectURL {
                UI.card("Callback") {
                    element("p") { "Identity providers send people back here; register it there." }
                    element("p") { UI.copyable(url, id: "callback") }
                }
            }
        }
    }

    // MARK: New

    @Sendable static func newPage(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let path = "\(account.path)/identity-providers"
        let type =
            (view.submission?.form.text("type") ?? view.query["type"]).flatMap { IdentityProviderType(rawValue: $0) }
        return Screen(
            "Add identity provider", .account(account), section: "/identity-providers",
            parents: [Screen.Crumb(title: "Identity providers", path: path)]
        ) {
            if let type {
                ProviderForm(type: type, provider: nil, view: view, action: path + "/new", cancel: path + "/new").markup
            } else {
                element("ul", ["class": "choices narrow"]) {
                    for type in IdentityProviderType.allCases where type.canLogIn {
                        element("li") {
                            element("a", ["href": "\(path)/new?type=\(type.rawValue)"]) {
                                element("span", ["class": "icon monogram", "aria-hidden": true]) {
                                    type.title.prefix(1)
                                }
                                element("span") { type.title }
                            }
                        }
                    }
                }
            }
        }
    }

    @Sendable static func create(_ call: FormCall) throws(Failure) -> Outcome {
        guard try call.reader.team(of: call.account) != nil else {
            throw .refused(
                .zeroTrustNotEnabled, "Access is not set up in this account: bridge it, or set up Zero Trust first")
        }
        let body = ProviderForm.body(of: call.form)
        let draft = try refusing { () throws(Refusal) in try IdentityProviderDraft(.object(body), keepsSecret: false) }
        let saved = try call.act.createIdentityProvider(draft, in: call.account)
        let path = "/accounts/\(call.account.hex)/identity-providers/\(saved.provider.id.uuid)"
        return .done(path, "\(saved.provider.name) was added. Test it before people rely on it.")
    }
}

extension IdentityProviderType {
    /// For people.
    var title: String {
        switch self {
        case .oneTimePIN: "One-time PIN by mail"
        case .azureAD: "Microsoft Entra ID"
        case .saml: "SAML"
        case .centrify: "Centrify"
        case .facebook: "Facebook"
        case .github: "GitHub"
        case .googleApps: "Google Workspace"
        case .google: "Google"
        case .linkedin: "LinkedIn"
        case .oidc: "OpenID Connect"
        case .okta: "Okta"
        case .onelogin: "OneLogin"
        case .pingone: "PingOne"
        case .yandex: "Yandex"
        case .cloudflare: "Members of this server"
        }
    }
}
