package import Domain
package import Primitives
import SQLite

/// A service token as the way in needs it, be it good or not.
package struct LiveServiceToken: Sendable {
    package let id: ServiceTokenID
    package let name: String
    package let secrets: ServiceTokenSecrets
    package let isEnabled: Bool
    /// `nil` for a token without an end.
    package let expiresAt: Timestamp?
}

extension Reading {
    /// The service token of an account with this client id, also one that is disabled or has expired.
    package func liveServiceToken(
        _ client: ServiceTokenClientID, in account: AccountID
    ) throws(Failure) -> LiveServiceToken? {
        try value(
            """
            SELECT id, name, secret_digest, previous_digest, previous_expires_at, enabled, expires_at
              FROM service_tokens WHERE client_id = ? AND account_id = ?
            """, client, account
        ) { (row) throws(SQLiteError) in
            LiveServiceToken(
                id: try row.identifier(0), name: try row.text(1),
                secrets: ServiceTokenSecrets(
                    current: try row.blob(2), previous: row.optionalBlob(3), previousExpiresAt: row.optionalTimestamp(4)
                ),
                isEnabled: try row.bool(5), expiresAt: row.optionalTimestamp(6))
        }
    }

    /// The public name of a service token.
    package func clientID(of token: ServiceTokenID) throws(Failure) -> ServiceTokenClientID? {
        try value("SELECT client_id FROM service_tokens WHERE id = ?", token) { (row) throws(SQLiteError) in
            try row.identifier(0)
        }
    }
}

extension WriteTransaction {
    /// Writes that a service token was used, once a minute at most; also over an instant that lies ahead.
    package func noteUse(of token: ServiceTokenID, at now: Timestamp) throws(Failure) {
        try execute(
            """
            UPDATE service_tokens SET last_seen_at = ?2
             WHERE id = ?1 AND (last_seen_at IS NULL OR abs(?2 - last_seen_at) >= 60000000)
            """, token, now)
    }
}
