import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// One service token: its secret's rotation, its terms, and its end.
enum ServiceTokenPage: ConsolePages {
    private static let one = "/accounts/{account_id}/service-tokens/{service_token_id}"

    static let routes: [ConsoleRoute] = [
        .get(one, .account(.serviceTokensRead), .page(Access.page(page))),
        .post(
            one, .account(.serviceTokensWrite), .serviceToken, .update, page: Access.page(page), Access.form(save)),
        .post(
            one + "/rotate", .account(.serviceTokensWrite), .serviceToken, .update, page: Access.page(page),
            Access.form(rotate)),
        .post(
            one + "/delete", .account(.serviceTokensWrite), .serviceToken, .delete, page: Access.page(page),
            Access.form(delete)),
    ]

    private static let graces: [(value: String, title: String)] = [
        ("24h", "For 24 hours"), ("168h", "For a week"), ("1h", "For an hour"), ("0s", "Not at all: it ends now"),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let token = try token(call.reader, view)
        let list = "\(account.path)/service-tokens"
        let path = "\(list)/\(token.id.uuid)"
        let secrets = try call.reader.secrets(of: token.id)
        return Screen(
            token.name, .account(account), section: "/service-tokens", lead: "Service token",
            parents: [Screen.Crumb(title: "Service tokens", path: list)]
        ) {
            facts(of: token, secrets, view)
            if view.may(.serviceTokensWrite) {
                element("div", ["class": "columns"]) {
                    UI.card("Rotate the secret", id: "rotate") {
                        element("p") {
                            "A new secret is made and shown once. The old one can go on for a while, so that nothing stops."
                        }
                        view.form(to: path + "/rotate") {
                            view.choice("grace", "The old secret goes on", graces, "24h")
                            view.buttons("Rotate secret")
                        }
                    }
                    UI.card("Terms", id: "terms") {
                        view.form(to: path) {
                            view.field("name", "Name", token.name, isRequired: true)
                            view.choice(
                                "duration", "Good for", Durations.choices(Durations.tokens, token.lifetime.text),
                                token.lifetime.text, hint: "Counts from the moment you save.")
                            view.check(
                                "enabled", "Enabled", token.isEnabled,
                                hint: "A disabled token opens nothing, and what it had opened closes.")
                            view.buttons("Save")
                        }
                    }
                }
                UI.card("Delete") {
                    element("p") { "What uses this token is locked out at once." }
                    view.action("Delete service token", to: path + "/delete", "danger")
                }
            }
        }
    }

    private static func facts(of token: ServiceToken, _ secrets: ServiceTokenSecrets?, _ view: View) -> Markup {
        var rows: [(String, Markup)] = [
            ("State", token.badge(at: view.now)),
            ("Client ID", UI.copyable("\(token.clientID.hex).access", id: "client-id")),
            ("Secret", .text("version \(token.secretVersion), known to its holder only")),
            ("Expires", token.expiresAt.map { UI.time($0) } ?? .text("never")),
            ("Last used", token.lastSeenAt.map { UI.time($0) } ?? .text("never")),
            ("Created", UI.time(token.createdAt)),
        ]
        if let end = secrets?.previousExpiresAt, end > view.now {
            rows.insert(
                (
                    "Old secret",
                    element("span") {
                        "is good until "
                        UI.time(end)
                    }
                ), at: 3)
        }
        return UI.facts(rows)
    }

    /// The page that shows a secret, once; that it did is in the audit log.
    static func secret(
        of issued: IssuedServiceToken, _ call: FormCall, title: String, sentence: String
    ) throws(Failure) -> Screen {
        let account = try call.place()
        let token = issued.token
        if issued.secret != nil { call.act.recordSecretShown() }
        call.note { token.write(to: &$0) }
        let list = "\(account.path)/service-tokens"
        return Screen(
            title, .account(account), section: "/service-tokens", lead: sentence,
            parents: [Screen.Crumb(title: "Service tokens", path: list)]
        ) {
            element("section", ["class": "secret", "id": "once", "role": "status"]) {
                UI.facts(
                    [
                        ("CF-Access-Client-Id", UI.copyable("\(token.clientID.hex).access", id: "client-id")),
                        ("CF-Access-Client-Secret", UI.copyable(issued.secret?.exposed() ?? "", id: "secret")),
                    ])
                element("p", ["class": "small muted"]) {
                    "A program sends both as header fields of its requests."
                }
            }
            element("p") { UI.button("Done: I have kept the secret", "\(list)/\(token.id.uuid)", "") }
        }
    }

    private static func token(_ reader: any Reading, _ view: View) throws(Failure) -> ServiceToken {
        guard let token = try reader.serviceToken(view.path.id("service_token_id"), in: view.account) else {
            throw .refused(.accessNotFound, "service token not found")
        }
        return token
    }

    // MARK: Forms

    @Sendable static func rotate(_ call: FormCall) throws(Failure) -> Outcome {
        let id: ServiceTokenID = call.view.path.id("service_token_id")
        let grace = call.form.text("grace") ?? "0s"
        guard graces.contains(where: { $0.value == grace }), let duration = DurationText(grace)?.duration else {
            throw .refused(.accessInvalidRequest, "grace must be one of the choices", at: "/grace")
        }
        let end: Timestamp? = duration == .zero ? nil : call.act.now + duration
        let issued = try call.act.rotateServiceToken(id, graceEnd: end, in: call.account)
        return .shown(
            try secret(
                of: issued, call, title: "\(issued.token.name) has a new secret",
                sentence: duration == .zero
                    ? "The old one is no good any more. Copy the new one now: nobody can show it again."
                    : "The old one goes on for \(Durations.title(of: grace)). Copy the new one now: nobody can show it again."
            ))
    }

    @Sendable static func save(_ call: FormCall) throws(Failure) -> Outcome {
        let (old, account) = (try token(call.reader, call.view), call.account)
        var body = call.form.object("name", "duration")
        body["enabled"] = .bool(call.form.flag("enabled"))
        body["client_secret_version"] = .integer(old.secretVersion)
        let draft = try refusing { () throws(Refusal) in try ServiceTokenDraft(.object(body)) }
        let path = "\(call.home)/service-tokens/\(old.id.uuid)"
        if old.isEnabled, !draft.isEnabled {
            let plan = Plan(
                title: "Disable \(old.name)", question: "It would open nothing until somebody enables it again.",
                verb: "Disable service token", cancel: path)
            let lines = [
                BridgeEffects.Line(text: "Programs that use it are locked out at once.", tone: .bad),
                BridgeEffects.Line(text: "What it had opened closes, and does not come back by itself.", tone: .warn),
            ]
            let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
                _ = try act.renewServiceToken(old.id, as: draft, in: account)
            }
            if let shown { return shown }
        }
        let saved = try call.act.renewServiceToken(old.id, as: draft, in: account).token
        call.note { saved.write(to: &$0) }
        return .done(path, "\(saved.name) was saved.")
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let (token, account) = (try token(call.reader, call.view), call.account)
        let list = "\(call.home)/service-tokens"
        let plan = Plan(
            title: "Delete \(token.name)", question: "This cannot be undone.", verb: "Delete service token",
            cancel: "\(list)/\(token.id.uuid)")
        let used =
            token.lastSeenAt == nil
            ? BridgeEffects.Line(text: "Nothing has used it so far.", tone: .good)
            : BridgeEffects.Line(text: "Programs that use it are locked out at once.", tone: .bad)
        let shown = try call.confirm(plan, .account(try call.place()), [used]) { (act) throws(Failure) in
            try act.deleteServiceToken(token.id, in: account)
        }
        if let shown { return shown }
        try call.act.deleteServiceToken(token.id, in: account)
        return .done(list, "\(token.name) was deleted.")
    }
}
