package import Domain
package import Primitives
package import SQLite

extension OIDCGrant: Stored {
    package static let columns: SQL = """
        g.id, g.account_id, g.application_id, g.client_id, g.user_id, g.idp_id, g.source_account_id, u.email,
        g.session_nonce, g.identity, g.ip, g.country, g.policy_id, g.issuer, g.scope, g.nonce, g.redirect_uri,
        g.challenge, g.code_expires_at, g.code_spent_at, g.created_at, g.expires_at
        """
    package static let columnCount = 22

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let session = SessionNonce(try row.text(8)) else { throw row.malformed(8) }
        self.init(
            id: try row.identifier(0), account: try row.identifier(1), application: try row.identifier(2),
            client: try row.longIdentifier(3), user: try row.identifier(4), provider: try row.identifier(5),
            sourceAccount: try row.optionalIdentifier(6), email: try row.text(7), session: session,
            identity: try row.json(9), address: try row.text(10), country: try row.text(11),
            policy: try row.identifier(12), issuer: try row.text(13),
            scopes: try row.text(14).split(separator: " ").map { String($0) }, nonce: row.optionalText(15),
            code: OIDCCode(
                redirectURI: try row.text(16), challenge: row.optionalText(17), expiresAt: try row.timestamp(18),
                isSpent: row.optionalTimestamp(19) != nil),
            createdAt: try row.timestamp(20), expiresAt: try row.timestamp(21))
    }
}

extension Reading {
    /// The grant that a code began, spent or not.
    package func oidcGrant(code digest: [UInt8], in account: AccountID) throws(Failure) -> OIDCGrant? {
        try first(
            OIDCGrant.self,
            """
            SELECT \(OIDCGrant.columns) FROM oidc_grants g JOIN access_users u ON u.id = g.user_id
             WHERE g.code_digest = ? AND g.account_id = ?
            """, digest, account)
    }

    /// The grant of a refresh token, with the instant at which that was exchanged. Here and below, a grant of the future does
    /// not count: the clock was set back since.
    package func oidcGrant(
        refreshToken digest: [UInt8], in account: AccountID, at now: Timestamp
    ) throws(Failure) -> (grant: OIDCGrant, retiredAt: Timestamp?)? {
        try value(
            """
            SELECT \(OIDCGrant.columns), r.retired_at
              FROM oidc_refresh_tokens r JOIN oidc_grants g ON g.id = r.grant_id
              JOIN access_users u ON u.id = g.user_id
             WHERE r.digest = ? AND g.account_id = ? AND g.created_at <= ?
            """, digest, account, now + Timestamp.clockSkew
        ) { (row) throws(SQLiteError) in (try OIDCGrant(row), row.optionalTimestamp(OIDCGrant.columnCount)) }
    }

    /// The grant of a live access token, with the token's own scope. A token whose key no longer verifies is over.
    package func oidcGrant(
        accessToken digest: [UInt8], in account: AccountID, at now: Timestamp
    ) throws(Failure) -> (grant: OIDCGrant, scopes: [String])? {
        try value(
            """
            SELECT \(OIDCGrant.columns), t.scope
              FROM oidc_access_tokens t JOIN oidc_grants g ON g.id = t.grant_id
              JOIN access_users u ON u.id = g.user_id JOIN signing_keys k ON k.kid = t.kid
             WHERE t.digest = ?1 AND g.account_id = ?2 AND t.expires_at > ?3
               AND g.created_at <= ?4 AND (k.verifies_until IS NULL OR k.verifies_until > ?3)
            """, digest, account, now, now + Timestamp.clockSkew
        ) { (row) throws(SQLiteError) in
            (try OIDCGrant(row), try row.text(OIDCGrant.columnCount).split(separator: " ").map { String($0) })
        }
    }
}

extension WriteTransaction {
    /// - Parameter codeDigest: absent where the authorization gives out no code.
    package func insert(_ grant: OIDCGrant, codeDigest: [UInt8]?) throws(Failure) {
        try execute(
            """
            INSERT INTO oidc_grants (id, account_id, application_id, client_id, user_id, idp_id, source_account_id,
                                     email, session_nonce, identity, ip, country, policy_id, issuer, scope, nonce,
                                     code_digest, redirect_uri, challenge, code_expires_at, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, lower(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            grant.id, grant.account, grant.application, grant.client, grant.user, grant.provider, grant.sourceAccount,
            grant.email, grant.session.text, grant.identity, grant.address, grant.country, grant.policy, grant.issuer,
            grant.scopes.joined(separator: " "), grant.nonce, codeDigest, grant.code.redirectURI, grant.code.challenge,
            grant.code.expiresAt, grant.createdAt, grant.expiresAt)
    }

    package func spendCode(of grant: OIDCGrantID, at now: Timestamp) throws(Failure) {
        try execute("UPDATE oidc_grants SET code_spent_at = ? WHERE id = ?", now, grant)
    }

    package func insertAccessToken(
        _ digest: [UInt8], of grant: OIDCGrantID, key: SigningKeyID, scopes: [String], until end: Timestamp
    ) throws(Failure) {
        try execute(
            "INSERT INTO oidc_access_tokens (digest, grant_id, kid, scope, expires_at) VALUES (?, ?, ?, ?, ?)", digest,
            grant, key, scopes.joined(separator: " "), end)
    }

    package func insertRefreshToken(_ digest: [UInt8], of grant: OIDCGrantID) throws(Failure) {
        try execute("INSERT INTO oidc_refresh_tokens (digest, grant_id) VALUES (?, ?)", digest, grant)
    }

    package func retireRefreshToken(_ digest: [UInt8], at now: Timestamp) throws(Failure) {
        try execute("UPDATE oidc_refresh_tokens SET retired_at = ? WHERE digest = ?", now, digest)
    }

    package func endOIDCAccessToken(_ digest: [UInt8]) throws(Failure) {
        try execute("DELETE FROM oidc_access_tokens WHERE digest = ?", digest)
    }

    /// Ends a grant with all its tokens.
    package func endOIDCGrant(_ id: OIDCGrantID) throws(Failure) {
        try execute("DELETE FROM oidc_grants WHERE id = ?", id)
    }

    /// Ends every grant of a person in an account, and those that came over bridges from it.
    package func endOIDCGrants(ofEmail email: String, in account: AccountID) throws(Failure) {
        try execute("DELETE FROM oidc_grants WHERE account_id = ? AND email = lower(?)", account, email)
        try execute("DELETE FROM oidc_grants WHERE source_account_id = ? AND email = lower(?)", account, email)
    }

    /// Ends every grant whose login used an identity provider or connection.
    package func endOIDCGrants(through provider: IdentityProviderID) throws(Failure) {
        try execute("DELETE FROM oidc_grants WHERE idp_id = ?", provider)
    }

    package func endOIDCGrants(of application: ApplicationID) throws(Failure) {
        try execute("DELETE FROM oidc_grants WHERE application_id = ?", application)
    }

    /// Removes grants and access tokens that are over.
    ///
    /// - Returns: how many rows.
    package func removeOverOIDCGrants(at now: Timestamp, atMost limit: Int) throws(Failure) -> Int {
        try execute(
            """
            DELETE FROM oidc_grants WHERE id IN (SELECT id FROM oidc_grants WHERE expires_at <= ? LIMIT ?)
            """, now, limit)
            + execute(
                """
                DELETE FROM oidc_access_tokens
                 WHERE digest IN (SELECT digest FROM oidc_access_tokens WHERE expires_at <= ? LIMIT ?)
                """, now, limit)
    }
}
