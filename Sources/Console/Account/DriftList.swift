import ControlPlane
import Domain
import HTML
import HTTP
import Mending
import Primitives
import Store

/// The drifts of one account, each with the one click that mends it.
struct DriftList {
    let account: GovernedAccount
    let drifts: [Drift]
    let details: CoverageDetails
    let rights: PermissionSet
    let view: View
    /// The page to come back to.
    let back: String

    var markup: Markup {
        element("ul", ["class": "rows drifts"]) {
            for drift in drifts {
                let fix = DriftFix(for: drift, of: account, details)
                element("li") {
                    element("div") {
                        element("b") { drift.kind.title }
                        if !drift.name.isEmpty { " \(drift.name)" }
                        if let note = fix?.note { element("p", ["class": "small muted"]) { note } }
                    }
                    if let fix { button(fix, drift) }
                }
            }
        }
    }

    @MarkupBuilder private func button(_ fix: DriftFix, _ drift: Drift) -> Markup {
        if case .enforce(let organization) = fix.step {
            UI.button("Enforce the primary IdP", "/organizations/\(organization.hex)/primary-idp")
        } else if rights.contains(fix.permission) {
            view.action(
                fix.title, to: "/accounts/\(account.account.hex)/drift", "secondary",
                about: "\(drift.kind.title) \(drift.name) in \(account.name)",
                [
                    ("kind", drift.kind.rawValue), ("subject", drift.subject.key),
                    ("app", drift.application?.uuid ?? ""), ("back", back),
                ])
        }
    }
}

extension DriftKind {
    var title: String {
        switch self {
        case .notBridged: "Not connected to the primary IdP"
        case .otherIdPEnabled: "Another identity provider is in use:"
        case .oneTimePINEnabled: "One-time PINs are in use:"
        case .appAllowsOtherIdP: "Application takes another identity provider:"
        case .appAllowsAllIdPs: "Application takes every identity provider:"
        case .policyLoginMethodOther: "Policy names another login:"
        case .policyEveryone: "Policy admits everyone:"
        case .bypassPolicy: "Application is open without a login:"
        case .danglingReference: "Names a connection that is gone:"
        }
    }
}

extension DriftFix {
    /// What the button says.
    var title: String {
        switch step {
        case .bridge: "Bridge"
        case .deleteIdentityProvider: "Remove it"
        case .enforce: "Enforce"
        case .replaceApplication: "Take the primary IdP only"
        case .replacePolicy, .replaceGroup: "Narrow the rule"
        case .deletePolicy: "Remove the bypass"
        }
    }
}

/// Mending one drift.
enum DriftFixes: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .post(
            "/accounts/{account_id}/drift", .account(.identityRead), .idpDrift, .update, page: SummaryPage.page, mend)
    ]

    @Sendable static func mend(_ call: FormCall) throws(Failure) -> Outcome {
        let account = try call.place()
        guard let governed = try call.reader.governed(account.id) else {
            throw .refused(.bridgeNoPrimary, "no organization above the account has a primary identity provider")
        }
        let coverage = try Coverage(of: governed, call.reader)
        let form = call.form
        let drift = coverage.drifts[account.id]?.first {
            $0.kind.rawValue == form.text("kind") && $0.subject.key == form.text("subject") ?? ""
                && ($0.kind != .bypassPolicy || $0.application?.uuid == form.text("app"))
        }
        let back = form.text("back").flatMap { LocalPath.isSafe($0) ? $0 : nil } ?? account.path
        guard let drift else { return .done(back, Flash(.warn, "That has been mended already.")) }
        let details = try CoverageDetails(of: [governed], coverage, call.reader)
        guard let fix = DriftFix(for: drift, of: governed, details) else {
            throw .refused(.accessNotFound, "what drifted is gone: open the page again")
        }
        guard call.view.rights.contains(fix.permission) else {
            throw .refused(.authenticationError, "the credential lacks \"\(fix.permission.name)\"")
        }
        let domain = FormCall(view: call.view, form: form, act: call.act)
        let perform: (Act) throws(Failure) -> Void = { (act) throws(Failure) in
            let inner = FormCall(view: domain.view, form: domain.form, act: act)
            try fix.perform(in: account.id, act) { (_) throws(Failure) in
                _ = try inner.bridge(account.id, asOnlyLogin: false)
            }
        }
        if case .deleteIdentityProvider = fix.step {
            let plan = Plan(
                title: "Remove \(drift.name) from \(account.name)",
                question: "People could no longer sign in to this account with it.", verb: "Remove it", cancel: back)
            if let shown = try call.preview(plan, .account(account), perform) { return shown }
        }
        try perform(call.act)
        return .done(back, "Mended in \(account.name): \(drift.kind.title) \(drift.name)".trimmed + ".")
    }
}
