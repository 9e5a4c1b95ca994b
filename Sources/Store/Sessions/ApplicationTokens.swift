package import Domain
package import Primitives
package import SQLite

extension ApplicationToken: Stored {
    package static let columns: SQL = """
        \(Session.columns), t.application_id, t.service_token_id, t.policy_id, t.binding_digest, t.is_momentary,
        t.created_at, min(t.expires_at, coalesce(k.verifies_until, t.expires_at), coalesce(m.expires_at, t.expires_at))
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        let first = Session.columnCount
        let holder: TokenHolder
        if let service: ServiceTokenID = try row.optionalIdentifier(first + 1) {
            holder = .service(service)
        } else {
            holder = .person(try Session(row, from: 0))
        }
        self.init(
            application: try row.identifier(first), holder: holder, policy: try row.identifier(first + 2),
            bindingDigest: row.optionalBlob(first + 3), isMomentary: try row.bool(first + 4),
            createdAt: try row.timestamp(first + 5), expiresAt: try row.timestamp(first + 6))
    }
}

extension Reading {
    /// The live token with this SHA-256, with the session or service token behind it: the one question of the way in.
    ///
    /// A token is over when its row or its session is gone, when it or its key has expired, and when its service token
    /// is disabled or has expired. One that begins in the future does not count: the clock was set back since. Its end is the first of these, so that whoever remembers it need not ask again.
    package func applicationToken(_ digest: [UInt8], at now: Timestamp) throws(Failure) -> ApplicationToken? {
        try first(
            ApplicationToken.self,
            """
            SELECT \(ApplicationToken.columns)
              FROM application_tokens t
              JOIN signing_keys k ON k.kid = t.kid
              LEFT JOIN sessions s ON s.nonce = t.session_nonce
              LEFT JOIN service_tokens m ON m.id = t.service_token_id
             WHERE t.digest = ?1 AND t.expires_at > ?2 AND t.created_at <= ?3 AND (k.verifies_until IS NULL OR k.verifies_until > ?2)
               AND (t.session_nonce IS NOT NULL OR (m.enabled = 1 AND (m.expires_at IS NULL OR m.expires_at > ?2)))
            """, digest, now, now + Timestamp.clockSkew)
    }

    /// The applications that a session has been admitted to.
    package func applications(admitting session: SessionNonce) throws(Failure) -> [ApplicationID] {
        try values(
            "SELECT DISTINCT application_id FROM application_tokens WHERE session_nonce = ?", session.text
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }
}

extension WriteTransaction {
    /// Two tokens made out for the same within one second are the same bytes, and one row.
    package func insert(_ token: ApplicationToken, digest: [UInt8], key: SigningKeyID) throws(Failure) {
        let session: String?
        let service: ServiceTokenID?
        switch token.holder {
        case .person(let person): (session, service) = (person.nonce.text, nil)
        case .service(let id): (session, service) = (nil, id)
        }
        try execute(
            """
            INSERT INTO application_tokens (digest, application_id, session_nonce, service_token_id, kid, policy_id,
                                            binding_digest, is_momentary, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (digest) DO UPDATE SET binding_digest = excluded.binding_digest
            """,
            digest, token.application, session, service, key, token.policy, token.bindingDigest, token.isMomentary,
            token.createdAt, token.expiresAt)
        // Whoever remembers the token remembers the cookie it was bound to before.
        if token.bindingDigest != nil { touches(.access) }
    }

    /// Ends everything that lets people and machines into an application now.
    ///
    /// - Returns: how many tokens.
    @discardableResult
    package func endTokens(of application: ApplicationID) throws(Failure) -> Int {
        try execute("DELETE FROM handovers WHERE application_id = ?", application)
        try endOIDCGrants(of: application)
        try endGrants(of: application)
        return try execute("DELETE FROM application_tokens WHERE application_id = ?", application)
    }
}

/// An admission on its way from the team's host to the application's.
package struct Handover: Sendable {
    package let application: ApplicationID
    package let session: SessionNonce
    package let policy: PolicyID
    /// SHA-256 of the cookie of the browser that asked the application.
    package let browserDigest: [UInt8]
    package let expiresAt: Timestamp

    package init(
        application: ApplicationID, session: SessionNonce, policy: PolicyID, browserDigest: [UInt8],
        expiresAt: Timestamp
    ) {
        self.application = application
        self.session = session
        self.policy = policy
        self.browserDigest = browserDigest
        self.expiresAt = expiresAt
    }
}

extension WriteTransaction {
    package func insert(_ handover: Handover, digest: [UInt8]) throws(Failure) {
        try execute(
            """
            INSERT INTO handovers (digest, application_id, session_nonce, policy_id, browser_digest, expires_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            digest, handover.application, handover.session.text, handover.policy, handover.browserDigest,
            handover.expiresAt)
    }

    /// Takes a handover out: of two that show one nonce, one gets it.
    package func takeHandover(_ digest: [UInt8]) throws(Failure) -> Handover? {
        guard let found = try handover(digest) else { return nil }
        try execute("DELETE FROM handovers WHERE digest = ?", digest)
        return found
    }
}

extension Reading {
    /// A handover that has not been taken.
    package func handover(_ digest: [UInt8]) throws(Failure) -> Handover? {
        try value(
            "SELECT application_id, session_nonce, policy_id, browser_digest, expires_at FROM handovers WHERE digest = ?",
            digest
        ) { (row) throws(SQLiteError) in
            guard let nonce = SessionNonce(try row.text(1)) else { throw row.malformed(1) }
            return Handover(
                application: try row.identifier(0), session: nonce, policy: try row.identifier(2),
                browserDigest: try row.blob(3), expiresAt: try row.timestamp(4))
        }
    }
}
