package import Domain
package import Primitives
import SQLite

/// How often people signed in on a day (UTC), and how often somebody was refused.
package struct SignInCount: Sendable, Equatable {
    /// Days since 1970.
    package let day: Int64
    package let isAllowed: Bool
    package let count: Int
}

/// A line of the log of logins with the account that it is of.
package struct RecentSignIn: Sendable {
    package let account: AccountID
    package let accountName: String
    package let row: AccessLogRow
}

extension Reading {
    /// Logins in the accounts of an organization and of those below it, by day. One seek for every account: for background
    /// readers.
    package func signInCounts(
        below organization: OrganizationID, since start: Timestamp
    ) throws(Failure) -> [SignInCount] {
        try values(
            """
            SELECT r.at / 86400000000 AS day, r.allowed, count(*)
              FROM organization_ancestors x CROSS JOIN accounts a ON a.organization_id = x.organization_id
             CROSS JOIN access_requests r ON r.account_id = a.id AND r.at >= ?2
             WHERE x.ancestor_id = ?1 AND r.action = 'login' GROUP BY day, r.allowed ORDER BY day, r.allowed
            """, organization, start
        ) { (row) throws(SQLiteError) in
            SignInCount(day: try row.int64(0), isAllowed: try row.bool(1), count: try row.int(2))
        }
    }

    /// The latest logins and refusals in the accounts of an organization and of those below it.
    package func recentSignIns(
        below organization: OrganizationID, since start: Timestamp, atMost limit: Int
    ) throws(Failure) -> [RecentSignIn] {
        try values(
            """
            SELECT \(AccessLogRow.columns),
                   account_id, (SELECT name FROM accounts a WHERE a.id = account_id)
              FROM access_requests
             WHERE id >= ? AND account_id IN (
                 SELECT a.id FROM organization_ancestors x JOIN accounts a ON a.organization_id = x.organization_id
                  WHERE x.ancestor_id = ?)
             ORDER BY id DESC LIMIT ?
            """, AccessRequestID.first(at: start), organization, limit
        ) { (row) throws(SQLiteError) in
            RecentSignIn(
                account: try row.identifier(19), accountName: row.optionalText(20) ?? "", row: try AccessLogRow(row))
        }
    }
}
