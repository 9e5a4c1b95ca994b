package import Domain
package import Primitives
import SQLite

/// An API token as authentication needs it.
package struct TokenCredential: Sendable {
    package let principal: Principal
    package let isActive: Bool
    package let notBefore: Timestamp?
    package let expiresAt: Timestamp?
    package let lastUsedAt: Timestamp?
    package let allowedAddresses: [CIDR]
    package let deniedAddresses: [CIDR]

    package init(
        principal: Principal, isActive: Bool, notBefore: Timestamp?, expiresAt: Timestamp?, lastUsedAt: Timestamp?,
        allowedAddresses: [CIDR], deniedAddresses: [CIDR]
    ) {
        self.principal = principal
        self.isActive = isActive
        self.notBefore = notBefore
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.allowedAddresses = allowedAddresses
        self.deniedAddresses = deniedAddresses
    }
}

/// Where an account stands: the organizations above it, and whether Access is set up in it.
package struct AccountPlace: Sendable, Equatable {
    /// Nearest first; empty for an account on its own.
    package let organizations: [OrganizationID]
    package let hasZeroTrust: Bool
}

extension Reading {
    /// The token with this SHA-256, whatever its state, with everything that decides what it may do.
    package func credential(digest: [UInt8]) throws(Failure) -> TokenCredential? {
        let row = try value(
            """
            SELECT t.id, t.name, t.account_id, t.user_id, u.email, u.is_root, t.status, t.not_before, t.expires_at,
                   t.last_used_at
              FROM api_tokens t LEFT JOIN users u ON u.id = t.user_id
             WHERE t.digest = ?
            """, digest
        ) { (row) throws(SQLiteError) in
            (
                id: try row.identifier(0) as APITokenID, name: try row.text(1),
                account: try row.optionalIdentifier(2) as AccountID?, user: try row.optionalIdentifier(3) as UserID?,
                email: row.optionalText(4), isRoot: row.optionalBool(5) ?? false, isActive: try row.text(6) == "active",
                notBefore: row.optionalTimestamp(7), expiresAt: row.optionalTimestamp(8),
                lastUsedAt: row.optionalTimestamp(9)
            )
        }
        guard let row else { return nil }
        let addresses = try values(
            "SELECT is_allow, cidr FROM api_token_addresses WHERE token_id = ?", row.id
        ) { (row) throws(SQLiteError) in
            guard let cidr = CIDR(try row.text(1)) else { throw row.malformed(1) }
            return (isAllow: try row.bool(0), cidr: cidr)
        }
        // A user's token never reaches beyond what the user may do now; an account's token was bounded when it was made.
        let isBounded = row.account == nil && !row.isRoot
        let ceiling: [RightsGrant]? = if isBounded, let user = row.user { try grants(ofUser: user) } else { nil }
        let principal = Principal(
            user: row.user, email: row.email,
            token: Principal.Token(id: row.id, name: row.name, account: row.account),
            grants: try grants(ofToken: row.id), ceiling: ceiling, isRoot: row.isRoot && row.account == nil)
        return TokenCredential(
            principal: principal, isActive: row.isActive, notBefore: row.notBefore, expiresAt: row.expiresAt,
            lastUsedAt: row.lastUsedAt, allowedAddresses: addresses.filter(\.isAllow).map(\.cidr),
            deniedAddresses: addresses.filter { !$0.isAllow }.map(\.cidr))
    }

    package func grants(ofToken token: APITokenID) throws(Failure) -> [RightsGrant] {
        let rows = try values(
            "SELECT effect, permission_group, scope, scope_id FROM api_token_grants WHERE token_id = ?", token
        ) { (row) throws(SQLiteError) in
            guard let effect = RightsGrant.Effect(rawValue: try row.text(0)) else { throw row.malformed(0) }
            guard let group = PermissionGroup(name: try row.text(1)) else { throw row.malformed(1) }
            let id = try row.blob(3)
            let scope: RightsScope? =
                switch (try row.text(2), id.isEmpty) {
                case ("account", true): .everyAccount
                case ("account", false): AccountID(bytes: id).map(RightsScope.account)
                case ("organization", true): .everyOrganization
                case ("organization", false): OrganizationID(bytes: id).map(RightsScope.organization)
                case ("user", _): UserID(bytes: id).map(RightsScope.user)
                default: nil
                }
            guard let scope else { throw row.malformed(2) }
            return (effect: effect, group: group, scope: scope)
        }
        // One grant a scope and effect, so that evaluation walks a short list.
        var merged: [RightsGrant] = []
        for row in rows {
            let known = merged.firstIndex { $0.effect == row.effect && $0.scope == row.scope }
            let permissions = known.map { merged[$0].permissions }?.union([row.group]) ?? [row.group]
            let grant = RightsGrant(effect: row.effect, permissions: permissions, scope: row.scope)
            if let known { merged[known] = grant } else { merged.append(grant) }
        }
        return merged
    }

    /// What a user's memberships allow: accepted ones of accounts, active ones of organizations, and their own user.
    package func grants(ofUser user: UserID) throws(Failure) -> [RightsGrant] {
        var grants = [RightsGrant(effect: .allow, permissions: .scope(.user), scope: .user(user))]
        grants += try values(
            "SELECT organization_id, role FROM organization_members WHERE user_id = ? AND status = 'active'", user
        ) { (row) throws(SQLiteError) in
            guard let role = OrganizationRole(rawValue: try row.text(1)) else { throw row.malformed(1) }
            return RightsGrant(
                effect: .allow, permissions: role.permissions, scope: .organization(try row.identifier(0)))
        }
        grants += try values(
            """
            SELECT m.account_id, g.effect, g.permission_group
              FROM account_members m JOIN account_member_grants g ON g.member_id = m.id
             WHERE m.user_id = ? AND m.status = 'accepted'
            """, user
        ) { (row) throws(SQLiteError) in
            guard let effect = RightsGrant.Effect(rawValue: try row.text(1)) else { throw row.malformed(1) }
            guard let group = PermissionGroup(name: try row.text(2)) else { throw row.malformed(2) }
            return RightsGrant(effect: effect, permissions: [group], scope: .account(try row.identifier(0)))
        }
        return grants
    }

    /// `nil` when there is no such account.
    package func place(of account: AccountID) throws(Failure) -> AccountPlace? {
        let found = try value(
            """
            SELECT organization_id, EXISTS (SELECT 1 FROM zero_trust_organizations z WHERE z.account_id = a.id)
              FROM accounts a WHERE id = ?
            """, account
        ) { (row) throws(SQLiteError) in (try row.optionalIdentifier(0) as OrganizationID?, try row.bool(1)) }
        guard let found else { return nil }
        return AccountPlace(
            organizations: try found.0.map { (id) throws(Failure) in try chain(of: id) } ?? [], hasZeroTrust: found.1)
    }

    /// The organization and those above it, nearest first; empty when there is none with this id.
    package func chain(of organization: OrganizationID) throws(Failure) -> [OrganizationID] {
        try values(
            "SELECT ancestor_id FROM organization_ancestors WHERE organization_id = ? ORDER BY distance", organization
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }
}

extension WriteTransaction {
    /// Remembers when a token was last used. No version: nothing that a client wrote has changed.
    package func noteUse(of token: APITokenID, at now: Timestamp) throws(Failure) {
        try execute("UPDATE api_tokens SET last_used_at = ? WHERE id = ?", now, token)
    }
}
