import Domain
package import Primitives
import SQLite

extension WriteTransaction {
    /// Removes the oldest rows of the audit chain and moves its anchor, so that what is left still verifies.
    package func removeAuditRows(before end: Timestamp, atMost limit: Int) throws(Failure) -> Int {
        let last =
            try value(
                """
                SELECT max(position) FROM (SELECT position, at FROM audit_log ORDER BY position LIMIT ?) WHERE at < ?
                """, limit, end
            ) { (row) throws(SQLiteError) in row.optionalInt64(0) } ?? nil
        guard let last else { return 0 }
        try execute(
            """
            UPDATE audit_head SET first_position = ?1 + 1,
                   first_previous_hash = (SELECT hash FROM audit_log WHERE position = ?1)
            """, last)
        return try execute("DELETE FROM audit_log WHERE position <= ?", last)
    }

    package func forgetAnswers(before end: Timestamp, atMost limit: Int) throws(Failure) -> Int {
        try execute(
            """
            DELETE FROM idempotency_keys WHERE digest IN
                (SELECT digest FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT ?)
            """, end, limit)
    }

    /// A durable write that changes nothing: shows whether the disk takes one.
    package func writeNothing() throws(Failure) {
        try execute("UPDATE audit_head SET one = 1")
    }

    package func releaseTeams(at now: Timestamp) throws(Failure) -> Int {
        try execute("DELETE FROM retired_teams WHERE until <= ?", now)
    }
}
