package import Domain
import Primitives
import SQLite

/// An identity provider of an account that people can sign in through.
package struct OfferedProvider: Sendable {
    package let account: AccountID
    package let id: IdentityProviderID
    package let type: String
    package let name: String
    /// False for a read-only connection, and for what a grant, an application or a rule names.
    package let isDeletable: Bool
}

/// Lookups by many identifiers at once, so that a page of the coverage report costs the same for every size of organization.
extension Reading {
    package func loginProviders(of accounts: [AccountID]) throws(Failure) -> [OfferedProvider] {
        guard !accounts.isEmpty else { return [] }
        let marks = SQL.placeholders(accounts.count)
        return try values(
            """
            SELECT account_id, id, type, name, is_deletable FROM (
                SELECT i.account_id, i.id, i.type, i.name, i.created_at,
                       NOT EXISTS (SELECT 1 FROM federation_grants g WHERE g.idp_id = i.id)
                       AND NOT EXISTS (SELECT 1 FROM application_idps n WHERE n.idp_id = i.id)
                       AND NOT EXISTS (SELECT 1 FROM rule_references r WHERE r.target_id = i.id) AS is_deletable
                  FROM identity_providers i
                 WHERE i.account_id IN (\(marks)) AND i.type IN (\(IdentityProviderType.loginTypesSQL))
                UNION ALL
                SELECT c.account_id, c.id, i.type, i.name, c.created_at, 0 FROM connections c
                  JOIN federation_grants g ON g.id = c.grant_id JOIN identity_providers i ON i.id = g.idp_id
                 WHERE c.account_id IN (\(marks)) AND i.type IN (\(IdentityProviderType.loginTypesSQL)))
             ORDER BY created_at, id
            """, bindings: accounts + accounts
        ) { (row) throws(SQLiteError) in
            OfferedProvider(
                account: try row.identifier(0), id: try row.identifier(1), type: try row.text(2), name: try row.text(3),
                isDeletable: try row.bool(4))
        }
    }

    package func policies(_ ids: [PolicyID]) throws(Failure) -> [PolicyID: Policy] {
        guard !ids.isEmpty else { return [:] }
        let rows = try all(
            Policy.self, "SELECT \(Policy.columns) FROM policies WHERE id IN (\(SQL.placeholders(ids.count)))",
            bindings: ids)
        return Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
    }

    package func groups(_ ids: [GroupID]) throws(Failure) -> [GroupID: AccessGroup] {
        guard !ids.isEmpty else { return [:] }
        let rows = try all(
            AccessGroup.self, "SELECT \(AccessGroup.columns) FROM groups WHERE id IN (\(SQL.placeholders(ids.count)))",
            bindings: ids)
        return Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
    }

    package func applications(_ ids: [ApplicationID]) throws(Failure) -> [ApplicationID: Application] {
        guard !ids.isEmpty else { return [:] }
        let rows = try all(
            Application.self,
            "SELECT \(Application.columns) FROM applications WHERE id IN (\(SQL.placeholders(ids.count)))",
            bindings: ids)
        return Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The policies of several applications, each by precedence.
    package func policies(ofApplications ids: [ApplicationID]) throws(Failure) -> [ApplicationID: [AttachedPolicy]] {
        guard !ids.isEmpty else { return [:] }
        let rows = try all(
            AttachedPolicy.self,
            """
            SELECT \(AttachedPolicy.columns) FROM application_policies AS link JOIN policies ON policies.id = link.policy_id
             WHERE link.application_id IN (\(SQL.placeholders(ids.count))) ORDER BY link.application_id, link.precedence
            """, bindings: ids)
        return Dictionary(grouping: rows, by: \.application)
    }

    /// Whether an organization, one below it or one above it designated a primary IdP.
    package func hasPrimary(aboveOrBelow organization: OrganizationID) throws(Failure) -> Bool {
        try exists(
            """
            SELECT 1 FROM primary_idps p JOIN organization_ancestors x ON x.organization_id = p.organization_id
             WHERE x.ancestor_id = ?1
            UNION ALL
            SELECT 1 FROM primary_idps p JOIN organization_ancestors x ON x.ancestor_id = p.organization_id
             WHERE x.organization_id = ?1 LIMIT 1
            """, organization)
    }

    /// The addresses of an organization's active administrators.
    package func administratorAddresses(of organization: OrganizationID) throws(Failure) -> [String] {
        try values(
            """
            SELECT DISTINCT lower(u.email) FROM organization_ancestors x
              JOIN organization_members m ON m.organization_id = x.ancestor_id AND m.role = 'super_administrator'
                                          AND m.status = 'active'
              JOIN users u ON u.id = m.user_id
             WHERE x.organization_id = ? ORDER BY 1
            """, organization
        ) { (row) throws(SQLiteError) in try row.text(0) }
    }
}
