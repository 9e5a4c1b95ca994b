import Domain
import HTML
import HTTP
import Primitives
import Store

/// The organizations that the caller may see.
enum OrganizationsPage: ConsolePages {
    static let routes: [ConsoleRoute] = [.get("/organizations", .signedIn, .page(page))]

    private static let limit = 200

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        var filter = OrganizationFilter()
        filter.name.part = call.view.search
        let found = try call.reader.organizations(
            within: Reach.of(call.view.principal, [.organizationRead]), filter, after: nil, limit: limit)
        return Screen("Organizations") {
            call.view.searchField("Search by name")
            if found.items.isEmpty {
                UI.empty(
                    call.view.search == nil ? "You see no organization" : "No organization has that in its name",
                    "Your credential may be for accounts only: they are under All accounts.",
                    action: UI.button("All accounts", "/accounts"))
            } else {
                UI.table(
                    "Organizations", found.items,
                    [
                        Column("Name", isHeader: true) { UI.link($0.name, $0.path) },
                        Column("Below") { organization in
                            if let parent = organization.parent {
                                UI.link(parent.name, "/organizations/\(parent.id.hex)")
                            }
                        },
                        Column("Created") { UI.time($0.createdAt) },
                    ])
                if found.total > limit {
                    element("p", ["class": "small muted"]) {
                        "\(limit) of \(found.total) organizations. Search for the others."
                    }
                }
            }
        }
    }
}
