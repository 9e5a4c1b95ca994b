import SQLite

/// Damage that only somebody with the file in hand can do.
package enum Tampering {
    /// As if a newer version of the program had been there.
    package static func addMigration(to path: String) throws {
        try run(
            """
            INSERT INTO schema_migrations SELECT 9999, '9999_from_the_future', sha256, applied_at FROM schema_migrations LIMIT 1
            """, path)
    }

    package static func changeAudit(in path: String) throws {
        try run("UPDATE audit_log SET description = 'nothing happened' WHERE position = 1", path)
    }

    private static func run(_ statement: SQL, _ path: String) throws {
        let connection = try Connection(path: path, mode: .readWrite)
        defer { connection.close() }
        try connection.execute(statement)
    }
}
