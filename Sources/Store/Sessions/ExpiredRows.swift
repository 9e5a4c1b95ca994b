import Domain
package import Primitives
import SQLite

/// What is left of logins once its time is over. Every reader compares with the clock, so a row that is forgotten late, or
/// not at all, admits nobody.
package enum ExpiringTable: String, CaseIterable, Sendable {
    case loginAttempts, spentDigests, bridgeCodes, oneTimePINs, handovers, userRevocations, approvalRequests
    // A token keeps the session that it needs, so it comes first.
    case applicationTokens, sessions
    case oidcGrants
    case consoleSessions
}

extension WriteTransaction {
    /// Forgets rows of a table that ended before `now`, the oldest first.
    package func forgetExpired(
        _ table: ExpiringTable, at now: Timestamp, atMost limit: Int
    ) throws(Failure) -> Int {
        switch table {
        case .loginAttempts:
            try execute(
                """
                DELETE FROM login_attempts WHERE state_digest IN
                    (SELECT state_digest FROM login_attempts WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                """, now, limit)
        case .spentDigests:
            try execute(
                """
                DELETE FROM spent_digests WHERE digest IN
                    (SELECT digest FROM spent_digests WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                """, now, limit)
        case .bridgeCodes:
            try execute(
                """
                DELETE FROM bridge_codes WHERE digest IN
                    (SELECT digest FROM bridge_codes WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                """, now, limit)
        case .oneTimePINs:
            // One that was used up still counts against its address for a while.
            try execute(
                """
                DELETE FROM one_time_pins WHERE id IN
                    (SELECT id FROM one_time_pins WHERE sent_at <= ? ORDER BY sent_at LIMIT ?)
                """, now - OneTimePIN.window, limit)
        case .handovers:
            try execute(
                """
                DELETE FROM handovers WHERE digest IN
                    (SELECT digest FROM handovers WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                """, now, limit)
        case .userRevocations:
            try execute(
                """
                DELETE FROM user_revocations WHERE (account_id, email) IN
                    (SELECT account_id, email FROM user_revocations WHERE until <= ? ORDER BY until LIMIT ?)
                """, now, limit)
        case .approvalRequests:
            try execute(
                """
                DELETE FROM approval_requests WHERE id IN
                    (SELECT id FROM approval_requests WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                """, now, limit)
        case .applicationTokens:
            try execute(
                """
                DELETE FROM application_tokens WHERE digest IN
                    (SELECT digest FROM application_tokens WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                """, now, limit)
        case .sessions:
            // An application's token may outlive the session it came from (contract 40 §3).
            try execute(
                """
                DELETE FROM sessions WHERE nonce IN
                    (SELECT s.nonce FROM sessions s WHERE s.expires_at <= ?
                        AND NOT EXISTS (SELECT 1 FROM application_tokens t WHERE t.session_nonce = s.nonce)
                      ORDER BY s.expires_at LIMIT ?)
                """, now, limit)
        case .oidcGrants: try removeOverOIDCGrants(at: now, atMost: limit)
        case .consoleSessions:
            try execute(
                """
                DELETE FROM console_sessions WHERE digest IN
                    (SELECT digest FROM console_sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                """, now, limit)
        }
    }
}
