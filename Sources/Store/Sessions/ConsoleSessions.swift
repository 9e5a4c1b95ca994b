package import Domain
package import Primitives
import SQLite

extension Reading {
    /// The session whose cookie has this SHA-256, whether or not its time is over.
    package func consoleSession(_ digest: [UInt8]) throws(Failure) -> ConsoleSession? {
        try value(
            """
            SELECT token_id, token_digest, user_id, idp_id, ip, created_at, last_seen_at, expires_at
              FROM console_sessions WHERE digest = ?
            """, digest
        ) { (row) throws(SQLiteError) in
            let token: APITokenID? = try row.optionalIdentifier(0)
            let credential: ConsoleSession.Credential =
                if let token {
                    .token(token, digest: try row.blob(1))
                } else { .member(try row.identifier(2), through: try row.identifier(3)) }
            return ConsoleSession(
                credential: credential, address: try row.text(4), createdAt: try row.timestamp(5),
                lastSeenAt: try row.timestamp(6), expiresAt: try row.timestamp(7))
        }
    }
}

extension WriteTransaction {
    package func insert(_ session: ConsoleSession, digest: [UInt8]) throws(Failure) {
        var token: (id: APITokenID, digest: [UInt8])?
        var member: (user: UserID, provider: IdentityProviderID)?
        switch session.credential {
        case .token(let id, let digest): token = (id, digest)
        case .member(let user, let provider): member = (user, provider)
        }
        try execute(
            """
            INSERT INTO console_sessions (digest, token_id, token_digest, user_id, idp_id, ip, created_at, last_seen_at,
                                          expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            digest, token?.id, token?.digest, member?.user, member?.provider, session.address, session.createdAt,
            session.lastSeenAt, session.expiresAt)
    }

    package func noteUse(ofConsoleSession digest: [UInt8], at now: Timestamp) throws(Failure) {
        try execute("UPDATE console_sessions SET last_seen_at = ? WHERE digest = ?", now, digest)
    }

    package func endConsoleSession(_ digest: [UInt8]) throws(Failure) {
        try execute("DELETE FROM console_sessions WHERE digest = ?", digest)
    }
}
