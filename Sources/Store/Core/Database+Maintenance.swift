internal import Glibc
package import SQLite

/// Why no backup was written.
package enum BackupError: Error, Hashable, Sendable {
    /// The target is the database itself.
    case sameFile
    case system(SystemFailure)
    case database(SQLiteError)
}

/// One thing that is wrong with a database.
package enum StoreProblem: Hashable, Sendable {
    /// A finding of SQLite's integrity check.
    case damaged(String)
    /// A row that refers to nothing.
    case dangling(Connection.DanglingReference)
    /// Migrations that this program would apply.
    case pendingMigration(name: String)
    /// The database and this program disagree about migrations, or it could not be read.
    case unusable(StoreOpenError)
}

extension StoreProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .damaged(let finding): "damaged: \(finding)"
        case .dangling(let reference):
            "\(reference.table) row \(reference.row.map(String.init) ?? "?") refers to a missing \(reference.parent)"
        case .pendingMigration(let name): "migration \(name) is pending"
        case .unusable(let reason): reason.description
        }
    }
}

extension Database {
    /// Writes a consistent copy of this instant to `target`, mode 0600, while the database is in use. An existing file
    /// is replaced once the copy is complete and on disk. Blocks; not for an event loop.
    package func backup(to target: String) throws(BackupError) {
        guard !DatabaseFile.areSame(path, target) else { throw .sameFile }
        let source: Connection
        do throws(SQLiteError) {
            source = try Connection(path: path, mode: .readOnly, options: options.reading)
        } catch { throw .database(error) }
        defer { source.close() }
        do throws(DatabaseFile.CopyError) {
            try DatabaseFile.copy(source, to: target)
        } catch {
            switch error {
            case .system(let failure): throw .system(failure)
            case .database(let cause): throw .database(cause)
            }
        }
    }

    /// Reads the whole file and reports what is wrong with it; empty when it is sound. Blocks; not for an event loop.
    package func check() -> [StoreProblem] {
        var problems: [StoreProblem] = []
        do throws(SQLiteError) {
            let connection = try Connection(path: path, mode: .readOnly, options: options.reading)
            defer { connection.close() }
            problems += try connection.integrityCheck().map(StoreProblem.damaged)
            problems += try connection.foreignKeyCheck().map(StoreProblem.dangling)
        } catch {
            problems.append(error.isCorrupt ? .damaged(error.message) : .unusable(.database(error)))
        }
        switch migrationStatus {
        case .success(let status): problems += status.pending.map { .pendingMigration(name: $0.name) }
        case .failure(let reason): problems.append(.unusable(reason))
        }
        return problems
    }
}
