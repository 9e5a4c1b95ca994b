import APIClient
import CommandLine
import JSON

/// `orgctl agents`: the programs that people let act for them.
enum AgentCommands {
    static let group = Command(
        "agents", summary: "Agents that people let act for them",
        examples: [
            .init("orgctl agents list --user ann@example.org --account EMEA", "What acts as Ann"),
            .init("orgctl agents revoke 'Code Assistant' --account EMEA", "End what it may do for anybody"),
        ],
        subcommands: [list, revoke])

    private static let options: [Option] = [
        .value(
            "app", placeholder: "NAME|ID", help: "In one application",
            completion: .command("orgctl app list --names")),
        .value("user", placeholder: "EMAIL|ID", help: "For one person"),
    ]

    private static let list = Command.online(
        "list", summary: "List agents, in all applications or in one, or what acts for one person", options: options
    ) { session throws(ClientError) in
        if session.values.stringIfGiven("user") != nil {
            let (_, grants) = try await grants(session)
            session.print(
                list: grants,
                [
                    .id, Column("CLIENT", "client_name"), Column("CLIENT ID", "client_id"),
                    Column("APPLICATION", "app_name"), Column("CREATED", "created_at"),
                    Column("LAST REFRESH", "last_refresh_at"), Column("EXPIRES", "expires_at"),
                ], empty: "No agent acts for this person.")
            return .ok
        }
        let rows = try await chosenApps(session, { app throws(ClientError) in try await clients(of: app, session) })
            .flatMap { app, clients in
                clients.map { client in
                    client.setting(["app_id"], to: app["id"] ?? .null).setting(["app_name"], to: app["name"] ?? .null)
                }
            }
        session.print(
            list: rows,
            [
                Column("CLIENT ID", "client_id", isElastic: false), Column("NAME", "client_name"),
                Column("KIND", "kind"), Column("APPLICATION", "app_name"),
                Column("GRANTS", "grants", isNumber: true), Column("LAST USED", "last_used_at"),
            ], idKey: "client_id", empty: "No agents.")
        return .ok
    }

    private static let revoke = Command.online(
        "revoke", summary: "End what an agent may do: everywhere, in one application, or for one person",
        arguments: [Positional("client", help: "Its client id or name; with --user also the id of a grant")],
        options: options
    ) { session throws(ClientError) in
        let wanted = session.values.string("client")
        func isWanted(_ row: JSONValue) -> Bool {
            ["client_id", "client_name", "id"].contains { row[$0]?.stringValue == wanted }
        }
        var doomed: [APIPath] = []
        var places: [String] = []
        if session.values.stringIfGiven("user") != nil {
            let (path, grants) = try await grants(session)
            for grant in grants where isWanted(grant) {
                doomed.append(path.appending(grant["id"]?.stringValue ?? ""))
                places.append(grant["app_name"]?.stringValue ?? grant["app_id"]?.stringValue ?? "")
            }
        } else {
            let place = try await session.account()
            let found = try await chosenApps(session) { app throws(ClientError) in
                try await clients(of: app, session).filter(isWanted)
            }
            // A name is no proof of anything: two agents may carry the same one.
            let identifiers = Set(found.flatMap { $0.1.compactMap { $0["client_id"]?.stringValue } })
            guard identifiers.count < 2 else {
                throw .ambiguousName(
                    kind: "agent", name: wanted,
                    candidates: identifiers.sorted().map { NameCandidate(id: $0, detail: "") })
            }
            for (app, clients) in found where !clients.isEmpty {
                let id = clients.first?["client_id"]?.stringValue ?? ""
                doomed.append(
                    ResourceKind.app.path(in: place).appending(app["id"]?.stringValue ?? "", "oauth_clients", id))
                places.append(app["name"]?.stringValue ?? "")
            }
        }
        guard !doomed.isEmpty else { throw .unknownName(kind: "agent", name: wanted, near: []) }
        try session.confirm("End the access of \"\(wanted)\" to \(places.joined(separator: ", "))?")
        for path in doomed { _ = try await session.client.delete(path) }
        session.note("Ended.")
        return .ok
    }

    /// The clients of an application; none of one that takes no agents.
    static func clients(of app: APIPath, _ session: Session) async throws(ClientError) -> [JSONValue] {
        try await session.client.all(app.appending("oauth_clients"), paging: .single)
    }

    /// The applications of the command, each with what `body` finds in it.
    private static func chosenApps(
        _ session: Session, _ body: (APIPath) async throws(ClientError) -> [JSONValue]
    ) async throws(ClientError) -> [(JSONValue, [JSONValue])] {
        let place = try await session.account()
        let kind = ResourceKind.app
        var apps: [JSONValue]
        if let name = session.values.stringIfGiven("app") {
            let id = try await session.client.identifier(of: kind, named: name, in: place)
            apps = [try await session.client.get(kind.path(in: place).appending(id)).result]
        } else {
            apps = try await session.client.all(kind.path(in: place), paging: kind.paging)
                .filter { $0["oauth_configuration"]?.objectValue != nil }
        }
        var found: [(JSONValue, [JSONValue])] = []
        for app in apps {
            guard let id = app["id"]?.stringValue else { continue }
            found.append((app, try await body(kind.path(in: place).appending(id))))
        }
        return found
    }

    /// The grants of one person, narrowed to an application if one is named, and the path they are below.
    private static func grants(_ session: Session) async throws(ClientError) -> (APIPath, [JSONValue]) {
        let place = try await session.account()
        let user = try await session.client.identifier(
            of: .user, named: session.values.stringIfGiven("user") ?? "", in: place)
        let path = ResourceKind.user.path(in: place).appending(user, "oauth_grants")
        var grants = try await session.client.all(path, paging: .single)
        if let name = session.values.stringIfGiven("app") {
            let app = try await session.client.identifier(of: .app, named: name, in: place)
            grants = grants.filter { $0["app_id"]?.stringValue == app }
        }
        return (path, grants)
    }
}
