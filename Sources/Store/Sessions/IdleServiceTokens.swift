package import Domain
package import Primitives
import SQLite

/// A service token that was not used for as long as its account allows.
package struct IdleServiceToken: Sendable, Equatable {
    package let id: ServiceTokenID
    package let account: AccountID
    /// When it was last seen or changed.
    package let lastUse: Timestamp
    /// Otherwise it is disabled.
    package let isToBeDeleted: Bool
}

extension Reading {
    /// Service tokens that `service_token_inactivity` of their account retires now (contract 20 §4).
    package func idleServiceTokens(at now: Timestamp, atMost limit: Int) throws(Failure) -> [IdleServiceToken] {
        try values(
            """
            SELECT t.id, t.account_id, max(coalesce(t.last_seen_at, 0), t.updated_at),
                   json_extract(z.document, '$.service_token_inactivity.action') = 'delete'
              FROM zero_trust_organizations z INDEXED BY zero_trust_organizations_retiring_tokens
             CROSS JOIN service_tokens t ON t.account_id = z.account_id
             WHERE instr(z.document, '"service_token_inactivity":{') > 0
               AND json_extract(z.document, '$.service_token_inactivity.enabled') = 1 AND t.enabled = 1
               AND max(coalesce(t.last_seen_at, 0), t.updated_at)
                   <= ? - json_extract(z.document, '$.service_token_inactivity.inactivity_threshold_days') * 86400000000
             LIMIT ?
            """, now, limit
        ) { (row) throws(SQLiteError) in
            IdleServiceToken(
                id: try row.identifier(0), account: try row.identifier(1), lastUse: try row.timestamp(2),
                isToBeDeleted: try row.bool(3))
        }
    }
}
