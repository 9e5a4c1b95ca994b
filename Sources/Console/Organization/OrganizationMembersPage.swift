import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Who administers an organization.
enum OrganizationMembersPage: ConsolePages {
    private static let base = "/organizations/{organization_id}/members"

    static let routes: [ConsoleRoute] = [
        .get(base, .organization(.organizationRead), .page(page)),
        .post(base, .organization(.organizationWrite), .organizationMember, .create, page: page, add),
        .post(
            base + "/{member_id}", .organization(.organizationWrite), .organizationMember, .update, page: page, change),
        .post(
            base + "/{member_id}/remove", .organization(.organizationWrite), .organizationMember, .delete, page: page,
            remove),
    ]

    private static let limit = 500

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, organization) = (call.view, try call.organization())
        let members = try call.reader.members(of: organization.id, after: nil, limit: limit)
        let path = "\(organization.path)/members"
        return Screen(
            "Members", .organization(organization), section: "/members",
            lead: "They see this organization, what is below it, and all accounts in it, as far as their role goes."
        ) {
            if members.items.isEmpty {
                UI.empty("No members yet", "Add somebody, so that not everything hangs on API tokens.")
            } else {
                UI.table(
                    "Members", members.items,
                    [
                        Column("E-mail address", isHeader: true) { $0.user.email },
                        Column("Role") { $0.role.title },
                        Column("Status") { member in
                            UI.badge(member.status.rawValue, member.status == .active ? .good : nil)
                        }, Column("Since") { UI.time($0.createdAt) },
                        Column("#Actions") { member in
                            if view.may(.organizationWrite) { actions(member, path, view) }
                        },
                    ])
                if members.total > limit {
                    element("p", ["class": "small muted"]) { "\(limit) of \(members.total) members." }
                }
            }
            if view.may(.organizationWrite) {
                element("section", ["class": "card narrow"]) {
                    element("h2") { "Add a member" }
                    view.form(to: path) {
                        view.field("email", "E-mail address", type: "email", isRequired: true)
                        view.choice("role", "Role", OrganizationRole.choices, OrganizationRole.reader.rawValue)
                        view.choice(
                            "status", "Status", [("active", "Active"), ("pending", "Pending: no rights yet")], "active")
                        view.buttons("Add member")
                    }
                }
            }
        }
    }

    @MarkupBuilder private static func actions(_ member: OrganizationMember, _ path: String, _ view: View) -> Markup {
        element("details", ["class": "more"]) {
            element("summary") {
                "Change"
                element("span", ["class": "hidden"]) { " \(member.user.email)" }
            }
            view.form(to: "\(path)/\(member.id.hex)", version: EntityTag(version: member.version).text) {
                for (name, label, options, selected) in [
                    ("role", "Role", OrganizationRole.choices, member.role.rawValue),
                    (
                        "status", "Status",
                        OrganizationMember.Status.allCases.map {
                            (value: $0.rawValue, title: $0.rawValue.capitalized1)
                        },
                        member.status.rawValue
                    ),
                ] {
                    element("div", ["class": "field"]) {
                        element("label", ["for": "\(name)-\(member.id.hex)"]) { label }
                        element("select", ["id": "\(name)-\(member.id.hex)", "name": name]) {
                            for option in options {
                                element("option", ["value": option.value, "selected": option.value == selected]) {
                                    option.title
                                }
                            }
                        }
                    }
                }
                view.buttons("Save")
            }
            view.action("Remove", to: "\(path)/\(member.id.hex)/remove", "danger", about: member.user.email)
        }
    }

    @Sendable static func add(_ call: FormCall) throws(Failure) -> Outcome {
        let placed = try refusing { () throws(Refusal) in
            try OrganizationMemberDraft.single(.object(call.form.object("email", "role", "status")))
        }
        let member = try call.act.addMember(placed.draft, to: call.organization, at: placed.pointer)
        return .done(home(call), "\(member.user.email) is a member now.")
    }

    @Sendable static func change(_ call: FormCall) throws(Failure) -> Outcome {
        let change = try refusing { () throws(Refusal) in
            try OrganizationMemberChange(.object(call.form.object("role", "status")))
        }
        let member = try call.act.changeMember(call.view.path.id("member_id"), of: call.organization, to: change)
        return .done(home(call), "\(member.user.email) was changed.")
    }

    @Sendable static func remove(_ call: FormCall) throws(Failure) -> Outcome {
        let (id, organization): (MemberID, OrganizationID) = (call.view.path.id("member_id"), call.organization)
        guard let member = try call.reader.member(id, of: organization) else {
            throw .refused(.organizationNotFound, "member not found")
        }
        let plan = Plan(
            title: "Remove \(member.user.email)",
            question: "They would lose the rights of this membership at once, in all accounts of the organization.",
            verb: "Remove member", cancel: home(call))
        let place = Screen.Place.organization(try call.reader.existing(organization))
        let shown = try call.preview(plan, place) { (act) throws(Failure) in
            try act.removeMember(id, of: organization)
        }
        if let shown { return shown }
        try call.act.removeMember(id, of: organization)
        return .done(home(call), "\(member.user.email) is no member any more.")
    }

    private static func home(_ call: FormCall) -> String { "/organizations/\(call.organization.hex)/members" }
}

extension OrganizationRole {
    var title: String { rawValue.replacing("_", with: " ").capitalized1 }

    static var choices: [(value: String, title: String)] { allCases.map { ($0.rawValue, $0.title) } }
}

extension String {
    /// With a capital at the beginning.
    var capitalized1: String { prefix(1).uppercased() + dropFirst() }
}
