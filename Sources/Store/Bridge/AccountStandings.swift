package import Domain
import Primitives
import SQLite

/// How an account of a list stands to the primary IdP that governs it.
package struct AccountStanding: Sendable {
    package let status: BridgeStatus
    /// Drifts that were there at the last look.
    package let drifts: Int
}

extension Reading {
    /// The standing of several accounts; those that no designation governs are left out. Two statements.
    package func standings(of accounts: [AccountID]) throws(Failure) -> [AccountID: AccountStanding] {
        guard !accounts.isEmpty else { return [:] }
        let marks = SQL.placeholders(accounts.count)
        let governed = try all(
            GovernedAccount.self,
            "SELECT \(GovernedAccount.columns) FROM \(GovernedAccount.tables) WHERE a.id IN (\(marks))",
            bindings: accounts)
        let counted = try values(
            "SELECT account_id, count(*) FROM idp_drift WHERE account_id IN (\(marks)) GROUP BY account_id",
            bindings: accounts
        ) { (row) throws(SQLiteError) in (account: try row.identifier(0) as AccountID, count: try row.int(1)) }
        let drifts = Dictionary(counted.map { ($0.account, $0.count) }) { first, _ in first }
        return Dictionary(
            governed.map { ($0.account, AccountStanding(status: $0.status, drifts: drifts[$0.account] ?? 0)) }
        ) { first, _ in first }
    }

    /// Accounts of an organization and of those below it by name, as far as one of the reaches holds.
    ///
    /// - Parameter part: part of the name in any case, or `nil`.
    package func accounts(
        below organization: OrganizationID, within reaches: [Reach], named part: String?, _ page: PageRequest
    ) throws(Failure) -> Page<Account> {
        let shown = Condition.all(
            of: [
                Condition(
                    sql:
                        "a.organization_id IN (SELECT organization_id FROM organization_ancestors WHERE ancestor_id = ?)",
                    bindings: [organization]),
                reaches.accounts(id: "a.id", organization: "a.organization_id"),
            ] + NameFilter(part: part).conditions(on: "a.name"))
        let total = try count("SELECT count(*) FROM accounts a WHERE \(shown.sql)", bindings: shown.bindings)
        let items = try all(
            Account.self,
            "SELECT \(Account.columns) FROM \(Account.source) WHERE \(shown.sql) ORDER BY a.name, a.id LIMIT ? OFFSET ?",
            bindings: shown.bindings + [page.perPage, page.offset])
        return Page(items: items, total: total)
    }
}

extension Reading {
    /// Those of several accounts in which nobody may change anything from a console (contract 20 §3).
    package func consoleReadOnly(among accounts: [AccountID]) throws(Failure) -> Set<AccountID> {
        guard !accounts.isEmpty else { return [] }
        return Set(
            try values(
                """
                SELECT account_id FROM zero_trust_organizations
                 WHERE account_id IN (\(SQL.placeholders(accounts.count))) AND document ->> 'is_ui_read_only' = 1
                """, bindings: accounts
            ) { (row) throws(SQLiteError) in try row.identifier(0) })
    }
}

extension Reading {
    /// The organizations above several accounts, nearest first. One statement.
    package func organizationChains(of accounts: [AccountID]) throws(Failure) -> [AccountID: [OrganizationID]] {
        guard !accounts.isEmpty else { return [:] }
        let rows = try values(
            """
            SELECT a.id, x.ancestor_id FROM accounts a JOIN organization_ancestors x ON x.organization_id = a.organization_id
             WHERE a.id IN (\(SQL.placeholders(accounts.count))) ORDER BY a.id, x.distance
            """, bindings: accounts
        ) { (row) throws(SQLiteError) in
            (account: try row.identifier(0) as AccountID, organization: try row.identifier(1) as OrganizationID)
        }
        return Dictionary(grouping: rows, by: \.account).mapValues { $0.map(\.organization) }
    }
}
