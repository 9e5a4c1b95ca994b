/// One file of `Migrations/`: plain SQL, forward only, never edited once applied anywhere.
package struct Migration: Sendable, Hashable {
    /// The leading digits of the file's name.
    package let number: Int
    /// The file's name without its extension, such as `0001_organizations`.
    package let name: String
    /// SHA-256 of the file, in hexadecimal.
    package let sha256: String
    package let sql: String

    package init(number: Int, name: String, sha256: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
        self.sha256 = sha256
    }
}

/// What a database has been through, compared with what this program knows.
package struct MigrationStatus: Sendable, Hashable {
    package let applied: [Migration]
    package let pending: [Migration]
}
