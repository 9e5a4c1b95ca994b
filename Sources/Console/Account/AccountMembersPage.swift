import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Who may do what in an account.
enum AccountMembersPage: ConsolePages {
    private static let base = "/accounts/{account_id}/members"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.accountSettingsRead), .page(page)),
        .post(base, .account(.accountSettingsWrite), .accountMember, .create, page: page, add),
        .post(
            base + "/{member_id}/remove", .account(.accountSettingsWrite), .accountMember, .delete, page: page, remove),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let members = try call.reader.members(
            of: account.id, status: nil, order: .email, isDescending: false, view.page)
        let path = "\(account.path)/members"
        return Screen(
            "Members", .account(account), section: "/members",
            lead: "People with rights in this account alone. Members of the organization are not listed here."
        ) {
            if members.items.isEmpty {
                UI.empty("No members", "Members of the organization may still have rights in this account.")
            } else {
                UI.table(
                    "Members", members.items,
                    [
                        Column("E-mail address", isHeader: true) { $0.user.email },
                        Column("Roles") { member in
                            member.roles.isEmpty
                                ? "own policies" : member.roles.map(\.rawValue).joined(separator: ", ")
                        },
                        Column("Status") { member in
                            UI.badge(member.status.rawValue, member.status == .accepted ? .good : nil)
                        },
                        Column("#Actions") { member in
                            if view.may(.accountSettingsWrite) {
                                view.action(
                                    "Remove", to: "\(path)/\(member.id.hex)/remove", about: member.user.email)
                            }
                        },
                    ])
                view.pager(view.page, total: members.total, noun: "members")
            }
            if view.may(.accountSettingsWrite) {
                element("section", ["class": "card narrow"]) {
                    element("h2") { "Add a member" }
                    view.form(to: path) {
                        view.field("email", "E-mail address", type: "email", isRequired: true)
                        view.choice(
                            "roles", "Role",
                            AccountRole.allCases.map { (value: $0.id, title: "\($0.rawValue): \($0.description)") },
                            AccountRole.administratorReadOnly.id)
                        view.choice(
                            "status", "Status",
                            [("accepted", "Accepted: in force at once"), ("pending", "Pending: no rights yet")],
                            "accepted")
                        view.buttons("Add member")
                    }
                }
            }
        }
    }

    @Sendable static func add(_ call: FormCall) throws(Failure) -> Outcome {
        var body = call.form.object("email", "status")
        body["roles"] = .array(call.form.texts("roles").map(JSONValue.string))
        let read = try refusing { () throws(Refusal) in try AccountMemberDraft.read(.object(body)) }
        let member = try call.act.inviteMember(read.draft, documented: read.policies, to: call.account)
        return .done("/accounts/\(call.account.hex)/members", "\(member.user.email) is a member now.")
    }

    @Sendable static func remove(_ call: FormCall) throws(Failure) -> Outcome {
        let (id, account): (MemberID, AccountID) = (call.view.path.id("member_id"), call.account)
        guard let member = try call.reader.member(id, of: account) else {
            throw .refused(.accountNotFound, "member not found")
        }
        let home = "/accounts/\(account.hex)/members"
        let plan = Plan(
            title: "Remove \(member.user.email)", question: "They would lose the rights of this membership at once.",
            verb: "Remove member", cancel: home)
        let shown = try call.preview(plan, .account(try call.place())) { (act) throws(Failure) in
            try act.removeMember(id, of: account)
        }
        if let shown { return shown }
        try call.act.removeMember(id, of: account)
        return .done(home, "\(member.user.email) is no member any more.")
    }
}
