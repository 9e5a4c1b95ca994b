import APIClient
import CommandLine
import JSON

/// `orgctl account`.
enum AccountCommands {
    static let columns: [Column] = [
        .id, .name, Column("TYPE", "type"), Column("ORGANIZATION", "managed_by.parent_org_name"),
        Column("CREATED", "created_on"),
    ]

    static let resource = ResourceGroup(
        name: "account", summary: "Accounts: what holds applications, policies and identity providers",
        kind: .account, scope: .root, columns: columns,
        filters: [Filter("contains", "name", help: "Names that contain this")],
        fields: [
            .name, Field("type", choices: ["standard", "enterprise"], help: "Its type"),
            Field("abuse-contact-email", at: "settings.abuse_contact_email", help: "Where abuse is reported"),
            Field("enforce-twofactor", .bool, at: "settings.enforce_twofactor", help: "Members need a second factor"),
        ],
        operations: [.list, .show, .update, .delete], previewsDeletion: true,
        examples: [
            .init("orgctl account create --name EMEA --org Acme", "Create an account; its bridge comes with it"),
            .init("orgctl account import accounts.csv --org Acme", "Create many"),
        ])

    static var group: Command {
        resource.command(with: [create, move, AccountImportCommand.command, entitlements])
    }

    private static let create = Command.online(
        "create", summary: "Create an account",
        options: [
            .value("name", placeholder: "TEXT", help: "Its name"),
            .value("type", placeholder: "TEXT", help: "Its type", rule: .oneOf(["standard", "enterprise"])),
            .flag("standalone", help: "In no organization"),
        ] + Body.options
    ) { session throws(ClientError) in
        var body = try await Body.read(
            session, [.name, Field("type", help: "")], in: .root, isNew: true)
        if session.values.bool("standalone") {
            body = body.setting(["standalone"], to: true)
        } else if body["unit"] == nil, body["standalone"] == nil {
            body = body.setting(["unit", "id"], to: .string(try await session.organizationID()))
        }
        let answer = try await session.client.post(APIPath("accounts"), body)
        session.notes(of: answer)
        session.print(answer.result)
        return .ok
    }

    private static let move = Command.online(
        "move", summary: "Move accounts to another organization, or out of any",
        arguments: [
            Positional(
                ResourceGroup.which, help: "The accounts", arity: .many(required: true),
                completion: .command("orgctl account list --names"))
        ],
        options: [
            .value(
                "to", placeholder: "NAME|ID", help: "The organization", completion: .command("orgctl org list --names")),
            .flag("out", help: "Out of any organization"),
        ],
        examples: [.init("orgctl account move EMEA APAC --to \"Acme Sub\"", "Move two, or none")]
    ) { session throws(ClientError) in
        var destination = JSONValue.null
        if let text = session.values.stringIfGiven("to") {
            guard !session.values.bool("out") else { throw .misuse("--to and --out exclude each other") }
            destination = .string(try await session.client.identifier(of: .organization, named: text, in: .root))
        } else if !session.values.bool("out") {
            throw .misuse("say where: --to ORGANIZATION, or --out")
        }
        let texts = session.values.list(ResourceGroup.which)
        let identifiers = try await session.client.identifiers(of: .account, named: texts, in: .root)
        for (id, text) in zip(identifiers, texts) {
            let preview = try await session.client.post(
                APIPath("accounts", id, "move"), ["destination_organization_id": destination],
                query: ["preview": "true"])
            session.note(Preview(preview.result).text(of: "Moving \"\(text)\""))
        }
        try session.confirm("Move \(texts.count == 1 ? "the account" : "\(texts.count) accounts")?")
        var moved: [JSONValue] = []
        if identifiers.count == 1 {
            let answer = try await session.client.post(
                APIPath("accounts", identifiers[0], "move"), ["destination_organization_id": destination])
            session.notes(of: answer)
            moved = [answer.result]
        } else {
            // A hundred at a time, each hundred all or none.
            for start in stride(from: 0, to: identifiers.count, by: 100) {
                let batch = identifiers[start..<min(start + 100, identifiers.count)]
                let answer = try await session.client.post(
                    APIPath("accounts", "move"),
                    [
                        "account_ids": .array(batch.map(JSONValue.string)),
                        "destination_organization_id": destination,
                    ])
                session.notes(of: answer)
                moved += answer.result.arrayValue ?? []
            }
        }
        session.print(
            list: moved,
            [
                Column("ACCOUNT", "account_id", isElastic: false), Column("FROM", "source_organization_id"),
                Column("TO", "destination_organization_id"),
            ], idKey: "account_id")
        return .ok
    }

    private static let entitlements = Command.online(
        "entitlements", summary: "What the account's plan allows"
    ) { session throws(ClientError) in
        let path = try await session.account().path.appending("entitlements")
        session.print(
            list: try await session.client.all(path, paging: .single),
            [Column("KEY", "feature.key"), Column("NAME", "feature.name"), Column("VALUE", "allocation.value")])
        return .ok
    }
}
