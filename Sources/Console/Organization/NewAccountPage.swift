import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Making an account.
enum NewAccountPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/accounts/new", .signedIn, .page(page)),
        .post("/accounts/new", .signedIn, .account, .create, page: page, create),
    ]

    private static let alone = "standalone"

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let view = call.view
        let reach = Reach.of(view.principal, [.organizationAccountsWrite])
        let organizations = try call.reader.organizations(within: reach, OrganizationFilter(), after: nil, limit: 500)
        let places = organizations.items.map { (value: $0.id.hex, title: $0.name) }
        return Screen("New account", lead: "An account holds identity providers, applications and policies.") {
            element("section", ["class": "card narrow"]) {
                view.form(to: "/accounts/new") {
                    view.field("name", "Name", isRequired: true)
                    view.choice(
                        "unit/id", "Organization", places + [(value: alone, title: "None: on its own")],
                        view.query["unit"] ?? places.first?.value,
                        hint: "In an organization it is connected to the primary IdP from its first moment.")
                    view.choice(
                        "type", "Type", [("standard", "Standard"), ("enterprise", "Enterprise")], "standard")
                    view.buttons("Create account", cancel: "/accounts")
                }
            }
        }
    }

    @Sendable static func create(_ call: FormCall) throws(Failure) -> Outcome {
        var body = call.form.object("name", "type")
        if call.form.text("unit/id") == alone {
            body["standalone"] = true
        } else if let unit = call.form.text("unit/id") {
            body["unit"] = ["id": .string(unit)]
        }
        let draft = try refusing { () throws(Refusal) in try AccountDraft(.object(body)) }
        let account = try call.act.createAccount(draft)
        return .done(account.path, "Account \(account.name) was created.")
    }
}
