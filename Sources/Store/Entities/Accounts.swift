package import Domain
package import Primitives
package import SQLite

extension Account: Stored {
    package static let columns: SQL = """
        a.id, a.name, a.type, a.abuse_contact_email, a.enforce_twofactor, a.organization_id, o.name, a.created_at,
        a.updated_at, a.version
        """

    static let source: SQL = "accounts a LEFT JOIN organizations o ON o.id = a.organization_id"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        try self.init(row, from: 0)
    }

    /// - Parameter first: the number of the first of ``columns`` in the row.
    init(_ row: borrowing Row, from first: Int) throws(SQLiteError) {
        guard let kind = Kind(rawValue: try row.text(first + 2)) else { throw row.malformed(first + 2) }
        let ownerID: OrganizationID? = try row.optionalIdentifier(first + 5)
        self.init(
            id: try row.identifier(first), name: try row.text(first + 1), kind: kind,
            settings: Settings(
                abuseContactEmail: row.optionalText(first + 3), enforcesTwoFactor: try row.bool(first + 4)),
            owner: ownerID.map { Owner(id: $0, name: row.optionalText(first + 6) ?? "") },
            createdAt: try row.timestamp(first + 7), updatedAt: try row.timestamp(first + 8),
            version: try row.int(first + 9))
    }
}

extension Reading {
    package func account(_ id: AccountID) throws(Failure) -> Account? {
        try first(Account.self, "SELECT \(Account.columns) FROM \(Account.source) WHERE a.id = ?", id)
    }

    /// Accounts in which one of the reaches holds, by creation.
    ///
    /// - Parameter part: part of the name in any case, or `nil`.
    package func accounts(
        within reaches: [Reach], named part: String?, isDescending: Bool, _ page: PageRequest
    ) throws(Failure) -> Page<Account> {
        let shown = Condition.all(
            of: [reaches.accounts(id: "a.id", organization: "a.organization_id")]
                + NameFilter(part: part).conditions(on: "a.name"))
        let total = try count("SELECT count(*) FROM accounts a WHERE \(shown.sql)", bindings: shown.bindings)
        let order: SQL = isDescending ? "a.created_at DESC, a.id DESC" : "a.created_at, a.id"
        let items = try all(
            Account.self,
            "SELECT \(Account.columns) FROM \(Account.source) WHERE \(shown.sql) ORDER BY \(order) LIMIT ? OFFSET ?",
            bindings: shown.bindings + [page.perPage, page.offset])
        return Page(items: items, total: total)
    }

    /// The names of several accounts.
    package func accountNames(_ ids: [AccountID]) throws(Failure) -> [AccountID: String] {
        guard !ids.isEmpty else { return [:] }
        let rows = try values(
            "SELECT id, name FROM accounts WHERE id IN (\(SQL.placeholders(ids.count)))", bindings: ids
        ) { (row) throws(SQLiteError) in (id: try row.identifier(0) as AccountID, name: try row.text(1)) }
        return Dictionary(rows.map { ($0.id, $0.name) }) { first, _ in first }
    }

    /// Accounts of an organization and of those below it, by name, as far as one of the reaches holds.
    package func accounts(
        below organization: OrganizationID, within reaches: [Reach], _ name: NameFilter, isDescending: Bool,
        after: NamePosition?, limit: Int
    ) throws(Failure) -> Page<Account> {
        let inside = Condition(
            sql: "a.organization_id IN (SELECT organization_id FROM organization_ancestors WHERE ancestor_id = ?)",
            bindings: [organization])
        let shown = Condition.all(
            of: [inside, reaches.accounts(id: "a.id", organization: "a.organization_id")]
                + name.conditions(on: "a.name"))
        let total = try count("SELECT count(*) FROM accounts a WHERE \(shown.sql)", bindings: shown.bindings)
        var rest = [shown]
        if let after {
            let beyond: SQL = isDescending ? "(a.name, a.id) < (?, ?)" : "(a.name, a.id) > (?, ?)"
            rest.append(Condition(sql: beyond, bindings: [after.name, after.id]))
        }
        let condition = Condition.all(of: rest)
        let order: SQL = isDescending ? "a.name DESC, a.id DESC" : "a.name, a.id"
        let items = try all(
            Account.self,
            "SELECT \(Account.columns) FROM \(Account.source) WHERE \(condition.sql) ORDER BY \(order) LIMIT ?",
            bindings: condition.bindings + [limit])
        return Page(items: items, total: total)
    }
}

extension WriteTransaction {
    package func insert(_ account: Account) throws(Failure) {
        try execute(
            """
            INSERT INTO accounts (id, organization_id, name, type, abuse_contact_email, enforce_twofactor, created_at,
                                  updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            account.id, account.owner?.id, account.name, account.kind.rawValue, account.settings.abuseContactEmail,
            account.settings.enforcesTwoFactor, account.createdAt, account.updatedAt)
    }

    /// Writes what a client may change, place apart.
    package func update(_ account: Account) throws(Failure) {
        try execute(
            """
            UPDATE accounts
               SET name = ?, type = ?, abuse_contact_email = ?, enforce_twofactor = ?, updated_at = ?,
                   version = version + 1
             WHERE id = ?
            """,
            account.name, account.kind.rawValue, account.settings.abuseContactEmail, account.settings.enforcesTwoFactor,
            account.updatedAt, account.id)
    }

    package func place(_ account: AccountID, in organization: OrganizationID?, at now: Timestamp) throws(Failure) {
        try execute(
            "UPDATE accounts SET organization_id = ?, updated_at = ?, version = version + 1 WHERE id = ?", organization,
            now, account)
    }

    /// Removes an account with everything in it.
    package func deleteAccount(_ id: AccountID) throws(Failure) {
        try execute("DELETE FROM accounts WHERE id = ?", id)
    }
}
