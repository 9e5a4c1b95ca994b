import Domain
import HTML
import HTTP
import Primitives
import Store

/// Accounts: all that the caller may see, or those of an organization.
enum AccountsPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/accounts", .signedIn, .survey(page)),
        .get("/organizations/{organization_id}/accounts", .organization(.organizationRead), .survey(ofOrganization)),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let view = call.view
        let page = try call.reader.accounts(
            within: Reach.of(view.principal, [.accountSettingsRead]), named: view.search, isDescending: false,
            view.page)
        let standings = try call.reader.standings(of: page.items.map(\.id))
        let rights = try view.writableRights(on: page.items.map(\.id), in: call.reader)
        return Screen("Accounts", actions: UI.button("New account", "/accounts/new", "")) {
            list(page, standings, rights, view, "Your credential sees no account")
        }
    }

    @Sendable static func ofOrganization(_ call: PageCall) throws(Failure) -> Screen {
        let (view, organization) = (call.view, try call.organization())
        let page = try call.reader.accounts(
            below: organization.id, within: Reach.of(view.principal, PermissionGroup.allCases), named: view.search,
            view.page)
        let standings = try call.reader.standings(of: page.items.map(\.id))
        let rights = try view.writableRights(on: page.items.map(\.id), in: call.reader)
        return Screen(
            "Accounts", .organization(organization), section: "/accounts",
            actions: view.may(.organizationAccountsWrite)
                ? UI.button("New account", "/accounts/new?unit=\(organization.id.hex)", "") : .nothing
        ) {
            list(page, standings, rights, view, "This organization has no accounts yet")
        }
    }

    @MarkupBuilder private static func list(
        _ page: Store.Page<Account>, _ standings: [AccountID: AccountStanding], _ rights: [AccountID: PermissionSet],
        _ view: View, _ empty: String
    ) -> Markup {
        view.searchField("Search by name")
        if page.items.isEmpty {
            UI.empty(
                view.search == nil ? empty : "No account has that in its name",
                view.search == nil ? "Create one, or ask for a credential that sees more." : "Search for less of it.")
        } else {
            UI.table(
                "Accounts", page.items,
                [
                    Column("Name", isHeader: true) { UI.link($0.name, $0.path) },
                    Column("Organization") { account in
                        if let owner = account.owner { UI.link(owner.name, "/organizations/\(owner.id.hex)") }
                    },
                    Column("Bridge") { standings[$0.id]?.status.badge },
                    Column("Drift") { account in
                        if let drifts = standings[account.id]?.drifts, drifts > 0 {
                            UI.badge(drifts.of("finding"), .warn)
                        }
                    },
                    Column("Created") { UI.time($0.createdAt) },
                    Column("#Actions") { account in
                        if standings[account.id]?.status == .missing,
                            rights[account.id]?.contains(.identityWrite) == true
                        {
                            view.action("Bridge", to: "\(account.path)/bridge", about: account.name)
                        }
                    },
                ])
            view.pager(view.page, total: page.total, noun: "accounts")
        }
    }
}
