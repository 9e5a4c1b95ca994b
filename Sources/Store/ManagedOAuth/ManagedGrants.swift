package import Domain
package import OAuth
package import Primitives
package import SQLite

extension ManagedGrant: Stored {
    package static let columns: SQL = """
        g.id, g.account_id, g.application_id, g.client_id, g.user_id, g.idp_id, g.source_account_id, g.email,
        g.identity, g.session_nonce, g.country, g.policy_id, g.issuer, g.redirects_digest, g.is_momentary, g.created_at,
        g.redeemed_at, g.refreshed_at, g.expires_at
        """
    package static let columnCount = 19

    package init(_ row: borrowing Row) throws(SQLiteError) { try self.init(row, from: 0) }

    package init(_ row: borrowing Row, from first: Int) throws(SQLiteError) {
        guard let session = SessionNonce(try row.text(first + 9)) else { throw row.malformed(first + 9) }
        self.init(
            id: try row.identifier(first), account: try row.identifier(first + 1),
            application: try row.optionalIdentifier(first + 2), client: try row.identifier(first + 3),
            user: try row.identifier(first + 4), provider: try row.identifier(first + 5),
            sourceAccount: try row.optionalIdentifier(first + 6), email: try row.text(first + 7),
            identity: try row.json(first + 8), session: session, country: try row.text(first + 10),
            policy: try row.optionalIdentifier(first + 11), issuer: try row.text(first + 12),
            redirectsDigest: try row.blob(first + 13), isMomentary: try row.bool(first + 14),
            createdAt: try row.timestamp(first + 15), redeemedAt: row.optionalTimestamp(first + 16),
            refreshedAt: row.optionalTimestamp(first + 17), expiresAt: try row.timestamp(first + 18))
    }
}

extension Reading {
    /// A grant that has not ended, redeemed or on its way. One of the future does not count: the clock was set back since.
    package func managedGrant(_ id: ManagedGrantID, at now: Timestamp) throws(Failure) -> ManagedGrant? {
        try first(
            ManagedGrant.self,
            "SELECT \(ManagedGrant.columns) FROM oauth_grants g WHERE g.id = ? AND g.expires_at > ? AND g.created_at <= ?",
            id, now, now + Timestamp.clockSkew)
    }

    /// Whether a person allows a client with these redirect URIs at an application, or at the API, already.
    package func hasConsent(
        of user: AccessUserID, to client: ManagedClientID, at application: ApplicationID?, redirectsDigest: [UInt8],
        at now: Timestamp
    ) throws(Failure) -> Bool {
        try exists(
            """
            SELECT 1 FROM oauth_grants
             WHERE application_id IS ? AND client_id = ? AND user_id = ? AND redirects_digest = ? AND expires_at > ?
               AND created_at <= ? AND redeemed_at IS NOT NULL
            """, application, client, user, redirectsDigest, now, now + Timestamp.clockSkew)
    }
}

extension WriteTransaction {
    package func insert(_ grant: ManagedGrant) throws(Failure) {
        try execute(
            """
            INSERT INTO oauth_grants (id, account_id, application_id, client_id, user_id, idp_id, source_account_id, email,
                                      identity, session_nonce, country, policy_id, issuer, redirects_digest,
                                      is_momentary, created_at, redeemed_at, refreshed_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, lower(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            grant.id, grant.account, grant.application, grant.client, grant.user, grant.provider, grant.sourceAccount,
            grant.email, grant.identity, grant.session.text, grant.country, grant.policy, grant.issuer,
            grant.redirectsDigest, grant.isMomentary, grant.createdAt, grant.redeemedAt, grant.refreshedAt,
            grant.expiresAt)
    }

    package func noteRedemption(of grant: ManagedGrantID, at now: Timestamp) throws(Failure) {
        try execute("UPDATE oauth_grants SET redeemed_at = ? WHERE id = ?", now, grant)
    }

    package func noteRefresh(of grant: ManagedGrantID, at now: Timestamp) throws(Failure) {
        try execute("UPDATE oauth_grants SET refreshed_at = ? WHERE id = ?", now, grant)
    }

    /// Ends the oldest grants of a person for a client at an application beyond a number.
    package func endOldestGrants(like grant: ManagedGrant, keeping limit: Int) throws(Failure) -> Int {
        try execute(
            """
            DELETE FROM oauth_grants WHERE id IN
                (SELECT id FROM oauth_grants WHERE application_id IS ? AND client_id = ? AND user_id = ?
                    AND redeemed_at IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ?)
            """, grant.application, grant.client, grant.user, limit)
    }

    /// Ends a grant with its code and all its tokens.
    @discardableResult
    package func endGrant(_ id: ManagedGrantID) throws(Failure) -> Int {
        try execute("DELETE FROM oauth_grants WHERE id = ?", id)
    }

    @discardableResult
    package func endGrants(of application: ApplicationID) throws(Failure) -> Int {
        try execute("DELETE FROM oauth_grants WHERE application_id = ?", application)
    }

    @discardableResult
    package func endGrants(to client: ManagedClientID, at application: ApplicationID) throws(Failure) -> Int {
        try execute("DELETE FROM oauth_grants WHERE application_id = ? AND client_id = ?", application, client)
    }

    /// Ends every grant that rests on a login through an identity provider or connection.
    ///
    /// - Returns: how many were in use.
    @discardableResult
    package func endGrants(through provider: IdentityProviderID) throws(Failure) -> Int {
        try execute("DELETE FROM oauth_grants WHERE idp_id = ? AND redeemed_at IS NULL", provider)
        return try execute("DELETE FROM oauth_grants WHERE idp_id = ?", provider)
    }

    /// Ends every grant of a person in an account, and those that rest on logins which came over bridges from it.
    @discardableResult
    package func endGrants(ofEmail email: String, in account: AccountID) throws(Failure) -> Int {
        try execute(
            """
            DELETE FROM oauth_grants
             WHERE user_id IN (SELECT id FROM access_users WHERE account_id = ?1 AND lower(email) = lower(?2))
            """, account, email)
            + execute("DELETE FROM oauth_grants WHERE source_account_id = ? AND email = lower(?)", account, email)
    }
}
