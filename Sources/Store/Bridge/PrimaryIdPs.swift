package import Domain
package import Primitives
package import SQLite

/// A designation without the lists that belong to it.
private struct PrimaryRow: Stored {
    static let columns: SQL = """
        organization_id, account_id, idp_id, grant_id, share_id, recipient_id, mode, created_at, updated_at, version
        """

    let organization: OrganizationID
    let account: AccountID
    let identityProvider: IdentityProviderID
    let grant: GrantID
    let share: ShareID
    let recipient: ShareRecipientID
    let mode: PrimaryMode
    let createdAt, updatedAt: Timestamp
    let version: Int

    init(_ row: borrowing Row) throws(SQLiteError) {
        guard let mode = PrimaryMode(rawValue: try row.text(6)) else { throw row.malformed(6) }
        organization = try row.identifier(0)
        account = try row.identifier(1)
        identityProvider = try row.identifier(2)
        grant = try row.identifier(3)
        share = try row.identifier(4)
        recipient = try row.identifier(5)
        self.mode = mode
        createdAt = try row.timestamp(7)
        updatedAt = try row.timestamp(8)
        version = try row.int(9)
    }
}

extension GovernedAccount: Stored {
    /// One row for each account of an organization's tree that a designation governs, the nearest one upwards.
    package static let columns: SQL = """
        a.id, a.name, p.organization_id, p.mode,
        CASE WHEN a.id = p.account_id THEN 'source'
             WHEN EXISTS (SELECT 1 FROM primary_idp_exemptions e
                           WHERE e.organization_id = p.organization_id AND e.account_id = a.id) THEN 'exempt'
             WHEN c.id IS NOT NULL THEN 'bridged' ELSE 'missing' END,
        p.grant_id, p.account_id, p.idp_id, c.id,
        EXISTS (SELECT 1 FROM zero_trust_organizations z WHERE z.account_id = a.id)
        """
    static let tables: SQL = """
        accounts a
          JOIN primary_idps p ON p.organization_id = (
               SELECT x.ancestor_id FROM organization_ancestors x
                 JOIN primary_idps q ON q.organization_id = x.ancestor_id
                WHERE x.organization_id = a.organization_id ORDER BY x.distance LIMIT 1)
          LEFT JOIN connections c ON c.grant_id = p.grant_id AND c.account_id = a.id
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let mode = PrimaryMode(rawValue: try row.text(3)) else { throw row.malformed(3) }
        guard let status = BridgeStatus(rawValue: try row.text(4)) else { throw row.malformed(4) }
        self.init(
            account: try row.identifier(0), name: try row.text(1), organization: try row.identifier(2), mode: mode,
            status: status, grant: try row.identifier(5), sourceAccount: try row.identifier(6),
            sourceIdentityProvider: try row.identifier(7), connection: try row.optionalIdentifier(8),
            hasZeroTrust: try row.bool(9))
    }
}

extension Reading {
    package func primaryIdP(of organization: OrganizationID) throws(Failure) -> PrimaryIdP? {
        try primary(where: "organization_id = ?", organization)
    }

    /// Every designation of an identity provider of this account.
    package func primaryIdPs(hostedBy account: AccountID) throws(Failure) -> [OrganizationID] {
        try values("SELECT organization_id FROM primary_idps WHERE account_id = ?", account) {
            (row) throws(SQLiteError) in
            try row.identifier(0)
        }
    }

    private func primary<B: Bindable>(where condition: SQL, _ binding: B) throws(Failure) -> PrimaryIdP? {
        guard
            let row = try first(
                PrimaryRow.self, "SELECT \(PrimaryRow.columns) FROM primary_idps WHERE \(condition)", binding)
        else { return nil }
        let exempt = try values(
            """
            SELECT e.account_id FROM primary_idp_exemptions e JOIN accounts a ON a.id = e.account_id
              JOIN organization_ancestors x ON x.organization_id = a.organization_id AND x.ancestor_id = e.organization_id
             WHERE e.organization_id = ? ORDER BY e.account_id
            """, row.organization
        ) { (row) throws(SQLiteError) in try row.identifier(0) as AccountID }
        let breakGlass = try values(
            "SELECT email FROM primary_idp_break_glass WHERE organization_id = ? ORDER BY position", row.organization
        ) { (row) throws(SQLiteError) in try row.text(0) }
        return PrimaryIdP(
            organization: row.organization, account: row.account, identityProvider: row.identityProvider,
            grant: row.grant, share: row.share, recipient: row.recipient, mode: row.mode, exempt: exempt,
            breakGlass: breakGlass, createdAt: row.createdAt, updatedAt: row.updatedAt, version: row.version)
    }

    /// The account under the designation that governs it, or `nil` where none does.
    package func governed(_ account: AccountID) throws(Failure) -> GovernedAccount? {
        try first(
            GovernedAccount.self,
            "SELECT \(GovernedAccount.columns) FROM \(GovernedAccount.tables) WHERE a.id = ?", account)
    }

    /// Every governed account in the tree of an organization, by name.
    package func governedAccounts(below organization: OrganizationID) throws(Failure) -> [GovernedAccount] {
        try all(
            GovernedAccount.self,
            """
            SELECT \(GovernedAccount.columns) FROM \(GovernedAccount.tables)
             WHERE a.organization_id IN (SELECT t.organization_id FROM organization_ancestors t WHERE t.ancestor_id = ?)
             ORDER BY a.name, a.id
            """, organization)
    }

    /// How many accounts a designation governs in all, and how many of them use its identity provider: over their connection,
    /// or as its source.
    package func bridgeCounts(of organization: OrganizationID) throws(Failure) -> (total: Int, bridged: Int) {
        let accounts = try governedAccounts(below: organization).filter { $0.organization == organization }
        return (accounts.count, accounts.count { $0.status == .bridged || $0.status == .source })
    }

    /// Whether an active administrator of the organization came in through the identity provider since `start`.
    package func administratorCameIn(
        through provider: IdentityProviderID, to organization: OrganizationID, since start: Timestamp
    ) throws(Failure) -> Bool {
        try exists(
            """
            SELECT 1 FROM organization_ancestors x
              JOIN organization_members m ON m.organization_id = x.ancestor_id AND m.role = 'super_administrator'
                                          AND m.status = 'active'
              JOIN users u ON u.id = m.user_id
              JOIN idp_logins l ON l.email = lower(u.email) AND l.idp_id = ?2 AND l.at >= ?3
             WHERE x.organization_id = ?1 LIMIT 1
            """, organization, provider, start)
    }
}

extension WriteTransaction {
    /// Stores a designation, in place of the one before it.
    package func store(_ primary: PrimaryIdP) throws(Failure) {
        touches(.identity)
        try execute(
            """
            INSERT INTO primary_idps (organization_id, account_id, idp_id, grant_id, share_id, recipient_id, mode,
                                      created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (organization_id) DO UPDATE
               SET account_id = excluded.account_id, idp_id = excluded.idp_id, grant_id = excluded.grant_id,
                   share_id = excluded.share_id, recipient_id = excluded.recipient_id, mode = excluded.mode,
                   updated_at = excluded.updated_at, version = version + 1
            """,
            primary.organization, primary.account, primary.identityProvider, primary.grant, primary.share,
            primary.recipient, primary.mode.rawValue, primary.createdAt, primary.updatedAt)
        // The exemption of an account that is elsewhere for now stays, see `forgetDepartedExemptions`.
        try execute(
            """
            DELETE FROM primary_idp_exemptions WHERE organization_id = ?1 AND account_id IN (
                SELECT a.id FROM accounts a JOIN organization_ancestors x ON x.organization_id = a.organization_id
                 WHERE x.ancestor_id = ?1)
            """, primary.organization)
        for account in primary.exempt {
            try execute("INSERT OR IGNORE INTO primary_idp_exemptions VALUES (?, ?)", primary.organization, account)
        }
        try execute("DELETE FROM primary_idp_break_glass WHERE organization_id = ?", primary.organization)
        for (position, email) in primary.breakGlass.enumerated() {
            try execute("INSERT INTO primary_idp_break_glass VALUES (?, ?, ?)", primary.organization, email, position)
        }
    }

    package func deletePrimary(of organization: OrganizationID) throws(Failure) {
        touches(.identity)
        try execute("DELETE FROM primary_idps WHERE organization_id = ?", organization)
    }

    /// Follows a grant that moved to another share, with a copy of the recipient that carried the designation.
    package func moveDesignation(
        of grant: GrantID, from recipient: ShareRecipientID, to copy: ShareRecipientID, of share: ShareID,
        at now: Timestamp
    ) throws(Failure) {
        touches(.identity)
        try execute(
            """
            UPDATE primary_idps SET share_id = ?, recipient_id = ?, updated_at = ?, version = version + 1
             WHERE recipient_id = ? AND grant_id = ?
            """, share, copy, now, recipient, grant)
    }

    /// Leaves an account out of a designation that it would otherwise be reached by.
    package func exempt(_ account: AccountID, from organization: OrganizationID, at now: Timestamp) throws(Failure) {
        touches(.identity)
        try execute("INSERT OR IGNORE INTO primary_idp_exemptions VALUES (?, ?)", organization, account)
        try execute(
            "UPDATE primary_idps SET updated_at = ?, version = version + 1 WHERE organization_id = ?", now, organization
        )
    }

    /// An account that leaves keeps its exemption for the day it returns, as its recipients revive then (contract 30 §4).
    /// Whoever states the whole list anew states it for accounts that are elsewhere, too.
    ///
    /// - Returns: how many were forgotten.
    package func forgetDepartedExemptions(of organization: OrganizationID) throws(Failure) -> Int {
        try execute(
            """
            DELETE FROM primary_idp_exemptions WHERE organization_id = ?1 AND account_id NOT IN (
                SELECT a.id FROM accounts a JOIN organization_ancestors x ON x.organization_id = a.organization_id
                 WHERE x.ancestor_id = ?1)
            """, organization)
    }
}
