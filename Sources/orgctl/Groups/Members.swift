import APIClient
import CommandLine
import JSON

/// `orgctl member`: people of an account.
enum MemberCommands {
    static let group = ResourceGroup(
        name: "member", summary: "People with a role in an account", kind: .member, scope: .account,
        columns: [.id, Column("EMAIL", "email"), Column("STATUS", "status"), Column("ROLES", "roles")],
        filters: [
            Filter("status", choices: ["accepted", "pending", "rejected"], help: "Only those"),
            Filter(
                "order", choices: ["user.email", "user.first_name", "user.last_name", "status"], help: "What to sort by"
            ),
            Filter("direction", choices: ["asc", "desc"], help: "Which way"),
        ],
        fields: [
            Field("role", .references(.role), at: "roles", wrapped: true, help: "A role"),
            Field("policies", .json, help: "Permission groups and resources, in place of roles"),
        ],
        operations: [.list, .show, .update, .delete],
        editable: { member, _ in
            let roles = (member["roles"]?.arrayValue ?? []).compactMap { $0["id"] }.map { ["id": $0] as JSONValue }
            return roles.isEmpty ? ["policies": member["policies"] ?? []] : ["roles": .array(roles)]
        },
        examples: [
            .init("orgctl member invite ann@example.org --role \"Administrator Read Only\"", "Invite somebody"),
            .init("orgctl org member add ann@example.org --org Acme", "The same in an organization"),
        ],
        more: [invite]
    ).command

    private static let invite = Command.online(
        "invite", summary: "Invite somebody into the account",
        arguments: [Positional("email", help: "The address")],
        options: [
            .value(
                "role", placeholder: "NAME|ID", help: "A role", repeats: .each,
                completion: .command("orgctl role list --names")),
            .value("policies", placeholder: "JSON", help: "Permission groups and resources, in place of roles"),
            .value(
                "status", default: "pending", help: "Whether they still have to accept",
                rule: .oneOf(["pending", "accepted"])),
        ]
    ) { session throws(ClientError) in
        let place = try await session.account()
        var body: JSONObject = [
            "email": .string(session.values.string("email")), "status": .string(session.values.string("status")),
        ]
        let roles = try await session.client.identifiers(of: .role, named: session.values.list("role"), in: place)
        if !roles.isEmpty { body["roles"] = .array(roles.map(JSONValue.string)) }
        if let policies = session.values.stringIfGiven("policies") {
            body["policies"] = try Body.json(policies, from: "--policies")
        }
        session.print(try await session.client.post(ResourceKind.member.path(in: place), .object(body)).result)
        return .ok
    }
}

/// `orgctl role`.
enum RoleCommands {
    static let group = ResourceGroup(
        name: "role", summary: "Roles that members may hold", kind: .role, scope: .account,
        columns: [.id, .name, Column("DESCRIPTION", "description")], operations: [.list, .show]
    ).command
}
