internal import Primitives
internal import SQLite

/// Brings a database up to date. Each migration is one transaction, so a process killed at any instant leaves a
/// database that the next start goes on with.
struct Migrator {
    let connection: Connection
    let migrations: [Migration]

    init(_ connection: Connection, _ migrations: [Migration]) {
        self.connection = connection
        self.migrations = migrations.sorted { $0.number < $1.number }
    }

    /// - Throws: when the database and the program disagree about what was applied.
    func status() throws(StoreOpenError) -> MigrationStatus {
        let records = try records()
        var applied: [Migration] = []
        var pending: [Migration] = []
        for record in records where !migrations.contains(where: { $0.number == record.number }) {
            throw .newerDatabase(migration: record.name)
        }
        for migration in migrations {
            guard let record = records.first(where: { $0.number == migration.number }) else {
                pending.append(migration)
                continue
            }
            guard record.sha256 == migration.sha256 else { throw .changedMigration(name: migration.name) }
            if let skipped = pending.first { throw .skippedMigration(name: skipped.name) }
            applied.append(migration)
        }
        return MigrationStatus(applied: applied, pending: pending)
    }

    /// Applies what is pending, after a copy of a database that is not empty.
    ///
    /// - Parameter path: of the database; the copy of the state before migration 7 is `<path>.before-0007`.
    /// - Returns: what was applied.
    func migrate(path: String, clock: any WallClock) throws(StoreOpenError) -> [Migration] {
        let pending = try status().pending
        guard let first = pending.first else { return [] }
        if try !isEmpty() { try preserve(as: "\(path).before-\(Self.fourDigits(first.number))") }
        for migration in pending { try apply(migration, at: clock.now) }
        return pending
    }

    private func apply(_ migration: Migration, at now: Timestamp) throws(StoreOpenError) {
        do throws(SQLiteError) {
            try connection.transaction { () throws(SQLiteError) in
                try connection.script(Self.table)
                try connection.script(migration.sql)
                guard connection.isInTransaction else {
                    throw SQLiteError(extendedCode: 1, message: "a migration must not end its transaction")
                }
                if let dangling = try connection.foreignKeyCheck().first {
                    throw SQLiteError(
                        extendedCode: 1, message: "\(dangling.table) refers to a missing \(dangling.parent)")
                }
                try connection.execute(
                    "INSERT INTO schema_migrations (number, name, sha256, applied_at) VALUES (?, ?, ?, ?)",
                    migration.number, migration.name, migration.sha256, now)
            }
        } catch { throw .failedMigration(name: migration.name, error) }
    }

    private func preserve(as path: String) throws(StoreOpenError) {
        do throws(DatabaseFile.CopyError) {
            try DatabaseFile.copy(connection, to: path)
        } catch {
            switch error {
            case .system(let failure): throw .system(failure)
            case .database(let cause): throw .database(cause)
            }
        }
    }

    private struct Record {
        let number: Int
        let name: String
        let sha256: String
    }

    private func records() throws(StoreOpenError) -> [Record] {
        let isKnown: Bool
        let records: [Record]
        do throws(SQLiteError) {
            let tables = try connection.all("SELECT name FROM sqlite_schema WHERE type = 'table'") { row in
                try row.text(0)
            }
            let isTracked = tables.contains("schema_migrations")
            isKnown = isTracked || tables.isEmpty
            records =
                try !isTracked
                ? []
                : connection.all("SELECT number, name, sha256 FROM schema_migrations") { row in
                    Record(number: try row.int(0), name: try row.text(1), sha256: try row.text(2))
                }
        } catch { throw .database(error) }
        guard isKnown else { throw .foreign(path: "") }
        return records
    }

    private func isEmpty() throws(StoreOpenError) -> Bool {
        do throws(SQLiteError) {
            return try connection.first("SELECT 1 FROM sqlite_schema LIMIT 1") { _ in true } == nil
        } catch { throw .database(error) }
    }

    private static func fourDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static let table = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            applied_at INTEGER NOT NULL
        ) STRICT;
        """
}
