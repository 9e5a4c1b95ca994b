import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The organization with those below it.
enum TreePage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/organizations/{organization_id}/tree", .organization(.organizationRead), .survey(page)),
        .post(
            "/organizations/{organization_id}/tree", .organization(.organizationWrite), .organization, .create,
            page: page, create),
    ]

    private static let limit = 1000

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, organization) = (call.view, try call.organization())
        let branches = try call.reader.branches(below: organization.id, limit: limit)
        let children = Dictionary(grouping: branches.dropFirst(), by: \.parent)
        return Screen("Organization tree", .organization(organization), section: "/tree") {
            UI.card("\(organization.name) and what is below it") {
                element("ul", ["class": "tree"]) {
                    for branch in branches.prefix(1) { line(branch, children) }
                }
                if branches.count == limit {
                    element("p", ["class": "small muted"]) { "Only the first \(limit) organizations are shown." }
                }
            }
            if view.may(.organizationWrite) {
                element("section", ["class": "card narrow"]) {
                    element("h2") { "New organization" }
                    view.form(to: request(view)) {
                        view.field("name", "Name", isRequired: true)
                        view.choice(
                            "parent/id", "Below", branches.map { (value: $0.id.hex, title: $0.name) },
                            organization.id.hex)
                        view.buttons("Create organization")
                    }
                }
            }
        }
    }

    private static func request(_ view: View) -> String { "/organizations/\(view.organization.hex)/tree" }

    private static func line(
        _ branch: OrganizationBranch, _ children: [OrganizationID?: [OrganizationBranch]]
    ) -> Markup {
        element("li") {
            element("div") {
                UI.link(branch.name, "/organizations/\(branch.id.hex)")
                UI.link(branch.accounts.of("account"), "/organizations/\(branch.id.hex)/accounts")
                if branch.hasPrimary { UI.badge("primary IdP", .good) }
            }
            if let below = children[branch.id], !below.isEmpty {
                element("ul") { for child in below { line(child, children) } }
            }
        }
    }

    @Sendable static func create(_ call: FormCall) throws(Failure) -> Outcome {
        let draft = try refusing { () throws(Refusal) in
            try OrganizationDraft(.object(call.form.object("name", "parent/id")))
        }
        let made = try call.act.createOrganization(draft)
        return .done(request(call.view), "Organization \(made.name) was created.")
    }
}
