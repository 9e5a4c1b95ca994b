import APIClient
import CommandLine
import JSON

/// `orgctl org`.
enum OrganizationCommands {
    static let resource = ResourceGroup(
        name: "org", summary: "Organizations: trees that hold accounts and share one primary identity provider",
        kind: .organization, scope: .root,
        columns: [.id, .name, Column("PARENT", "parent.name"), Column("CREATED", "create_time")],
        filters: [
            Filter("starts-with", "name.startsWith", help: "Names that begin with this"),
            Filter("contains", "name.contains", help: "Names that contain this"),
            Filter("parent", "parent.id", help: "Children of this id, or null for roots"),
        ],
        fields: [
            .name, Field("parent", .reference(.organization), at: "parent.id", help: "The organization above it"),
            Field("business-name", at: "profile.business_name", help: "Profile: name"),
            Field("business-email", at: "profile.business_email", help: "Profile: e-mail"),
            Field("business-phone", at: "profile.business_phone", help: "Profile: telephone"),
            Field("business-address", at: "profile.business_address", help: "Profile: address"),
            Field("external-metadata", at: "profile.external_metadata", help: "Profile: anything else"),
        ],
        editable: { organization, _ in
            // Only what a PUT takes; the parent stays by being left out.
            var body: JSONObject = [:]
            body["name"] = organization["name"]
            if let profile = organization["profile"], !profile.isNull { body["profile"] = profile }
            return .object(body)
        },
        examples: [
            .init("orgctl org create --name Acme", "Create an organization"),
            .init("orgctl org accounts Acme", "List its accounts, those of sub-organizations too"),
        ])

    static var group: Command {
        resource.command(with: [profile, setProfile, accounts, tree, members])
    }

    static let argument = Positional(
        ResourceGroup.which, help: "The organization; by default that of --org", arity: .optional,
        completion: .command("orgctl org list --names"))

    /// The organization that the argument or `--org` names.
    static func chosen(_ session: Session) async throws(ClientError) -> String {
        guard let text = session.values.stringIfGiven(ResourceGroup.which) else {
            return try await session.organizationID()
        }
        return try await session.client.identifier(of: .organization, named: text, in: .root)
    }

    private static let profile = Command.online(
        "profile", summary: "Show an organization's profile", arguments: [argument]
    ) { session throws(ClientError) in
        session.print(
            try await session.client.get(APIPath("organizations", try await chosen(session), "profile")).result)
        return .ok
    }

    private static let setProfile = Command.online(
        "set-profile", summary: "Replace an organization's profile", arguments: [argument],
        options: ["name", "email", "phone", "address"].map {
            .value("business-\($0)", placeholder: "TEXT", default: "", help: "Its \($0)")
        }
            + [.value("external-metadata", placeholder: "TEXT", default: "", help: "Anything else")]
    ) { session throws(ClientError) in
        var body: JSONObject = [:]
        for key in ["name", "email", "phone", "address"] {
            body["business_\(key)"] = .string(session.values.string("business-\(key)"))
        }
        body["external_metadata"] = .string(session.values.string("external-metadata"))
        let id = try await chosen(session)
        _ = try await session.client.put(APIPath("organizations", id, "profile"), .object(body))
        session.print(try await session.client.get(APIPath("organizations", id, "profile")).result)
        return .ok
    }

    private static let accounts = Command.online(
        "accounts", summary: "List the accounts of an organization and of those below it", arguments: [argument],
        options: [.value("contains", placeholder: "TEXT", help: "Names that contain this")]
    ) { session throws(ClientError) in
        let query = APIQuery().adding("name.contains", session.values.stringIfGiven("contains"))
        let id = try await chosen(session)
        let rows = try await session.client.all(
            APIPath("organizations", id, "accounts"), query, paging: .pageToken)
        session.print(list: rows, AccountCommands.columns, empty: "No accounts.")
        return .ok
    }

    private static let tree = Command.online(
        "tree", summary: "Show organizations and accounts as a tree"
    ) { session throws(ClientError) in
        let organizations = try await session.client.all(APIPath("organizations"), paging: .pageToken)
        let accounts = try await session.client.all(APIPath("accounts"), paging: .page)
        session.terminal.print(TreeText(organizations: organizations, accounts: accounts).text)
        return .ok
    }

    private static let members = ResourceGroup(
        name: "member", summary: "People with a role in an organization", kind: .organizationMember,
        scope: .organization,
        columns: [
            .id, Column("EMAIL", "user.email"), Column("STATUS", "status"), Column("ROLE", "meta.role"),
            Column("SINCE", "create_time"),
        ],
        fields: [
            Field("role", help: "What they may do in the organization: super_administrator or reader"),
            Field("status", choices: ["pending", "active", "canceled"], help: "Whether the invitation is accepted"),
        ],
        operations: [.list, .show, .update, .delete], update: .patch, more: [addMember], invocation: "org member"
    ).command

    private static let addMember = Command.online(
        "add", summary: "Add people to an organization",
        discussion: "Several addresses are added all or none.",
        arguments: [Positional("email", help: "Their addresses", arity: .many(required: true))],
        options: [
            .value(
                "status", default: "pending", help: "Whether they still have to accept",
                rule: .oneOf(["pending", "active"])),
            .value("role", placeholder: "super_administrator|reader", help: "What they may do in the organization"),
        ]
    ) { session throws(ClientError) in
        let members = session.values.list("email").map { email -> JSONValue in
            var member: JSONValue = [
                "user": ["email": .string(email)], "status": .string(session.values.string("status")),
            ]
            if let role = session.values.stringIfGiven("role") { member = member.setting(["role"], to: .string(role)) }
            return ["member": member]
        }
        let path = try await session.organization().path
        let answer: Answer
        if members.count == 1 {
            answer = try await session.client.post(path.appending("members"), members[0])
            session.print(answer.result)
        } else {
            answer = try await session.client.post(path.appending("members:batchCreate"), ["members": .array(members)])
            session.print(
                list: answer.result.arrayValue ?? [],
                [.id, Column("EMAIL", "user.email"), Column("STATUS", "status")])
        }
        session.notes(of: answer)
        return .ok
    }
}

/// Organizations, the accounts in them, and accounts on their own.
struct TreeText {
    let organizations: [JSONValue]
    let accounts: [JSONValue]

    var text: String {
        let known = Set(organizations.compactMap { $0["id"]?.stringValue })
        let children = Dictionary(grouping: organizations) { $0["parent"]?["id"]?.stringValue ?? "" }
        let owned = Dictionary(grouping: accounts) { $0["managed_by"]?["parent_org_id"]?.stringValue ?? "" }
        var text = ""
        func add(_ organization: JSONValue, indent: String) {
            let id = organization["id"]?.stringValue ?? ""
            text += "\(indent)\(SafeText.oneLine(organization["name"]?.stringValue ?? ""))/  \(id)\n"
            for child in children[id] ?? [] { add(child, indent: indent + "  ") }
            for account in owned[id] ?? [] { text += line(account, indent + "  ") }
        }
        for organization in organizations where !known.contains(organization["parent"]?["id"]?.stringValue ?? "") {
            add(organization, indent: "")
        }
        for account in accounts where !known.contains(account["managed_by"]?["parent_org_id"]?.stringValue ?? "") {
            text += line(account, "")
        }
        return text
    }

    private func line(_ account: JSONValue, _ indent: String) -> String {
        "\(indent)\(SafeText.oneLine(account["name"]?.stringValue ?? ""))  \(account["id"]?.stringValue ?? "")\n"
    }
}
