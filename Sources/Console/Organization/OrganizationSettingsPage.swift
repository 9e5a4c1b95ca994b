import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Name and profile of an organization, and its end.
enum OrganizationSettingsPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get("/organizations/{organization_id}/settings", .organization(.organizationRead), .page(page)),
        .post(
            "/organizations/{organization_id}/settings", .organization(.organizationWrite), .organization, .update,
            page: page, save),
        .post(
            "/organizations/{organization_id}/delete", .organization(.organizationWrite), .organization, .delete,
            page: page, delete),
    ]

    private static let labels = [
        "business_name": "Legal name", "business_email": "E-mail address", "business_phone": "Telephone",
        "business_address": "Address", "external_metadata": "Notes for other systems",
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, organization) = (call.view, try call.organization())
        let profile = organization.profile.flatMap { try? JSONParser.parse($0).objectValue } ?? JSONObject()
        return Screen("Settings", .organization(organization), section: "/settings") {
            UI.facts(
                [
                    ("Organization ID", UI.copyable(organization.id.hex, id: "organization-id")),
                    (
                        "Below",
                        organization.parent.map { UI.link($0.name, "/organizations/\($0.id.hex)") }
                            ?? .text("nothing: it is at the top")
                    ), ("Created", UI.time(organization.createdAt)),
                ])
            if view.may(.organizationWrite) {
                element("section", ["class": "card narrow"]) {
                    element("h2") { "Name and profile" }
                    view.form(
                        to: "\(organization.path)/settings", version: EntityTag(version: organization.version).text
                    ) {
                        view.field("name", "Name", organization.name, isRequired: true)
                        for name in OrganizationProfile.names {
                            view.field("profile/\(name)", labels[name] ?? name, profile[name]?.stringValue)
                        }
                        view.buttons("Save")
                    }
                }
                element("section", ["class": "card narrow"]) {
                    element("h2") { "Delete this organization" }
                    element("p") {
                        "Only an organization without accounts, members and sub-organizations can be deleted."
                    }
                    view.action("Delete organization", to: "\(organization.path)/delete", "danger")
                }
            }
        }
    }

    @Sendable static func save(_ call: FormCall) throws(Failure) -> Outcome {
        let organization = try call.reader.existing(call.organization)
        var body = call.form.object("name")
        var profile = JSONObject()
        for name in OrganizationProfile.names { profile[name] = .string(call.form.text("profile/\(name)") ?? "") }
        let isEmpty = OrganizationProfile.names.allSatisfy { call.form.text("profile/\($0)") == nil }
        if !isEmpty || organization.profile != nil { body["profile"] = .object(profile) }
        let draft = try refusing { () throws(Refusal) in try OrganizationDraft(.object(body)) }
        let saved = try call.act.replaceOrganization(organization.id, with: draft)
        return .done("\(saved.path)/settings", "The settings were saved.")
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let (organization, id) = (try call.reader.existing(call.organization), call.organization)
        let plan = Plan(
            title: "Delete \(organization.name)", question: "This cannot be undone.", verb: "Delete organization",
            cancel: "\(organization.path)/settings")
        let shown = try call.preview(plan, .organization(organization)) { (act) throws(Failure) in
            try act.deleteOrganization(id)
        }
        if let shown { return shown }
        try call.act.deleteOrganization(id)
        return .done("/organizations", "Organization \(organization.name) was deleted.")
    }
}
