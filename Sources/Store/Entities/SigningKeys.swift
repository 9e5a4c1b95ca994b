package import Domain
package import Primitives
package import SQLite

extension SigningKey: Stored {
    package static let columns: SQL = "kid, public_der, active_from, verifies_until"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            id: try row.longIdentifier(0), publicDER: try row.blob(1), activeFrom: try row.timestamp(2),
            verifiesUntil: row.optionalTimestamp(3))
    }
}

extension Reading {
    /// The key that signs for an account now; `nil` until the first is made. A key that is to sign later is listed already.
    package func signingKey(of account: AccountID, at now: Timestamp) throws(Failure) -> SigningKey? {
        try first(
            SigningKey.self,
            """
            SELECT \(SigningKey.columns) FROM signing_keys WHERE account_id = ? AND active_from <= ?
             ORDER BY active_from DESC, rowid DESC LIMIT 1
            """, account, now)
    }

    /// Every key whose signatures an account accepts, the newest first; within a day before a rotation that is also the
    /// key which is to sign next.
    package func verifyingKeys(of account: AccountID, at now: Timestamp) throws(Failure) -> [SigningKey] {
        try all(
            SigningKey.self,
            """
            SELECT \(SigningKey.columns) FROM signing_keys
             WHERE account_id = ? AND (verifies_until IS NULL OR verifies_until > ?)
             ORDER BY active_from DESC, rowid DESC
            """, account, now)
    }

    /// The private half, encrypted under the server's key.
    package func sealedPrivateKey(_ id: SigningKeyID) throws(Failure) -> [UInt8]? {
        try value("SELECT sealed_key FROM signing_keys WHERE kid = ?", id) { (row) throws(SQLiteError) in
            try row.blob(0)
        }
    }

    /// The rotation of an account's keys. Before its first key exists, time counts from the creation of its Zero Trust
    /// organization.
    package func keyRotation(of account: AccountID, at now: Timestamp) throws(Failure) -> KeyRotation? {
        try value(
            """
            SELECT accounts.key_rotation_interval_days,
                   coalesce((SELECT max(active_from) FROM signing_keys WHERE account_id = ?1 AND active_from <= ?2),
                            zero_trust_organizations.created_at),
                   (SELECT max(active_from) FROM signing_keys WHERE account_id = ?1 AND active_from > ?2)
              FROM accounts JOIN zero_trust_organizations ON zero_trust_organizations.account_id = accounts.id
             WHERE accounts.id = ?1
            """, account, now
        ) { (row) throws(SQLiteError) in
            KeyRotation(
                intervalDays: try row.int(0), lastRotation: try row.timestamp(1),
                scheduled: row.optionalTimestamp(2))
        }
    }

    /// Accounts whose signing key reaches its rotation interval within `lead` and that have no next one. Accounts without
    /// a key have none to rotate.
    package func accountsWithKeysDue(
        within lead: Duration, at now: Timestamp, atMost limit: Int
    ) throws(Failure) -> [AccountID] {
        let soon = now + lead
        return try values(
            """
            SELECT k.account_id FROM signing_keys k JOIN accounts a ON a.id = k.account_id
             WHERE k.verifies_until IS NULL AND k.active_from <= ?
               AND k.active_from + a.key_rotation_interval_days * 86400000000 <= ?
             ORDER BY k.active_from LIMIT ?
            """, soon - KeyRotation.shortest, soon, limit
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }
}

extension WriteTransaction {
    /// Makes a key the one that signs from its `activeFrom` on; those before it verify until `graceEnd`.
    package func install(
        _ key: SigningKey, sealedKey: [UInt8], of account: AccountID, graceEnd: Timestamp, at now: Timestamp
    ) throws(Failure) {
        // One that was to sign later has signed nothing.
        try execute("DELETE FROM signing_keys WHERE account_id = ? AND active_from > ?", account, now)
        try execute(
            """
            UPDATE signing_keys SET verifies_until = ?2
             WHERE account_id = ?1 AND (verifies_until IS NULL OR verifies_until > ?2)
            """, account, graceEnd)
        // What no longer verifies has no use.
        try execute("DELETE FROM signing_keys WHERE account_id = ? AND verifies_until <= ?", account, now)
        try execute(
            """
            INSERT INTO signing_keys (kid, account_id, sealed_key, public_der, created_at, active_from)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            key.id, account, sealedKey, key.publicDER, now, key.activeFrom)
    }

    /// Takes back a key that was to sign later, so that the one before it goes on.
    package func dropScheduledKey(of account: AccountID, at now: Timestamp) throws(Failure) {
        guard try execute("DELETE FROM signing_keys WHERE account_id = ? AND active_from > ?", account, now) > 0 else {
            return
        }
        try execute(
            """
            UPDATE signing_keys SET verifies_until = NULL WHERE kid =
                (SELECT kid FROM signing_keys WHERE account_id = ? ORDER BY active_from DESC, rowid DESC LIMIT 1)
            """, account)
    }

    package func setKeyRotationInterval(_ days: Int, of account: AccountID) throws(Failure) {
        try execute("UPDATE accounts SET key_rotation_interval_days = ? WHERE id = ?", days, account)
    }
}
