package import Domain
package import Primitives
package import SQLite

extension ZeroTrustOrganization: Stored {
    package static let columns: SQL = "account_id, team, name, document, created_at, updated_at, version"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            account: try row.identifier(0), team: try row.text(1), name: try row.text(2), document: try row.json(3),
            createdAt: try row.timestamp(4), updatedAt: try row.timestamp(5), version: try row.int(6))
    }
}

/// Who has, or had until recently, a team name.
package enum TeamHolder: Sendable, Equatable {
    case account(AccountID)
    /// Given up by this account less than 30 days ago.
    case retired(AccountID)
}

extension Reading {
    package func zeroTrustOrganization(of account: AccountID) throws(Failure) -> ZeroTrustOrganization? {
        try first(
            ZeroTrustOrganization.self,
            "SELECT \(ZeroTrustOrganization.columns) FROM zero_trust_organizations WHERE account_id = ?", account)
    }

    package func holder(ofTeam team: String, at now: Timestamp) throws(Failure) -> TeamHolder? {
        let holder = try value("SELECT account_id FROM zero_trust_organizations WHERE team = ?", team) {
            (row) throws(SQLiteError) in TeamHolder.account(try row.identifier(0))
        }
        if let holder { return holder }
        return try value("SELECT account_id FROM retired_teams WHERE team = ? AND until > ?", team, now) {
            (row) throws(SQLiteError) in TeamHolder.retired(try row.identifier(0))
        }
    }
}

extension WriteTransaction {
    package func insertZeroTrustOrganization(
        _ draft: ZeroTrustOrganizationDraft, of account: AccountID, at now: Timestamp
    ) throws(Failure) {
        try execute(
            """
            INSERT INTO zero_trust_organizations (account_id, team, name, document, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            account, draft.team, draft.name, draft.document, now, now)
        try execute("DELETE FROM retired_teams WHERE team = ?", draft.team)
    }

    package func updateZeroTrustOrganization(
        _ draft: ZeroTrustOrganizationDraft, of account: AccountID, at now: Timestamp
    ) throws(Failure) {
        try execute(
            """
            UPDATE zero_trust_organizations
               SET team = ?, name = ?, document = ?, updated_at = ?, version = version + 1
             WHERE account_id = ?
            """,
            draft.team, draft.name, draft.document, now, account)
        try execute("DELETE FROM retired_teams WHERE team = ?", draft.team)
    }

    package func retireTeam(_ team: String, of account: AccountID, until: Timestamp) throws(Failure) {
        try execute(
            "INSERT OR REPLACE INTO retired_teams (team, account_id, until) VALUES (?, ?, ?)", team, account, until)
    }
}
