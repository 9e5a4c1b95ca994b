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
    /// The key that signs for an account; `nil` until the first is made.
    package func signingKey(of account: AccountID) throws(Failure) -> SigningKey? {
        try first(
            SigningKey.self,
            """
            SELECT \(SigningKey.columns) FROM signing_keys WHERE account_id = ? AND verifies_until IS NULL
             ORDER BY active_from DESC LIMIT 1
            """, account)
    }

    /// Every key whose signatures an account still accepts, the newest first.
    package func verifyingKeys(of account: AccountID, at now: Timestamp) throws(Failure) -> [SigningKey] {
        try all(
            SigningKey.self,
            """
            SELECT \(SigningKey.columns) FROM signing_keys
             WHERE account_id = ? AND (verifies_until IS NULL OR verifies_until > ?) ORDER BY active_from DESC
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
    package func keyRotation(of account: AccountID) throws(Failure) -> KeyRotation? {
        try value(
            """
            SELECT accounts.key_rotation_interval_days,
                   coalesce((SELECT max(active_from) FROM signing_keys WHERE account_id = accounts.id),
                            zero_trust_organizations.created_at)
              FROM accounts JOIN zero_trust_organizations ON zero_trust_organizations.account_id = accounts.id
             WHERE accounts.id = ?
            """, account
        ) { (row) throws(SQLiteError) in KeyRotation(intervalDays: try row.int(0), lastRotation: try row.timestamp(1)) }
    }
}

extension WriteTransaction {
    /// Makes a key the one that signs; those before it verify until `graceEnd`.
    package func install(
        _ key: SigningKey, sealedKey: [UInt8], of account: AccountID, graceEnd: Timestamp
    ) throws(Failure) {
        try execute(
            "UPDATE signing_keys SET verifies_until = ? WHERE account_id = ? AND verifies_until IS NULL", graceEnd,
            account)
        // What no longer verifies has no use.
        try execute("DELETE FROM signing_keys WHERE account_id = ? AND verifies_until <= ?", account, key.activeFrom)
        try execute(
            """
            INSERT INTO signing_keys (kid, account_id, sealed_key, public_der, created_at, active_from)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            key.id, account, sealedKey, key.publicDER, key.activeFrom, key.activeFrom)
    }

    package func setKeyRotationInterval(_ days: Int, of account: AccountID) throws(Failure) {
        try execute("UPDATE accounts SET key_rotation_interval_days = ? WHERE id = ?", days, account)
    }
}
