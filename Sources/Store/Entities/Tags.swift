package import Domain
package import Primitives
package import SQLite

extension Tag: Stored {
    package static let columns: SQL = """
        name, (SELECT count(*) FROM application_tags WHERE account_id = tags.account_id AND tag = tags.name), created_at,
        updated_at, version
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            name: try row.text(0), appCount: try row.int(1), createdAt: try row.timestamp(2),
            updatedAt: try row.timestamp(3), version: try row.int(4))
    }
}

extension Reading {
    package func tag(_ name: String, in account: AccountID) throws(Failure) -> Tag? {
        try first(Tag.self, "SELECT \(Tag.columns) FROM tags WHERE account_id = ? AND name = ?", account, name)
    }

    package func hasTag(_ name: String, in account: AccountID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM tags WHERE account_id = ? AND name = ?", account, name)
    }

    package func tags(of account: AccountID, _ page: PageRequest) throws(Failure) -> Page<Tag> {
        let total = try count("SELECT count(*) FROM tags WHERE account_id = ?", account)
        let items = try all(
            Tag.self,
            "SELECT \(Tag.columns) FROM tags WHERE account_id = ? ORDER BY created_at, name LIMIT ? OFFSET ?", account,
            page.perPage, page.offset)
        return Page(items: items, total: total)
    }
}

extension WriteTransaction {
    package func insertTag(_ name: String, in account: AccountID, at now: Timestamp) throws(Failure) {
        try execute(
            "INSERT INTO tags (account_id, name, created_at, updated_at) VALUES (?, ?, ?, ?)", account, name, now, now)
    }

    /// Renames a tag wherever it is attached.
    package func renameTag(
        _ name: String, to other: String, in account: AccountID, at now: Timestamp
    ) throws(Failure) {
        let tagged = name == other ? [] : try touchApplications(tagged: name, in: account, at: now)
        try execute(
            "UPDATE tags SET name = ?, updated_at = ?, version = version + 1 WHERE account_id = ? AND name = ?", other,
            now,
            account, name)
        for application in tagged { try renewLists(of: application) }
    }

    /// Deletes a tag and detaches it from its applications.
    package func deleteTag(_ name: String, in account: AccountID, at now: Timestamp) throws(Failure) {
        let tagged = try touchApplications(tagged: name, in: account, at: now)
        try execute("DELETE FROM tags WHERE account_id = ? AND name = ?", account, name)
        for application in tagged { try renewLists(of: application) }
    }

    private func touchApplications(
        tagged tag: String, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> [ApplicationID] {
        let tagged = try values(
            "SELECT application_id FROM application_tags WHERE account_id = ? AND tag = ?", account, tag
        ) { (row) throws(SQLiteError) in try row.identifier(0) as ApplicationID }
        try execute(
            """
            UPDATE applications SET updated_at = ?, version = version + 1
             WHERE id IN (SELECT application_id FROM application_tags WHERE account_id = ? AND tag = ?)
            """, now, account, tag)
        return tagged
    }
}
