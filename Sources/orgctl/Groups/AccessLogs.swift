import APIClient
import CommandLine
import Glibc
import JSON
import Primitives

/// `orgctl logs`: who signed in, who was refused, and why.
enum AccessLogCommands {
    private static let filters = [
        Filter("email", help: "Addresses that contain this"),
        Filter("allowed", choices: ["true", "false"], help: "Let in or not"),
        Filter("app-uid", help: "Of the application with this id"),
        Filter("app-type", help: "Of applications of this type"),
        Filter("idp", help: "Through this identity provider's id or type"),
        Filter("country", "country_code", help: "From this country, such as PT"),
        Filter("non-identity", choices: ["true", "false"], help: "Only machines, or only people"),
        Filter("ray", "ray_id", help: "Of this request"),
    ]

    private static let columns: [Column] = [
        Column("TIME", "created_at", isElastic: false), Column("ACTION", "action"), Column("ALLOWED", "allowed"),
        Column("EMAIL", "user_email"), Column("APP", "app_domain"), Column("THROUGH", "connection"),
        Column("FROM", "ip_address"), Column("COUNTRY", "country"), Column("REASON", "reason"),
        Column("RAY", "ray_id", isElastic: false),
    ]

    static let logs = Command.online(
        "logs", summary: "The log of logins of an account, the newest first; with --follow as they happen",
        options: [
            .value(
                "since", placeholder: "TIME", default: "24h",
                help: "From then: a time, a date, or a duration back from now"),
            .value("until", placeholder: "TIME", defaultText: "now", help: "Until then, likewise"),
            .value("limit", placeholder: "N", default: "100", help: "At most so many", rule: .integer(1...1_000_000)),
            .flag("follow", help: "Go on with what happens from now on, until Ctrl-C"),
            .value(
                "interval", placeholder: "SECONDS", default: "2", help: "With --follow: how often to ask",
                rule: .integer(1...3600)),
        ] + filters.map(\.option),
        examples: [
            .init("orgctl logs --account EMEA --since 24h --allowed false", "Who was refused in a day"),
            .init("orgctl logs --account EMEA --follow", "Watch logins as they happen"),
        ]
    ) { session throws(ClientError) in
        var query = APIQuery()
        for filter in filters { filter.add(to: &query, from: session.values) }
        let path = try await session.account().path.appending("access", "logs", "access_requests")
        if session.values.bool("follow") { return try await follow(session, path, query) }
        query.add("since", AuditCommands.time(session.values.string("since")))
        query.add("until", session.values.stringIfGiven("until").map(AuditCommands.time))
        let rows = try await session.client.all(path, query, paging: .page, limit: session.values.int("limit"))
        session.print(list: rows, columns, idKey: "ray_id", empty: "No logins.")
        return .ok
    }

    /// Asks again and again for what came since the last row. Rows of the same instant come twice and are told apart by
    /// all that they say, so each is printed once.
    private static func follow(
        _ session: Session, _ path: APIPath, _ filters: APIQuery
    ) async throws(ClientError) -> ExitCode {
        // Everything that is printed is out by then: Ctrl-C is how this ends, and no failure.
        signal(SIGINT) { _ in _exit(0) }
        var since = AuditCommands.time("0s")
        var printed: Set<String> = []
        while true {
            let query = filters.adding("since", since).adding("direction", "asc")
            for row in try await session.client.all(path, query, paging: .page) {
                let text = row.serialized()
                let time = row["created_at"]?.stringValue ?? since
                if time > since {
                    since = time
                    printed.removeAll()
                }
                if printed.insert(text).inserted { session.print(line: row, columns) }
            }
            // Cancelled is ended.
            guard (try? await Task.sleep(for: .seconds(session.values.int("interval")))) != nil else { return .ok }
        }
    }
}

extension Session {
    /// One row of a list that goes on.
    func print(line row: JSONValue, _ columns: [Column]) {
        switch format {
        case .json: terminal.print(row.serialized() + "\n")
        case .csv:
            var csv = CSVWriter(header: [])
            csv.append(columns.map { $0.cell(of: row) })
            terminal.print(csv.text)
        case .table:
            let cells = columns.map { SafeText.oneLine($0.cell(of: row)) }
            terminal.print(cells.map { $0.isEmpty ? "-" : $0 }.joined(separator: "  ") + "\n")
        }
    }
}

/// `orgctl session`: who is signed in.
enum SessionCommands {
    static let group = Command(
        "session", summary: "Sessions of people",
        examples: [
            .init("orgctl session list --user ana@example.org --account EMEA", "Where somebody is signed in"),
            .init("orgctl session revoke ana@example.org --account EMEA", "End all of their sessions"),
        ],
        subcommands: [list, revoke])

    private static let columns: [Column] = [
        Column("USER", "email"), Column("SESSION", "nonce", isElastic: false),
        Column("BEGAN", "began", isElastic: false),
        Column("ENDS", "ends", isElastic: false), Column("APPS", "apps"),
    ]

    private static let list = Command.online(
        "list", summary: "List live sessions",
        options: [.value("user", placeholder: "EMAIL", help: "Only those of this person")]
    ) { session throws(ClientError) in
        let users = try await session.account().path.appending("access", "users")
        let query = APIQuery().adding("email", session.values.stringIfGiven("user"))
        var rows: [JSONValue] = []
        for user in try await session.client.all(users, query, paging: .page) {
            // Who never signed in has no session to ask for.
            guard let id = user["id"]?.stringValue, user["last_successful_login"]?.stringValue != nil else { continue }
            let sessions = try await session.client.all(users.appending(id, "active_sessions"), paging: .single)
            rows += sessions.map { row(of: $0, user) }
        }
        session.print(list: rows, columns, idKey: "nonce", empty: "No sessions.")
        return .ok
    }

    private static func row(of session: JSONValue, _ user: JSONValue) -> JSONValue {
        let metadata = session["metadata"] ?? .null
        func time(_ name: String) -> JSONValue {
            metadata[name]?.integerValue.map { .string(Timestamp(seconds: $0).rfc3339()) } ?? .null
        }
        let names = metadata["apps"]?.objectValue?.map { $0.value["name"]?.stringValue ?? $0.key } ?? []
        return [
            "email": user["email"] ?? .null, "user_id": user["id"] ?? .null, "nonce": metadata["nonce"] ?? .null,
            "began": time("iat"), "ends": time("expires"), "apps": .array(names.map(JSONValue.string)),
        ]
    }

    static let revoke = Command.online(
        "revoke", summary: "End all sessions of a person in the account",
        arguments: [Positional("email", help: "Whose")]
    ) { session throws(ClientError) in try await ZeroTrustCommands.revokeUser(session) }
}
