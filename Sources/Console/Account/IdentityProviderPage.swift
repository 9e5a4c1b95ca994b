import ControlPlane
import Domain
import Federation
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// One identity provider: its configuration, its test, and its end.
enum IdentityProviderPage: ConsolePages {
    private static let base = "/accounts/{account_id}/identity-providers/{idp_id}"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.identityRead), .page(page)),
        .post(base, .account(.identityWrite), .identityProvider, .update, page: page, save),
        .patientPost(base + "/test", .account(.identityWrite), .identityProvider, .view, page: page, test),
        .post(base + "/delete", .account(.identityWrite), .identityProvider, .delete, page: page, delete),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen { try screen(call, findings: nil) }

    private static func screen(_ call: PageCall, findings: ProviderFindings?) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let provider = try provider(call.reader, view)
        let list = "\(account.path)/identity-providers"
        let path = "\(list)/\(provider.id.uuid)"
        let logins = try AccountLogins(of: account.id, call.reader, view.settings)
        return Screen(
            provider.name, .account(account), section: "/identity-providers", lead: provider.type.title,
            parents: [Screen.Crumb(title: "Identity providers", path: list)],
            actions: view.may(.identityWrite) ? actions(provider, path, account, view) : .nothing
        ) {
            if let findings { result(of: findings) }
            if view.may(.identityWrite) {
                ProviderForm(
                    type: provider.type, provider: provider, view: view, action: path, cancel: list,
                    version: logins.tag(of: .own(provider)).text
                ).markup
                element("section", ["class": "card narrow"]) {
                    element("h2") { "Delete" }
                    element("p") { "Sessions of people who came in through it end." }
                    view.action("Delete identity provider", to: path + "/delete", "danger")
                }
            } else {
                UI.facts(
                    [
                        ("Type", .text(provider.type.title)), ("Client ID", UI.code(provider.clientID ?? "")),
                        ("Issuer", UI.code(provider.issuer ?? provider.learntIssuer ?? "unknown")),
                    ])
            }
        }
    }

    @MarkupBuilder private static func actions(
        _ provider: IdentityProvider, _ path: String, _ account: Account, _ view: View
    ) -> Markup {
        if provider.type.isOpenIDConnect {
            view.action("Test", to: path + "/test")
            if let owner = account.owner {
                UI.button(
                    "Use as primary IdP",
                    "/organizations/\(owner.id.hex)/primary-idp?account=\(account.id.hex)&idp=\(provider.id.uuid)")
            }
        }
    }

    private static func result(of findings: ProviderFindings) -> Markup {
        element("section", ["class": "notice \(findings.failure == nil ? "good" : "bad")", "role": "status"]) {
            if let failure = findings.failure {
                element("p") { "The test failed: \(failure)." }
            } else {
                element("p") {
                    "The test passed: discovery and \((findings.document?.found.count ?? 0).of("key")) can be read."
                }
            }
        }
    }

    private static func provider(_ reader: any Reading, _ view: View) throws(Failure) -> IdentityProvider {
        guard let provider = try reader.identityProvider(view.path.id("idp_id"), in: view.account) else {
            throw .refused(.accessNotFound, "identity provider not found")
        }
        return provider
    }

    @Sendable static func save(_ call: FormCall) throws(Failure) -> Outcome {
        let provider = try provider(call.reader, call.view)
        let old = (try? JSONParser.parse(provider.config).objectValue) ?? JSONObject()
        var body = ProviderForm.body(of: call.form, keeping: old)
        if let scim = try? JSONParser.parse(provider.scim) { body["scim_config"] = scim }
        let draft = try refusing { () throws(Refusal) in try IdentityProviderDraft(.object(body), keepsSecret: true) }
        let saved = try call.act.replaceIdentityProvider(provider.id, with: draft, in: call.account)
        return .done(
            "/accounts/\(call.account.hex)/identity-providers/\(saved.provider.id.uuid)",
            "\(saved.provider.name) was saved.")
    }

    @Sendable static func test(_ call: PatientCall) async throws(Failure) -> Outcome {
        let view = call.view
        let provider = try await call.read { (reader) throws(Failure) in
            try Self.provider(reader, view)
        }
        guard provider.type.canLogIn else { throw .refused(.accessInvalidRequest, "type not supported for login") }
        let findings = await KeyProbe(keys: view.plane.keys).findings(of: provider)
        if provider.issuer == nil, provider.learntIssuer == nil, let issuer = findings.document?.discovery?.issuer {
            try await view.plane.provide(.issuer(issuer, of: provider.id))
        }
        return .shown(
            try await call.read { (reader) throws(Failure) in
                try screen(PageCall(view: view, reader: reader), findings: findings)
            })
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let (provider, account) = (try provider(call.reader, call.view), call.account)
        let list = "/accounts/\(account.hex)/identity-providers"
        let plan = Plan(
            title: "Delete \(provider.name)", question: "People can no longer sign in with it.",
            verb: "Delete identity provider", cancel: "\(list)/\(provider.id.uuid)")
        let shown = try call.preview(plan, .account(try call.place())) { (act) throws(Failure) in
            try act.deleteIdentityProvider(provider.id, in: account)
        }
        if let shown { return shown }
        try call.act.deleteIdentityProvider(provider.id, in: account)
        return .done(list, "\(provider.name) was deleted.")
    }
}
