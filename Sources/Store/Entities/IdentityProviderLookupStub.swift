package import Domain
import SQLite

extension Reading {
    /// Whether an account has this identity provider, its own or a connection.
    package func hasIdentityProvider(_ id: IdentityProviderID, in account: AccountID) throws(Failure) -> Bool {
        try exists(
            """
            SELECT 1 FROM identity_providers WHERE id = ?1 AND account_id = ?2
            UNION ALL
            SELECT 1 FROM connections WHERE id = ?1 AND account_id = ?2
            """, id, account)
    }
}
