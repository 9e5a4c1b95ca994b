import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store

/// What people and machines reach through Access.
enum ApplicationsPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/accounts/{account_id}/applications", .account(.appsRead), .page(Access.page(page)))
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let found = try call.reader.applications(
            of: account.id, ApplicationFilter(search: view.search), view.page)
        let path = "\(account.path)/applications"
        var rest = found.policies[...]
        let rows = found.applications.items.map { application -> ApplicationRowView in
            let own = rest.prefix { $0.application == application.id }
            rest = rest.dropFirst(own.count)
            return ApplicationRowView(application: application, policies: own.count)
        }
        let create = view.may(.appsWrite) ? UI.button("Add application", path + "/new", "") : .nothing
        return Screen(
            "Applications", .account(account), section: "/applications",
            lead: "What people and machines reach through Access, and who may.", actions: create
        ) {
            view.searchField("Search by name, domain or audience")
            if rows.isEmpty {
                UI.empty(
                    view.search == nil ? "No application yet" : "No application matches",
                    view.search == nil
                        ? "Add the first: a host of your own that only the right people shall reach."
                        : "Search for a part of its name or its domain.",
                    action: view.search == nil ? create : .nothing)
            } else {
                UI.table(
                    "Applications", rows,
                    [
                        Column("Name", isHeader: true) { row in
                            UI.link(row.application.name, "\(path)/\(row.application.id.uuid)")
                        },
                        Column("Domain") { $0.application.domain ?? "" },
                        Column("Kind") { UI.unbroken($0.application.type.title) },
                        Column("Policies") { row in
                            if row.policies == 0, row.application.type.hasLogin {
                                UI.badge("none: nobody gets in", .warn)
                            } else if row.policies > 0 {
                                "\(row.policies)"
                            }
                        },
                        Column("Marks") { row in
                            if row.application.hasManagedOAuth { UI.badge("managed OAuth", .good) }
                            for tag in row.application.tagNames { UI.badge(tag) }
                        },
                    ])
                view.pager(view.page, total: found.applications.total, noun: "applications")
            }
        }
    }
}

private struct ApplicationRowView {
    let application: Application
    let policies: Int
}

extension ApplicationType {
    /// For people.
    var title: String {
        switch self {
        case .selfHosted: "Self-hosted"
        case .saas: "SaaS"
        case .bookmark: "Bookmark"
        case .appLauncher: "App Launcher"
        case .mcp: "MCP server"
        case .mcpPortal: "MCP portal"
        }
    }

    /// Programs can be let in by people.
    var canHaveManagedOAuth: Bool { hasDestinations }
}

extension Application {
    var tagNames: [String] {
        (try? JSONParser.parse(tags).arrayValue)?.compactMap(\.stringValue) ?? []
    }

    /// Whether people may let programs act for them here.
    var hasManagedOAuth: Bool {
        guard type.canHaveManagedOAuth else { return false }
        return ManagedOAuthRules(document.members) != nil
    }

    var sessionDuration: String? { document.members["session_duration"]?.stringValue }

    /// Every place where it answers.
    var places: [String] {
        let listed = document.members["destinations"]?.arrayValue ?? []
        let places = listed.compactMap { item in
            item["uri"]?.stringValue ?? item["hostname"]?.stringValue ?? item["cidr"]?.stringValue
        }
        return places.isEmpty ? [domain].compactMap { $0 } : places
    }
}
