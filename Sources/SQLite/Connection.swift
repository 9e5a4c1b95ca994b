internal import CSQLite

/// One connection to a database file, used by one thread at a time.
///
/// Statements are prepared once for each text and kept. Every call resets its statement before it returns, so between
/// calls the connection holds no snapshot unless a transaction is open.
@safe
@usableFromInline
package final class Connection {
    package enum Mode: Sendable { case readOnly, readWrite, readWriteCreate }

    package enum Synchronous: String, Sendable {
        case full = "FULL"
        case normal = "NORMAL"
        case off = "OFF"
    }

    package struct Options: Sendable {
        /// How long a lock of another connection is waited for.
        package var busyTimeout: Duration = .seconds(5)
        package var cacheBytes = 2 << 20
        /// The part of the file that is read through a memory map; 0 for none.
        package var mappedBytes = 0
        package var synchronous = Synchronous.full
        package var enforcesForeignKeys = true
        /// Switches the file to write-ahead logging.
        package var usesWriteAheadLog = false
        /// Off: ``Connection/framesInLog`` counts, and whoever opened the connection checkpoints.
        package var checkpointsAutomatically = true
        /// Tables whose changes ``Connection/watchedChanges`` counts.
        package var watchedTables: Set<String> = []
        /// Prepared statements kept; beyond it the ones unused for longest go.
        package var preparedStatements = 512

        package init() {}
    }

    /// Frames of the write-ahead log after the latest commit of this connection; counted when checkpoints are not
    /// automatic.
    package internal(set) var framesInLog = 0

    /// Moves before anything changes a watched table, also by a cascade, and whenever changes are undone. What was read
    /// from these tables in this transaction or in one before is still so while it stands.
    package internal(set) var watchedChanges: UInt64 = 0
    let watchedTables: Set<String>
    /// Whether what is being prepared writes to a watched table.
    var preparesWatchedWrite = false

    var handle: OpaquePointer?
    let arena = Arena(capacity: 16 << 10)
    var progress: ProgressHandler?
    private var statements: [SQL: Statement] = [:]
    private let capacity: Int
    private var uses: UInt64 = 0
    package let interrupter: Interrupter

    /// Opens `path`, or a private database for `":memory:"`.
    ///
    /// - Throws: ``SQLiteError`` when the file cannot be opened or refuses a setting.
    package init(path: String, mode: Mode, options: Options = Options()) throws(SQLiteError) {
        try Library.configure()
        let access =
            switch mode {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE
            case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        // A build of SQLite that takes URIs everywhere would read options from such a name.
        let name = path.hasPrefix("file:") ? "./" + path : path
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(name, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let handle = unsafe opened, code == SQLITE_OK else {
            let failure =
                unsafe opened.map { unsafe SQLiteError(of: $0, code) }
                ?? SQLiteError(extendedCode: SQLITE_NOMEM, message: "out of memory")
            unsafe sqlite3_close_v2(opened)
            throw SQLiteError(extendedCode: failure.extendedCode, message: "\(path): \(failure.message)")
        }
        unsafe self.handle = handle
        capacity = max(options.preparedStatements, 1)
        watchedTables = options.watchedTables
        interrupter = unsafe Interrupter(handle)
        try apply(options)
    }

    deinit { close() }

    /// Finalizes all statements and closes the file. Later calls fail.
    package func close() {
        interrupter.forget()
        statements.removeAll()
        unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    /// Closed connections answer with misuse instead of touching freed memory.
    func open() throws(SQLiteError) -> OpaquePointer {
        guard let handle = unsafe handle else { throw .misuse("the connection is closed") }
        return unsafe handle
    }

    func check(_ code: Int32, _ sql: SQL? = nil) throws(SQLiteError) {
        if code != SQLITE_OK { throw unsafe SQLiteError(of: try open(), code, sql) }
    }
}

extension Connection {
    /// The statement for `sql`, ready to be bound. Give it back with ``release(_:)``.
    @usableFromInline
    func lease(_ sql: SQL) throws(SQLiteError) -> Statement {
        uses += 1
        if let statement = statements[sql] {
            if !statement.isLeased {
                statement.lastUse = uses
                statement.lease()
                if statement.writesWatchedTable { watchedChanges &+= 1 }
                return statement
            }
            // The same query inside its own decoding: a second statement for this one use.
            let extra = try prepare(sql, persistent: false)
            extra.lease()
            return extra
        }
        let statement = try prepare(sql, persistent: true)
        if statements.count >= capacity { forgetOldest() }
        statement.lastUse = uses
        statements[sql] = statement
        statement.lease()
        return statement
    }

    private func prepare(_ sql: SQL, persistent: Bool) throws(SQLiteError) -> Statement {
        preparesWatchedWrite = false
        let statement = unsafe try Statement(sql, database: try open(), arena: arena, persistent: persistent)
        if preparesWatchedWrite {
            statement.writesWatchedTable = true
            watchedChanges &+= 1
        }
        return statement
    }

    @usableFromInline
    func release(_ statement: Statement) { statement.release() }

    /// Statements in the middle of an execution. 0 between calls.
    package var busyStatements: Int {
        guard let handle = unsafe handle else { return 0 }
        var count = 0
        var statement = unsafe sqlite3_next_stmt(handle, nil)
        while let current = unsafe statement {
            if unsafe sqlite3_stmt_busy(current) != 0 { count += 1 }
            unsafe statement = sqlite3_next_stmt(handle, current)
        }
        return count
    }

    /// Statements executed so far, for tests that count them.
    package var executions: UInt64 { uses }

    /// Statements prepared and kept, for tests that look at their plans.
    package var preparedStatements: [SQL] { Array(statements.keys) }

    /// Drops the quarter that was not used for longest.
    private func forgetOldest() {
        let idle = statements.filter { !$0.value.isLeased }.sorted { $0.value.lastUse < $1.value.lastUse }
        for (sql, _) in idle.prefix(max(capacity / 4, 1)) { statements[sql] = nil }
    }
}

extension Connection {
    private func apply(_ options: Options) throws(SQLiteError) {
        let handle = unsafe try open()
        try check(unsafe sqlite3_busy_timeout(handle, Int32(clamping: options.busyTimeout.wholeMilliseconds)))
        // A damaged or planted schema cannot run code, and "x" is a name, never a text.
        try check(unsafe csqlite_set(handle, SQLITE_DBCONFIG_DEFENSIVE, 1))
        try check(unsafe csqlite_set(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0))
        try check(unsafe csqlite_set(handle, SQLITE_DBCONFIG_DQS_DML, 0))
        try check(unsafe csqlite_set(handle, SQLITE_DBCONFIG_DQS_DDL, 0))
        try check(unsafe csqlite_set(handle, SQLITE_DBCONFIG_ENABLE_FKEY, options.enforcesForeignKeys ? 1 : 0))
        if options.usesWriteAheadLog {
            let mode = try first("PRAGMA journal_mode = WAL") { row in try row.text(0) }
            guard mode == "wal" || mode == "memory" else {
                throw SQLiteError(extendedCode: SQLITE_IOERR, message: "the file system cannot hold a write-ahead log")
            }
        }
        try script(
            """
            PRAGMA synchronous = \(options.synchronous.rawValue);
            PRAGMA cache_size = -\(max(options.cacheBytes >> 10, 1));
            PRAGMA mmap_size = \(max(options.mappedBytes, 0));
            PRAGMA temp_store = MEMORY;
            """)
        if !options.checkpointsAutomatically { unsafe countFrames(of: handle) }
        if !watchedTables.isEmpty { try unsafe watchTables(of: handle) }
    }

    /// Replaces the hook behind automatic checkpoints by one that only counts.
    private func countFrames(of handle: OpaquePointer) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let count: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            context, _, _, frames in
            if let context = unsafe context {
                unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().framesInLog = Int(frames)
            }
            return SQLITE_OK
        }
        _ = unsafe sqlite3_wal_hook(handle, count, context)
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
