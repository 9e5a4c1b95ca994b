package import Domain
package import Primitives
package import SQLite

extension ServiceToken: Stored {
    package static let columns: SQL = """
        id, name, client_id, secret_version, duration, enabled, expires_at, last_seen_at, created_at, updated_at, version
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let lifetime = ServiceTokenLifetime(try row.text(4)) else { throw row.malformed(4) }
        self.init(
            id: try row.identifier(0), name: try row.text(1), clientID: try row.identifier(2),
            secretVersion: try row.int(3), lifetime: lifetime, isEnabled: try row.bool(5),
            expiresAt: row.optionalTimestamp(6), lastSeenAt: row.optionalTimestamp(7),
            createdAt: try row.timestamp(8), updatedAt: try row.timestamp(9), version: try row.int(10))
    }
}

/// The digests a service token's secret is compared with.
package struct ServiceTokenSecrets: Sendable {
    package let current: [UInt8]
    package let previous: [UInt8]?
    package let previousExpiresAt: Timestamp?
}

extension Reading {
    package func serviceToken(_ id: ServiceTokenID, in account: AccountID) throws(Failure) -> ServiceToken? {
        try first(
            ServiceToken.self, "SELECT \(ServiceToken.columns) FROM service_tokens WHERE id = ? AND account_id = ?", id,
            account)
    }

    /// - Parameters:
    ///   - name: exact name, or `nil` for any.
    ///   - search: part of the name, case-insensitive, or `nil`.
    package func serviceTokens(
        of account: AccountID, named name: String?, matching search: String?, _ page: PageRequest
    ) throws(Failure) -> Page<ServiceToken> {
        let filter = Condition.named(name, matching: search, in: account)
        let total = try count("SELECT count(*) FROM service_tokens WHERE \(filter.sql)", bindings: filter.bindings)
        let items = try all(
            ServiceToken.self,
            """
            SELECT \(ServiceToken.columns) FROM service_tokens WHERE \(filter.sql)
             ORDER BY created_at, id LIMIT ? OFFSET ?
            """,
            bindings: filter.bindings + [page.perPage, page.offset])
        return Page(items: items, total: total)
    }

    package func secrets(of id: ServiceTokenID) throws(Failure) -> ServiceTokenSecrets? {
        try value(
            "SELECT secret_digest, previous_digest, previous_expires_at FROM service_tokens WHERE id = ?", id
        ) { (row) throws(SQLiteError) in
            ServiceTokenSecrets(
                current: try row.blob(0), previous: row.optionalBlob(1), previousExpiresAt: row.optionalTimestamp(2))
        }
    }
}

extension WriteTransaction {
    package func insert(_ token: ServiceToken, secretDigest: [UInt8], in account: AccountID) throws(Failure) {
        try execute(
            """
            INSERT INTO service_tokens (account_id, id, name, client_id, secret_digest, secret_version, duration, enabled,
                                        expires_at, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            account, token.id, token.name, token.clientID, secretDigest, token.secretVersion, token.lifetime.text,
            token.isEnabled, token.expiresAt, token.createdAt, token.updatedAt)
    }

    /// Writes the members that a client may change and counts the version up.
    package func update(_ token: ServiceToken) throws(Failure) {
        try execute(
            """
            UPDATE service_tokens
               SET name = ?, duration = ?, enabled = ?, expires_at = ?, updated_at = ?, version = version + 1
             WHERE id = ?
            """,
            token.name, token.lifetime.text, token.isEnabled, token.expiresAt, token.updatedAt, token.id)
    }

    /// Replaces the secret; the old one stays good until `graceEnd`.
    package func replaceSecret(
        of id: ServiceTokenID, with digest: [UInt8], version: Int, graceEnd: Timestamp?, at now: Timestamp
    ) throws(Failure) {
        try execute(
            """
            UPDATE service_tokens
               SET previous_digest = secret_digest, previous_expires_at = ?, secret_digest = ?, secret_version = ?,
                   updated_at = ?, version = version + 1
             WHERE id = ?
            """,
            graceEnd, digest, version, now, id)
    }

    package func deleteServiceToken(_ id: ServiceTokenID) throws(Failure) {
        try execute("DELETE FROM service_tokens WHERE id = ?", id)
    }
}
