import APIClient
import CommandLine
import JSON

/// `orgctl bridge status`: coverage and drift, and with `--fix` what puts it right.
enum BridgeStatusCommand {
    static let command = Command.online(
        "status", summary: "Coverage and drift of an organization, or of one account with --account",
        discussion: """
            Every account with its state, and every setting that lets people in past the primary identity provider. \
            With --fix the requests that put these right are shown, and made after a yes.
            """,
        options: [
            .value(
                "status", placeholder: "STATE", help: "Only accounts in that state",
                rule: .oneOf(["bridged", "source", "exempt", "missing"])),
            .flag("drift", help: "Only accounts with drift"),
            .flag("fix", help: "Put right what can be"),
            .value("kind", placeholder: "KIND", help: "Only drift of this kind", repeats: .each),
        ]
    ) { session throws(ClientError) in
        try await run(session)
    }

    private static func run(_ session: Session) async throws(ClientError) -> ExitCode {
        let coverage = try await read(session)
        let kinds = Set(session.values.list("kind"))
        let drift = coverage.accounts.flatMap { account in
            account.drift.filter { kinds.isEmpty || kinds.contains($0.kind) }.map { (account: account, drift: $0) }
        }
        if session.values.bool("fix") { return try await fix(drift, session) }
        print(coverage, drift, session)
        return .ok
    }

    private static func read(_ session: Session) async throws(ClientError) -> Coverage {
        var query = APIQuery().adding("status", session.values.stringIfGiven("status"))
        if session.values.bool("drift") { query.add("drift", "true") }
        if session.values.source(of: "account") == .flag {
            let result = try await session.client.get(
                try await session.account().path.appending("access", "idp_coverage"), query
            ).result
            let rows = result["accounts"]?.arrayValue ?? (result["account_id"] == nil ? [] : [result])
            return Coverage(summary: result["summary"] ?? .null, accounts: rows)
        }
        return try await session.client.coverage(of: try await session.organizationID(), query)
    }

    // MARK: Printing

    private static func print(
        _ coverage: Coverage, _ drift: [(account: Coverage.Account, drift: Coverage.Drift)], _ session: Session
    ) {
        let rows = coverage.accounts.map { account -> JSONValue in
            [
                "id": .string(account.id), "name": .string(account.name), "status": .string(account.status),
                "drift": .integer(account.drift.count), "last_login": account.lastLogin.map { .string($0) } ?? .null,
                "details": .array(
                    account.drift.map { item in
                        [
                            "kind": .string(item.kind), "subject": .string(item.subject),
                            "fixable": .bool(item.fix != nil),
                        ]
                    }),
            ]
        }
        if session.format == .json {
            let value: JSONValue = ["summary": coverage.summary, "accounts": .array(rows)]
            session.terminal.print(value.pretty() + "\n")
            return
        }
        session.print(
            list: rows,
            [
                Column("ACCOUNT", "name"), Column("STATE", "status"), Column("DRIFT", "drift", isNumber: true),
                Column("LAST LOGIN", "last_login"), .id,
            ], empty: "No accounts.")
        guard session.format == .table, !session.isQuiet else { return }
        if !drift.isEmpty {
            session.terminal.print("\n")
            session.print(
                list: drift.map { item in
                    [
                        "account": .string(item.account.name), "kind": .string(item.drift.kind),
                        "subject": .string(item.drift.subject),
                        "fix": .string(item.drift.fix.map { "\($0.method) \($0.path)" } ?? "by hand"),
                    ]
                },
                [
                    Column("ACCOUNT", "account"), Column("DRIFT", "kind", isElastic: false), Column("AT", "subject"),
                    Column("FIX", "fix"),
                ])
        }
        session.terminal.print("\n" + sentence(coverage.summary) + "\n")
    }

    /// `40 accounts: 38 bridged, 1 source, 1 exempt, 0 missing; 3 with drift`.
    private static func sentence(_ summary: JSONValue) -> String {
        func number(_ key: String) -> String { summary[key]?.integerValue.map(String.init) ?? "0" }
        return "\(number("accounts")) accounts: \(number("bridged")) bridged, \(number("source")) source, "
            + "\(number("exempt")) exempt, \(number("missing")) missing; \(number("with_drift")) with drift"
    }

    // MARK: Fixing

    private static func fix(
        _ drift: [(account: Coverage.Account, drift: Coverage.Drift)], _ session: Session
    ) async throws(ClientError) -> ExitCode {
        let fixable = drift.compactMap { item in item.drift.fix.map { (title: title(of: item), fix: $0) } }
        for item in drift where item.drift.fix == nil { session.note("by hand: \(title(of: item))") }
        guard !fixable.isEmpty else {
            session.note(drift.isEmpty ? "No drift." : "Nothing that can be fixed from here.")
            return .ok
        }
        for item in fixable {
            session.terminal.print(SafeText.oneLine(item.title) + "\n")
            session.terminal.print(SafeText.oneLine("    \(item.fix.method) \(item.fix.path)") + "\n")
            for change in try await session.client.changes(by: item.fix) {
                session.terminal.print(SafeText.oneLine("      \(change.line)") + "\n")
            }
        }
        try session.confirm("Make \(fixable.count == 1 ? "this change" : "these \(fixable.count) changes")?")
        var failed = 0
        for item in fixable {
            do throws(ClientError) {
                session.notes(of: try await session.client.perform(item.fix))
            } catch {
                failed += 1
                for line in Failures.lines(of: error) {
                    session.terminal.printError(SafeText.oneLine("\(item.title): \(line)") + "\n")
                }
            }
        }
        session.note("\(fixable.count - failed) fixed, \(failed) failed.")
        return failed == 0 ? .ok : .failure
    }

    private static func title(of item: (account: Coverage.Account, drift: Coverage.Drift)) -> String {
        "\(item.account.name): \(item.drift.kind)" + (item.drift.subject.isEmpty ? "" : " at \(item.drift.subject)")
    }
}
