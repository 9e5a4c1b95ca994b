package import Domain
package import Primitives
package import SQLite

extension Session: Stored {
    package static let columns: SQL = """
        s.nonce, s.account_id, s.user_id, s.idp_id, s.source_account_id, s.identity, s.ip, s.country, s.created_at,
        s.expires_at, s.email
        """
    package static let columnCount = 11

    package init(_ row: borrowing Row) throws(SQLiteError) { try self.init(row, from: 0) }

    package init(_ row: borrowing Row, from first: Int) throws(SQLiteError) {
        guard let nonce = SessionNonce(try row.text(first)) else { throw row.malformed(first) }
        self.init(
            nonce: nonce, account: try row.identifier(first + 1), user: try row.identifier(first + 2),
            provider: try row.identifier(first + 3), sourceAccount: try row.optionalIdentifier(first + 4),
            email: try row.text(first + 10), identity: try row.json(first + 5), address: try row.text(first + 6),
            country: try row.text(first + 7), createdAt: try row.timestamp(first + 8),
            expiresAt: try row.timestamp(first + 9))
    }
}

extension Reading {
    /// The live session that a team's token stands for. A token whose key no longer verifies is over.
    package func session(
        teamToken digest: [UInt8], in account: AccountID, at now: Timestamp
    ) throws(Failure) -> Session? {
        try first(
            Session.self,
            """
            SELECT \(Session.columns) FROM sessions s JOIN signing_keys k ON k.kid = s.kid
             WHERE s.token_digest = ?1 AND s.account_id = ?2 AND s.expires_at > ?3
               AND (k.verifies_until IS NULL OR k.verifies_until > ?3)
            """, digest, account, now)
    }

    package func session(
        _ nonce: SessionNonce, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> Session? {
        try first(
            Session.self,
            "SELECT \(Session.columns) FROM sessions s WHERE s.nonce = ? AND s.account_id = ? AND s.expires_at > ?",
            nonce.text, account, now)
    }

    /// The live sessions of a user, the latest first.
    package func sessions(of user: AccessUserID, in account: AccountID, at now: Timestamp) throws(Failure) -> [Session]
    {
        try all(
            Session.self,
            """
            SELECT \(Session.columns) FROM sessions s WHERE s.user_id = ? AND s.account_id = ? AND s.expires_at > ?
             ORDER BY s.created_at DESC
            """, user, account, now)
    }

    /// Until when a person whose sessions were ended may not come back.
    package func revocation(of email: String, in account: AccountID, at now: Timestamp) throws(Failure) -> Timestamp? {
        try value(
            "SELECT until FROM user_revocations WHERE account_id = ? AND email = lower(?) AND until > ?", account,
            email, now
        ) { (row) throws(SQLiteError) in try row.timestamp(0) }
    }

    /// The identity with which a user came last.
    package func lastIdentity(of user: AccessUserID, in account: AccountID) throws(Failure) -> JSONText? {
        try value("SELECT document FROM last_identities WHERE user_id = ? AND account_id = ?", user, account) {
            (row) throws(SQLiteError) in
            try row.json(0)
        }
    }
}

extension WriteTransaction {
    package func insert(
        _ session: Session, tokenDigest: [UInt8], key: SigningKeyID
    ) throws(Failure) {
        try execute(
            """
            INSERT INTO sessions (nonce, account_id, user_id, idp_id, source_account_id, email, identity, ip, country,
                                  token_digest, kid, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, lower(?), ?, ?, ?, ?, ?, ?, ?)
            """,
            session.nonce.text, session.account, session.user, session.provider, session.sourceAccount, session.email,
            session.identity, session.address, session.country, tokenDigest, key, session.createdAt, session.expiresAt)
        try execute(
            """
            INSERT INTO last_identities (user_id, account_id, document, at) VALUES (?, ?, ?, ?)
                ON CONFLICT (user_id) DO UPDATE SET document = excluded.document, at = excluded.at
            """, session.user, session.account, session.identity, session.createdAt)
    }

    /// Notes a successful login of a user.
    package func noteLogin(of user: AccessUserID, name: String, takesSeat: Bool, at now: Timestamp) throws(Failure) {
        try execute(
            """
            UPDATE access_users
               SET last_successful_login = ?2, name = CASE WHEN ?3 = '' THEN name ELSE ?3 END,
                   access_seat = CASE WHEN ?4 THEN 1 ELSE access_seat END
             WHERE id = ?1
            """, user, now, name, takesSeat)
    }

    @discardableResult
    package func endSession(_ nonce: SessionNonce, in account: AccountID) throws(Failure) -> Int {
        try execute("DELETE FROM oidc_grants WHERE session_nonce = ? AND account_id = ?", nonce.text, account)
        return try execute("DELETE FROM sessions WHERE nonce = ? AND account_id = ?", nonce.text, account)
    }

    /// Ends every session of a person in an account, and those that came over bridges from it.
    ///
    /// - Returns: how many.
    @discardableResult
    package func endSessions(ofEmail email: String, in account: AccountID) throws(Failure) -> Int {
        try endOIDCGrants(ofEmail: email, in: account)
        return try execute(
            """
            DELETE FROM sessions WHERE nonce IN
                (SELECT nonce FROM sessions WHERE email = lower(?1)
                    AND user_id IN (SELECT id FROM access_users WHERE account_id = ?2 AND lower(email) = lower(?1)))
            """, email, account)
            + execute("DELETE FROM sessions WHERE source_account_id = ? AND email = lower(?)", account, email)
    }

    /// Ends every session whose login used an identity provider or connection.
    @discardableResult
    package func endSessions(through provider: IdentityProviderID) throws(Failure) -> Int {
        try endOIDCGrants(through: provider)
        return try execute("DELETE FROM sessions WHERE idp_id = ?", provider)
    }

    /// Keeps a person out for a while.
    package func revoke(_ email: String, in account: AccountID, until end: Timestamp) throws(Failure) {
        try execute(
            """
            INSERT INTO user_revocations (account_id, email, until) VALUES (?, lower(?), ?)
                ON CONFLICT (account_id, email) DO UPDATE SET until = excluded.until
            """, account, email, end)
    }
}

extension Reading {
    /// The accounts whose accepted member somebody is, by address.
    package func memberships(of email: String) throws(Failure) -> Set<AccountID> {
        Set(
            try values(
                """
                SELECT m.account_id FROM account_members m JOIN users u ON u.id = m.user_id
                 WHERE lower(u.email) = lower(?) AND m.status = 'accepted'
                """, email
            ) { (row) throws(SQLiteError) in try row.identifier(0) as AccountID })
    }
}
