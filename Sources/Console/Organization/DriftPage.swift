import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// Accounts by how they stand to the primary IdP, with what has drifted and the clicks that mend it.
enum DriftPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/organizations/{organization_id}/drift", .organization(.organizationRead), .survey(page))
    ]

    private static let filters: [(value: String, title: String)] = [
        ("drifted", "Drifted"), ("missing", "Not bridged"), ("bridged", "Bridged"), ("source", "Source"),
        ("exempt", "Exempt"), ("all", "All"),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, organization) = (call.view, try call.organization())
        guard try call.reader.hasPrimary(aboveOrBelow: organization.id) else {
            return Screen("Drift", .organization(organization), section: "/drift") {
                UI.empty(
                    "Nothing to compare with", "Drift is measured against the primary IdP, and there is none yet.",
                    action: view.may(.organizationWrite)
                        ? UI.button("Set up the primary IdP", "\(organization.path)/primary-idp", "") : .nothing)
            }
        }
        let coverage = try Coverage(below: organization.id, call.reader)
        let status = filters.contains { $0.value == view.query["status"] } ? view.query["status"] ?? "" : "drifted"
        let search = view.search?.lowercased()
        let wanted = coverage.accounts.filter { account in
            guard search.map({ account.name.lowercased().contains($0) }) ?? true else { return false }
            return switch status {
            case "all": true
            case "drifted": coverage.drifts[account.account]?.isEmpty == false
            default: account.status.rawValue == status
            }
        }
        let request = view.page
        let shown = Array(wanted.dropFirst(request.offset).prefix(request.perPage))
        let details = try CoverageDetails(of: shown, coverage, call.reader)
        let rights = try view.writableRights(on: shown.map(\.account), in: call.reader)
        return Screen(
            "Drift", .organization(organization), section: "/drift",
            lead: "How accounts differ from what the organization wants: one identity provider for everybody."
        ) {
            tabs(status, organization, coverage)
            view.searchField("Search accounts by name")
            if shown.isEmpty {
                UI.empty(
                    status == "drifted" ? "No account has drifted" : "No account is like that",
                    status == "drifted"
                        ? "Nothing has to be done. Whatever changes shows here and on the overview."
                        : "Choose another filter.")
            }
            for account in shown {
                element("section", ["class": "card"]) {
                    element("div", ["class": "rows"]) {
                        element("h2") { UI.link(account.name, "/accounts/\(account.account.hex)") }
                        element("p") { account.status.badge }
                    }
                    DriftList(
                        account: account, drifts: coverage.drifts[account.account] ?? [], details: details,
                        rights: rights[account.account] ?? [], view: view,
                        back: view.request.target
                    ).markup
                }
            }
            if !wanted.isEmpty { view.pager(request, total: wanted.count, noun: "accounts") }
        }
    }

    private static func tabs(_ status: String, _ organization: Organization, _ coverage: Coverage) -> Markup {
        element("nav", ["class": "tabs", "aria-label": "Filter"]) {
            element("ul") {
                for filter in filters {
                    element("li") {
                        element(
                            "a",
                            [
                                "href": "\(organization.path)/drift?status=\(filter.value)",
                                "aria-current": filter.value == status ? "true" : nil,
                            ]
                        ) { filter.title }
                    }
                }
            }
        }
    }
}
