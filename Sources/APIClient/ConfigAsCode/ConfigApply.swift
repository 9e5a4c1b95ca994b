import JSON
package import Primitives

/// Makes the changes of a plan, in an order in which each can be made, several accounts at a time.
package struct ConfigApply: Sendable {
    /// A secret that the server showed once.
    package struct Issued: Sendable {
        package let account: String
        package let name: String
        package let clientID: String
        package let secret: Secret<String>
    }

    package struct Failure: Sendable {
        package let title: String
        package let error: ClientError
    }

    package struct Outcome: Sendable {
        package var made = 0
        package var failures: [Failure] = []
        package var issued: [Issued] = []
        /// Changes that were not tried because an earlier one of the same account failed.
        package var skipped = 0

        mutating func add(_ other: Outcome) {
            made += other.made
            failures += other.failures
            issued += other.issued
            skipped += other.skipped
        }
    }

    let client: Client
    let secret: @Sendable (String) -> String?
    let width: Int
    let onChange: @Sendable () -> Void

    /// - Parameters:
    ///   - secret: the value of an environment variable.
    ///   - width: accounts changed at the same time.
    ///   - onChange: called after each change, for progress.
    package init(
        client: Client, width: Int = 8, secret: @escaping @Sendable (String) -> String?,
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.client = client
        self.width = width
        self.secret = secret
        self.onChange = onChange
    }

    /// Goes on after a failure wherever something else can still be done; every failure is in the outcome. Running the
    /// plan made afterwards does what is left.
    package func run(_ plan: ConfigPlan, document: ConfigDocument, live: LiveOrganization?) async -> Outcome {
        var outcome = Outcome()
        var organization = live?.id ?? ""
        for change in plan.changes where change.subject == .organization {
            await record(change, &outcome) { () async throws(ClientError) in
                organization = try await applyOrganization(change, live)
            }
        }
        guard !organization.isEmpty else {
            outcome.skipped += plan.changes.count - outcome.failures.count
            return outcome
        }
        var works: [AccountWork] = []
        let created = await prepareAccounts(plan, document, live, organization)
        for (work, accountOutcome) in created {
            outcome.add(accountOutcome)
            works.append(work)
        }
        works = await phase(works, &outcome) { work, outcome in await applyFoundation(&work, &outcome) }
        for change in plan.changes where change.subject == .primary {
            await record(change, &outcome) { () async throws(ClientError) in
                try await applyPrimary(change, organization, works)
            }
        }
        let outer = Self.accountNames(works)
        works = await phase(works, &outcome) { work, outcome in
            await refreshConnections(&work)
            work.names = work.names.extended(by: outer)
            await applyResources(&work, &outcome)
        }
        _ = await phase(works, &outcome) { work, outcome in await prune(&work, &outcome) }
        return outcome
    }

    static func accountNames(_ works: [AccountWork]) -> NameTable {
        var table = NameTable()
        for work in works { table.add(.account, key: work.key, identifier: work.id) }
        return table
    }

    private func phase(
        _ works: [AccountWork], _ outcome: inout Outcome,
        _ body: @escaping @Sendable (inout AccountWork, inout Outcome) async -> Void
    ) async -> [AccountWork] {
        let results = await inParallel(works, width: width) { work in
            var work = work
            var outcome = Outcome()
            if !work.isBroken { await body(&work, &outcome) }
            return (work, outcome)
        }
        for (_, part) in results { outcome.add(part) }
        return results.map(\.0)
    }

    /// Runs one change and notes how it went.
    func record(
        _ change: ConfigChange, _ outcome: inout Outcome, _ body: () async throws(ClientError) -> Void
    ) async {
        do throws(ClientError) {
            try await body()
            outcome.made += 1
        } catch {
            outcome.failures.append(Failure(title: change.title, error: error))
        }
        onChange()
    }

    // MARK: Organization and primary

    private func applyOrganization(
        _ change: ConfigChange, _ live: LiveOrganization?
    ) async throws(ClientError) -> String {
        guard let live else {
            return try await client.post(APIPath("organizations"), change.document).result["id"]?.stringValue ?? ""
        }
        var body: JSONObject = ["name": live.body["name"] ?? ""]
        body["profile"] = live.body["profile"]
        _ = try await client.put(
            APIPath("organizations", live.id), JSONValue.object(body).merged(with: change.document))
        return live.id
    }

    private func applyPrimary(
        _ change: ConfigChange, _ organization: String, _ works: [AccountWork]
    ) async throws(ClientError) {
        let path = APIPath("organizations", organization, "primary_idp")
        if change.action == .delete {
            _ = try await client.delete(path)
            return
        }
        let wanted = change.document
        let names = Self.accountNames(works)
        var body = JSONObject()
        body["mode"] = wanted["mode"]
        body["break_glass_emails"] = wanted["break_glass_emails"]
        if let exempt = wanted["exempt_accounts"]?.arrayValue {
            var identifiers: [JSONValue] = []
            for key in exempt.compactMap(\.stringValue) {
                identifiers.append(.string(try Self.identifier(.account, key, names, "the primary identity provider")))
            }
            body["exempt_account_ids"] = .array(identifiers)
        }
        let settingsOnly: Set<String> = ["mode", "exempt_accounts", "break_glass_emails"]
        let roots = change.differences.map { String($0.path.prefix { $0 != "[" && $0 != "." }) }
        if change.action == .update, roots.allSatisfy(settingsOnly.contains) {
            _ = try await client.patch(path, .object(body))
            return
        }
        let account = wanted["account"]?.stringValue ?? ""
        let accountID = try Self.identifier(.account, account, names, "the primary identity provider")
        let work = works.first { $0.id == accountID }
        body["account_id"] = .string(accountID)
        body["idp_id"] = .string(
            try Self.identifier(
                .identityProvider, wanted["identity_provider"]?.stringValue ?? "", work?.names ?? NameTable(),
                "the primary identity provider"))
        _ = try await client.post(path, .object(body))
    }

    static func identifier(
        _ kind: ReferenceKind, _ key: String, _ names: NameTable, _ title: String
    ) throws(ClientError) -> String {
        guard let identifier = names.identifier(kind, of: key) else {
            throw .invalidInput("\(title) names the \(kind.title) \"\(key)\", which does not exist")
        }
        return identifier
    }
}
