package import Domain
package import Primitives
package import SQLite

extension IdentityProvider: Stored {
    package static let columns: SQL = """
        i.id, i.account_id, i.type, i.name, i.config, i.sealed_secret IS NOT NULL, i.scim_config, i.client_id, i.issuer,
        i.learnt_issuer, i.created_at, i.updated_at, i.version
        """
    static let columnCount = 13

    package init(_ row: borrowing Row) throws(SQLiteError) { try self.init(row, from: 0) }

    init(_ row: borrowing Row, from start: Int) throws(SQLiteError) {
        guard let type = IdentityProviderType(rawValue: try row.text(start + 2)) else { throw row.malformed(start + 2) }
        self.init(
            id: try row.identifier(start), account: try row.identifier(start + 1), type: type,
            name: try row.text(start + 3), config: try row.json(start + 4), hasSecret: try row.bool(start + 5),
            scim: try row.json(start + 6), clientID: row.optionalText(start + 7), issuer: row.optionalText(start + 8),
            learntIssuer: row.optionalText(start + 9), createdAt: try row.timestamp(start + 10),
            updatedAt: try row.timestamp(start + 11), version: try row.int(start + 12))
    }
}

extension IdPConnection: Stored {
    package static let columns: SQL = """
        \(IdentityProvider.columns), c.id, c.account_id, c.grant_id, c.created_at, \(GoverningPrimary.grantOfConnection)
        """
    static let tables: SQL = """
        connections c JOIN federation_grants g ON g.id = c.grant_id JOIN identity_providers i ON i.id = g.idp_id
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        let start = IdentityProvider.columnCount
        let grant: GrantID = try row.identifier(start + 2)
        let primary: GrantID? = try row.optionalIdentifier(start + 4)
        self.init(
            id: try row.identifier(start), account: try row.identifier(start + 1), grant: grant,
            source: try IdentityProvider(row, from: 0), isPrimary: primary == grant,
            createdAt: try row.timestamp(start + 3))
    }
}

/// The designation that governs an account: the nearest one upwards.
enum GoverningPrimary {
    /// The grant of the primary that governs the account of connection `c`.
    static let grantOfConnection: SQL = """
        (SELECT p.grant_id FROM accounts ca
           JOIN organization_ancestors x ON x.organization_id = ca.organization_id
           JOIN primary_idps p ON p.organization_id = x.ancestor_id
          WHERE ca.id = c.account_id ORDER BY x.distance LIMIT 1)
        """
}

extension Reading {
    package func identityProvider(
        _ id: IdentityProviderID, in account: AccountID
    ) throws(Failure) -> IdentityProvider? {
        try first(
            IdentityProvider.self,
            "SELECT \(IdentityProvider.columns) FROM identity_providers i WHERE i.id = ? AND i.account_id = ?", id,
            account)
    }

    package func connection(_ id: IdentityProviderID, in account: AccountID) throws(Failure) -> IdPConnection? {
        try first(
            IdPConnection.self,
            "SELECT \(IdPConnection.columns) FROM \(IdPConnection.tables) WHERE c.id = ? AND c.account_id = ?", id,
            account)
    }

    /// Own identity providers, or connections, in order of creation.
    package func identityProviders(of account: AccountID) throws(Failure) -> [IdentityProvider] {
        try all(
            IdentityProvider.self,
            "SELECT \(IdentityProvider.columns) FROM identity_providers i WHERE i.account_id = ? ORDER BY i.created_at, i.id",
            account)
    }

    package func connections(of account: AccountID) throws(Failure) -> [IdPConnection] {
        try all(
            IdPConnection.self,
            """
            SELECT \(IdPConnection.columns) FROM \(IdPConnection.tables) WHERE c.account_id = ? ORDER BY c.created_at, c.id
            """, account)
    }

    /// Whether the account has this identity provider, its own or a connection.
    package func hasIdentityProvider(_ id: IdentityProviderID, in account: AccountID) throws(Failure) -> Bool {
        try exists(
            """
            SELECT 1 FROM identity_providers WHERE id = ?1 AND account_id = ?2
            UNION ALL SELECT 1 FROM connections WHERE id = ?1 AND account_id = ?2 LIMIT 1
            """, id, account)
    }

    package func identityProviderCount(of account: AccountID) throws(Failure) -> Int {
        try count("SELECT count(*) FROM identity_providers WHERE account_id = ?", account)
    }

    /// The encrypted secret of an identity provider.
    package func sealedSecret(of id: IdentityProviderID) throws(Failure) -> [UInt8]? {
        try value("SELECT sealed_secret FROM identity_providers WHERE id = ?", id) { (row) throws(SQLiteError) in
            row.optionalBlob(0)
        } ?? nil
    }

    package func hasSCIMSecret(_ id: IdentityProviderID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM identity_providers WHERE id = ? AND scim_secret_digest IS NOT NULL", id)
    }

    /// Whether an application of the account or a rule names the identity provider.
    package func isNamed(_ id: IdentityProviderID) throws(Failure) -> Bool {
        if try isNamedInRules(id) { return true }
        return try exists("SELECT 1 FROM application_idps WHERE idp_id = ? LIMIT 1", id)
    }
}

extension WriteTransaction {
    package func insert(
        _ provider: IdentityProvider, sealedSecret: [UInt8]?, scimSecretDigest: [UInt8]?
    ) throws(Failure) {
        touches(.identity)
        try execute(
            """
            INSERT INTO identity_providers (id, account_id, type, name, config, sealed_secret, scim_config,
                                            scim_secret_digest, client_id, issuer, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            provider.id, provider.account, provider.type.rawValue, provider.name, provider.config, sealedSecret,
            provider.scim, scimSecretDigest, provider.clientID, provider.issuer, provider.createdAt, provider.updatedAt)
    }

    /// Replaces what a client may change. A `nil` secret keeps the stored one; what was learnt is forgotten.
    package func update(
        _ provider: IdentityProvider, sealedSecret: [UInt8]?, scimSecretDigest: [UInt8]?
    ) throws(Failure) {
        touches(.identity)
        try execute(
            """
            UPDATE identity_providers
               SET name = ?, config = ?, sealed_secret = coalesce(?, sealed_secret), scim_config = ?,
                   scim_secret_digest = coalesce(?, scim_secret_digest), client_id = ?, issuer = ?, learnt_issuer = NULL,
                   updated_at = ?, version = version + 1
             WHERE id = ?
            """,
            provider.name, provider.config, sealedSecret, provider.scim, scimSecretDigest, provider.clientID,
            provider.issuer, provider.updatedAt, provider.id)
    }

    package func deleteIdentityProvider(_ id: IdentityProviderID) throws(Failure) {
        touches(.identity)
        try execute("DELETE FROM identity_providers WHERE id = ?", id)
    }

    /// Pins the issuer that discovery or a first valid token named. Does not count as a change by a client.
    package func learn(issuer: String, of id: IdentityProviderID) throws(Failure) {
        touches(.identity)
        try execute(
            "UPDATE identity_providers SET learnt_issuer = ? WHERE id = ? AND issuer IS NULL AND learnt_issuer IS NULL",
            issuer, id)
    }

    /// Remembers that a person came in through an identity provider.
    package func noteLogin(through id: IdentityProviderID, email: String, at now: Timestamp) throws(Failure) {
        try execute(
            """
            INSERT INTO idp_logins (idp_id, email, at) VALUES (?, lower(?), ?)
                ON CONFLICT (idp_id, email) DO UPDATE SET at = excluded.at
            """, id, email, now)
    }
}
