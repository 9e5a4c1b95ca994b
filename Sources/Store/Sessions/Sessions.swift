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
    /// The live session that a team's token stands for. A token whose key no longer verifies is over, and a session that
    /// begins in the future does not count: the clock was set back since, and it would outlive its time.
    package func session(
        teamToken digest: [UInt8], in account: AccountID, at now: Timestamp
    ) throws(Failure) -> Session? {
        try first(
            Session.self,
            """
            SELECT \(Session.columns) FROM sessions s JOIN signing_keys k ON k.kid = s.kid
             WHERE s.token_digest = ?1 AND s.account_id = ?2 AND s.expires_at > ?3 AND s.created_at <= ?4
               AND (k.verifies_until IS NULL OR k.verifies_until > ?3)
            """, digest, account, now, now + Timestamp.clockSkew)
    }

    package func session(
        _ nonce: SessionNonce, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> Session? {
        try first(
            Session.self,
            """
            SELECT \(Session.columns) FROM sessions s
             WHERE s.nonce = ? AND s.account_id = ? AND s.expires_at > ? AND s.created_at <= ?
            """, nonce.text, account, now, now + Timestamp.clockSkew)
    }

    /// A session of a user by its nonce, over or not, as long as it is remembered.
    package func session(_ nonce: SessionNonce, of user: AccessUserID) throws(Failure) -> Session? {
        try first(
            Session.self, "SELECT \(Session.columns) FROM sessions s WHERE s.nonce = ? AND s.user_id = ?", nonce.text,
            user)
    }

    /// How many sessions of all accounts have not expired.
    package func liveSessions(at now: Timestamp) throws(Failure) -> Int {
        try count("SELECT count(*) FROM sessions WHERE expires_at > ?", now)
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

    /// The applications that the sessions of a user have been admitted to.
    package func openedApplications(of user: AccessUserID) throws(Failure) -> [OpenedBySession] {
        try values(
            """
            SELECT DISTINCT s.nonce, a.id, a.name, coalesce(a.domain, ''), a.type
              FROM sessions s JOIN application_tokens t ON t.session_nonce = s.nonce
              JOIN applications a ON a.id = t.application_id
             WHERE s.user_id = ? ORDER BY a.created_at, a.id
            """, user
        ) { (row) throws(SQLiteError) in
            guard let nonce = SessionNonce(try row.text(0)) else { throw row.malformed(0) }
            guard let type = ApplicationType(rawValue: try row.text(4)) else { throw row.malformed(4) }
            return OpenedBySession(
                session: nonce, application: try row.identifier(1), name: try row.text(2), hostname: try row.text(3),
                type: type)
        }
    }

    /// Until when a person whose sessions were ended may not come back. An end that lies further ahead than the pause is long was
    /// set under a clock that was set back since, and keeps nobody out.
    package func revocation(of email: String, in account: AccountID, at now: Timestamp) throws(Failure) -> Timestamp? {
        try value(
            "SELECT until FROM user_revocations WHERE account_id = ? AND email = lower(?) AND until > ? AND until <= ?",
            account, email, now, now + Session.revocationPause + Timestamp.clockSkew
        ) { (row) throws(SQLiteError) in try row.timestamp(0) }
    }

    /// The identity with which a user came last.
    package func lastIdentity(of user: AccessUserID, in account: AccountID) throws(Failure) -> JSONText? {
        try lastLogin(of: user, in: account)?.identity
    }

    /// With what and from where a user came last.
    package func lastLogin(of user: AccessUserID, in account: AccountID) throws(Failure) -> LastLogin? {
        try value(
            "SELECT document, ip, country, at FROM last_identities WHERE user_id = ? AND account_id = ?", user, account
        ) { (row) throws(SQLiteError) in
            LastLogin(
                identity: try row.json(0), address: try row.text(1), country: try row.text(2), at: try row.timestamp(3))
        }
    }
}

/// An application that a session was admitted to.
package struct OpenedBySession: Sendable {
    package let session: SessionNonce
    package let application: ApplicationID
    package let name: String
    package let hostname: String
    package let type: ApplicationType
}

/// What is remembered of a user beyond the end of their sessions.
package struct LastLogin: Sendable {
    package let identity: JSONText
    package let address: String
    package let country: String
    package let at: Timestamp
}

extension WriteTransaction {
    /// Begins a session. Who was revoked a moment ago, here or at the far end of the bridge they came over, gets none, and
    /// neither does who comes from an identity provider or over a bridge that has ended meanwhile: however far a login had
    /// come, the order of the two transactions decides.
    ///
    /// - Throws: ``Failure/turnedAway(_:)``.
    package func insert(
        _ session: Session, tokenDigest: [UInt8], key: SigningKeyID
    ) throws(Failure) {
        for account in [session.account, session.sourceAccount].compactMap({ $0 })
        where try revocation(of: session.email, in: account, at: session.createdAt) != nil {
            throw .turnedAway(
                .denied, "Your sessions were ended by an administrator just now. Try again in a minute.")
        }
        guard
            try exists(
                """
                SELECT 1 FROM identity_providers WHERE id = ?1 AND account_id = ?2
                UNION ALL SELECT 1 FROM connections WHERE id = ?1 AND account_id = ?2
                """, session.provider, session.account)
        else {
            throw .turnedAway(.idpNotAllowed, "This identity provider can no longer be used here. Choose another.")
        }
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
            INSERT INTO last_identities (user_id, account_id, document, nonce, ip, country, at) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (user_id) DO UPDATE
               SET document = excluded.document, nonce = excluded.nonce, ip = excluded.ip, country = excluded.country,
                   at = excluded.at
            """, session.user, session.account, session.identity, session.nonce.text, session.address, session.country,
            session.createdAt)
    }

    /// Replaces what a session knows of its person, and what is remembered of them beyond its end.
    package func update(_ nonce: SessionNonce, of user: AccessUserID, identity: JSONText) throws(Failure) {
        try execute("UPDATE sessions SET identity = ? WHERE nonce = ?", identity, nonce.text)
        try execute(
            "UPDATE last_identities SET document = ? WHERE user_id = ? AND nonce = ?", identity, user, nonce.text)
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
