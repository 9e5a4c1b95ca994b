import Domain
package import Primitives
import SQLite

extension WriteTransaction {
    /// Removes what is over anyway: every read looks at the time too, so nobody notices.
    ///
    /// - Parameter limit: rows of each table.
    /// - Returns: how many rows.
    package func removeExpiredLogins(at now: Timestamp, atMost limit: Int) throws(Failure) -> Int {
        var removed = try execute(
            """
            DELETE FROM login_attempts WHERE state_digest IN
                (SELECT state_digest FROM login_attempts WHERE expires_at <= ? LIMIT ?)
            """, now, limit)
        removed += try execute(
            """
            DELETE FROM spent_digests WHERE digest IN (SELECT digest FROM spent_digests WHERE expires_at <= ? LIMIT ?)
            """, now, limit)
        removed += try execute(
            "DELETE FROM bridge_codes WHERE digest IN (SELECT digest FROM bridge_codes WHERE expires_at <= ? LIMIT ?)",
            now, limit)
        removed += try execute(
            "DELETE FROM one_time_pins WHERE id IN (SELECT id FROM one_time_pins WHERE sent_at <= ? LIMIT ?)",
            now - OneTimePIN.window, limit)
        removed += try execute(
            "DELETE FROM handovers WHERE digest IN (SELECT digest FROM handovers WHERE expires_at <= ? LIMIT ?)", now,
            limit)
        removed += try execute(
            """
            DELETE FROM application_tokens WHERE digest IN
                (SELECT digest FROM application_tokens WHERE expires_at <= ? LIMIT ?)
            """, now, limit)
        // A token of an application may outlive the session of the team that it came from.
        removed += try execute(
            """
            DELETE FROM sessions WHERE nonce IN
                (SELECT nonce FROM sessions s WHERE expires_at <= ?
                    AND NOT EXISTS (SELECT 1 FROM application_tokens t WHERE t.session_nonce = s.nonce) LIMIT ?)
            """, now, limit)
        removed += try execute(
            """
            DELETE FROM approval_requests WHERE id IN (SELECT id FROM approval_requests WHERE expires_at <= ? LIMIT ?)
            """, now, limit)
        removed += try execute(
            """
            DELETE FROM user_revocations WHERE (account_id, email) IN
                (SELECT account_id, email FROM user_revocations WHERE until <= ? LIMIT ?)
            """, now, limit)
        return removed + (try removeOverOIDCGrants(at: now, atMost: limit))
    }
}
