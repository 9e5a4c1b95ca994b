package import Domain
import Primitives
package import SQLite

extension AccountMember: Stored {
    package static let columns: SQL = """
        m.id, m.account_id, m.status, (SELECT group_concat(value, char(10)) FROM json_each(m.roles)), m.policies,
        m.created_at, m.updated_at, m.version, \(User.columns)
        """

    static let source: SQL = "account_members m JOIN users u ON u.id = m.user_id"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let status = Status(rawValue: try row.text(2)) else { throw row.malformed(2) }
        self.init(
            id: try row.identifier(0), account: try row.identifier(1), user: try User(row, from: 8), status: status,
            roles: [AccountRole](names: row.optionalText(3)), policies: try row.json(4),
            createdAt: try row.timestamp(5), updatedAt: try row.timestamp(6), version: try row.int(7))
    }
}

extension [AccountRole] {
    /// Reads names on lines of their own. One that is no longer known grants nothing and is left out.
    fileprivate init(names: String?) {
        self = names?.split(separator: "\n").compactMap { AccountRole(rawValue: String($0)) } ?? []
    }

    /// As JSON; the names need no escaping.
    fileprivate var names: String { "[" + map { "\"\($0.rawValue)\"" }.joined(separator: ",") + "]" }
}

/// By what a list of members is ordered.
package enum MemberOrder: String, Sendable, CaseIterable {
    case email = "user.email"
    case firstName = "user.first_name"
    case lastName = "user.last_name"
    case status

    var column: SQL {
        switch self {
        case .email: "lower(u.email)"
        case .firstName: "u.first_name"
        case .lastName: "u.last_name"
        case .status: "m.status"
        }
    }
}

extension Reading {
    package func member(_ id: MemberID, of account: AccountID) throws(Failure) -> AccountMember? {
        try first(
            AccountMember.self,
            "SELECT \(AccountMember.columns) FROM \(AccountMember.source) WHERE m.id = ? AND m.account_id = ?", id,
            account)
    }

    package func member(_ user: UserID, of account: AccountID) throws(Failure) -> AccountMember? {
        try first(
            AccountMember.self,
            "SELECT \(AccountMember.columns) FROM \(AccountMember.source) WHERE m.user_id = ? AND m.account_id = ?",
            user,
            account)
    }

    /// - Parameter order: `nil` for the order of creation.
    package func members(
        of account: AccountID, status: AccountMember.Status?, order: MemberOrder?, isDescending: Bool,
        _ page: PageRequest
    ) throws(Failure) -> Page<AccountMember> {
        var condition = Condition(sql: "m.account_id = ?", bindings: [account])
        if let status {
            condition = .all(of: [condition, Condition(sql: "m.status = ?", bindings: [status.rawValue])])
        }
        let total = try count(
            "SELECT count(*) FROM account_members m WHERE \(condition.sql)", bindings: condition.bindings)
        let direction: SQL = isDescending ? "DESC" : "ASC"
        let first: SQL = order.map { "\($0.column) \(direction), " } ?? ""
        let items = try all(
            AccountMember.self,
            """
            SELECT \(AccountMember.columns) FROM \(AccountMember.source) WHERE \(condition.sql)
             ORDER BY \(first)m.created_at \(direction), m.id \(direction) LIMIT ? OFFSET ?
            """, bindings: condition.bindings + [page.perPage, page.offset])
        return Page(items: items, total: total)
    }

    /// What the membership grants, whatever its status.
    package func permissions(of member: MemberID) throws(Failure) -> PermissionSet {
        let groups = try values(
            "SELECT permission_group FROM account_member_grants WHERE member_id = ? AND effect = 'allow'", member
        ) { (row) throws(SQLiteError) in
            guard let group = PermissionGroup(name: try row.text(0)) else { throw row.malformed(0) }
            return group
        }
        return PermissionSet(groups)
    }

    /// Whether another member is Super Administrator of the account.
    package func hasSuperAdministrator(_ account: AccountID, besides member: MemberID) throws(Failure) -> Bool {
        try exists(
            """
            SELECT 1 FROM account_members m
             WHERE m.account_id = ? AND m.status = 'accepted' AND m.id <> ?
               AND EXISTS (SELECT 1 FROM json_each(m.roles) WHERE value = ?) LIMIT 1
            """, account, member, AccountRole.superAdministrator.rawValue)
    }

    /// The accounts that a user is a member of, oldest membership first.
    package func memberships(
        of user: UserID, status: AccountMember.Status?, accountNamed name: String?, _ page: PageRequest
    ) throws(Failure) -> Page<Membership> {
        var conditions = [Condition(sql: "m.user_id = ?", bindings: [user])]
        if let status { conditions.append(Condition(sql: "m.status = ?", bindings: [status.rawValue])) }
        if let name { conditions.append(Condition(sql: "a.name = ?", bindings: [name])) }
        let condition = Condition.all(of: conditions)
        let total = try count(
            "SELECT count(*) FROM account_members m JOIN accounts a ON a.id = m.account_id WHERE \(condition.sql)",
            bindings: condition.bindings)
        let items = try values(
            """
            SELECT m.id, m.status, (SELECT group_concat(value, char(10)) FROM json_each(m.roles)), \(Account.columns)
              FROM account_members m JOIN accounts a ON a.id = m.account_id
              LEFT JOIN organizations o ON o.id = a.organization_id
             WHERE \(condition.sql) ORDER BY m.created_at, m.id LIMIT ? OFFSET ?
            """, bindings: condition.bindings + [page.perPage, page.offset]
        ) { (row) throws(SQLiteError) in
            guard let status = AccountMember.Status(rawValue: try row.text(1)) else { throw row.malformed(1) }
            return Membership(
                id: try row.identifier(0), status: status, roles: [AccountRole](names: row.optionalText(2)),
                account: try Account(row, from: 3))
        }
        return Page(items: items, total: total)
    }
}

extension WriteTransaction {
    package func insert(_ member: AccountMember) throws(Failure) {
        try execute(
            """
            INSERT INTO account_members (id, account_id, user_id, status, roles, policies, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            member.id, member.account, member.user.id, member.status.rawValue, member.roles.names, member.policies,
            member.createdAt, member.updatedAt)
    }

    package func update(_ member: AccountMember) throws(Failure) {
        try execute(
            """
            UPDATE account_members SET status = ?, roles = ?, policies = ?, updated_at = ?, version = version + 1
             WHERE id = ?
            """,
            member.status.rawValue, member.roles.names, member.policies, member.updatedAt, member.id)
    }

    /// Replaces the evaluated form of a membership.
    package func grant(
        allowed: PermissionSet, denied: PermissionSet, to member: MemberID
    ) throws(Failure) {
        try execute("DELETE FROM account_member_grants WHERE member_id = ?", member)
        for (effect, groups) in [("allow", allowed.groups), ("deny", denied.groups)] {
            for group in groups {
                try execute(
                    "INSERT INTO account_member_grants (member_id, effect, permission_group) VALUES (?, ?, ?)", member,
                    effect, group.name)
            }
        }
    }

    package func deleteAccountMember(_ id: MemberID) throws(Failure) {
        try execute("DELETE FROM account_members WHERE id = ?", id)
    }
}
