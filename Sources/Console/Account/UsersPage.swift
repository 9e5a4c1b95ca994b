import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// The people who sign in to an account's applications.
enum UsersPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/accounts/{account_id}/users", .account(.zeroTrustRead), .survey(Access.page(page)))
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let page = try call.reader.accessUsers(of: account.id, AccessUserFilter(search: view.search), view.page)
        let seats = try call.reader.takenSeats(in: account.id)
        let path = "\(account.path)/users"
        return Screen(
            "Users and sessions", .account(account), section: "/users",
            lead: "People who signed in to applications of this account. \(seats.of("seat")) taken."
        ) {
            view.searchField("Search by address or name")
            if page.items.isEmpty {
                UI.empty(
                    view.search == nil ? "Nobody has signed in yet" : "Nobody matches",
                    view.search == nil
                        ? "People appear here with their first sign-in to an application."
                        : "Search for a part of the address or the name.",
                    action: view.search == nil
                        ? UI.button("Open applications", "\(account.path)/applications") : .nothing)
            } else {
                UI.table(
                    "Users", page.items,
                    [
                        Column("Address", isHeader: true) { UI.link($0.email, "\(path)/\($0.id.uuid)") },
                        Column("Name") { $0.name },
                        Column("Seat") { $0.seatBadge },
                        Column("Last sign-in") { user in
                            if let last = user.lastSuccessfulLogin { UI.time(last) } else { "never" }
                        },
                        Column("Since") { UI.time($0.createdAt) },
                    ])
                view.pager(view.page, total: page.total, noun: "users")
            }
        }
    }
}

extension AccessUser {
    var seatBadge: Markup { hasAccessSeat ? UI.badge("has a seat", .good) : UI.badge("no seat") }
}
