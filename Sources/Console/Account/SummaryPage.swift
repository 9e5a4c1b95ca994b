import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// An account at a glance.
enum SummaryPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/accounts/{account_id}", .account(.accountSettingsRead), .page(page))
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let governed = try call.reader.governed(account.id)
        let team = try call.reader.team(of: account.id)
        let coverage = try governed.flatMap { (governed) throws(Failure) -> Coverage? in
            view.rights.contains(.identityRead) ? try Coverage(of: governed, call.reader) : nil
        }
        let drifts = coverage?.drifts[account.id] ?? []
        let details = try governed.flatMap { (governed) throws(Failure) in
            try coverage.map { (coverage) throws(Failure) in try CoverageDetails(of: [governed], coverage, call.reader)
            }
        }
        return Screen(account.name, .account(account), section: "", lead: "Account") {
            UI.facts(
                [
                    ("Account ID", UI.copyable(account.id.hex, id: "account-id")),
                    (
                        "Organization",
                        account.owner.map { UI.link($0.name, "/organizations/\($0.id.hex)") }
                            ?? .text("none: on its own")
                    ), ("Type", .text(account.kind.rawValue)), ("Created", UI.time(account.createdAt)),
                    (
                        "Team domain",
                        team.map { UI.code("\($0).\(view.settings.accessDomain)") }
                            ?? .text("none yet: Access is not set up in this account")
                    ),
                ])
            BridgeCard(account: account, governed: governed, drifts: drifts.count, view: view).markup
            if let governed, let details, !drifts.isEmpty {
                UI.card("Drift") {
                    DriftList(
                        account: governed, drifts: drifts, details: details, rights: view.isReadOnly ? [] : view.rights,
                        view: view, back: account.path
                    ).markup
                }
            }
        }
    }
}

/// How the account stands to the primary IdP, with the one click that connects it.
private struct BridgeCard {
    let account: Account
    let governed: GovernedAccount?
    let drifts: Int
    let view: View

    var markup: Markup {
        UI.card("Primary IdP", id: "bridge") {
            if let governed {
                element("p", ["class": "inline-actions"]) {
                    governed.status.badge
                    if governed.mode == .enforce { UI.badge("enforced") }
                    if drifts > 0 { UI.badge(drifts.of("finding"), .warn) }
                }
                element("p") { sentence(governed.status) }
                if view.may(.identityWrite) {
                    element("div", ["class": "inline-actions"]) {
                        if governed.status == .missing || governed.status == .exempt {
                            view.action("Bridge this account", to: "\(account.path)/bridge", "")
                        } else if !governed.hasZeroTrust {
                            view.action("Set up Access", to: "\(account.path)/bridge", "")
                        }
                        if governed.status == .bridged, !governed.isEnforced {
                            view.action("End the bridge", to: "\(account.path)/unbridge")
                        }
                    }
                }
            } else {
                UI.empty(
                    account.owner == nil ? "Not in an organization" : "No primary IdP above this account",
                    account.owner == nil
                        ? "Move the account into an organization to share its primary IdP."
                        : "An administrator of the organization designates one; then this account can use it.",
                    action: account.owner.map { UI.button("Open \($0.name)", "/organizations/\($0.id.hex)") }
                        ?? .nothing)
            }
        }
    }

    private func sentence(_ status: BridgeStatus) -> String {
        switch status {
        case .source: "People of all accounts sign in with an identity provider of this account."
        case .bridged: "People sign in here with the primary IdP of the organization."
        case .exempt: "The organization lets this account go its own way."
        case .missing: "People of the organization cannot sign in here with the primary IdP yet."
        }
    }
}
