package import Domain
import Primitives
package import SQLite

extension OrganizationMember: Stored {
    package static let columns: SQL = """
        m.id, m.organization_id, m.role, m.status, m.created_at, m.updated_at, m.version, \(User.columns)
        """

    static let source: SQL = "organization_members m JOIN users u ON u.id = m.user_id"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let role = OrganizationRole(rawValue: try row.text(2)) else { throw row.malformed(2) }
        guard let status = Status(rawValue: try row.text(3)) else { throw row.malformed(3) }
        self.init(
            id: try row.identifier(0), organization: try row.identifier(1), user: try User(row, from: 7), role: role,
            status: status, createdAt: try row.timestamp(4), updatedAt: try row.timestamp(5), version: try row.int(6))
    }
}

extension Reading {
    package func member(_ id: MemberID, of organization: OrganizationID) throws(Failure) -> OrganizationMember? {
        try first(
            OrganizationMember.self,
            """
            SELECT \(OrganizationMember.columns) FROM \(OrganizationMember.source)
             WHERE m.id = ? AND m.organization_id = ?
            """, id, organization)
    }

    package func members(
        of organization: OrganizationID, after: TimePosition<MemberTag>?, limit: Int
    ) throws(Failure) -> Page<OrganizationMember> {
        let total = try count("SELECT count(*) FROM organization_members WHERE organization_id = ?", organization)
        var condition = Condition(sql: "m.organization_id = ?", bindings: [organization])
        if let after {
            condition = .all(of: [
                condition, Condition(sql: "(m.created_at, m.id) > (?, ?)", bindings: [after.at, after.id]),
            ])
        }
        let items = try all(
            OrganizationMember.self,
            """
            SELECT \(OrganizationMember.columns) FROM \(OrganizationMember.source) WHERE \(condition.sql)
             ORDER BY m.created_at, m.id LIMIT ?
            """, bindings: condition.bindings + [limit])
        return Page(items: items, total: total)
    }

    package func isMember(_ user: UserID, of organization: OrganizationID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM organization_members WHERE organization_id = ? AND user_id = ?", organization, user)
    }

    /// Whether the organization has members besides this user.
    package func hasMembers(_ organization: OrganizationID, besides user: UserID?) throws(Failure) -> Bool {
        try exists(
            "SELECT 1 FROM organization_members WHERE organization_id = ? AND user_id IS NOT ? LIMIT 1", organization,
            user)
    }

    /// Whether somebody else administers the organization.
    package func hasAdministrator(_ organization: OrganizationID, besides member: MemberID) throws(Failure) -> Bool {
        try exists(
            """
            SELECT 1 FROM organization_members
             WHERE organization_id = ? AND role = 'super_administrator' AND status = 'active' AND id <> ? LIMIT 1
            """, organization, member)
    }
}

extension WriteTransaction {
    package func insert(_ member: OrganizationMember) throws(Failure) {
        try execute(
            """
            INSERT INTO organization_members (id, organization_id, user_id, role, status, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            member.id, member.organization, member.user.id, member.role.rawValue, member.status.rawValue,
            member.createdAt, member.updatedAt)
    }

    package func update(_ member: OrganizationMember) throws(Failure) {
        try execute(
            "UPDATE organization_members SET role = ?, status = ?, updated_at = ?, version = version + 1 WHERE id = ?",
            member.role.rawValue, member.status.rawValue, member.updatedAt, member.id)
    }

    package func deleteOrganizationMember(_ id: MemberID) throws(Failure) {
        try execute("DELETE FROM organization_members WHERE id = ?", id)
    }
}
