package import Domain
package import Primitives
package import SQLite

extension AccessGroup: Stored {
    package static let columns: SQL = "id, name, is_default, document, created_at, updated_at, version"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            id: try row.identifier(0), name: try row.text(1), isDefault: try row.bool(2), document: try row.json(3),
            createdAt: try row.timestamp(4), updatedAt: try row.timestamp(5), version: try row.int(6))
    }
}

extension Reading {
    package func group(_ id: GroupID, in account: AccountID) throws(Failure) -> AccessGroup? {
        try first(
            AccessGroup.self, "SELECT \(AccessGroup.columns) FROM groups WHERE id = ? AND account_id = ?", id, account)
    }

    /// - Parameters:
    ///   - name: exact name, or `nil` for any.
    ///   - search: part of the name, case-insensitive, or `nil`.
    package func groups(
        of account: AccountID, named name: String?, matching search: String?, _ page: PageRequest
    ) throws(Failure) -> Page<AccessGroup> {
        let filter = Condition.named(name, matching: search, in: account)
        let total = try count("SELECT count(*) FROM groups WHERE \(filter.sql)", bindings: filter.bindings)
        let items = try all(
            AccessGroup.self,
            "SELECT \(AccessGroup.columns) FROM groups WHERE \(filter.sql) ORDER BY created_at, id LIMIT ? OFFSET ?",
            bindings: filter.bindings + [page.perPage, page.offset])
        return Page(items: items, total: total)
    }
}

extension WriteTransaction {
    package func insertGroup(
        _ id: GroupID, _ draft: AccessGroupDraft, in account: AccountID, at now: Timestamp
    ) throws(Failure) {
        try execute(
            """
            INSERT INTO groups (id, account_id, name, is_default, document, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            id, account, draft.name, draft.isDefault, draft.document, now, now)
        try setReferences(draft.references, of: id, .group, in: account)
    }

    package func updateGroup(
        _ id: GroupID, _ draft: AccessGroupDraft, in account: AccountID, at now: Timestamp
    ) throws(Failure) {
        try execute(
            """
            UPDATE groups SET name = ?, is_default = ?, document = ?, updated_at = ?, version = version + 1 WHERE id = ?
            """,
            draft.name, draft.isDefault, draft.document, now, id)
        try setReferences(draft.references, of: id, .group, in: account)
    }

    package func deleteGroup(_ id: GroupID) throws(Failure) {
        try execute("DELETE FROM rule_references WHERE owner_id = ?", id)
        try execute("DELETE FROM groups WHERE id = ?", id)
    }
}
