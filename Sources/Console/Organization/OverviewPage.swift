import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// How an organization stands: coverage of its primary IdP, drift, sign-ins, and what was changed last.
enum OverviewPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/", .signedIn, .survey(first)),
        .get("/organizations/{organization_id}", .organization(.organizationRead), .survey(page)),
    ]

    private static let days = 30

    /// The overview of the first organization that the caller sees; without one, the way to accounts.
    @Sendable static func first(_ call: PageCall) throws(Failure) -> Screen {
        guard let organization = try call.reader.topOrganizations(of: call.view.principal, limit: 20).first else {
            return try AccountsPage.page(call)
        }
        let rights = try call.view.rights(on: organization.id, in: call.reader)
        return try overview(of: organization, rights, call)
    }

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        try overview(of: try call.organization(), call.view.rights, call)
    }

    private static func overview(
        of organization: Organization, _ rights: PermissionSet, _ call: PageCall
    ) throws(Failure) -> Screen {
        let (reader, view) = (call.reader, call.view)
        let coverage =
            try reader.hasPrimary(aboveOrBelow: organization.id)
            ? try Coverage(below: organization.id, reader) : nil
        let drift = try DriftCard(of: organization, coverage, view, reader)
        let accounts = try reader.accountCount(below: organization.id)
        let since = view.now - .seconds(Int64(days) * 86_400)
        let mayReadLogs = rights.contains(.accessAuditLogsRead) && !view.principal.hasDenials
        let counts = mayReadLogs ? try reader.signInCounts(below: organization.id, since: since) : []
        let recent =
            mayReadLogs ? try reader.recentSignIns(below: organization.id, since: since, atMost: 8) : []
        let audit = try reader.auditRows(
            AuditQuery(
                scope: .organization(organization.id, includingAccounts: true), since: since,
                before: view.now + .seconds(1), isDescending: true, conditions: []), after: nil, limit: 8)
        return Screen(organization.name, .organization(organization), section: "", lead: "Overview") {
            element("div", ["id": "live", "class": "stack", "data-refresh": 30]) {
                element("div", ["class": "columns"]) {
                    CoverageCard(organization: organization, coverage: coverage, accounts: accounts, rights: rights)
                        .markup
                    drift.markup
                }
                if mayReadLogs {
                    UI.card("Sign-ins") {
                        if counts.isEmpty {
                            UI.empty(
                                "Nobody signed in during the last \(days) days",
                                "Once applications are protected, logins of all accounts show here.")
                        } else {
                            DayChart(title: "Sign-ins by day", days: series(counts, until: view.now)).markup
                            SignInTable(rows: recent).markup
                        }
                    }
                }
                UI.card("Latest changes") {
                    if audit.isEmpty {
                        UI.empty("Nothing was changed in the last \(days) days", "Every change leaves a row here.")
                    } else {
                        AuditTable(rows: audit, caption: "Latest changes").markup
                        element("p") { UI.link("All of the audit log", "\(organization.path)/audit") }
                    }
                }
            }
        }
    }

    private static func series(_ counts: [SignInCount], until now: Timestamp) -> [DayChart.Day] {
        let today = now.seconds / 86_400
        return (0..<Int64(days)).map { back in
            let day = today - Int64(days) + 1 + back
            let civil = CivilTime(seconds: day * 86_400)
            func count(_ isAllowed: Bool) -> Int {
                counts.first { $0.day == day && $0.isAllowed == isAllowed }?.count ?? 0
            }
            return DayChart.Day(
                label:
                    "\(civil.year)-\(civil.month < 10 ? "0" : "")\(civil.month)-\(civil.day < 10 ? "0" : "")\(civil.day)",
                allowed: count(true), refused: count(false))
        }
    }
}

extension Principal {
    /// Whether something is denied somewhere: what adds up several accounts is not shown then.
    var hasDenials: Bool { (grants + (ceiling ?? [])).contains { $0.effect == .deny } }
}

/// How many accounts people reach through the primary IdP.
private struct CoverageCard {
    let organization: Organization
    let coverage: Coverage?
    let accounts: Int
    let rights: PermissionSet

    var markup: Markup {
        UI.card("Coverage") {
            if let coverage {
                let covered = coverage.count(.bridged) + coverage.count(.source)
                UI.meter(
                    covered, of: coverage.accounts.count,
                    "\(covered) of \(coverage.accounts.count.of("account")) use the primary IdP")
                element("ul", ["class": "figures"]) {
                    figure(coverage.count(.bridged), "bridged", "bridged")
                    figure(coverage.count(.source), "source", "source")
                    figure(coverage.count(.missing), "missing", "missing")
                    figure(coverage.count(.exempt), "exempt", "exempt")
                    figure(coverage.withDrift, "drifted", "drifted")
                }
            } else {
                UI.empty(
                    "No primary IdP yet",
                    "\(accounts.of("account")) of this organization sign people in on their own. Designate one identity provider, and every account can use it.",
                    action: rights.contains(.organizationWrite)
                        ? UI.button("Set up the primary IdP", "\(organization.path)/primary-idp", "") : .nothing)
            }
        }
    }

    private func figure(_ count: Int, _ label: String, _ status: String) -> Markup {
        element("li") {
            element("a", ["class": "figure", "href": "\(organization.path)/drift?status=\(status)"]) {
                element("b") { "\(count)" }
                element("span") { label }
            }
        }
    }
}

/// The accounts that have moved away from the primary IdP, the first ones with the clicks that mend them.
private struct DriftCard {
    let organization: Organization
    let coverage: Coverage?
    let drifted: [GovernedAccount]
    let details: CoverageDetails?
    let rights: [AccountID: PermissionSet]
    let view: View

    static let limit = 4

    init(
        of organization: Organization, _ coverage: Coverage?, _ view: View, _ reader: any Reading
    ) throws(Failure) {
        self.organization = organization
        self.coverage = coverage
        self.view = view
        drifted =
            coverage.map { coverage in
                coverage.accounts.filter { coverage.drifts[$0.account]?.isEmpty == false }
            } ?? []
        let shown = Array(drifted.prefix(Self.limit))
        details = try coverage.map { (coverage) throws(Failure) in try CoverageDetails(of: shown, coverage, reader) }
        rights = try view.writableRights(on: shown.map(\.account), in: reader)
    }

    var markup: Markup {
        UI.card("Drift") {
            if let coverage, let details, !drifted.isEmpty {
                for account in drifted.prefix(Self.limit) {
                    element("div") {
                        element("h3") { UI.link(account.name, "/accounts/\(account.account.hex)") }
                        DriftList(
                            account: account, drifts: Array((coverage.drifts[account.account] ?? []).prefix(3)),
                            details: details, rights: rights[account.account] ?? [], view: view,
                            back: view.request.path
                        ).markup
                    }
                }
                element("p") {
                    UI.link("See \(drifted.count.of("drifted account"))", "\(organization.path)/drift")
                }
            } else if coverage != nil {
                UI.empty("No account has drifted", "People sign in to every account the way the organization wants it.")
            } else {
                UI.empty("Nothing to compare with", "Drift is measured against the primary IdP.")
            }
        }
    }
}
