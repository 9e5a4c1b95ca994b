import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The one-click bridge of an account, and its end.
enum BridgePages: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .post(
            "/accounts/{account_id}/bridge", .account(.identityWrite), .bridge, .create, page: SummaryPage.page, bridge),
        .post(
            "/accounts/{account_id}/unbridge", .account(.identityWrite), .bridge, .delete, page: SummaryPage.page,
            unbridge),
    ]

    @Sendable static func bridge(_ call: FormCall) throws(Failure) -> Outcome {
        let account = try call.place()
        let state = try call.bridge(call.account, asOnlyLogin: call.form.flag("set_as_only_login"))
        return .done(
            account.path, "\(account.name) is bridged: people sign in with \(state.identityProvider.name).")
    }

    @Sendable static func unbridge(_ call: FormCall) throws(Failure) -> Outcome {
        let (account, id) = (try call.place(), call.account)
        let plan = Plan(
            title: "End the bridge of \(account.name)",
            question: "People would no longer sign in to this account with the primary IdP.",
            verb: "End the bridge", cancel: account.path)
        if let shown = try call.preview(plan, .account(account), { (act) throws(Failure) in try act.unbridge(id) }) {
            return shown
        }
        try call.act.unbridge(id)
        return .done(account.path, "The bridge of \(account.name) has ended.")
    }
}

extension FormCall {
    /// Connects an account, setting Access up in it where that is missing.
    func bridge(_ account: AccountID, asOnlyLogin isOnlyLogin: Bool) throws(Failure) -> BridgeState {
        try act.bridge(account, asOnlyLogin: isOnlyLogin) { (name, team) throws(Failure) in
            try zeroTrustDraft(name, team)
        }
    }

    /// The Zero Trust organization of an account that has none yet.
    func zeroTrustDraft(_ name: String, _ team: String) throws(Failure) -> ZeroTrustOrganizationDraft {
        let domain = view.settings.accessDomain
        return try refusing { () throws(Refusal) in
            try ZeroTrustOrganizationDraft(
                ["name": .string(name), "auth_domain": .string("\(team).\(domain)")], accessDomain: domain)
        }
    }
}
