import ControlPlane
import Domain
import Federation
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Sets a primary IdP up from nothing but its issuer: it is discovered, tested, and only then saved.
enum PrimaryIdPWizard: ConsolePages {
    private static let base = PrimaryIdPPage.base + "/wizard"

    static let routes: [ConsoleRoute] = [
        .patientPost(
            base + "/discover", .organization(.organizationWrite), .primaryIdP, .view, page: PrimaryIdPPage.page,
            discover),
        .patientPost(
            base + "/save", .organization(.organizationWrite), .primaryIdP, .create, page: credentialsAgain, save),
    ]

    // MARK: First step

    static func start(_ call: PageCall) throws(Failure) -> Screen {
        let (view, organization) = (call.view, try call.organization())
        return Screen(
            "Primary IdP", .organization(organization), section: "/primary-idp",
            lead: "One identity provider for all accounts of the organization. There is none yet."
        ) {
            if view.may(.organizationWrite) {
                element("section", ["class": "card narrow"]) {
                    element("h2") { "1. Which identity provider?" }
                    view.form(to: "\(organization.path)/primary-idp/wizard/discover") {
                        view.field(
                            "issuer", "Issuer URL",
                            hint:
                                "The address that your identity provider publishes as its issuer. It is asked what it can do before anything is saved.",
                            type: "url", isRequired: true, placeholder: "https://login.example.com")
                        view.buttons("Discover")
                    }
                }
                element("p", ["class": "muted"]) {
                    "Is it configured in an account already? Open it under the identity providers of that account, and choose “Use as primary IdP”."
                }
            } else {
                UI.empty("No primary IdP yet", "An administrator of the organization can set one up.")
            }
        }
    }

    @Sendable static func discover(_ call: PatientCall) async throws(Failure) -> Outcome {
        guard let issuer = call.form.text("issuer") else {
            throw .refused(.organizationInvalid, "enter the issuer URL", at: "/issuer")
        }
        let document = try await probe(issuer, call.view.plane)
        let (view, found) = (call.view, Found(issuer: issuer, document: document))
        return .shown(
            try await call.read { (reader) throws(Failure) in
                try credentials(PageCall(view: view, reader: reader), found)
            })
    }

    /// What discovery told, as the next step carries it.
    private struct Found {
        let issuer: String
        let endpoints: [(name: String, label: String, value: String)]
        let keys: Int?

        init(issuer: String, document: KeyDocument) {
            self.issuer = issuer
            let discovery = document.discovery
            endpoints = [
                ("auth_url", "Authorization endpoint", discovery?.authorizationEndpoint ?? ""),
                ("token_url", "Token endpoint", discovery?.tokenEndpoint ?? ""),
                ("certs_url", "Key set", discovery?.keySetURL ?? ""),
            ]
            keys = document.found.count
        }

        init(_ form: FormBody) {
            issuer = form.text("issuer") ?? ""
            endpoints = [
                ("auth_url", "Authorization endpoint", form.text("auth_url") ?? ""),
                ("token_url", "Token endpoint", form.text("token_url") ?? ""),
                ("certs_url", "Key set", form.text("certs_url") ?? ""),
            ]
            keys = nil
        }
    }

    private static func probe(_ issuer: String, _ plane: Plane) async throws(Failure) -> KeyDocument {
        do throws(FetchFailure) {
            let document = try await plane.keys.probe(KeySource(.discovery, issuer: issuer))
            guard document.discovery?.authorizationEndpoint != nil, document.discovery?.tokenEndpoint != nil else {
                throw FetchFailure("the discovery document names no endpoints for a login")
            }
            return document
        } catch {
            throw .refused(
                .organizationInvalid, "this issuer cannot be used: \(error.explanation)", at: "/issuer")
        }
    }

    // MARK: Second step

    @Sendable static func credentialsAgain(_ call: PageCall) throws(Failure) -> Screen {
        guard let form = call.view.submission?.form else { return try PrimaryIdPPage.page(call) }
        return try credentials(call, Found(form))
    }

    private static func credentials(_ call: PageCall, _ found: Found) throws(Failure) -> Screen {
        let (view, organization) = (call.view, try call.organization())
        let accounts = try call.reader.accounts(
            below: organization.id, within: Reach.of(view.principal, [.identityWrite]), named: nil,
            PageRequest(page: 1, perPage: 200)
        ).items
        let first = accounts.first { $0.id.hex == view.submission?.form.text("account_id") } ?? accounts.first
        let team = try first.flatMap { (account) throws(Failure) in try call.reader.team(of: account.id) }
        return Screen(
            "Primary IdP", .organization(organization), section: "/primary-idp",
            lead: "The identity provider answers. Now it has to know this server."
        ) {
            UI.card("Found at \(found.issuer)", id: "found") {
                UI.facts(found.endpoints.map { ($0.label, UI.code($0.value)) })
                if let keys = found.keys {
                    element("p") { UI.badge("\(keys.of("key")) to check signatures with", .good) }
                }
            }
            if accounts.isEmpty {
                UI.empty(
                    "No account to keep it in",
                    "The identity provider belongs to one account, its source. Create one first.",
                    action: UI.button("New account", "/accounts/new?unit=\(organization.id.hex)", ""))
            } else {
                element("section", ["class": "card narrow"]) {
                    element("h2") { "2. Register a client, and enter it here" }
                    if let team {
                        element("p") { "Register this callback at the identity provider:" }
                        element("p") {
                            UI.copyable(view.settings.teamOrigin(team) + "/cdn-cgi/access/callback", id: "callback")
                        }
                    }
                    view.form(to: "\(organization.path)/primary-idp/wizard/save") {
                        UI.hidden("issuer", found.issuer)
                        for endpoint in found.endpoints { UI.hidden(endpoint.name, endpoint.value) }
                        view.field(
                            "name", "Name", "Company login", hint: "People see it when they sign in.", isRequired: true)
                        view.field("client_id", "Client ID", isRequired: true)
                        view.field("client_secret", "Client secret", type: "password", autocomplete: "new-password")
                        view.choice(
                            "account_id", "Source account", accounts.map { (value: $0.id.hex, title: $0.name) }, nil,
                            hint:
                                "The account that holds it. Its callback is shown with its identity providers; other accounts reach it through it."
                        )
                        view.buttons("Test and save", cancel: "\(organization.path)/primary-idp")
                    }
                }
            }
        }
    }

    @Sendable static func save(_ call: PatientCall) async throws(Failure) -> Outcome {
        let (form, organization) = (call.form, call.organization)
        guard let issuer = form.text("issuer") else {
            throw .refused(.organizationInvalid, "enter the issuer URL", at: "/issuer")
        }
        guard let account = form.text("account_id").flatMap({ AccountID(hex: $0) }) else {
            throw .refused(.organizationInvalid, "choose the source account", at: "/account_id")
        }
        // What the form carries may be old, or somebody's invention: the endpoints are those of the issuer now.
        let found = Found(issuer: issuer, document: try await probe(issuer, call.view.plane))
        let draft = try draft(form, found)
        let home = "/organizations/\(organization.hex)/primary-idp"
        return try await call.perform { (call) throws(Failure) in
            try call.act.requireIdentityWrite(on: account)
            if try call.reader.team(of: account) == nil {
                try call.act.setUpAccess(in: account) { (name, team) throws(Failure) in
                    try call.zeroTrustDraft(name, team)
                }
            }
            let saved = try call.act.createIdentityProvider(draft, in: account)
            let primary = PrimaryIdPDraft(
                account: account, identityProvider: saved.provider.id, mode: .report, exempt: [], breakGlass: [],
                keepsPrevious: false)
            let made = try call.act.designatePrimary(primary, for: organization, isForced: false)
            return .done(
                home,
                "\(saved.provider.name) is the primary IdP: \(made.accountsBridged) of \(made.accountsTotal.of("account")) can use it."
            )
        }
    }

    private static func draft(_ form: FormBody, _ found: Found) throws(Failure) -> IdentityProviderDraft {
        var config: JSONObject = ["issuer": .string(found.issuer), "pkce_enabled": true]
        for endpoint in found.endpoints { config[endpoint.name] = .string(endpoint.value) }
        for name in ["client_id", "client_secret"] { config[name] = form.text(name).map(JSONValue.string) }
        var body = form.object("name")
        body["type"] = "oidc"
        body["config"] = .object(config)
        do throws(Refusal) {
            return try IdentityProviderDraft(.object(body), keepsSecret: false)
        } catch {
            // The fields of this form have shorter names than the members that they fill.
            let problems = error.problems.map { problem in
                Problem(problem.code, problem.detail, at: problem.pointer?.replacing("/config/", with: "/"))
            }
            throw .refused(Refusal(problems))
        }
    }
}
