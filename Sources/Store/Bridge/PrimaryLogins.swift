package import Domain
import Primitives
import SQLite

/// A primary IdP with the team of the account that holds it.
package struct PrimaryLogin: Sendable, Hashable {
    package let provider: IdentityProviderID
    package let team: String
}

extension Reading {
    /// Whether an organization designated this identity provider of the account.
    package func designates(_ provider: IdentityProviderID, of account: AccountID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM primary_idps WHERE account_id = ? AND idp_id = ? LIMIT 1", account, provider)
    }

    /// The primary IdPs of the server, at most two of them: enough to know whether there is only one.
    package func primaryLogins() throws(Failure) -> [PrimaryLogin] {
        try values(
            """
            SELECT DISTINCT p.idp_id, z.team FROM primary_idps p
              JOIN zero_trust_organizations z ON z.account_id = p.account_id LIMIT 2
            """
        ) { (row) throws(SQLiteError) in PrimaryLogin(provider: try row.identifier(0), team: try row.text(1)) }
    }

    /// The primary IdP that governs the account with this team.
    package func primaryLogin(ofTeam team: String) throws(Failure) -> PrimaryLogin? {
        let account = try value("SELECT account_id FROM zero_trust_organizations WHERE team = ?", team) {
            (row) throws(SQLiteError) in try row.identifier(0) as AccountID
        }
        guard let account, let governed = try governed(account),
            let source = try self.team(of: governed.sourceAccount)
        else { return nil }
        return PrimaryLogin(provider: governed.sourceIdentityProvider, team: source)
    }
}
