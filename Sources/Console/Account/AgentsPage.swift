import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// Programs that act for people: who let in which, where, and when it was used.
enum AgentsPage: ConsolePages {
    private static let base = "/accounts/{account_id}/agents"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.zeroTrustRead), .survey(Access.page(page))),
        .post(
            base + "/{grant_id}/end", .account(.zeroTrustWrite), .oauthGrant, .delete, page: Access.page(page),
            Access.form(end)),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let page = try call.reader.managedGrants(in: account.id, matching: view.search, at: view.now, view.page)
        return Screen(
            "Agents", .account(account), section: "/agents",
            lead: "Programs that act for people, with a permission that each person gave."
        ) {
            view.searchField("Search by program, person or application")
            if page.items.isEmpty {
                UI.empty(
                    view.search == nil ? "No program acts for anybody yet" : "No permission matches",
                    view.search == nil
                        ? "Turn managed OAuth on for an application; then MCP clients and other programs can ask people."
                        : "Search for a part of a name.",
                    action: UI.button("Open applications", "\(account.path)/applications"))
            } else {
                UI.table(
                    "Permissions of programs", page.items,
                    [
                        Column("Program", isHeader: true) { $0.grant.name },
                        Column("Acts for") { UI.link($0.email, "\(account.path)/users/\($0.user.uuid)") },
                        Column("At") { item in
                            item.grant.place(account)
                        },
                        Column("Since") { UI.time($0.grant.createdAt) },
                        Column("Last renewed") { item in
                            if let used = item.grant.refreshedAt { UI.time(used) } else { "not yet" }
                        },
                        Column("Until") { UI.time($0.grant.expiresAt) },
                        Column("#Actions") { item in
                            if view.may(.zeroTrustWrite) {
                                view.action(
                                    "Take back", to: "\(account.path)/agents/\(item.grant.id.uuid)/end",
                                    about: "what \(item.email) allowed \(item.grant.name)",
                                    [("user", item.user.uuid), ("name", item.grant.name)])
                            }
                        },
                    ])
                view.pager(view.page, total: page.total, noun: "permissions")
            }
        }
    }

    @Sendable static func end(_ call: FormCall) throws(Failure) -> Outcome {
        guard let user = call.form.text("user").flatMap({ AccessUserID(uuid: $0) }) else {
            throw .refused(.accessNotFound, "OAuth grant not found")
        }
        try call.act.endManagedGrant(call.view.path.id("grant_id"), of: user, in: call.account)
        let home = call.form.text("back") == "user" ? "\(call.home)/users/\(user.uuid)" : "\(call.home)/agents"
        return .done(home, "\(call.form.text("name") ?? "The program") may no longer act for this person.")
    }
}

extension ListedGrant {
    /// Where the program may act.
    func place(_ account: Account) -> Markup {
        guard let application else { return .text("the REST API of this server") }
        return UI.link(applicationName ?? application.uuid, "\(account.path)/applications/\(application.uuid)")
    }

    /// The program's name, or its id where it has none.
    var name: String { clientName.isEmpty ? clientID : clientName }
}
