package import Domain
import SQLite

/// What nearly every write asks of its account.
package struct AccountFacts: Sendable, Equatable {
    package let name: String
    package let organization: OrganizationID?
    /// The account under the designation that governs it.
    package let governed: GovernedAccount?
    /// Whether people can sign in through an identity provider other than the one that the designation wants, in an
    /// account that it reaches: what makes an application that admits all of them drift.
    package let hasOtherLogin: Bool
}

extension Reading {
    /// - Returns: `nil` without such an account.
    func readFacts(of account: AccountID) throws(Failure) -> AccountFacts? {
        let place = try value("SELECT name, organization_id FROM accounts WHERE id = ?", account) {
            (row) throws(SQLiteError) in
            (name: try row.text(0), organization: try row.optionalIdentifier(1) as OrganizationID?)
        }
        guard let place else { return nil }
        let governed = place.organization == nil ? nil : try governed(account)
        let hasOtherLogin =
            try governed.map { (governed) throws(Failure) in
                try hasLogin(besides: governed.allowed, in: account)
            } ?? false
        return AccountFacts(
            name: place.name, organization: place.organization, governed: governed, hasOtherLogin: hasOtherLogin)
    }

    private func hasLogin(besides allowed: IdentityProviderID?, in account: AccountID) throws(Failure) -> Bool {
        try exists(
            """
            SELECT 1 FROM identity_providers
             WHERE account_id = ?1 AND type IN (\(IdentityProviderType.loginTypesSQL)) AND id IS NOT ?2
            UNION ALL
            SELECT 1 FROM connections c CROSS JOIN federation_grants g ON g.id = c.grant_id
              CROSS JOIN identity_providers i ON i.id = g.idp_id
             WHERE c.account_id = ?1 AND i.type IN (\(IdentityProviderType.loginTypesSQL)) AND c.id IS NOT ?2
             LIMIT 1
            """, account, allowed)
    }
}

extension WriteTransaction {
    /// The same, remembered from unit to unit while nothing changes that they are read from.
    package func facts(of account: AccountID) throws(Failure) -> AccountFacts? {
        let watched = connection.watchedChanges
        if let known = memory.facts(of: account, at: watched) {
            assert(isStillSo(known, of: account), "what the writer remembers of an account is outdated")
            return known
        }
        guard let facts = try readFacts(of: account) else { return nil }
        memory.keep(facts, of: account, at: watched)
        return facts
    }

    private func isStillSo(_ facts: AccountFacts, of account: AccountID) -> Bool {
        do throws(Failure) {
            return try readFacts(of: account) == facts
        } catch { return true }
    }
}
