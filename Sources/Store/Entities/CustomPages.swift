package import Domain
package import Primitives
package import SQLite

extension CustomPage: Stored {
    package static let columns: SQL = "id, name, type, contract_version, created_at, updated_at, version"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let type = CustomPageType(rawValue: try row.text(2)) else { throw row.malformed(2) }
        self.init(
            id: try row.identifier(0), name: try row.text(1), type: type, contractVersion: try row.int(3),
            createdAt: try row.timestamp(4), updatedAt: try row.timestamp(5), version: try row.int(6))
    }
}

extension Reading {
    package func customPage(_ id: CustomPageID, in account: AccountID) throws(Failure) -> CustomPage? {
        try first(
            CustomPage.self, "SELECT \(CustomPage.columns) FROM custom_pages WHERE id = ? AND account_id = ?", id,
            account)
    }

    package func html(of id: CustomPageID) throws(Failure) -> String? {
        try value("SELECT custom_html FROM custom_pages WHERE id = ?", id) { (row) throws(SQLiteError) in
            try row.text(0)
        }
    }

    package func customPages(of account: AccountID, _ page: PageRequest) throws(Failure) -> Page<CustomPage> {
        let total = try count("SELECT count(*) FROM custom_pages WHERE account_id = ?", account)
        let items = try all(
            CustomPage.self,
            """
            SELECT \(CustomPage.columns) FROM custom_pages WHERE account_id = ? ORDER BY created_at, id LIMIT ? OFFSET ?
            """, account, page.perPage, page.offset)
        return Page(items: items, total: total)
    }

    /// Whether an application or the Zero Trust organization of an account names a page. Looks through documents: for the
    /// rare deletion only.
    package func isPageInUse(_ id: CustomPageID, in account: AccountID) throws(Failure) -> Bool {
        let pattern = LikePattern.containing("\"\(id.uuid)\"")
        return try exists(
            """
            SELECT 1 FROM applications WHERE account_id = ?1 AND document LIKE ?2
            UNION ALL
            SELECT 1 FROM zero_trust_organizations WHERE account_id = ?1 AND document LIKE ?2
             LIMIT 1
            """, account, pattern)
    }
}

extension WriteTransaction {
    package func insertCustomPage(
        _ id: CustomPageID, _ draft: CustomPageDraft, in account: AccountID, at now: Timestamp
    ) throws(Failure) {
        try execute(
            """
            INSERT INTO custom_pages (id, account_id, name, type, custom_html, contract_version, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            id, account, draft.name, draft.type.rawValue, draft.html, draft.contractVersion, now, now)
    }

    package func updateCustomPage(_ id: CustomPageID, _ draft: CustomPageDraft, at now: Timestamp) throws(Failure) {
        try execute(
            """
            UPDATE custom_pages
               SET name = ?, type = ?, custom_html = ?, contract_version = ?, updated_at = ?, version = version + 1
             WHERE id = ?
            """,
            draft.name, draft.type.rawValue, draft.html, draft.contractVersion, now, id)
    }

    package func deleteCustomPage(_ id: CustomPageID) throws(Failure) {
        try execute("DELETE FROM custom_pages WHERE id = ?", id)
    }
}
