package import Domain
package import Primitives
import SQLite

/// A service token as the way in needs it.
package struct LiveServiceToken: Sendable {
    package let id: ServiceTokenID
    package let name: String
    package let secrets: ServiceTokenSecrets
    package let lastSeenAt: Timestamp?
}

extension Reading {
    /// The service token with this client id, while it is enabled and has not expired.
    package func liveServiceToken(
        _ client: ServiceTokenClientID, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> LiveServiceToken? {
        try value(
            """
            SELECT id, name, secret_digest, previous_digest, previous_expires_at, last_seen_at FROM service_tokens
             WHERE client_id = ?1 AND account_id = ?2 AND enabled = 1 AND (expires_at IS NULL OR expires_at > ?3)
            """, client, account, now
        ) { (row) throws(SQLiteError) in
            LiveServiceToken(
                id: try row.identifier(0), name: try row.text(1),
                secrets: ServiceTokenSecrets(
                    current: try row.blob(2), previous: row.optionalBlob(3), previousExpiresAt: row.optionalTimestamp(4)
                ),
                lastSeenAt: row.optionalTimestamp(5))
        }
    }
}
