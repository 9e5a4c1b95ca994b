package import Domain
package import Primitives
package import SQLite

extension Policy: Stored {
    package static let columns: SQL = """
        policies.id, policies.name, policies.decision, policies.document, policies.application_id IS NULL,
        policies.created_at, policies.updated_at, policies.version
        """

    package init(_ row: borrowing Row) throws(SQLiteError) { try self.init(row, from: 0) }

    fileprivate init(_ row: borrowing Row, from start: Int) throws(SQLiteError) {
        guard let decision = PolicyDecision(rawValue: try row.text(start + 2)) else { throw row.malformed(start + 2) }
        self.init(
            id: try row.identifier(start), name: try row.text(start + 1), decision: decision,
            document: try row.json(start + 3), isReusable: try row.bool(start + 4),
            createdAt: try row.timestamp(start + 5), updatedAt: try row.timestamp(start + 6),
            version: try row.int(start + 7))
    }
}

extension CountedPolicy: Stored {
    package static let columns: SQL = """
        \(Policy.columns), (SELECT count(*) FROM application_policies WHERE policy_id = policies.id)
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(policy: try Policy(row), appCount: try row.int(8))
    }
}

extension AttachedPolicy: Stored {
    /// Of a join in which `application_policies` is called `link`.
    package static let columns: SQL = "link.application_id, link.precedence, \(Policy.columns)"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            application: try row.identifier(0), precedence: try row.int(1), policy: try Policy(row, from: 2))
    }
}

extension Reading {
    package func reusablePolicy(_ id: PolicyID, in account: AccountID) throws(Failure) -> CountedPolicy? {
        try first(
            CountedPolicy.self,
            """
            SELECT \(CountedPolicy.columns) FROM policies WHERE id = ? AND account_id = ? AND application_id IS NULL
            """, id, account)
    }

    package func reusablePolicies(of account: AccountID, _ page: PageRequest) throws(Failure) -> Page<CountedPolicy> {
        let total = try count("SELECT count(*) FROM policies WHERE account_id = ? AND application_id IS NULL", account)
        let items = try all(
            CountedPolicy.self,
            """
            SELECT \(CountedPolicy.columns) FROM policies WHERE account_id = ? AND application_id IS NULL
             ORDER BY created_at, id LIMIT ? OFFSET ?
            """, account, page.perPage, page.offset)
        return Page(items: items, total: total)
    }

    /// All policies of one application by precedence.
    package func policies(of application: ApplicationID) throws(Failure) -> [AttachedPolicy] {
        try all(AttachedPolicy.self, PolicyQueries.ofApplication, application)
    }

    /// What an application's policies are, without reading them: their ids and whether they are its own.
    package func policyLinks(of application: ApplicationID) throws(Failure) -> [PolicyLink] {
        try all(
            PolicyLink.self,
            """
            SELECT link.policy_id, link.precedence, policies.application_id IS NULL
              FROM application_policies AS link JOIN policies ON policies.id = link.policy_id
             WHERE link.application_id = ? ORDER BY link.precedence
            """, application)
    }

    package func attachedPolicy(
        _ id: PolicyID, of application: ApplicationID
    ) throws(Failure) -> AttachedPolicy? {
        try first(
            AttachedPolicy.self,
            """
            SELECT \(AttachedPolicy.columns)
              FROM application_policies AS link JOIN policies ON policies.id = link.policy_id
             WHERE link.application_id = ? AND link.policy_id = ?
            """, application, id)
    }

    /// Whether an account has `limit` policies or more, inline ones included.
    package func hasPolicies(_ limit: Int, in account: AccountID) throws(Failure) -> Bool {
        try exists(
            "SELECT 1 FROM policies WHERE account_id = ? ORDER BY created_at, id LIMIT 1 OFFSET ?", account, limit - 1)
    }
}

/// A policy of an application by id only.
package struct PolicyLink: Sendable, Equatable, Stored {
    package let id: PolicyID
    package let precedence: Int
    package let isReusable: Bool

    package static let columns: SQL = "policy_id, precedence, is_reusable"

    package init(id: PolicyID, precedence: Int, isReusable: Bool) {
        self.id = id
        self.precedence = precedence
        self.isReusable = isReusable
    }

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(id: try row.identifier(0), precedence: try row.int(1), isReusable: try row.bool(2))
    }
}

private enum PolicyQueries {
    static let ofApplication: SQL = """
        SELECT \(AttachedPolicy.columns)
          FROM application_policies AS link CROSS JOIN policies ON policies.id = link.policy_id
         WHERE link.application_id = ? ORDER BY link.precedence
        """
}

extension WriteTransaction {
    /// - Parameter application: the application that the policy belongs to, or `nil` for a reusable one.
    package func insertPolicy(
        _ id: PolicyID, _ draft: PolicyDraft, ownedBy application: ApplicationID?, in account: AccountID,
        at now: Timestamp
    ) throws(Failure) {
        try execute(
            """
            INSERT INTO policies (id, account_id, application_id, name, decision, document, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            id, account, application, draft.name, draft.decision.rawValue, draft.document, now, now)
        try setReferences(draft.references, of: id, .policy, in: account)
    }

    package func updatePolicy(
        _ id: PolicyID, _ draft: PolicyDraft, in account: AccountID, at now: Timestamp
    ) throws(Failure) {
        try execute(
            """
            UPDATE policies SET name = ?, decision = ?, document = ?, updated_at = ?, version = version + 1 WHERE id = ?
            """,
            draft.name, draft.decision.rawValue, draft.document, now, id)
        try setReferences(draft.references, of: id, .policy, in: account)
        try touchApplications(using: id, at: now)
    }

    package func deletePolicy(_ id: PolicyID) throws(Failure) {
        try execute("DELETE FROM rule_references WHERE owner_id = ?", id)
        try execute("DELETE FROM policies WHERE id = ?", id)
    }

    package func setPolicies(_ links: [PolicyLink], of application: ApplicationID) throws(Failure) {
        try execute("DELETE FROM application_policies WHERE application_id = ?", application)
        for link in links {
            try execute(
                "INSERT INTO application_policies (application_id, policy_id, precedence) VALUES (?, ?, ?)",
                application,
                link.id, link.precedence)
        }
    }

    /// An application shows its policies in full, so its version counts their changes.
    private func touchApplications(using policy: PolicyID, at now: Timestamp) throws(Failure) {
        try execute(
            """
            UPDATE applications SET updated_at = ?, version = version + 1
             WHERE id IN (SELECT application_id FROM application_policies WHERE policy_id = ?)
            """, now, policy)
    }
}
