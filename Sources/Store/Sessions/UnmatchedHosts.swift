package import Domain
package import Primitives
import SQLite

/// An account that lets requests through to some hosts that none of its applications guards.
package struct OpenTeam: Sendable {
    package let account: AccountID
    package let document: JSONText
    /// The hosts of its applications.
    package let hosts: [String]
}

extension Reading {
    /// The accounts whose Zero Trust organization does not deny every unmatched request (contract 20 §4); few, as
    /// denying is the default.
    package func openTeams() throws(Failure) -> [OpenTeam] {
        let teams = try values(
            """
            SELECT account_id, document FROM zero_trust_organizations INDEXED BY teams_that_open
             WHERE instr(document, '"deny_unmatched_requests":false') > 0
                OR instr(document, '"deny_unmatched_requests_exempted_zone_names":["') > 0
            """
        ) { (row) throws(SQLiteError) in (try row.identifier(0) as AccountID, try row.json(1)) }
        var found: [OpenTeam] = []
        for (account, document) in teams {
            let hosts = try values(
                """
                SELECT DISTINCT d.host FROM applications a JOIN application_destinations d ON d.application_id = a.id
                 WHERE a.account_id = ?
                """, account
            ) { (row) throws(SQLiteError) in try row.text(0) }
            found.append(OpenTeam(account: account, document: document, hosts: hosts))
        }
        return found
    }

    /// Whether one account alone has a Zero Trust organization.
    package func hasOneTeam() throws(Failure) -> Bool {
        try values("SELECT 1 FROM zero_trust_organizations LIMIT 2") { _ in true }.count == 1
    }
}
