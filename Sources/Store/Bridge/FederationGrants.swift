package import Domain
package import Primitives
package import SQLite

extension FederationGrant: Stored {
    package static let columns: SQL = "id, account_id, idp_id, created_at"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            id: try row.identifier(0), account: try row.identifier(1), identityProvider: try row.identifier(2),
            createdAt: try row.timestamp(3))
    }
}

extension Reading {
    package func grant(_ id: GrantID, in account: AccountID) throws(Failure) -> FederationGrant? {
        try first(
            FederationGrant.self,
            "SELECT \(FederationGrant.columns) FROM federation_grants WHERE id = ? AND account_id = ?", id, account)
    }

    package func grant(of provider: IdentityProviderID) throws(Failure) -> FederationGrant? {
        try first(
            FederationGrant.self, "SELECT \(FederationGrant.columns) FROM federation_grants WHERE idp_id = ?", provider)
    }

    package func grants(of account: AccountID) throws(Failure) -> [FederationGrant] {
        try all(
            FederationGrant.self,
            "SELECT \(FederationGrant.columns) FROM federation_grants WHERE account_id = ? ORDER BY created_at, id",
            account)
    }

    package func bridgeApplication(of grant: GrantID) throws(Failure) -> BridgeApplicationID? {
        try value("SELECT id FROM bridge_applications WHERE grant_id = ?", grant) { (row) throws(SQLiteError) in
            try row.identifier(0)
        }
    }

    /// Whether some organization designated the identity provider of this grant.
    package func isPrimary(_ grant: GrantID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM primary_idps WHERE grant_id = ? LIMIT 1", grant)
    }

    /// Whether some organization designated an identity provider of this account.
    package func hostsPrimary(_ account: AccountID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM primary_idps WHERE account_id = ? LIMIT 1", account)
    }
}

extension WriteTransaction {
    /// Stores a grant together with its hidden bridge application.
    package func insert(_ grant: FederationGrant, bridgeApplication: BridgeApplicationID, audience: [UInt8])
        throws(Failure)
    {
        try execute(
            "INSERT INTO federation_grants (id, account_id, idp_id, created_at) VALUES (?, ?, ?, ?)", grant.id,
            grant.account, grant.identityProvider, grant.createdAt)
        try execute(
            "INSERT INTO bridge_applications (id, grant_id, aud) VALUES (?, ?, ?)", bridgeApplication, grant.id,
            audience)
    }

    /// Removes a grant and its bridge application; resources of shares that name it turn to `deleted`. The connections
    /// must have ended before.
    package func deleteGrant(_ id: GrantID, at now: Timestamp) throws(Failure) {
        try execute(
            "UPDATE share_resources SET status = 'deleted', updated_at = ? WHERE resource_id = ? AND status = 'active'",
            now, id)
        try execute("DELETE FROM federation_grants WHERE id = ?", id)
    }
}
