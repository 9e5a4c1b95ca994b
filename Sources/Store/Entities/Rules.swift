package import Domain
package import Primitives
import SQLite

/// Whose rules they are.
package enum RuleOwner: String, Sendable { case policy, group }

/// The nesting around one group.
package struct GroupNesting: Sendable, Equatable {
    /// Groups below it on the longest way down, and above it on the longest way up.
    package let below, above: Int
    package let isCyclic: Bool
}

extension Reading {
    /// Whether rules of an account may name an identity provider: its own, a connection, or the source of a connection.
    package func canName(_ id: IdentityProviderID, in account: AccountID) throws(Failure) -> Bool {
        if try hasIdentityProvider(id, in: account) { return true }
        return try exists(
            """
            SELECT 1 FROM federation_grants JOIN connections ON connections.grant_id = federation_grants.id
             WHERE federation_grants.idp_id = ? AND connections.account_id = ?
            """, id, account)
    }

    /// What the rules of a policy or group name now.
    package func ruleTargets<Entity>(of owner: Identifier<Entity>) throws(Failure) -> Set<RuleTargetID> {
        Set(
            try values("SELECT target_id FROM rule_references WHERE owner_id = ? AND target_id <> x''", owner) {
                (row) throws(SQLiteError) in try row.identifier(0)
            })
    }

    /// Looks one step further than groups may nest, so that both a cycle and too deep a nesting show.
    package func nesting(around group: GroupID) throws(Failure) -> GroupNesting {
        let limit = AccessGroup.maxNesting + 1
        let below = try value(
            """
            WITH RECURSIVE below(id, depth) AS (
                SELECT target_id, 1 FROM rule_references WHERE owner_id = ?1 AND selector = 'group'
                UNION
                SELECT target_id, depth + 1 FROM below JOIN rule_references ON owner_id = below.id
                 WHERE selector = 'group' AND depth < ?2)
            SELECT coalesce(max(depth), 0), coalesce(max(id = ?1), 0) FROM below
            """, group, limit
        ) { (row) throws(SQLiteError) in (depth: try row.int(0), isCyclic: try row.bool(1)) }
        let above = try value(
            """
            WITH RECURSIVE above(id, depth) AS (
                SELECT owner_id, 1 FROM rule_references
                 WHERE target_id = ?1 AND selector = 'group' AND owner_kind = 'group'
                UNION
                SELECT owner_id, depth + 1 FROM above JOIN rule_references ON target_id = above.id
                 WHERE selector = 'group' AND owner_kind = 'group' AND depth < ?2)
            SELECT coalesce(max(depth), 0) FROM above
            """, group, limit
        ) { (row) throws(SQLiteError) in try row.int(0) }
        return GroupNesting(below: below?.depth ?? 0, above: above ?? 0, isCyclic: below?.isCyclic ?? false)
    }

    /// Whether a policy or group, or a group below it, asks who somebody is.
    package func asksForIdentity<Entity>(_ owner: Identifier<Entity>) throws(Failure) -> Bool {
        try exists(
            """
            WITH RECURSIVE owners(id) AS (
                VALUES (?)
                UNION
                SELECT target_id FROM owners JOIN rule_references ON owner_id = owners.id WHERE selector = 'group')
            SELECT 1 FROM owners JOIN rule_references ON owner_id = owners.id
             WHERE selector IN (\(RuleSQL.identitySelectors)) LIMIT 1
            """, owner)
    }

    /// Whether a `bypass` or `non_identity` policy uses a group, be it through other groups.
    package func isUsedBeforeLogin(_ group: GroupID) throws(Failure) -> Bool {
        try exists(
            """
            WITH RECURSIVE users(id) AS (
                VALUES (?)
                UNION
                SELECT owner_id FROM users JOIN rule_references ON target_id = users.id WHERE selector = 'group')
            SELECT 1 FROM users JOIN policies ON policies.id = users.id
             WHERE policies.decision IN ('bypass', 'non_identity') LIMIT 1
            """, group)
    }
}

private enum RuleSQL {
    /// The names that ``RuleSelector/asksForIdentity`` holds for; a test compares the two.
    static let identitySelectors: SQL = """
        'email', 'email_domain', 'email_list', 'login_method', 'auth_method', 'auth_context', 'azureAD', 'okta', 'gsuite',
        'github-organization', 'saml', 'oidc', 'user_risk_score', 'external_evaluation', 'cloudflare_account_member'
        """
}

extension WriteTransaction {
    package func setReferences<Entity>(
        _ references: [RuleReference], of owner: Identifier<Entity>, _ kind: RuleOwner, in account: AccountID
    ) throws(Failure) {
        try execute("DELETE FROM rule_references WHERE owner_id = ?", owner)
        for reference in references {
            try execute(
                """
                INSERT INTO rule_references (owner_id, list, position, selector, target_id, account_id, owner_kind)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                owner, reference.list.rawValue, reference.position, reference.selector.rawValue,
                reference.target?.bytes ?? [], account, kind.rawValue)
        }
    }
}
