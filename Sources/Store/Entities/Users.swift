package import Domain
import Primitives
package import SQLite

extension User: Stored {
    package static let columns: SQL = "u.id, u.email, u.first_name, u.last_name, u.created_at"

    package init(_ row: borrowing Row) throws(SQLiteError) { try self.init(row, from: 0) }

    init(_ row: borrowing Row, from first: Int) throws(SQLiteError) {
        self.init(
            id: try row.identifier(first), email: try row.text(first + 1), firstName: row.optionalText(first + 2),
            lastName: row.optionalText(first + 3), createdAt: try row.timestamp(first + 4))
    }
}

extension Reading {
    package func user(_ id: UserID) throws(Failure) -> User? {
        try first(User.self, "SELECT \(User.columns) FROM users u WHERE u.id = ?", id)
    }

    /// The user with this address; ASCII case does not matter.
    package func user(email: String) throws(Failure) -> User? {
        try first(User.self, "SELECT \(User.columns) FROM users u WHERE lower(u.email) = lower(?)", email)
    }

    package func hasUsers() throws(Failure) -> Bool { try exists("SELECT 1 FROM users LIMIT 1") }
}

extension WriteTransaction {
    package func insert(_ user: User, isRoot: Bool = false) throws(Failure) {
        try execute(
            "INSERT INTO users (id, email, first_name, last_name, is_root, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            user.id,
            user.email, user.firstName, user.lastName, isRoot, user.createdAt)
    }
}
