import Domain
package import OAuth
package import Primitives
import SQLite

/// An access token with all that its use depends on.
package struct ManagedAccess: Sendable, Equatable {
    package let grant: ManagedGrant
    /// The client as it is named in requests and by itself.
    package let clientID: String
    package let clientName: String
    package let kind: ManagedClient.Kind
    package let expiresAt: Timestamp

    /// As the question that it came from asks, for whoever remembers it.
    package func isGood(at now: Timestamp) -> Bool {
        now < expiresAt && grant.renewedAt <= now + Timestamp.clockSkew
    }
}

/// A refresh token in its family.
package struct ManagedRefresh: Sendable, Equatable {
    package let grant: ManagedGrantID
    package let position: Int
    package let retiredAt: Timestamp?
    /// Whether the token after it was retired too.
    package let isSuccessorUsed: Bool
}

extension Reading {
    /// The live access token with this SHA-256: the one question of the way in. One that its grant got in the future does not
    /// count: the clock was set back since.
    package func managedAccess(_ digest: [UInt8], at now: Timestamp) throws(Failure) -> ManagedAccess? {
        try value(
            """
            SELECT \(ManagedGrant.columns), t.expires_at, c.client_id, c.name, c.kind
              FROM oauth_access_tokens t JOIN oauth_grants g ON g.id = t.grant_id JOIN oauth_clients c ON c.id = g.client_id
             WHERE t.digest = ?1 AND t.expires_at > ?2 AND g.expires_at > ?2
               AND coalesce(g.refreshed_at, g.redeemed_at, g.created_at) <= ?3
            """, digest, now, now + Timestamp.clockSkew
        ) { (row) throws(SQLiteError) in
            let first = ManagedGrant.columnCount
            guard let kind = ManagedClient.Kind(rawValue: try row.text(first + 3)) else {
                throw row.malformed(first + 3)
            }
            return ManagedAccess(
                grant: try ManagedGrant(row, from: 0), clientID: try row.text(first + 1),
                clientName: try row.text(first + 2), kind: kind, expiresAt: try row.timestamp(first))
        }
    }

    package func managedCode(_ digest: [UInt8]) throws(Failure) -> ManagedCode? {
        try value(
            "SELECT grant_id, redirect_uri, challenge, resource, spent_at, expires_at FROM oauth_codes WHERE digest = ?",
            digest
        ) { (row) throws(SQLiteError) in
            guard let challenge = CodeChallenge(try row.text(2)) else { throw row.malformed(2) }
            return ManagedCode(
                grant: try row.identifier(0), redirectURI: try row.text(1), challenge: challenge,
                resource: try row.text(3), isSpent: row.optionalTimestamp(4) != nil, expiresAt: try row.timestamp(5))
        }
    }

    package func managedRefresh(_ digest: [UInt8]) throws(Failure) -> ManagedRefresh? {
        try value(
            """
            SELECT t.grant_id, t.position, t.retired_at,
                   EXISTS (SELECT 1 FROM oauth_refresh_tokens n WHERE n.grant_id = t.grant_id
                              AND n.position = t.position + 1 AND n.retired_at IS NOT NULL)
              FROM oauth_refresh_tokens t WHERE t.digest = ?
            """, digest
        ) { (row) throws(SQLiteError) in
            ManagedRefresh(
                grant: try row.identifier(0), position: Int(try row.int64(1)), retiredAt: row.optionalTimestamp(2),
                isSuccessorUsed: try row.bool(3))
        }
    }

    /// When an access token ends; `nil` when it has ended.
    package func endOfManagedAccess(_ digest: [UInt8], at now: Timestamp) throws(Failure) -> Timestamp? {
        try value("SELECT expires_at FROM oauth_access_tokens WHERE digest = ? AND expires_at > ?", digest, now) {
            (row) throws(SQLiteError) in try row.timestamp(0)
        }
    }

    /// The grant that an access or refresh token belongs to, whatever its state.
    package func grant(ofToken digest: [UInt8]) throws(Failure) -> (grant: ManagedGrantID, client: ManagedClientID)? {
        try value(
            """
            SELECT g.id, g.client_id FROM oauth_access_tokens t JOIN oauth_grants g ON g.id = t.grant_id WHERE t.digest = ?1
            UNION ALL
            SELECT g.id, g.client_id FROM oauth_refresh_tokens t JOIN oauth_grants g ON g.id = t.grant_id WHERE t.digest = ?1
            """, digest
        ) { (row) throws(SQLiteError) in (grant: try row.identifier(0), client: try row.identifier(1)) }
    }

    /// The spelling of the resource that a grant's code was asked for.
    package func resource(of grant: ManagedGrantID) throws(Failure) -> String? {
        try value("SELECT resource FROM oauth_codes WHERE grant_id = ?", grant) { (row) throws(SQLiteError) in
            try row.text(0)
        }
    }
}

extension WriteTransaction {
    package func insert(_ code: ManagedCode, digest: [UInt8]) throws(Failure) {
        try execute(
            """
            INSERT INTO oauth_codes (digest, grant_id, redirect_uri, challenge, resource, spent_at, expires_at)
            VALUES (?, ?, ?, ?, ?, NULL, ?)
            """, digest, code.grant, code.redirectURI, code.challenge.text, code.resource, code.expiresAt)
    }

    package func spendManagedCode(_ digest: [UInt8], at now: Timestamp) throws(Failure) {
        try execute("UPDATE oauth_codes SET spent_at = ? WHERE digest = ?", now, digest)
    }

    package func insertManagedAccess(
        _ digest: [UInt8], of grant: ManagedGrantID, until end: Timestamp
    ) throws(Failure) {
        try execute(
            "INSERT INTO oauth_access_tokens (digest, grant_id, expires_at) VALUES (?, ?, ?)", digest, grant, end)
    }

    package func insertManagedRefresh(_ digest: [UInt8], of grant: ManagedGrantID, position: Int) throws(Failure) {
        try execute(
            "INSERT INTO oauth_refresh_tokens (digest, grant_id, position) VALUES (?, ?, ?)", digest, grant, position)
    }

    package func retireManagedRefresh(_ digest: [UInt8], at now: Timestamp) throws(Failure) {
        try execute("UPDATE oauth_refresh_tokens SET retired_at = ? WHERE digest = ?", now, digest)
    }
}
