package import Domain
import Primitives
import SQLite

/// A connection that an account had to an identity provider of another.
package struct EndedConnection: Sendable {
    package let id: IdentityProviderID
    package let source: IdentityProvider
}

/// An identity provider that an organization designated.
package struct PrimaryIssuer: Sendable {
    package let organization: OrganizationID
    package let provider: IdentityProvider
}

/// Whose ID tokens are believed where (contract 40 §10).
extension Reading {
    package func endedConnections(of account: AccountID) throws(Failure) -> [EndedConnection] {
        try values(
            """
            SELECT \(IdentityProvider.columns), e.connection_id
              FROM ended_connections e JOIN identity_providers i ON i.id = e.idp_id WHERE e.account_id = ?
            """, account
        ) { (row) throws(SQLiteError) in
            EndedConnection(
                id: try row.identifier(IdentityProvider.columnCount), source: try IdentityProvider(row, from: 0))
        }
    }

    /// Every designated identity provider of the server.
    package func primaryIssuers() throws(Failure) -> [PrimaryIssuer] {
        try values(
            """
            SELECT \(IdentityProvider.columns), p.organization_id
              FROM primary_idps p JOIN identity_providers i ON i.id = p.idp_id
            """
        ) { (row) throws(SQLiteError) in
            PrimaryIssuer(
                organization: try row.identifier(IdentityProvider.columnCount),
                provider: try IdentityProvider(row, from: 0))
        }
    }

    /// What a user's memberships allow within one organization's tree: active ones of the organization or a descendant,
    /// accepted ones of an account in it. Nothing for anybody who is a member elsewhere only.
    package func grants(
        ofUser user: UserID, within organization: OrganizationID
    ) throws(Failure) -> [RightsGrant] {
        var grants = try values(
            """
            SELECT m.organization_id, m.role
              FROM organization_members m
              JOIN organization_ancestors x ON x.organization_id = m.organization_id AND x.ancestor_id = ?2
             WHERE m.user_id = ?1 AND m.status = 'active'
            """, user, organization
        ) { (row) throws(SQLiteError) in
            guard let role = OrganizationRole(rawValue: try row.text(1)) else { throw row.malformed(1) }
            return RightsGrant(
                effect: .allow, permissions: role.permissions, scope: .organization(try row.identifier(0)))
        }
        grants += try values(
            """
            SELECT m.account_id, g.effect, g.permission_group
              FROM account_members m
              JOIN accounts a ON a.id = m.account_id
              JOIN organization_ancestors x ON x.organization_id = a.organization_id AND x.ancestor_id = ?2
              JOIN account_member_grants g ON g.member_id = m.id
             WHERE m.user_id = ?1 AND m.status = 'accepted'
            """, user, organization
        ) { (row) throws(SQLiteError) in
            guard let effect = RightsGrant.Effect(rawValue: try row.text(1)) else { throw row.malformed(1) }
            guard let group = PermissionGroup(name: try row.text(2)) else { throw row.malformed(2) }
            return RightsGrant(effect: effect, permissions: [group], scope: .account(try row.identifier(0)))
        }
        return grants
    }

    /// Whether an application of the account has this audience.
    package func hasApplication(_ audience: Audience, in account: AccountID) throws(Failure) -> Bool {
        try exists(
            "SELECT 1 FROM applications WHERE id BETWEEN ? AND ? AND aud = ? AND account_id = ?",
            audience.firstIdentifier, audience.lastIdentifier, audience, account)
    }
}
