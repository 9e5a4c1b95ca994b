package import Domain
package import Primitives
package import SQLite

/// The rules of a group as they are stored.
package struct GroupRules: Sendable, Stored {
    package let id: GroupID
    package let document: JSONText

    package static let columns: SQL = "groups.id, groups.document"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        id = try row.identifier(0)
        document = try row.json(1)
    }
}

/// What a decision has to read: three queries at most, whatever the number of policies.
extension Reading {
    /// The policies of an application by precedence; none when the application is another account's.
    package func policies(
        of application: ApplicationID, in account: AccountID
    ) throws(Failure) -> [AttachedPolicy] {
        try all(
            AttachedPolicy.self,
            """
            SELECT \(AttachedPolicy.columns)
              FROM application_policies AS link CROSS JOIN policies ON policies.id = link.policy_id
             WHERE link.application_id = ? AND policies.account_id = ? ORDER BY link.precedence
            """, application, account)
    }

    /// A policy of an account, reusable or not.
    package func policy(_ id: PolicyID, in account: AccountID) throws(Failure) -> Policy? {
        try first(Policy.self, "SELECT \(Policy.columns) FROM policies WHERE id = ? AND account_id = ?", id, account)
    }

    /// Every group that the policies of an application name, be it through other groups.
    package func groupRules(namedBy application: ApplicationID, in account: AccountID) throws(Failure) -> [GroupRules] {
        try all(
            GroupRules.self,
            """
            WITH RECURSIVE named(id) AS (
                SELECT target_id FROM application_policies AS link
                  JOIN rule_references ON owner_id = link.policy_id AND selector = 'group'
                 WHERE link.application_id = ?
                UNION
                SELECT target_id FROM named JOIN rule_references ON owner_id = named.id AND selector = 'group')
            SELECT \(GroupRules.columns) FROM named CROSS JOIN groups ON groups.id = named.id WHERE groups.account_id = ?
            """, application, account)
    }
}
