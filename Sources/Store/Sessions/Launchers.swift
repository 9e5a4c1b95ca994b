package import Domain
import Primitives
import SQLite

extension Reading {
    /// What an App Launcher may show, at most 1000.
    package func launcherApplications(of account: AccountID) throws(Failure) -> [ApplicationID] {
        try values(
            """
            SELECT id FROM applications WHERE account_id = ? AND type <> 'app_launcher'
             ORDER BY created_at, id LIMIT 1000
            """, account
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }

    /// The public destinations of an application.
    package func destinations(of application: ApplicationID) throws(Failure) -> [PublicDestination] {
        try values(
            "SELECT host, path FROM application_destinations WHERE application_id = ? ORDER BY host, path", application
        ) { (row) throws(SQLiteError) in PublicDestination(host: try row.text(0), path: try row.text(1)) }
    }
}
