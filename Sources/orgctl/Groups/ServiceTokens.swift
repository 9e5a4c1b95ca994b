import APIClient
import CommandLine
import JSON

/// `orgctl service-token`.
enum ServiceTokenCommands {
    private static let fields: [Field] = [
        .name, Field("duration", help: "How long it lasts, as 8760h, or forever"),
        Field("enabled", .bool, help: "Whether it works"),
    ]

    static let resource = ResourceGroup(
        name: "service-token", summary: "Credentials of machines", kind: .serviceToken, scope: .account,
        columns: [
            .id, .name, Column("CLIENT ID", "client_id"), Column("ENABLED", "enabled"), Column("EXPIRES", "expires_at"),
            Column("LAST SEEN", "last_seen_at"),
        ],
        filters: [
            Filter("name", help: "Names that contain this"), Filter("search", help: "Anything that contains this"),
        ],
        fields: fields,
        afterCreation: { _ in
            "Store the client secret now: it is not shown again. Send it as CF-Access-Client-Id and "
                + "CF-Access-Client-Secret."
        },
        examples: [.init("orgctl service-token create --name ci --duration 720h --account EMEA", "For a month")])

    static var group: Command {
        resource.command(with: [refresh, rotate])
    }

    private static let argument = Positional(
        ResourceGroup.which, help: "The service token", completion: .command("orgctl service-token list --names"))

    private static let refresh = Command.online(
        "refresh", summary: "Extend it by one year", arguments: [argument]
    ) { session throws(ClientError) in
        let path = try await resource.chosen(session, in: try await session.account())
        session.print(try await session.client.post(path.appending("refresh")).result)
        return .ok
    }

    private static let rotate = Command.online(
        "rotate", summary: "Replace its secret", arguments: [argument],
        options: [
            .value(
                "keep-old-until", placeholder: "TIME",
                help: "The old secret works until then; by default it stops at once")
        ]
    ) { session throws(ClientError) in
        let path = try await resource.chosen(session, in: try await session.account())
        try session.confirm("Replace the secret of \"\(session.values.string(ResourceGroup.which))\"?")
        var body: JSONObject = [:]
        if let time = session.values.stringIfGiven("keep-old-until") {
            body["previous_client_secret_expires_at"] = .string(time)
        }
        session.print(try await session.client.post(path.appending("rotate"), .object(body)).result)
        session.note("Store the client secret now: it is not shown again.")
        return .ok
    }
}

/// `orgctl key`: the keys that sign application tokens.
enum KeyCommands {
    static let group = Command(
        "key", summary: "Signing keys of an account",
        subcommands: [
            .online("show", summary: "Show rotation") { session throws(ClientError) in
                session.print(try await session.client.get(try await path(session)).result)
                return .ok
            },
            .online(
                "update", summary: "Change the rotation interval",
                options: [
                    .value("days", placeholder: "N", help: "21 to 365", rule: .integer(21...365), isRequired: true)
                ]
            ) { session throws(ClientError) in
                let body: JSONValue = ["key_rotation_interval_days": .integer(session.values.intIfGiven("days") ?? 42)]
                session.print(try await session.client.put(try await path(session), body).result)
                return .ok
            },
            .online("rotate", summary: "Rotate now; the old key verifies for seven days more") {
                session throws(ClientError) in
                let path = try await path(session)
                try session.confirm("Rotate the signing key?")
                session.print(try await session.client.post(path.appending("rotate")).result)
                return .ok
            },
        ])

    private static func path(_ session: Session) async throws(ClientError) -> APIPath {
        try await session.account().path.appending("access", "keys")
    }
}

/// `orgctl user`: people who signed in.
enum UserCommands {
    static let group = ResourceGroup(
        name: "user", summary: "People who sign in to an account's applications", kind: .user, scope: .account,
        columns: [
            .id, Column("EMAIL", "email"), .name, Column("SEAT", "access_seat"),
            Column("LAST LOGIN", "last_successful_login"),
        ],
        filters: [
            Filter("email", help: "The one with this address"), Filter("name", help: "Names that contain this"),
            Filter("search", help: "Anything that contains this"),
        ],
        fields: [Field("email", required: true, help: "The address"), Field("name", help: "The name")]
    ).command(with: [SessionCommands.revoke])
}

/// `orgctl seat`.
enum SeatCommands {
    static let group = Command(
        "seat", summary: "Seats of people",
        subcommands: [
            .online(
                "update", summary: "Give or free seats",
                arguments: [
                    Positional(
                        "user", help: "Addresses or ids", arity: .many(required: true),
                        completion: .command("orgctl user list --names"))
                ],
                options: [
                    .flag("access-seat", negatable: true, help: "Access"),
                    .flag("gateway-seat", negatable: true, help: "Gateway"),
                ]
            ) { session throws(ClientError) in
                let place = try await session.account()
                var seats: [JSONValue] = []
                for text in session.values.list("user") {
                    let id = try await session.client.identifier(of: .user, named: text, in: place)
                    let user = try await session.client.get(ResourceKind.user.path(in: place).appending(id)).result
                    seats.append([
                        "seat_uid": user["seat_uid"] ?? .null,
                        "access_seat": session.values.boolIfGiven("access-seat").map { .bool($0) } ?? user[
                            "access_seat"] ?? false,
                        "gateway_seat": session.values.boolIfGiven("gateway-seat").map { .bool($0) } ?? user[
                            "gateway_seat"] ?? false,
                    ])
                }
                try session.confirm(
                    "Change \(seats.count == 1 ? "the seat" : "\(seats.count) seats")? A freed seat ends its sessions.")
                let answer = try await session.client.patch(place.path.appending("access", "seats"), .array(seats))
                session.print(
                    list: answer.result.arrayValue ?? [],
                    [
                        Column("SEAT", "seat_uid", isElastic: false), Column("ACCESS", "access_seat"),
                        Column("GATEWAY", "gateway_seat"),
                    ],
                    idKey: "seat_uid")
                return .ok
            }
        ])
}
