package import Domain
package import Primitives
import SQLite

/// A browser that was sent to an identity provider.
package struct LoginAttempt: Sendable {
    package let account: AccountID
    package let provider: IdentityProviderID
    /// SHA-256 of the browser's cookie.
    package let browserDigest: [UInt8]
    /// Nonce, verifier and destination, encrypted.
    package let sealedContext: [UInt8]
    package let expiresAt: Timestamp

    package init(
        account: AccountID, provider: IdentityProviderID, browserDigest: [UInt8], sealedContext: [UInt8],
        expiresAt: Timestamp
    ) {
        self.account = account
        self.provider = provider
        self.browserDigest = browserDigest
        self.sealedContext = sealedContext
        self.expiresAt = expiresAt
    }
}

extension Reading {
    /// The attempt that `state` names, as long as it has not come back.
    package func loginAttempt(_ stateDigest: [UInt8], in account: AccountID) throws(Failure) -> LoginAttempt? {
        try value(
            """
            SELECT idp_id, browser_digest, sealed_context, expires_at FROM login_attempts
             WHERE state_digest = ? AND account_id = ?
            """, stateDigest, account
        ) { (row) throws(SQLiteError) in
            LoginAttempt(
                account: account, provider: try row.identifier(0), browserDigest: try row.blob(1),
                sealedContext: try row.blob(2), expiresAt: try row.timestamp(3))
        }
    }
}

extension WriteTransaction {
    package func insert(_ attempt: LoginAttempt, stateDigest: [UInt8]) throws(Failure) {
        try execute(
            """
            INSERT INTO login_attempts (state_digest, account_id, idp_id, browser_digest, sealed_context, expires_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            stateDigest, attempt.account, attempt.provider, attempt.browserDigest, attempt.sealedContext,
            attempt.expiresAt)
    }

    /// Uses an attempt up.
    ///
    /// - Returns: whether it was still there: of two that come back with one `state`, one goes on.
    package func spendLoginAttempt(_ stateDigest: [UInt8]) throws(Failure) -> Bool {
        try execute("DELETE FROM login_attempts WHERE state_digest = ?", stateDigest) > 0
    }

    /// Marks something that may be used once.
    ///
    /// - Returns: whether this was the first use.
    package func spend(_ digest: [UInt8], until expiry: Timestamp) throws(Failure) -> Bool {
        try execute("INSERT OR IGNORE INTO spent_digests (digest, expires_at) VALUES (?, ?)", digest, expiry) > 0
    }
}
