package import Domain
import Primitives
package import SQLite

extension AccessUser: Stored {
    package static let columns: SQL = """
        id, email, name, seat_id, access_seat, gateway_seat, last_successful_login, created_at, updated_at, version
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            id: try row.identifier(0), email: try row.text(1), name: try row.text(2), seat: try row.identifier(3),
            hasAccessSeat: try row.bool(4), hasGatewaySeat: try row.bool(5),
            lastSuccessfulLogin: row.optionalTimestamp(6), createdAt: try row.timestamp(7),
            updatedAt: try row.timestamp(8), version: try row.int(9))
    }
}

/// Which users of an account a list shows.
package struct AccessUserFilter: Sendable {
    /// Compared without regard to ASCII case.
    package var email: String?
    package var name: String?
    /// Part of the address or name.
    package var search: String?

    package init(email: String? = nil, name: String? = nil, search: String? = nil) {
        self.email = email
        self.name = name
        self.search = search
    }
}

extension Reading {
    package func accessUser(_ id: AccessUserID, in account: AccountID) throws(Failure) -> AccessUser? {
        try first(
            AccessUser.self, "SELECT \(AccessUser.columns) FROM access_users WHERE id = ? AND account_id = ?", id,
            account)
    }

    package func accessUser(withEmail email: String, in account: AccountID) throws(Failure) -> AccessUser? {
        try first(
            AccessUser.self,
            "SELECT \(AccessUser.columns) FROM access_users WHERE account_id = ? AND lower(email) = lower(?)", account,
            email)
    }

    /// Access seats that are taken in an account.
    package func takenSeats(in account: AccountID) throws(Failure) -> Int {
        try count("SELECT count(*) FROM access_users WHERE account_id = ? AND access_seat = 1", account)
    }

    package func accessUser(seat: SeatID, in account: AccountID) throws(Failure) -> AccessUser? {
        try first(
            AccessUser.self, "SELECT \(AccessUser.columns) FROM access_users WHERE seat_id = ? AND account_id = ?",
            seat,
            account)
    }

    package func accessUsers(
        of account: AccountID, _ filter: AccessUserFilter, _ page: PageRequest
    ) throws(Failure) -> Page<AccessUser> {
        var condition: SQL = "account_id = ?"
        var bindings: [any Bindable] = [account]
        if let email = filter.email {
            condition = "\(condition) AND lower(email) = lower(?)"
            bindings.append(email)
        }
        if let name = filter.name {
            condition = "\(condition) AND name = ?"
            bindings.append(name)
        }
        if let search = filter.search {
            condition = "\(condition) AND (email LIKE ? ESCAPE '\\' OR name LIKE ? ESCAPE '\\')"
            bindings += [LikePattern.containing(search), LikePattern.containing(search)]
        }
        let total = try count("SELECT count(*) FROM access_users WHERE \(condition)", bindings: bindings)
        let items = try all(
            AccessUser.self,
            "SELECT \(AccessUser.columns) FROM access_users WHERE \(condition) ORDER BY created_at, id LIMIT ? OFFSET ?",
            bindings: bindings + [page.perPage, page.offset])
        return Page(items: items, total: total)
    }
}

extension WriteTransaction {
    package func insert(_ user: AccessUser, in account: AccountID) throws(Failure) {
        try execute(
            """
            INSERT INTO access_users (id, account_id, email, name, seat_id, access_seat, gateway_seat, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            user.id, account, user.email, user.name, user.seat, user.hasAccessSeat, user.hasGatewaySeat, user.createdAt,
            user.updatedAt)
    }

    package func update(_ user: AccessUser) throws(Failure) {
        try execute(
            """
            UPDATE access_users
               SET email = ?, name = ?, access_seat = ?, gateway_seat = ?, updated_at = ?, version = version + 1
             WHERE id = ?
            """,
            user.email, user.name, user.hasAccessSeat, user.hasGatewaySeat, user.updatedAt, user.id)
    }

    package func deleteAccessUser(_ id: AccessUserID) throws(Failure) {
        try execute("DELETE FROM access_users WHERE id = ?", id)
    }
}
