package import Domain
package import OAuth
package import Primitives
package import SQLite

extension ManagedClient: Stored {
    package static let columns: SQL = """
        c.id, c.account_id, c.application_id, c.client_id, c.kind, c.name, c.auth_method, c.secret_digest,
        c.redirect_uris, c.may_refresh, c.document, c.created_at, c.last_used_at, c.expires_at
        """
    package static let columnCount = 14

    package init(_ row: borrowing Row) throws(SQLiteError) { try self.init(row, from: 0) }

    package init(_ row: borrowing Row, from first: Int) throws(SQLiteError) {
        guard let kind = Kind(rawValue: try row.text(first + 4)) else { throw row.malformed(first + 4) }
        guard let method = ClientAuthMethod(rawValue: try row.text(first + 6)) else { throw row.malformed(first + 6) }
        self.init(
            id: try row.identifier(first), account: try row.optionalIdentifier(first + 1),
            application: try row.optionalIdentifier(first + 2), clientID: try row.text(first + 3), kind: kind,
            name: try row.text(first + 5), method: method, secretDigest: row.optionalBlob(first + 7),
            redirectDocument: try row.json(first + 8), mayRefresh: try row.bool(first + 9),
            document: try row.json(first + 10), createdAt: try row.timestamp(first + 11),
            lastUsedAt: row.optionalTimestamp(first + 12), expiresAt: try row.timestamp(first + 13))
    }
}

extension Reading {
    /// The live client of that name.
    ///
    /// - Parameter account: `nil` for those of the server itself.
    package func managedClient(
        _ clientID: String, in account: AccountID?, at now: Timestamp
    ) throws(Failure) -> ManagedClient? {
        try first(
            ManagedClient.self,
            "SELECT \(ManagedClient.columns) FROM oauth_clients c WHERE c.account_id IS ? AND c.client_id = ? AND c.expires_at > ?",
            account, clientID, now)
    }

    package func managedClient(_ id: ManagedClientID) throws(Failure) -> ManagedClient? {
        try first(ManagedClient.self, "SELECT \(ManagedClient.columns) FROM oauth_clients c WHERE c.id = ?", id)
    }

    /// Whether an account, or the server itself, has as many live registrations as this.
    package func hasRegistrations(_ limit: Int, in account: AccountID?, at now: Timestamp) throws(Failure) -> Bool {
        try count(
            "SELECT count(*) FROM oauth_clients WHERE account_id IS ? AND kind = 'dcr' AND expires_at > ?", account, now
        ) >= limit
    }

    /// The applications of an account that speak of managed OAuth, whether it is on or off.
    package func applicationsWithOAuth(in account: AccountID) throws(Failure) -> [ApplicationID] {
        try values(
            """
            SELECT id FROM applications
             WHERE account_id = ? AND json_type(document, '$.oauth_configuration') = 'object' ORDER BY created_at, id
            """, account
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }
}

extension WriteTransaction {
    package func insert(_ client: ManagedClient) throws(Failure) {
        try execute(
            """
            INSERT INTO oauth_clients (id, account_id, application_id, client_id, kind, name, auth_method, secret_digest,
                                       redirect_uris, may_refresh, document, created_at, last_used_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            client.id, client.account, client.application, client.clientID, client.kind.rawValue, client.name,
            client.method.rawValue, client.secretDigest, client.redirectDocument, client.mayRefresh, client.document,
            client.createdAt, client.lastUsedAt, client.expiresAt)
    }

    /// Removes a client that is over, with whatever is left of its grants.
    package func forgetManagedClient(
        _ clientID: String, in account: AccountID?, expiredAt now: Timestamp
    ) throws(Failure) {
        try execute(
            "DELETE FROM oauth_clients WHERE account_id IS ? AND client_id = ? AND expires_at <= ?", account, clientID,
            now)
    }

    /// Notes what the document of a client says now.
    package func update(_ id: ManagedClientID, name: String, redirectDocument: JSONText) throws(Failure) {
        try execute(
            "UPDATE oauth_clients SET name = ?, redirect_uris = ? WHERE id = ?", name, redirectDocument, id)
    }

    /// Notes that a client was used, and that it stays until some time after a grant.
    package func noteUse(
        of client: ManagedClientID, grantEnds end: Timestamp, at now: Timestamp
    ) throws(Failure) {
        try execute(
            "UPDATE oauth_clients SET last_used_at = ?2, expires_at = max(expires_at, ?3) WHERE id = ?1", client, now,
            end + ManagedClient.idleLifetime)
    }

    /// Removes a client with all its grants.
    package func deleteManagedClient(_ id: ManagedClientID) throws(Failure) {
        try execute("DELETE FROM oauth_clients WHERE id = ?", id)
    }

    /// Removes what is over anyway.
    ///
    /// - Parameter limit: rows of each table.
    package func removeExpiredManagedOAuth(at now: Timestamp, atMost limit: Int) throws(Failure) -> Int {
        var removed = try execute(
            """
            DELETE FROM oauth_access_tokens WHERE digest IN
                (SELECT digest FROM oauth_access_tokens WHERE expires_at <= ? LIMIT ?)
            """, now, limit)
        removed += try execute(
            "DELETE FROM oauth_grants WHERE id IN (SELECT id FROM oauth_grants WHERE expires_at <= ? LIMIT ?)", now,
            limit)
        removed += try execute(
            """
            DELETE FROM oauth_grants WHERE id IN
                (SELECT id FROM oauth_grants WHERE redeemed_at IS NULL AND created_at <= ? LIMIT ?)
            """, now - CodeState.lifetime, limit)
        removed += try execute(
            """
            DELETE FROM oauth_clients WHERE id IN
                (SELECT id FROM oauth_clients c WHERE expires_at <= ?
                    AND NOT EXISTS (SELECT 1 FROM oauth_grants g WHERE g.client_id = c.id) LIMIT ?)
            """, now, limit)
        return removed
    }
}
