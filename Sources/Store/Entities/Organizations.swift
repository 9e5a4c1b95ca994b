package import Domain
package import Primitives
package import SQLite

extension Organization: Stored {
    package static let columns: SQL = """
        o.id, o.name, o.parent_id, p.name,
        (SELECT group_concat(hex(ancestor_id), '') FROM
            (SELECT ancestor_id FROM organization_ancestors WHERE organization_id = o.id ORDER BY distance DESC)),
        o.profile, o.created_at, o.updated_at, o.version
        """

    static let source: SQL = "organizations o LEFT JOIN organizations p ON p.id = o.parent_id"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        let parentID: OrganizationID? = try row.optionalIdentifier(2)
        let parent = parentID.map { Parent(id: $0, name: row.optionalText(3) ?? "") }
        let digits = Array(try row.text(4).lowercased().utf8)
        let hierarchy = stride(from: 0, to: digits.count, by: 32).compactMap { start in
            OrganizationID(hex: String(decoding: digits[start..<min(start + 32, digits.count)], as: UTF8.self))
        }
        self.init(
            id: try row.identifier(0), name: try row.text(1), parent: parent, hierarchy: hierarchy,
            profile: row.optionalJSON(5), createdAt: try row.timestamp(6), updatedAt: try row.timestamp(7),
            version: try row.int(8))
    }
}

/// Which organizations a list shows. Absent members admit all.
package struct OrganizationFilter: Sendable {
    package enum Parent: Sendable {
        case none
        case one(OrganizationID)
    }

    package var ids: [OrganizationID] = []
    package var name = NameFilter()
    package var parent: Parent?
    package var containingAccount: AccountID?
    package var containingOrganization: OrganizationID?
    package var containingUser: UserID?

    package init() {}

    var conditions: [Condition] {
        var all = name.conditions(on: "o.name")
        if !ids.isEmpty { all.append(Condition(sql: "o.id IN (\(.placeholders(ids.count)))", bindings: ids)) }
        switch parent {
        case nil: break
        case .some(.none): all.append(Condition(sql: "o.parent_id IS NULL", bindings: []))
        case .some(.one(let id)): all.append(Condition(sql: "o.parent_id = ?", bindings: [id]))
        }
        if let id = containingAccount {
            all.append(
                Condition(
                    sql: """
                        o.id IN (SELECT x.ancestor_id FROM accounts c
                                   JOIN organization_ancestors x ON x.organization_id = c.organization_id
                                  WHERE c.id = ?)
                        """, bindings: [id]))
        }
        if let id = containingOrganization {
            all.append(
                Condition(
                    sql: """
                        o.id IN (SELECT ancestor_id FROM organization_ancestors
                                  WHERE organization_id = ? AND distance > 0)
                        """, bindings: [id]))
        }
        if let id = containingUser {
            all.append(
                Condition(
                    sql: "o.id IN (SELECT organization_id FROM organization_members WHERE user_id = ?)", bindings: [id])
            )
        }
        return all
    }
}

/// Conditions on a name, none of which regards ASCII case.
package struct NameFilter: Sendable {
    package var start: String?
    package var end: String?
    package var part: String?

    package init(start: String? = nil, end: String? = nil, part: String? = nil) {
        self.start = start
        self.end = end
        self.part = part
    }

    func conditions(on column: SQL) -> [Condition] {
        [
            start.map(LikePattern.starting(with:)), end.map(LikePattern.ending(with:)),
            part.map(LikePattern.containing),
        ].compactMap(\.self).map { Condition(sql: "\(column) LIKE ? ESCAPE '\\'", bindings: [$0]) }
    }
}

/// The last row of a page, for lists that go on after it.
package struct NamePosition: Sendable, Equatable {
    package let name: String
    package let id: AccountID

    package init(name: String, id: AccountID) {
        self.name = name
        self.id = id
    }
}

package struct TimePosition<Tag>: Sendable, Equatable {
    package let at: Timestamp
    package let id: Identifier<Tag>

    package init(at: Timestamp, id: Identifier<Tag>) {
        self.at = at
        self.id = id
    }
}

extension Reading {
    package func organization(_ id: OrganizationID) throws(Failure) -> Organization? {
        try first(Organization.self, "SELECT \(Organization.columns) FROM \(Organization.source) WHERE o.id = ?", id)
    }

    /// Organizations in which one of the reaches holds, oldest first.
    package func organizations(
        within reaches: [Reach], _ filter: OrganizationFilter, after: TimePosition<OrganizationTag>?, limit: Int
    ) throws(Failure) -> Page<Organization> {
        let shown = Condition.all(of: [reaches.organizations(id: "o.id")] + filter.conditions)
        let total = try count("SELECT count(*) FROM organizations o WHERE \(shown.sql)", bindings: shown.bindings)
        var rest = [shown]
        if let after { rest.append(Condition(sql: "(o.created_at, o.id) > (?, ?)", bindings: [after.at, after.id])) }
        let condition = Condition.all(of: rest)
        let items = try all(
            Organization.self,
            """
            SELECT \(Organization.columns) FROM \(Organization.source) WHERE \(condition.sql)
             ORDER BY o.created_at, o.id LIMIT ?
            """, bindings: condition.bindings + [limit])
        return Page(items: items, total: total)
    }

    /// The organizations in which the reaches hold and above which they do not; `limit` of them at most.
    package func topOrganizations(within reaches: [Reach], limit: Int) throws(Failure) -> [OrganizationID] {
        let held = reaches.organizations(id: "o.id")
        let isTop = Condition.any(of: [
            Condition(sql: "o.parent_id IS NULL", bindings: []), reaches.organizations(id: "o.parent_id").negated,
        ])
        let condition = Condition.all(of: [held, isTop])
        return try values(
            "SELECT o.id FROM organizations o WHERE \(condition.sql) LIMIT ?", bindings: condition.bindings + [limit]
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }

    /// Organizations directly below one.
    package func childCount(of id: OrganizationID) throws(Failure) -> Int {
        try count("SELECT count(*) FROM organizations WHERE parent_id = ?", id)
    }

    /// Levels of the tree from this organization down, itself included.
    package func height(of id: OrganizationID) throws(Failure) -> Int {
        try count("SELECT max(distance) + 1 FROM organization_ancestors WHERE ancestor_id = ?", id)
    }

    /// Accounts in the organization and below it.
    package func accountCount(below id: OrganizationID) throws(Failure) -> Int {
        try count(
            """
            SELECT count(*) FROM organization_ancestors x JOIN accounts a ON a.organization_id = x.organization_id
             WHERE x.ancestor_id = ?
            """, id)
    }

    package func hasAccounts(_ id: OrganizationID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM accounts WHERE organization_id = ? LIMIT 1", id)
    }
}

extension WriteTransaction {
    /// Adds an organization and its place in the tree.
    package func insert(_ organization: Organization) throws(Failure) {
        let parent = organization.parent?.id
        let root = try parent.flatMap { (id) throws(Failure) in try chain(of: id).last } ?? organization.id
        try execute(
            """
            INSERT INTO organizations (id, parent_id, root_id, name, profile, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            organization.id, parent, root, organization.name, organization.profile, organization.createdAt,
            organization.updatedAt)
        try execute(
            """
            INSERT INTO organization_ancestors (organization_id, ancestor_id, distance)
            SELECT ?, ?, 0 UNION ALL
            SELECT ?, ancestor_id, distance + 1 FROM organization_ancestors WHERE organization_id = ?
            """, organization.id, organization.id, organization.id, parent)
    }

    /// Writes name and profile.
    package func update(_ organization: Organization) throws(Failure) {
        try execute(
            "UPDATE organizations SET name = ?, profile = ?, updated_at = ?, version = version + 1 WHERE id = ?",
            organization.name, organization.profile, organization.updatedAt, organization.id)
    }

    /// Children and accounts show the name of the organization they are in: what they look like changes with it.
    package func noteNewName(of id: OrganizationID) throws(Failure) {
        try execute("UPDATE organizations SET version = version + 1 WHERE parent_id = ?", id)
        try execute("UPDATE accounts SET version = version + 1 WHERE organization_id = ?", id)
    }

    /// Hangs an organization, with everything below it, under another parent or at the top. The caller has made sure
    /// that no circle arises.
    package func move(_ id: OrganizationID, under parent: OrganizationID?) throws(Failure) {
        let root = try parent.flatMap { (id) throws(Failure) in try chain(of: id).last } ?? id
        try execute("UPDATE organizations SET parent_id = ? WHERE id = ?", parent, id)
        try execute(
            """
            UPDATE organizations SET root_id = ?, version = version + (id <> ?)
             WHERE id IN (SELECT organization_id FROM organization_ancestors WHERE ancestor_id = ?)
            """, root, id, id)
        try execute(
            """
            DELETE FROM organization_ancestors
             WHERE organization_id IN (SELECT organization_id FROM organization_ancestors WHERE ancestor_id = ?)
               AND ancestor_id IN (SELECT ancestor_id FROM organization_ancestors
                                    WHERE organization_id = ? AND distance > 0)
            """, id, id)
        try execute(
            """
            INSERT INTO organization_ancestors (organization_id, ancestor_id, distance)
            SELECT d.organization_id, a.ancestor_id, d.distance + a.distance + 1
              FROM organization_ancestors d JOIN organization_ancestors a ON a.organization_id = ?
             WHERE d.ancestor_id = ?
            """, parent, id)
    }

    package func deleteOrganization(_ id: OrganizationID) throws(Failure) {
        try execute("DELETE FROM organizations WHERE id = ?", id)
    }
}
