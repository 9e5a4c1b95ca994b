import APIClient
import CommandLine
import JSON

/// `orgctl agents`: programs that act for people (managed OAuth).
enum AgentCommands {
    static let group = Command(
        "agents", summary: "Programs that act for people",
        discussion: """
            A program that has registered is a client of an application; what a person has allowed it there is a grant. \
            With --app the commands are about the clients of an application, with --user about the grants of a person.
            """,
        subcommands: [list, revoke])

    private static let places: [Option] = [
        .value(
            "app", placeholder: "NAME|ID", help: "Clients of this application",
            completion: .command("orgctl app list --names")),
        .value("user", placeholder: "NAME|ID", help: "Grants of this person"),
    ]

    /// Whose programs are meant.
    private enum Owner {
        case app(APIPath)
        case user(APIPath)
    }

    private static let list = Command.online(
        "list", summary: "List the clients of an application, or the grants of a person", options: places,
        examples: [
            .init("orgctl agents list --app wiki --account EMEA", "What has registered, and how many people use it"),
            .init("orgctl agents list --user ann@example.org --account EMEA", "What acts for Ann"),
        ]
    ) { session throws(ClientError) in
        switch try await owner(session) {
        case .app(let path):
            session.print(
                list: try await session.client.get(path).result.arrayValue ?? [],
                [
                    Column("CLIENT", "client_id"), Column("NAME", "client_name"), Column("KIND", "kind"),
                    Column("GRANTS", "grants"), Column("LAST USED", "last_used_at"),
                ], empty: "No program has registered for this application.")
        case .user(let path):
            session.print(
                list: try await session.client.get(path).result.arrayValue ?? [],
                [
                    .id, Column("CLIENT", "client_id"), Column("NAME", "client_name"), Column("APP", "app_name"),
                    Column("REFRESHED", "last_refresh_at"), Column("ENDS", "expires_at"),
                ], empty: "No program acts for this person.")
        }
        return .ok
    }

    private static let revoke = Command.online(
        "revoke", summary: "End a client at an application, or a grant of a person",
        arguments: [Positional("id", help: "The client id, or the id of the grant")], options: places,
        examples: [
            .init("orgctl agents revoke --app wiki https://agent.example/client.json --account EMEA", "For everybody")
        ]
    ) { session throws(ClientError) in
        let id = session.values.string("id")
        let path: APIPath
        switch try await owner(session) {
        case .app(let clients):
            try session.confirm("End everything that the client \"\(id)\" may do at the application?")
            path = clients.appending(id)
        case .user(let grants):
            try session.confirm("End the grant \(id)?")
            path = grants.appending(id)
        }
        _ = try await session.client.delete(path)
        session.note("Ended.")
        return .ok
    }

    private static func owner(_ session: Session) async throws(ClientError) -> Owner {
        let place = try await session.account()
        switch (session.values.stringIfGiven("app"), session.values.stringIfGiven("user")) {
        case (let app?, nil):
            let id = try await session.client.identifier(of: .app, named: app, in: place)
            return .app(ResourceKind.app.path(in: place).appending(id, "oauth_clients"))
        case (nil, let user?):
            let id = try await session.client.identifier(of: .user, named: user, in: place)
            return .user(ResourceKind.user.path(in: place).appending(id, "oauth_grants"))
        default: throw .misuse("give either --app or --user")
        }
    }
}

/// `orgctl app oauth`: managed OAuth of an application.
enum AppOAuthCommands {
    static let group = Command(
        "oauth", summary: "Let programs act for people (managed OAuth)",
        subcommands: [
            command("enable", "Let programs register and ask people for access", isOn: true),
            command("disable", "End all grants, and let no program in any more", isOn: false),
        ])

    private static func command(_ name: String, _ summary: String, isOn: Bool) -> Command {
        .online(
            name, summary: summary,
            arguments: [
                Positional(
                    ResourceGroup.which, help: "The application", completion: .command("orgctl app list --names"))
            ]
        ) { session throws(ClientError) in
            let path = try await AppCommands.resource.chosen(session, in: try await session.account())
            if !isOn {
                try session.confirm("End all grants of programs at \"\(session.values.string(ResourceGroup.which))\"?")
            }
            let answer = try await AppCommands.resource.change(
                session, path, ["oauth_configuration": ["enabled": .bool(isOn)]])
            session.notes(of: answer)
            session.note(isOn ? "Managed OAuth is on." : "Managed OAuth is off.")
            return .ok
        }
    }
}
