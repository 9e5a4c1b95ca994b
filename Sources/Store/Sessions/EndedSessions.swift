package import Domain
package import Primitives
import SQLite

/// Ends of sessions (contract 40 §3). Tokens of applications and handovers of a session go with it, and so do the grants of
/// SaaS applications, which outlive a session but not its end on demand. Each says how many sessions ended.
extension WriteTransaction {
    @discardableResult
    package func endSession(_ nonce: SessionNonce, in account: AccountID) throws(Failure) -> Int {
        try execute("DELETE FROM oidc_grants WHERE session_nonce = ? AND account_id = ?", nonce.text, account)
        return try execute("DELETE FROM sessions WHERE nonce = ? AND account_id = ?", nonce.text, account)
    }

    /// Ends every session of a person in an account, and those that came over bridges from it: those of the user whose
    /// address it is now, and those that began under the address.
    @discardableResult
    package func endSessions(ofEmail email: String, in account: AccountID) throws(Failure) -> Int {
        try endOIDCGrants(ofEmail: email, in: account)
        return try execute(
            """
            DELETE FROM sessions WHERE user_id IN
                (SELECT id FROM access_users WHERE account_id = ? AND lower(email) = lower(?))
            """, account, email)
            + execute("DELETE FROM sessions WHERE account_id = ? AND email = lower(?)", account, email)
            + execute("DELETE FROM sessions WHERE source_account_id = ? AND email = lower(?)", account, email)
    }

    @discardableResult
    package func endSessions(of user: AccessUserID) throws(Failure) -> Int {
        try execute("DELETE FROM oidc_grants WHERE user_id = ?", user)
        return try execute("DELETE FROM sessions WHERE user_id = ?", user)
    }

    @discardableResult
    package func endSessions(in account: AccountID) throws(Failure) -> Int {
        try execute("DELETE FROM oidc_grants WHERE account_id = ?", account)
        return try execute("DELETE FROM sessions WHERE account_id = ?", account)
    }

    /// Ends every session whose login used an identity provider or connection, whoever it was.
    @discardableResult
    package func endSessions(through provider: IdentityProviderID) throws(Failure) -> Int {
        try endOIDCGrants(through: provider)
        return try execute("DELETE FROM sessions WHERE idp_id = ?", provider)
    }

    /// Keeps a person out for ``Session/revocationPause``.
    package func revoke(_ email: String, in account: AccountID, at now: Timestamp) throws(Failure) {
        try execute(
            """
            INSERT INTO user_revocations (account_id, email, until) VALUES (?, lower(?), ?)
                ON CONFLICT (account_id, email) DO UPDATE SET until = excluded.until
            """, account, email, now + Session.revocationPause)
    }

    /// Ends what a service token was let into.
    ///
    /// - Returns: how many tokens of applications.
    @discardableResult
    package func endTokens(of token: ServiceTokenID) throws(Failure) -> Int {
        try execute("DELETE FROM application_tokens WHERE service_token_id = ?", token)
    }
}
