import APIClient
import CommandLine
import JSON

/// `orgctl token`: API tokens of an account, or with `--user` of the caller.
enum TokenCommands {
    static let group = Command(
        "token", summary: "API tokens of an account, or of yourself with --user",
        options: [.flag("user", help: "Your own tokens rather than those of an account")],
        examples: [
            .init(
                "orgctl token create --name ci --permission \"Access: Apps and Policies Write\" --account EMEA",
                "A token for one account"),
            .init("orgctl token roll ci --account EMEA", "Replace its value; the old one stops at once"),
        ],
        subcommands: [list, show, create, update, delete, roll, verify, permissionGroups])

    private static let argument = Positional(ResourceGroup.which, help: "The token")

    private static func place(_ session: Session) async throws(ClientError) -> Place {
        session.values.bool("user") ? .user : try await session.account()
    }

    private static func path(_ session: Session) async throws(ClientError) -> APIPath {
        let place = try await place(session)
        let id = try await session.client.identifier(
            of: .token, named: session.values.string(ResourceGroup.which), in: place)
        return ResourceKind.token.path(in: place).appending(id)
    }

    private static let list = Command.online(
        "list", summary: "List API tokens",
        options: [
            .flag("include-expired", help: "Expired ones too"), .flag("names", help: "Print names only, one a line"),
        ]
    ) { session throws(ClientError) in
        let query: APIQuery = session.values.bool("include-expired") ? ["include_expired": "true"] : APIQuery()
        let rows = try await session.client.all(
            ResourceKind.token.path(in: try await place(session)), query, paging: .page)
        if session.values.bool("names") {
            for row in rows { session.terminal.print(SafeText.oneLine(row["name"]?.stringValue ?? "") + "\n") }
            return .ok
        }
        session.print(
            list: rows,
            [
                .id, .name, Column("STATUS", "status"), Column("EXPIRES", "expires_on"),
                Column("LAST USED", "last_used_on"),
            ], empty: "No tokens.")
        return .ok
    }

    private static let show = Command.online(
        "show", summary: "Show one token, without its value", arguments: [argument]
    ) { session throws(ClientError) in
        session.print(try await session.client.get(try await path(session)).result)
        return .ok
    }

    private static let limits: [Option] = [
        .value("expires-on", placeholder: "TIME", help: "When it ends, as 2027-01-31T00:00:00Z"),
        .value("not-before", placeholder: "TIME", help: "When it begins"),
        .value("allow-ip", placeholder: "CIDR", help: "Addresses it may be used from", repeats: .each),
        .value("deny-ip", placeholder: "CIDR", help: "Addresses it may not be used from", repeats: .each),
        .value(
            "permission", placeholder: "NAME|ID", help: "A permission group", repeats: .each,
            completion: .command("orgctl token permission-groups --names")),
        .value(
            "resource", placeholder: "KEY",
            help: "What it is for, as com.cloudflare.api.account.<id>; "
                + "by default the account", repeats: .each),
    ]

    /// A policy of the permissions given, on the resources given.
    private static func body(_ session: Session, _ place: Place) async throws(ClientError) -> JSONValue {
        var body = try await Body.read(
            session, [Field("expires-on", help: ""), Field("not-before", help: "")], in: place, isNew: false)
        for (flag, key) in [("allow-ip", "in"), ("deny-ip", "not_in")] where !session.values.list(flag).isEmpty {
            body = body.setting(
                ["condition", "request_ip", key], to: .array(session.values.list(flag).map(JSONValue.string)))
        }
        let permissions = session.values.list("permission")
        guard !permissions.isEmpty else { return body }
        let groups = try await session.client.identifiers(of: .permissionGroup, named: permissions, in: place)
        var resources: JSONObject = [:]
        for key in session.values.list("resource") { resources[key] = "*" }
        if resources.isEmpty {
            switch place {
            case .account(let id): resources["com.cloudflare.api.account.\(id)"] = "*"
            case .user:
                let user = try await session.client.get(APIPath("user")).result
                resources["com.cloudflare.api.user.\(user["id"]?.stringValue ?? "")"] = "*"
            case .root, .organization: break
            }
        }
        let policy: JSONValue = [
            "effect": "allow", "permission_groups": .array(groups.map { ["id": .string($0)] }),
            "resources": .object(resources),
        ]
        return body.setting(["policies"], to: .array((body["policies"]?.arrayValue ?? []) + [policy]))
    }

    private static let create = Command.online(
        "create", summary: "Create a token; its value is shown once",
        options: [.value("name", placeholder: "TEXT", help: "Its name")] + limits + Body.options
    ) { session throws(ClientError) in
        let place = try await place(session)
        var body = try await body(session, place)
        if let name = session.values.stringIfGiven("name") { body = body.setting(["name"], to: .string(name)) }
        guard body["name"] != nil else { throw .misuse("--name is required") }
        guard body["policies"] != nil else { throw .misuse("--permission is required, or a body with policies") }
        let result = try await session.client.post(ResourceKind.token.path(in: place), body).result
        if session.isQuiet, let value = result["value"]?.stringValue {
            session.terminal.print(value + "\n")
            return .ok
        }
        session.print(result)
        session.note("Store the value now: it is not shown again.")
        return .ok
    }

    private static let update = Command.online(
        "update", summary: "Change a token", arguments: [argument],
        options: [
            .value("name", placeholder: "TEXT", help: "Its name"),
            .value("status", help: "Whether it works", rule: .oneOf(["active", "disabled"])),
        ] + limits + Body.options
    ) { session throws(ClientError) in
        let place = try await place(session)
        let path = try await path(session)
        var changes = try await body(session, place)
        for key in ["name", "status"] {
            if let text = session.values.stringIfGiven(key) { changes = changes.setting([key], to: .string(text)) }
        }
        guard changes.objectValue?.isEmpty == false else { throw .misuse("nothing to change: give a flag or a body") }
        let present = try await session.client.get(path)
        session.print(
            try await session.client.put(path, present.result.merged(with: changes), ifMatch: present.etag).result)
        return .ok
    }

    private static let delete = Command.online(
        "delete", summary: "Delete a token", arguments: [argument]
    ) { session throws(ClientError) in
        let path = try await path(session)
        try session.confirm("Delete the token \"\(session.values.string(ResourceGroup.which))\"?")
        _ = try await session.client.delete(path)
        session.note("Deleted.")
        return .ok
    }

    private static let roll = Command.online(
        "roll", summary: "Replace a token's value; the old one stops at once", arguments: [argument]
    ) { session throws(ClientError) in
        let path = try await path(session)
        try session.confirm(
            "Roll the token \"\(session.values.string(ResourceGroup.which))\"? Its value stops working.")
        let result = try await session.client.put(path.appending("value")).result
        if session.format == .json {
            session.terminal.print(result.pretty() + "\n")
        } else {
            session.terminal.print((result.stringValue ?? "") + "\n")
        }
        session.note("Store the value now: it is not shown again.")
        return .ok
    }

    private static let verify = Command.online(
        "verify", summary: "Ask whether the presented token is valid"
    ) { session throws(ClientError) in
        let place: Place = session.values.stringIfGiven("account") == nil ? .user : try await session.account()
        session.print(try await session.client.get(place.path.appending("tokens", "verify")).result)
        return .ok
    }

    private static let permissionGroups = Command.online(
        "permission-groups", summary: "List what tokens can be allowed",
        options: [
            .value("contains", placeholder: "TEXT", help: "Names that contain this"),
            .flag("names", help: "Print names only, one a line"),
        ]
    ) { session throws(ClientError) in
        var rows = try await session.client.all(
            ResourceKind.permissionGroup.path(in: try await place(session)), paging: .single)
        if let text = session.values.stringIfGiven("contains")?.lowercased() {
            rows.removeAll { $0["name"]?.stringValue?.lowercased().contains(text) != true }
        }
        if session.values.bool("names") {
            for row in rows { session.terminal.print(SafeText.oneLine(row["name"]?.stringValue ?? "") + "\n") }
            return .ok
        }
        session.print(list: rows, [.id, .name, Column("SCOPES", "scopes")])
        return .ok
    }
}
