import CommandLine

/// A small program with one of everything, shared by the tests.
enum Sample {
    static let output = Option.value(
        "output", short: "o", placeholder: "format", environment: "ORGCTL_OUTPUT", default: "table",
        help: "How results are printed.", rule: .oneOf(["table", "json", "csv"]))

    static let create = Command(
        "create", summary: "Create an account",
        discussion: """
            Creates one account below an organization.

            The account exists as soon as the command ends; a second call with the same name fails.
            """,
        arguments: [Positional("name", help: "Name of the account.")],
        options: [
            .value(
                "tag", short: "t", environment: "ORGCTL_TAGS", help: "A tag to attach.", rule: .nonEmpty, repeats: .each
            ),
            .value("limit", placeholder: "n", default: "10", help: "Seats.", rule: .integer(1...100)),
            .value("wait", placeholder: "duration", help: "How long to wait for the account.", rule: .duration),
            .value(
                "proxies", placeholder: "cidrs", default: "127.0.0.1/32, ::1/128", help: "Networks.",
                repeats: .commaSeparated),
            .flag("notify", negatable: true, environment: "ORGCTL_NOTIFY", default: true, help: "Send a mail."),
            .flag("yes", short: "y", help: "Do not ask."),
        ],
        examples: [.init("orgctl accounts create ops --tag eu", "An account with a tag")],
        run: { values in
            values.terminal.print(describe(values))
            return .ok
        })

    static let remove = Command(
        "delete", summary: "Delete accounts",
        arguments: [
            Positional(
                "account", help: "Name or id.", arity: .many(required: true),
                completion: .command("orgctl accounts list --names"))
        ],
        options: [
            .value(
                "token", environment: "ORGCTL_TOKEN", help: "API token.",
                rule: .check { $0.count < 4 ? "is too short" : nil },
                isRequired: true, isSecret: true),
            .value("from", placeholder: "file", help: "Read names from a file.", completion: .file),
        ],
        run: { values in
            values.terminal.print(values.list("account").joined(separator: "+") + " " + values.string("token"))
            return .difference
        })

    static let program = Program(
        Command(
            "orgctl", summary: "Manage organizations from the command line", options: [output],
            subcommands: [Command("accounts", summary: "Accounts of an organization", subcommands: [create, remove])]),
        version: "1.2.3")

    private static func describe(_ values: ParsedValues) -> String {
        """
        \(values.path.joined(separator: "/")) name=\(values.string("name")) output=\(values.string("output")) \
        tags=\(values.list("tag")) limit=\(values.int("limit")) wait=\(values.durationIfGiven("wait").map { "\($0)" } ?? "-") \
        proxies=\(values.list("proxies")) notify=\(values.bool("notify")) yes=\(values.bool("yes"))
        """
    }

    /// Runs the program and returns what it printed.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], width: Int? = nil
    ) async -> (status: Int32, output: String, error: String) {
        let transcript = Transcript()
        let status = await program.run(arguments, environment: environment, terminal: transcript.terminal(width: width))
        return (status.status, transcript.output, transcript.error)
    }
}
