import APIClient
import CommandLine
import JSON
import Primitives

/// `orgctl export`, `plan` and `apply`: an organization as a file.
enum ConfigCommands {
    private static let parallel = Option.value(
        "parallel", placeholder: "N", default: "8", help: "Accounts at the same time", rule: .integer(1...64))
    private static let file = Option.value(
        "file", short: "f", placeholder: "FILE", help: "The document, or - for standard input", isRequired: true,
        completion: .file)
    private static let prune = Option.flag(
        "prune", help: "Delete what the sections of the file leave out; never accounts")

    static let export = Command.online(
        "export", summary: "Write the configuration of an organization as JSON",
        discussion: """
            Resources are named instead of numbered and secrets are left out: a stored client secret appears as the name \
            of an environment variable that orgctl apply reads.
            """,
        options: [parallel], examples: [.init("orgctl export --org Acme > org.json", "To a file")]
    ) { session throws(ClientError) in
        let live = try await live(session, try await session.organizationID())
        session.terminal.print(try live.document().json.pretty() + "\n")
        return .ok
    }

    static let plan = Command.online(
        "plan", summary: "Compare a file with the server",
        discussion: "The status is 0 when there is nothing to do and 2 when there is.",
        options: [file, prune, parallel],
        examples: [.init("orgctl plan -f org.json", "What would change")]
    ) { session throws(ClientError) in
        let (_, _, plan) = try await compared(session)
        print(plan, session)
        return plan.isEmpty ? .ok : .difference
    }

    static let apply = Command.online(
        "apply", summary: "Make the server as a file says",
        discussion: """
            The plan is shown first. Secrets come from the environment variables that the file names, and existing ones \
            stay where a variable is not set. New service tokens are printed with their secrets, once.
            """,
        options: [file, prune, parallel], examples: [.init("orgctl apply -f org.json --yes", "In a script")]
    ) { session throws(ClientError) in
        let (document, live, plan) = try await compared(session)
        guard !plan.isEmpty else {
            print(plan, session)
            return .ok
        }
        if !session.isQuiet { print(plan, session) }
        let missing = plan.neededVariables.filter { Program.processEnvironment()[$0]?.isEmpty ?? true }
        guard missing.isEmpty else {
            throw .invalidInput(
                "new resources need secrets in environment variables: set \(missing.joined(separator: ", "))")
        }
        try session.confirm("Make \(plan.changes.count == 1 ? "this change" : "these \(plan.changes.count) changes")?")
        return await make(plan, document, live, session)
    }

    private static func make(
        _ plan: ConfigPlan, _ document: ConfigDocument, _ live: LiveOrganization?, _ session: Session
    ) async -> ExitCode {
        let bar = session.isQuiet ? nil : ProgressBar("apply", total: plan.changes.count, terminal: session.terminal)
        let environment = Program.processEnvironment()
        let apply = ConfigApply(
            client: session.client, width: session.values.int("parallel"), secret: { environment[$0] },
            onChange: { bar?.advance() })
        let outcome = await apply.run(plan, document: document, live: live)
        bar?.finish()
        for failure in outcome.failures {
            for line in Failures.lines(of: failure.error) {
                session.terminal.printError(SafeText.oneLine("\(failure.title): \(line)") + "\n")
            }
        }
        if !outcome.issued.isEmpty, session.isQuiet, session.format == .table {
            for issued in outcome.issued { session.terminal.print("\(issued.clientID) \(issued.secret.exposed())\n") }
        } else if !outcome.issued.isEmpty {
            session.print(
                list: outcome.issued.map { issued in
                    [
                        "account": .string(issued.account), "name": .string(issued.name),
                        "client_id": .string(issued.clientID), "client_secret": .string(issued.secret.exposed()),
                    ]
                },
                [
                    Column("ACCOUNT", "account"), .name, Column("CLIENT ID", "client_id", isElastic: false),
                    Column("CLIENT SECRET", "client_secret", isElastic: false),
                ], idKey: "client_id")
            session.note("Store these secrets now: they are not shown again.")
        }
        let skipped = outcome.skipped > 0 ? ", \(outcome.skipped) skipped" : ""
        session.note("\(outcome.made) made, \(outcome.failures.count) failed\(skipped).")
        guard let first = outcome.failures.first else { return .ok }
        return ExitCode(outcome.failures.count == 1 ? first.error.outcome.rawValue : ExitCode.failure.status)
    }

    /// The file, what the server has, and the difference.
    private static func compared(
        _ session: Session
    ) async throws(ClientError) -> (ConfigDocument, LiveOrganization?, ConfigPlan) {
        let path = session.values.string("file")
        let document: ConfigDocument
        do throws(ClientError) {
            document = try ConfigDocument(json: try Files.text(of: path))
        } catch .invalidInput(let reason) {
            throw .invalidInput("\(path): \(reason)")
        }
        let id: String? =
            if session.values.source(of: "org") != nil {
                try await session.organizationID()
            } else {
                try await named(document.name, session)
            }
        var present: LiveOrganization?
        if let id { present = try await live(session, id) }
        return (document, present, try ConfigPlan(document, live: present, prune: session.values.bool("prune")))
    }

    /// The organization that the file names, if there is one.
    private static func named(_ name: String, _ session: Session) async throws(ClientError) -> String? {
        let rows = try await session.client.all(
            APIPath("organizations"), ["name.contains": name], paging: .pageToken)
        guard rows.contains(where: { $0["name"]?.stringValue == name }) else { return nil }
        return try Client.select(.organization, named: name, among: rows)
    }

    private static func live(_ session: Session, _ id: String) async throws(ClientError) -> LiveOrganization {
        let progress = session.isQuiet || !session.terminal.errorIsTerminal ? nil : ReadingProgress(session.terminal)
        let live = try await session.client.liveOrganization(
            id, width: session.values.int("parallel"), onStart: { progress?.begin($0) },
            onAccount: { progress?.advance() })
        progress?.finish()
        return live
    }

    private static func print(_ plan: ConfigPlan, _ session: Session) {
        if session.format == .json {
            session.terminal.print(plan.json.pretty() + "\n")
            return
        }
        let text = plan.text { line, action in
            let style: Terminal.Style =
                switch action {
                case .create: .green
                case .update: .yellow
                case .delete: .red
                }
            return session.terminal.styled(SafeText.oneLine(line), style)
        }
        session.terminal.print(text)
    }
}
