import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Name of an account, where it belongs, and its end.
enum AccountSettingsPage: ConsolePages {
    private static let base = "/accounts/{account_id}"

    static let routes: [ConsoleRoute] = [
        .get(base + "/settings", .account(.accountSettingsRead), .page(page)),
        .post(base + "/settings", .account(.accountSettingsWrite), .account, .update, page: page, save),
        .post(base + "/move", .account(.accountSettingsRead), .account, .update, page: page, move),
        .post(base + "/delete", .account(.accountSettingsRead), .account, .delete, page: page, delete),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let reach = Reach.of(view.principal, [.organizationAccountsWrite])
        let places = try call.reader.organizations(within: reach, OrganizationFilter(), after: nil, limit: 500).items
        let mayPlace =
            view.rights.contains(.organizationAccountsWrite)
            || account.owner == nil && view.may(.accountSettingsWrite)
        return Screen("Settings", .account(account), section: "/settings") {
            if view.may(.accountSettingsWrite) {
                element("section", ["class": "card narrow"]) {
                    element("h2") { "Account" }
                    view.form(to: "\(account.path)/settings", version: EntityTag(version: account.version).text) {
                        view.field("name", "Name", account.name, isRequired: true)
                        view.choice(
                            "type", "Type", [("standard", "Standard"), ("enterprise", "Enterprise")],
                            account.kind.rawValue)
                        view.field(
                            "settings/abuse_contact_email", "Address for reports of abuse",
                            account.settings.abuseContactEmail, type: "email")
                        view.buttons("Save")
                    }
                }
            }
            if mayPlace {
                element("section", ["class": "card narrow"]) {
                    element("h2") { "Organization" }
                    element("p") {
                        account.owner.map { "The account is in \($0.name)." } ?? "The account is in no organization."
                    }
                    view.form(to: "\(account.path)/move") {
                        view.choice(
                            "destination_organization_id", "Move to",
                            places.filter { $0.id != account.owner?.id }.map { (value: $0.id.hex, title: $0.name) }
                                + (account.owner == nil ? [] : [(value: "", title: "No organization: leave")]),
                            hint: "What would change for people is shown before anything happens.")
                        view.buttons("Preview the move", "secondary")
                    }
                }
                element("section", ["class": "card narrow"]) {
                    element("h2") { "Delete this account" }
                    element("p") { "Its applications, policies, identity providers and tokens go with it." }
                    view.action("Delete account", to: "\(account.path)/delete", "danger")
                }
            }
        }
    }

    @Sendable static func save(_ call: FormCall) throws(Failure) -> Outcome {
        let account = try call.place()
        var body = call.form.object("name", "type", "settings/abuse_contact_email")
        body["id"] = .string(account.id.hex)
        var settings = body["settings"]?.objectValue ?? JSONObject()
        settings["enforce_twofactor"] = .bool(account.settings.enforcesTwoFactor)
        body["settings"] = .object(settings)
        let change = try refusing { () throws(Refusal) in try AccountChange(.object(body), of: account.id) }
        let saved = try call.act.replaceAccount(account.id, with: change)
        return .done("\(saved.path)/settings", "The settings of \(saved.name) were saved.")
    }

    @Sendable static func move(_ call: FormCall) throws(Failure) -> Outcome {
        let (account, id) = (try call.place(), call.account)
        let target = call.form.text("destination_organization_id")
        let draft = try refusing { () throws(Refusal) in
            try AccountMoveDraft(["destination_organization_id": target.map(JSONValue.string) ?? .null], of: id)
        }
        let name = try draft.destination.flatMap { (id) throws(Failure) in try call.reader.organization(id)?.name }
        let plan = Plan(
            title: name.map { "Move \(account.name) to \($0)" } ?? "Take \(account.name) out of its organization",
            question: "The move changes with which identity providers people sign in here.",
            verb: name == nil ? "Leave the organization" : "Move account", cancel: "\(account.path)/settings",
            isDangerous: name == nil)
        let shown = try call.preview(plan, .account(account)) { (act) throws(Failure) in
            _ = try act.moveAccounts(draft.accounts, to: draft.destination, at: { _ in nil })
        }
        if let shown { return shown }
        _ = try call.act.moveAccounts(draft.accounts, to: draft.destination, at: { _ in nil })
        return .done(
            account.path, name.map { "\(account.name) was moved to \($0)." } ?? "\(account.name) is on its own now.")
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let (account, id) = (try call.place(), call.account)
        let plan = Plan(
            title: "Delete \(account.name)", question: "Everything in the account goes with it. This cannot be undone.",
            verb: "Delete account", cancel: "\(account.path)/settings")
        let shown = try call.preview(plan, .account(account)) { (act) throws(Failure) in try act.deleteAccount(id) }
        if let shown { return shown }
        try call.act.deleteAccount(id)
        return .done(
            account.owner.map { "/organizations/\($0.id.hex)/accounts" } ?? "/accounts", "\(account.name) was deleted.")
    }
}
