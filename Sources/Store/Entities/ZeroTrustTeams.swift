package import Domain
package import Primitives
import SQLite

extension Reading {
    /// The team name of an account, or `nil` while Access is not set up there.
    package func team(of account: AccountID) throws(Failure) -> String? {
        try value("SELECT team FROM zero_trust_organizations WHERE account_id = ?", account) {
            (row) throws(SQLiteError) in
            try row.text(0)
        }
    }
}

extension Reading {
    /// Whether a team name is in use, or was given up too recently to be taken.
    package func isTeamTaken(_ team: String, at now: Timestamp) throws(Failure) -> Bool {
        try exists(
            """
            SELECT 1 FROM zero_trust_organizations WHERE team = ?1
            UNION ALL SELECT 1 FROM retired_teams WHERE team = ?1 AND until > ?2 LIMIT 1
            """, team, now)
    }
}

extension WriteTransaction {
    /// Makes one identity provider the only login of every application of an account.
    ///
    /// - Returns: how many applications changed.
    package func setOnlyLogin(
        _ allowed: IdentityProviderID, of account: AccountID, at now: Timestamp
    ) throws(Failure) -> Int {
        let changed = try values(
            """
            SELECT app.id FROM applications app
             WHERE app.account_id = ?1 AND app.type <> 'bookmark'
               AND (app.auto_redirect = 0
                    OR (SELECT count(*) FROM application_idps n WHERE n.application_id = app.id) <> 1
                    OR NOT EXISTS (SELECT 1 FROM application_idps n WHERE n.application_id = app.id AND n.idp_id = ?2))
            """, account, allowed
        ) { (row) throws(SQLiteError) in try row.identifier(0) as ApplicationID }
        for application in changed {
            try execute("DELETE FROM application_idps WHERE application_id = ?", application)
            try execute("INSERT INTO application_idps VALUES (?, ?, 0)", application, allowed)
            try renewLists(of: application)
            try execute(
                "UPDATE applications SET auto_redirect = 1, updated_at = ?, version = version + 1 WHERE id = ?", now,
                application)
        }
        return changed.count
    }
}
