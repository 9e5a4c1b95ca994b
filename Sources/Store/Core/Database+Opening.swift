internal import Glibc
internal import Primitives
internal import SQLite

extension Database {
    /// What the migrations of a database are, without opening it for anything else. A missing file has all of them
    /// pending.
    package static func migrationStatus(
        path: String, migrations: [Migration]
    ) throws(StoreOpenError) -> MigrationStatus {
        do throws(StoreOpenError) {
            return try inspect(try existing(path), migrations).get()
        } catch {
            guard case .missing = error else { throw error }
            return MigrationStatus(applied: [], pending: migrations)
        }
    }

    /// The resolved path of a file that must be there.
    static func existing(_ path: String) throws(StoreOpenError) -> String {
        do throws(SystemFailure) {
            return try DatabaseFile.resolve(path)
        } catch {
            throw error.code == ENOENT ? .missing(path: path) : .system(error)
        }
    }

    /// The resolved path of a file that is created when it is missing.
    static func created(_ path: String) throws(StoreOpenError) -> String {
        do throws(SystemFailure) {
            return try DatabaseFile.create(path)
        } catch { throw .system(error) }
    }

    static func inspect(
        _ path: String, _ migrations: [Migration]
    ) throws(StoreOpenError) -> Result<MigrationStatus, StoreOpenError> {
        let connection = try connect(path, .readOnly, Connection.Options())
        defer { connection.close() }
        do throws(StoreOpenError) {
            return .success(try Migrator(connection, migrations).status())
        } catch { return .failure(error.naming(path)) }
    }

    static func migrate(
        _ path: String, _ options: StoreOptions, _ migrations: [Migration]
    ) throws(StoreOpenError) -> ([Migration], Result<MigrationStatus, StoreOpenError>) {
        var settings = Connection.Options()
        settings.busyTimeout = options.busyTimeout
        settings.usesWriteAheadLog = true
        // Rebuilding a table takes dropping it, which must not cascade; each migration is checked as a whole instead.
        settings.enforcesForeignKeys = false
        let connection = try connect(path, .readWrite, settings)
        defer { connection.close() }
        do throws(StoreOpenError) {
            let migrator = Migrator(connection, migrations)
            let applied = try migrator.migrate(path: path, clock: options.clock)
            return (applied, .success(try migrator.status()))
        } catch { throw error.naming(path) }
    }

    static func connect(
        _ path: String, _ mode: Connection.Mode, _ options: Connection.Options
    ) throws(StoreOpenError) -> sending Connection {
        do throws(SQLiteError) {
            return try Connection(path: path, mode: mode, options: options)
        } catch { throw StoreOpenError.database(error).naming(path) }
    }
}

extension StoreOpenError {
    /// The same, with the path where the one who found it did not know it.
    fileprivate func naming(_ path: String) -> StoreOpenError {
        switch self {
        case .foreign: .foreign(path: path)
        case .database(let cause) where cause.isNotADatabase: .foreign(path: path)
        default: self
        }
    }
}
