package import Domain
import Primitives
import SQLite

/// An organization as a line of the tree.
package struct OrganizationBranch: Sendable {
    package let id: OrganizationID
    package let name: String
    package let parent: OrganizationID?
    /// In the organization itself, not in those below it.
    package let accounts: Int
    package let hasPrimary: Bool
}

extension Reading {
    /// An organization and those below it, by name; at most `limit` of them, those above first.
    package func branches(below organization: OrganizationID, limit: Int) throws(Failure) -> [OrganizationBranch] {
        try values(
            """
            SELECT o.id, o.name, o.parent_id, (SELECT count(*) FROM accounts a WHERE a.organization_id = o.id),
                   EXISTS (SELECT 1 FROM primary_idps p WHERE p.organization_id = o.id)
              FROM organization_ancestors x JOIN organizations o ON o.id = x.organization_id
             WHERE x.ancestor_id = ? ORDER BY x.distance, o.name, o.id LIMIT ?
            """, organization, limit
        ) { (row) throws(SQLiteError) in
            OrganizationBranch(
                id: try row.identifier(0), name: try row.text(1), parent: try row.optionalIdentifier(2),
                accounts: try row.int(3), hasPrimary: try row.bool(4))
        }
    }
}
