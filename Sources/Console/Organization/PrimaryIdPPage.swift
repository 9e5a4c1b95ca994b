import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The primary IdP of an organization: what it is, whether it is enforced, whom it spares.
enum PrimaryIdPPage: ConsolePages {
    static let base = "/organizations/{organization_id}/primary-idp"

    static let routes: [ConsoleRoute] = [
        .get(base, .organization(.organizationRead), .survey(page)),
        .patientPost(base + "/mode", .organization(.organizationWrite), .primaryIdP, .update, page: page, mode),
        .post(base + "/exceptions", .organization(.organizationWrite), .primaryIdP, .update, page: page, exceptions),
        .post(base + "/end", .organization(.organizationWrite), .primaryIdP, .delete, page: page, end),
        .patientPost(base, .organization(.organizationWrite), .primaryIdP, .update, page: page, designate),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, organization) = (call.view, try call.organization())
        guard let primary = try call.reader.primaryIdP(of: organization.id) else {
            if let proposal = try Proposal(call) { return proposal.screen(organization, view) }
            return try PrimaryIdPWizard.start(call)
        }
        let provider = try call.reader.identityProvider(primary.identityProvider, in: primary.account)
        let source = try call.reader.account(primary.account)
        let counts = try call.reader.bridgeCounts(of: organization.id)
        let exempt = try call.reader.accountNames(Array(primary.exempt.prefix(200)))
        let path = "\(organization.path)/primary-idp"
        let proposal = try Proposal(call)
        return Screen(
            "Primary IdP", .organization(organization), section: "/primary-idp",
            lead: "One identity provider for all accounts of the organization."
        ) {
            if let proposal { proposal.card(organization, view) }
            UI.card("Designation") {
                UI.facts(
                    [
                        (
                            "Identity provider",
                            UI.link(
                                provider?.name ?? "unknown",
                                "/accounts/\(primary.account.hex)/identity-providers/\(primary.identityProvider.uuid)")
                        ), ("Issuer", UI.code(provider?.issuer ?? provider?.learntIssuer ?? "unknown")),
                        ("Source account", UI.link(source?.name ?? "", "/accounts/\(primary.account.hex)")),
                        (
                            "Mode",
                            primary.mode == .enforce
                                ? UI.badge("enforced", .good) : UI.badge("report: drift is shown, not prevented")
                        ), ("Since", UI.time(primary.createdAt)),
                    ])
                UI.meter(
                    counts.bridged, of: counts.total,
                    "\(counts.bridged) of \(counts.total.of("account")) use it")
            }
            if view.may(.organizationWrite) {
                modeCard(primary, path, view)
                exceptionsCard(primary, exempt, path, view)
                UI.card("End the designation") {
                    element("p") { "Connections that exist because of it end. What would change is shown first." }
                    view.action("End the designation", to: path + "/end", "danger")
                }
            }
        }
    }

    private static func modeCard(_ primary: PrimaryIdP, _ path: String, _ view: View) -> Markup {
        UI.card("Enforcement") {
            if primary.mode == .enforce {
                element("p") { "Other ways to sign in are switched off in every account that is not exempt." }
                view.action("Only report from now on", to: path + "/mode", "secondary", [("mode", "report")])
            } else {
                element("p") {
                    "Enforcing switches every other way to sign in off, in every account that is not exempt."
                }
                view.form(to: path + "/mode") {
                    UI.hidden("mode", "enforce")
                    view.check(
                        "force", "Enforce although no administrator signed in with it in the last 30 days", false,
                        hint: "Without this, the server refuses to lock out everybody who could undo it.")
                    view.buttons("Preview enforcement")
                }
            }
        }
    }

    private static func exceptionsCard(
        _ primary: PrimaryIdP, _ names: [AccountID: String], _ path: String, _ view: View
    ) -> Markup {
        element("section", ["class": "card narrow"]) {
            element("h2") { "Exceptions" }
            view.form(to: path + "/exceptions", version: EntityTag(version: primary.version).text) {
                view.area(
                    "break_glass_emails", "Break-glass addresses", primary.breakGlass.joined(separator: "\n"),
                    hint:
                        "One a line, at most \(PrimaryIdP.breakGlassLimit). These people may use other ways to sign in when the primary IdP is down."
                )
                view.area(
                    "exempt_account_ids", "Exempt accounts", primary.exempt.map(\.hex).joined(separator: "\n"),
                    hint: names.isEmpty
                        ? "Account IDs, one a line. These accounts go their own way."
                        : "Account IDs, one a line. Now: \(names.values.sorted().joined(separator: ", ")).")
                view.buttons("Save exceptions")
            }
        }
    }

    // MARK: Forms

    @Sendable static func mode(_ call: PatientCall) async throws(Failure) -> Outcome {
        let (organization, form) = (call.organization, call.form)
        guard let mode = form.text("mode").flatMap({ PrimaryMode(rawValue: $0) }) else {
            throw .refused(.organizationInvalid, "mode must be report or enforce", at: "/mode")
        }
        let isForced = form.flag("force")
        let primary = try await call.read { (reader) throws(Failure) in try reader.primaryIdP(of: organization) }
        guard let primary else { throw .refused(.organizationNotFound, "no primary IdP") }
        if mode == .enforce, primary.mode != .enforce {
            try await call.view.plane.requireWorking(primary.identityProvider, in: primary.account)
        }
        let change = PrimaryIdPChange(mode: mode, exempt: nil, breakGlass: nil)
        let home = "/organizations/\(organization.hex)/primary-idp"
        return try await call.perform { (call) throws(Failure) in
            if mode == .enforce, !call.form.isConfirmed {
                let place = Screen.Place.organization(try call.reader.existing(organization))
                let effects = try call.act.preview { (act) throws(Failure) in
                    _ = try act.changePrimary(of: organization, change, isForced: isForced)
                }
                let coverage = try Coverage(below: organization, call.reader)
                let plan = Plan(
                    title: "Enforce the primary IdP", question: "Who still uses another way to sign in has to change.",
                    verb: "Enforce", cancel: home)
                return .shown(
                    call.view.screen(
                        of: plan, place, call.form, effects, [:], and: coverage.linesOfEnforcement))
            }
            _ = try call.act.changePrimary(of: organization, change, isForced: isForced)
            return .done(
                home, mode == .enforce ? "The primary IdP is enforced." : "The primary IdP is not enforced any more.")
        }
    }

    @Sendable static func exceptions(_ call: FormCall) throws(Failure) -> Outcome {
        let organization = call.organization
        let body = try refusing { () throws(Refusal) in
            try Body(
                [
                    "exempt_account_ids": .array(call.form.lines("exempt_account_ids").map(JSONValue.string)),
                    "break_glass_emails": .array(call.form.lines("break_glass_emails").map(JSONValue.string)),
                ], as: PrimaryIdP.changeFields, orRefuse: .organizationInvalid)
        }
        let change = PrimaryIdPChange(
            mode: nil, exempt: body.texts("exempt_account_ids").compactMap { AccountID(hex: $0) },
            breakGlass: body.texts("break_glass_emails"))
        _ = try call.act.changePrimary(of: organization, change, isForced: false)
        return .done("/organizations/\(organization.hex)/primary-idp", "The exceptions were saved.")
    }

    @Sendable static func end(_ call: FormCall) throws(Failure) -> Outcome {
        let organization = call.organization
        let home = "/organizations/\(organization.hex)/primary-idp"
        let plan = Plan(
            title: "End the designation", question: "Accounts would go back to their own ways to sign in.",
            verb: "End the designation", cancel: home)
        let place = Screen.Place.organization(try call.reader.existing(organization))
        let shown = try call.preview(plan, place) { (act) throws(Failure) in
            try act.endPrimary(of: organization, deletingGrant: false)
        }
        if let shown { return shown }
        try call.act.endPrimary(of: organization, deletingGrant: false)
        return .done(home, "The organization has no primary IdP any more.")
    }

    /// Designates an identity provider that an account has already.
    @Sendable static func designate(_ call: PatientCall) async throws(Failure) -> Outcome {
        let (organization, form) = (call.organization, call.form)
        let draft = try refusing { () throws(Refusal) in
            try PrimaryIdPDraft(.object(form.object("account_id", "idp_id")))
        }
        try await call.view.plane.requireWorking(draft.identityProvider, in: draft.account)
        let home = "/organizations/\(organization.hex)/primary-idp"
        return try await call.perform { (call) throws(Failure) in
            try call.act.requireIdentityWrite(on: draft.account)
            let plan = Plan(
                title: "Designate the primary IdP",
                question: "Every account of the organization would be connected to it.", verb: "Designate",
                cancel: home, isDangerous: false)
            let place = Screen.Place.organization(try call.reader.existing(organization))
            let shown = try call.preview(plan, place) { (act) throws(Failure) in
                _ = try act.designatePrimary(draft, for: organization, isForced: false)
            }
            if let shown { return shown }
            let made = try call.act.designatePrimary(draft, for: organization, isForced: false)
            return .done(home, "The primary IdP is set: \(made.accountsBridged.of("account")) can use it.")
        }
    }
}

/// An identity provider that somebody wants to make the primary one: `?account=…&idp=…`.
private struct Proposal {
    let account: Account
    let provider: IdentityProvider

    init?(_ call: PageCall) throws(Failure) {
        guard let accountID = call.view.query["account"].flatMap({ AccountID(hex: $0) }),
            let id = call.view.query["idp"].flatMap({ IdentityProviderID(uuid: $0) }),
            try call.view.rights(on: accountID, in: call.reader).contains(.identityRead),
            let account = try call.reader.account(accountID),
            let provider = try call.reader.identityProvider(id, in: accountID)
        else { return nil }
        self.account = account
        self.provider = provider
    }

    func screen(_ organization: Organization, _ view: View) -> Screen {
        Screen("Primary IdP", .organization(organization), section: "/primary-idp") { card(organization, view) }
    }

    func card(_ organization: Organization, _ view: View) -> Markup {
        UI.card("Designate \(provider.name)") {
            element("p") {
                "\(provider.name) of \(account.name) would become the primary IdP of \(organization.name)."
            }
            view.form(to: "\(organization.path)/primary-idp") {
                UI.hidden("account_id", account.id.hex)
                UI.hidden("idp_id", provider.id.uuid)
                view.buttons("Preview the designation", cancel: "\(organization.path)/primary-idp")
            }
        }
    }
}

extension Coverage {
    /// What enforcing would switch off.
    var linesOfEnforcement: [BridgeEffects.Line] {
        let all = drifts.values.joined()
        let others = all.filter { $0.kind == .otherIdPEnabled }
        let pins = all.count { $0.kind == .oneTimePINEnabled }
        var lines: [BridgeEffects.Line] = []
        if !others.isEmpty {
            let names = Set(others.map(\.name)).sorted().prefix(5).joined(separator: ", ")
            lines.append(
                BridgeEffects.Line(
                    text:
                        "\(others.count.of("other identity provider")) would be switched off in \(Set(others.map(\.account)).count.of("account")): \(names).",
                    tone: .warn))
        }
        if pins > 0 {
            lines.append(
                BridgeEffects.Line(text: "One-time PINs would be switched off in \(pins.of("account")).", tone: .warn))
        }
        let missing = count(.missing)
        if missing > 0 {
            lines.append(
                BridgeEffects.Line(
                    text:
                        "Nobody could sign in to \(missing.of("account")) that \(missing == 1 ? "is" : "are") not bridged yet.",
                    tone: .bad))
        }
        lines.append(
            BridgeEffects.Line(
                text:
                    "\(count(.exempt).of("account")) \(count(.exempt) == 1 ? "is" : "are") exempt and would change nothing."
            ))
        return lines
    }
}
