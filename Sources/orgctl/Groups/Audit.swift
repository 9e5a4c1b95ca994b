import APIClient
import CommandLine
import JSON
import Primitives

/// `orgctl audit`.
enum AuditCommands {
    static let group = Command(
        "audit", summary: "The audit log of an account or an organization",
        examples: [
            .init("orgctl audit list --account EMEA --since 24h", "What happened in a day"),
            .init("orgctl audit verify --org Acme", "Check the hash chain"),
        ],
        subcommands: [list, history, categories, verify])

    /// Filters of the log, each also with `--not-…`.
    private static let filters: [(flag: String, parameter: String, help: String)] = [
        ("actor-email", "actor_email", "By whom"), ("actor-type", "actor_type", "user, account, system"),
        ("actor-ip", "actor_ip_address", "From where"), ("actor-token", "actor_token_name", "With which token"),
        ("context", "actor_context", "api_token, api, dash, oauth"),
        ("action", "action_type", "create, update, delete, view"), ("result", "action_result", "success or failure"),
        ("resource-type", "resource_type", "Of which kind"), ("resource-id", "resource_id", "Of which resource"),
        ("product", "resource_product", "Of which product"), ("scope", "resource_scope", "accounts or organizations"),
        ("ray", "raw_cf_ray_id", "Of which request"), ("method", "raw_method", "HTTP method"),
        ("status", "raw_status_code", "HTTP status"), ("uri", "raw_uri", "Path"),
    ]

    private static let range: [Option] = [
        .value(
            "since", placeholder: "TIME", default: "24h", help: "From then: a time, a date, or a duration back from now"
        ),
        .value("before", placeholder: "TIME", defaultText: "now", help: "Until then, likewise"),
        .value("limit", placeholder: "N", default: "100", help: "At most so many", rule: .integer(1...1_000_000)),
    ]

    /// An RFC 3339 time; a duration counts back from now.
    static func time(_ text: String) -> String {
        guard let duration = DurationText(text) else { return text }
        return (SystemClock().now - duration.duration).rfc3339(.microseconds)
    }

    private static func query(_ session: Session) -> APIQuery {
        var query = APIQuery()
        query.add("since", time(session.values.string("since")))
        query.add("before", session.values.stringIfGiven("before").map(time) ?? time("0s"))
        return query
    }

    /// An account's log, or with `--org` alone that of the organization.
    private static func path(_ session: Session) async throws(ClientError) -> APIPath {
        let place =
            session.values.source(of: "org") == .flag && session.values.source(of: "account") != .flag
            ? try await session.organization() : try await session.account()
        return place.path.appending("logs", "audit")
    }

    private static let columns: [Column] = [
        Column("TIME", "action.time", isElastic: false), Column("ACTION", "action.type"),
        Column("RESULT", "action.result"),
        Column("RESOURCE", "resource.type"), Column("RESOURCE ID", "resource.id"), Column("ACTOR", "actor.email"),
        Column("FROM", "actor.ip_address"), Column("ID", "id", isElastic: false),
    ]

    private static let list = Command.online(
        "list", summary: "List entries, the newest first",
        options: range
            + filters.flatMap { filter in
                [
                    Option.value(filter.flag, placeholder: "TEXT", help: filter.help + "", repeats: .each),
                    Option.value("not-" + filter.flag, placeholder: "TEXT", help: "All but these", repeats: .each),
                ]
            } + [
                .value("direction", help: "Which way", rule: .oneOf(["asc", "desc"])),
                .flag("include-accounts", help: "With --org: entries of its accounts too"),
            ]
    ) { session throws(ClientError) in
        var query = query(session)
        for filter in filters {
            for value in session.values.list(filter.flag) { query.add(filter.parameter, value) }
            for value in session.values.list("not-" + filter.flag) { query.add(filter.parameter + ".not", value) }
        }
        query.add("direction", session.values.stringIfGiven("direction"))
        if session.values.bool("include-accounts") { query.add("include_accounts", "true") }
        let rows = try await session.client.all(
            try await path(session), query, paging: .cursor, limit: session.values.int("limit"))
        session.print(list: rows, columns, empty: "No entries.")
        return .ok
    }

    private static let history = Command.online(
        "history", summary: "All entries about the same resource as an entry",
        arguments: [Positional("entry", help: "The id of an entry")],
        options: [.value("action-time", placeholder: "TIME", help: "The entry's time", isRequired: true)] + range
    ) { session throws(ClientError) in
        let query = query(session).adding("action_time", session.values.stringIfGiven("action-time"))
        let rows = try await session.client.all(
            try await path(session).appending(session.values.string("entry"), "history"), query, paging: .cursor,
            limit: session.values.int("limit"))
        session.print(list: rows, columns, empty: "No entries.")
        return .ok
    }

    private static let categories = Command.online(
        "categories", summary: "List product categories"
    ) { session throws(ClientError) in
        let path = try await session.account().path.appending("logs", "audit", "product_categories")
        session.print(
            list: try await session.client.all(path, paging: .single),
            [Column("VALUE", "value"), Column("LABEL", "label")], idKey: "value")
        return .ok
    }

    private static let verify = Command.online(
        "verify", summary: "Check the hash chain of an organization's log",
        discussion: "Status 1 means that a row was changed, removed or reordered; the first one is named."
    ) { session throws(ClientError) in
        let path = try await session.organization().path.appending("logs", "audit", "integrity")
        let result = try await session.client.get(path).result
        let broken = result["first_broken_id"]?.stringValue
        if session.format == .table {
            let rows = result["rows"]?.integerValue ?? 0
            session.terminal.print(
                broken.map { "The chain is broken at \(SafeText.oneLine($0)).\n" }
                    ?? "\(rows) rows, the chain is whole. Head: \(result["head_hash"]?.stringValue ?? "")\n")
        } else {
            session.print(result)
        }
        return broken == nil ? .ok : .failure
    }
}
