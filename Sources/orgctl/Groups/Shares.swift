import APIClient
import CommandLine
import JSON

/// `orgctl share`: what an account shares with others.
enum ShareCommands {
    static let resource = ResourceGroup(
        name: "share", summary: "Resource shares: which accounts receive a grant", kind: .share, scope: .account,
        columns: [
            .id, .name, Column("KIND", "kind"), Column("STATUS", "status"), Column("TARGET", "target_type"),
            Column("CREATED", "created"),
        ],
        filters: [
            Filter("kind", choices: ["sent", "received"], help: "Given or received"),
            Filter("status", choices: ["active", "deleting", "deleted"], help: "Only those"),
            Filter("target-type", choices: ["account", "organization"], help: "Only those"),
        ],
        fields: [.name], operations: [.list, .show, .update, .delete],
        editable: { share, _ in ["name": share["name"] ?? ""] }, previewsDeletion: true,
        examples: [
            .init("orgctl share create --name sso --grant Okta --to-account EMEA --account Identity", "Share one grant")
        ])

    static var group: Command {
        resource.command(with: [create, recipients, resources])
    }

    private static let targets: [Option] = [
        .value(
            "to-account", placeholder: "NAME|ID", help: "A recipient account", repeats: .each,
            completion: .command("orgctl account list --names")),
        .value(
            "to-org", placeholder: "NAME|ID", help: "A recipient organization", repeats: .each,
            completion: .command("orgctl org list --names")),
    ]

    private static func recipientBodies(_ session: Session) async throws(ClientError) -> [JSONValue] {
        var bodies: [JSONValue] = []
        for id in try await session.client.identifiers(
            of: .account, named: session.values.list("to-account"), in: .root)
        {
            bodies.append(["recipient_account_id": .string(id)])
        }
        for id in try await session.client.identifiers(
            of: .organization, named: session.values.list("to-org"), in: .root)
        {
            bodies.append(["organization_id": .string(id)])
        }
        return bodies
    }

    /// The grant that a text names: its id, or the identity provider that it is for.
    private static func grant(_ text: String, _ session: Session, in place: Place) async throws(ClientError) -> String {
        let grants = try await session.client.all(ResourceKind.grant.path(in: place), paging: .single)
        if grants.contains(where: { $0["id"]?.stringValue == text }) { return text }
        let idp = try await session.client.identifier(of: .identityProvider, named: text, in: place)
        guard let id = grants.first(where: { $0["idp_id"]?.stringValue == idp })?["id"]?.stringValue else {
            throw .unknownName(kind: "federation grant", name: text, near: [])
        }
        return id
    }

    private static func resourceBody(_ session: Session, in place: Place) async throws(ClientError) -> JSONValue {
        guard case .account(let account) = place else { throw .misuse("--account is required") }
        let id = try await grant(session.values.string("grant"), session, in: place)
        return [
            "meta": [:], "resource_account_id": .string(account), "resource_id": .string(id),
            "resource_type": "idp-federation-grant",
        ]
    }

    private static let create = Command.online(
        "create", summary: "Share a grant; without recipients, with the whole organization",
        options: [
            .value("name", placeholder: "TEXT", help: "Its name", isRequired: true),
            .value(
                "grant", placeholder: "IDP|ID", help: "The grant, or the identity provider that it is for",
                isRequired: true),
        ] + targets
    ) { session throws(ClientError) in
        let place = try await session.account()
        var recipients = try await recipientBodies(session)
        if recipients.isEmpty { recipients = [[:]] }
        let answer = try await session.client.post(
            ResourceKind.share.path(in: place),
            [
                "name": .string(session.values.string("name")), "recipients": .array(recipients),
                "resources": [try await resourceBody(session, in: place)],
            ])
        session.notes(of: answer)
        session.print(answer.result)
        return .ok
    }

    private static let argument = Positional(
        ResourceGroup.which, help: "The share", completion: .command("orgctl share list --names"))

    private static func path(_ session: Session, _ segment: String) async throws(ClientError) -> APIPath {
        try await resource.chosen(session, in: try await session.account()).appending(segment)
    }

    private static let recipients = Command(
        "recipient", summary: "Who receives a share",
        subcommands: [
            .online("list", summary: "List recipients", arguments: [argument]) { session throws(ClientError) in
                session.print(
                    list: try await session.client.all(try await path(session, "recipients"), paging: .page),
                    [
                        .id, Column("ACCOUNT", "account_id", isElastic: false), Column("STATUS", "association_status"),
                        Column("CREATED", "created"),
                    ], empty: "No recipients.")
                return .ok
            },
            .online(
                "add", summary: "Add recipients; without any, the whole organization", arguments: [argument],
                options: targets
            ) { session throws(ClientError) in
                let path = try await path(session, "recipients")
                var bodies = try await recipientBodies(session)
                if bodies.isEmpty { bodies = [[:]] }
                for body in bodies {
                    let answer = try await session.client.post(path, body)
                    session.notes(of: answer)
                    session.print(answer.result)
                }
                return .ok
            },
            .online(
                "remove", summary: "Remove a recipient",
                arguments: [argument, Positional("recipient", help: "Its id, or that of its account")]
            ) { session throws(ClientError) in
                let path = try await path(session, "recipients")
                let text = session.values.string("recipient")
                let rows = try await session.client.all(path, paging: .page)
                var id = text
                if !rows.contains(where: { $0["id"]?.stringValue == text }) {
                    let account = try await session.client.identifier(of: .account, named: text, in: .root)
                    id = rows.first { $0["account_id"]?.stringValue == account }?["id"]?.stringValue ?? text
                }
                let preview = try await session.client.delete(path.appending(id), ["preview": "true"])
                session.note(Preview(preview.result).text(of: "Removing the recipient"))
                try session.confirm("Remove the recipient?")
                session.notes(of: try await session.client.delete(path.appending(id)))
                session.note("Removed.")
                return .ok
            },
        ])

    private static let resources = Command(
        "resource", summary: "What a share holds",
        subcommands: [
            .online("list", summary: "List resources", arguments: [argument]) { session throws(ClientError) in
                session.print(
                    list: try await session.client.all(try await path(session, "resources"), paging: .page),
                    [
                        .id, Column("TYPE", "resource_type"), Column("RESOURCE", "resource_id", isElastic: false),
                        Column("STATUS", "status"),
                    ], empty: "No resources.")
                return .ok
            },
            .online(
                "add", summary: "Add a grant", arguments: [argument],
                options: [
                    .value(
                        "grant", placeholder: "IDP|ID", help: "The grant, or its identity provider", isRequired: true)
                ]
            ) { session throws(ClientError) in
                let body = try await resourceBody(session, in: try await session.account())
                session.print(try await session.client.post(try await path(session, "resources"), body).result)
                return .ok
            },
            .online(
                "remove", summary: "Remove a resource",
                arguments: [argument, Positional("resource", help: "Its id in the share")]
            ) { session throws(ClientError) in
                let path = try await path(session, "resources").appending(session.values.string("resource"))
                try session.confirm("Remove the resource? Its connections end.")
                session.notes(of: try await session.client.delete(path))
                session.note("Removed.")
                return .ok
            },
        ])
}
