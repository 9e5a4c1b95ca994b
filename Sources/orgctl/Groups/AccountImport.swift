import APIClient
import CommandLine
import JSON

/// `orgctl account import`: many accounts from a table, several at a time.
enum AccountImportCommand {
    static let command = Command.online(
        "import", summary: "Create accounts from a CSV file",
        discussion: """
            The file has a header line with the columns name and, if wanted, type, organization and team. Accounts that \
            exist are left as they are, so running it again after a failure does the rest. A row with a team also gets a \
            Zero Trust organization of that team name.

            Every row that fails is reported with its line, and the status is 1.
            """,
        arguments: [Positional("file", help: "The table, or - for standard input", completion: .file)],
        options: [
            .value(
                "parallel", placeholder: "N", default: "8", help: "Requests at the same time", rule: .integer(1...64)),
            .value(
                "access-domain", placeholder: "DOMAIN", environment: "ORGD_ACCESS_DOMAIN", default: "access.localhost",
                help: "The suffix of team names"),
            .flag("dry-run", help: "Say what would be created, create nothing"),
        ],
        examples: [.init("orgctl account import accounts.csv --org Acme --parallel 16", "Sixteen at a time")]
    ) { session throws(ClientError) in
        try await run(session)
    }

    private enum Result: Sendable {
        case created, existed
        case failed(ClientError)
    }

    private struct Job: Sendable {
        let entry: AccountImport.Entry
        let organization: String
        let existing: String?
    }

    private static func run(_ session: Session) async throws(ClientError) -> ExitCode {
        let path = session.values.string("file")
        let table = try AccountImport(try CSVReader(try Files.text(of: path)))
        let jobs = try await jobs(for: table.entries, session)
        if session.values.bool("dry-run") {
            for job in jobs where job.existing == nil {
                session.terminal.print(SafeText.oneLine("+ \(job.entry.name)") + "\n")
            }
            return report(
                session, path, table.mistakes, jobs, jobs.map { $0.existing == nil ? .created : .existed }, dry: true)
        }
        let bar = session.isQuiet ? nil : ProgressBar("import", total: jobs.count, terminal: session.terminal)
        let domain = session.values.string("access-domain")
        let results = await inParallel(jobs, width: session.values.int("parallel")) { job -> Result in
            defer { bar?.advance() }
            do throws(ClientError) {
                return try await provision(job, session.client, domain)
            } catch {
                return .failed(error)
            }
        }
        bar?.finish()
        return report(session, path, table.mistakes, jobs, results, dry: false)
    }

    /// Resolves organizations and finds the accounts that exist already, with one listing an organization.
    private static func jobs(
        for entries: [AccountImport.Entry], _ session: Session
    ) async throws(ClientError) -> [Job] {
        var identifiers: [String: String] = [:]
        var existing: [String: [String: String]] = [:]
        var jobs: [Job] = []
        for entry in entries {
            let key = entry.organization ?? ""
            if identifiers[key] == nil {
                let id =
                    if let name = entry.organization {
                        try await session.client.identifier(of: .organization, named: name, in: .root)
                    } else {
                        try await session.organizationID()
                    }
                identifiers[key] = id
                if existing[id] == nil {
                    let rows = try await session.client.all(
                        APIPath("organizations", id, "accounts"), paging: .pageToken)
                    var names: [String: String] = [:]
                    for row in rows where row["managed_by"]?["parent_org_id"]?.stringValue == id {
                        if let name = row["name"]?.stringValue { names[name] = row["id"]?.stringValue }
                    }
                    existing[id] = names
                }
            }
            let organization = identifiers[key] ?? ""
            jobs.append(Job(entry: entry, organization: organization, existing: existing[organization]?[entry.name]))
        }
        return jobs
    }

    private static func provision(_ job: Job, _ client: Client, _ domain: String) async throws(ClientError) -> Result {
        let id: String
        if let existing = job.existing {
            id = existing
        } else {
            let answer = try await client.post(APIPath("accounts"), job.entry.body(in: job.organization))
            id = answer.result["id"]?.stringValue ?? ""
        }
        guard let team = job.entry.team else { return job.existing == nil ? .created : .existed }
        let path = APIPath("accounts", id, "access", "organizations")
        do throws(ClientError) {
            _ = try await client.get(path)
        } catch {
            guard error.has(9999) else { throw error }
            _ = try await client.post(
                path, ["name": .string(job.entry.name), "auth_domain": .string("\(team).\(domain)")])
        }
        return job.existing == nil ? .created : .existed
    }

    private static func report(
        _ session: Session, _ path: String, _ mistakes: [AccountImport.Mistake], _ jobs: [Job], _ results: [Result],
        dry: Bool
    ) -> ExitCode {
        var failures = mistakes.map { (line: $0.line, reason: $0.reason) }
        var created = 0
        var existed = 0
        var worst = ExitCode.ok
        for (job, result) in zip(jobs, results) {
            switch result {
            case .created: created += 1
            case .existed: existed += 1
            case .failed(let error):
                let reason = Failures.lines(of: error).first ?? ""
                failures.append((job.entry.line, "\(job.entry.name): \(reason)"))
                worst = .failure
            }
        }
        failures.sort { $0.line < $1.line }
        for failure in failures {
            session.terminal.printError(SafeText.oneLine("\(path):\(failure.line): \(failure.reason)") + "\n")
        }
        session.note("\(created) \(dry ? "to create" : "created"), \(existed) existed, \(failures.count) failed")
        if worst == .ok, !mistakes.isEmpty { worst = .failure }
        return worst
    }
}
