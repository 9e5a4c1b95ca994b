internal import Glibc
internal import SQLite
internal import Synchronization

/// The database: one writer, any number of readers, and the threads that look after the file.
///
/// Read ``WriteQueue`` first, then ``Reader``. Entities add their queries as extensions of ``Reading`` and their
/// changes as extensions of ``WriteTransaction``.
package final class Database: Sendable {
    package let writes: WriteQueue
    package let generations: Generations
    /// Migrations applied while opening.
    package let applied: [Migration]
    /// What the file had been through when it was opened; an error when it and this program disagree, which only
    /// ``StoreOptions/Purpose/inspect`` tolerates.
    let migrationStatus: Result<MigrationStatus, StoreOpenError>

    let options: StoreOptions
    /// Without symbolic links.
    let path: String
    private let lock: Mutex<ServeLock?>
    private let checkpointer: Checkpointer?
    private let backgroundReads: BackgroundReads
    private let isClosed = Mutex(false)

    /// Opens, and unless it only inspects, creates and migrates the database at `options.path`.
    package static func open(_ options: StoreOptions, migrations: [Migration]) throws(StoreOpenError) -> Database {
        try Database(options, migrations)
    }

    private init(_ options: StoreOptions, _ migrations: [Migration]) throws(StoreOpenError) {
        self.options = options
        let generations = Generations()
        self.generations = generations
        let access: Connection.Mode
        switch options.purpose {
        case .inspect:
            access = .readOnly
            path = try Self.existing(options.path)
            lock = Mutex(nil)
            applied = []
            migrationStatus = try Self.inspect(path, migrations)
        case .serve, .migrate:
            access = .readWrite
            path = try Self.created(options.path)
            lock = Mutex(try ServeLock(database: path, owner: options.purpose.owner))
            (applied, migrationStatus) = try Self.migrate(path, options, migrations)
        }
        checkpointer = access == .readWrite ? try Checkpointer(path, options) : nil
        writes = try WriteQueue(path, access, options, generations, checkpointer)
        backgroundReads = try BackgroundReads(path, options, generations)
    }

    deinit { close() }

    /// A reader for one thread.
    package func makeReader() throws(Failure) -> sending Reader {
        do throws(SQLiteError) {
            return Reader(try Connection(path: path, mode: .readOnly, options: options.reading), generations)
        } catch { throw Failure(error) }
    }

    /// Runs a long read on the store's own thread, in a snapshot of its own.
    package func background<Value: Sendable>(
        _ body: @escaping @Sendable (Reader) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await backgroundReads.perform(body)
    }

    /// Names the address in the lock, once the listener knows it.
    package func announce(address: String) { lock.withLock { $0?.announce(address) } }

    /// Finishes the writes that wait, moves the log into the database and lets go of the file. Blocks. Readers should
    /// be closed before. Later calls do nothing; later writes are refused.
    package func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        backgroundReads.close()
        writes.close()
        checkpointer?.close()
        if checkpointer != nil { truncateLog() }
        lock.withLock { $0 = nil }
    }

    private func truncateLog() {
        // Not needed for correctness: the next start reads the log as well.
        do throws(SQLiteError) {
            let connection = try Connection(path: path, mode: .readWrite, options: options.writing)
            try connection.checkpoint(.truncate)
            connection.close()
        } catch {}
    }
}

extension StoreOptions.Purpose {
    fileprivate var owner: String {
        switch self {
        case .serve(let address): address
        case .migrate: "migrating"
        case .inspect: "inspecting"
        }
    }
}
