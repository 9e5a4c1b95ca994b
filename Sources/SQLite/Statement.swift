internal import CSQLite

/// A prepared statement: leased from its connection for one execution, then reset and kept for the next.
///
/// Outside this target it is only what values bind themselves to, see ``Bindable``.
@safe
@usableFromInline
package final class Statement {
    let handle: OpaquePointer
    let sql: SQL
    private let parameters: Int32
    private let arena: Arena
    /// The connection's handle; the connection finalizes its statements before it closes.
    private let database: OpaquePointer

    var isLeased = false
    var isCached = false
    /// Whether it, or a cascade that it sets off, changes a table that its connection watches.
    var writesWatchedTable = false
    /// Counts uses of the connection, to find the statements it can do without.
    var lastUse: UInt64 = 0
    /// The column that ``Row/next()`` reads.
    var position: Int32 = 0
    private var mark = 0
    private var ownsCopies = false

    /// - Throws: ``SQLiteError`` when the text does not parse, names what does not exist, or is not exactly one
    ///   statement.
    init(_ sql: SQL, database: OpaquePointer, arena: Arena, persistent: Bool) throws(SQLiteError) {
        let flags = persistent ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        var text = sql.text
        var prepared: OpaquePointer?
        var isSingle = true
        let code = text.withUTF8 { bytes -> Int32 in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                var tail: UnsafePointer<CChar>?
                let code = unsafe sqlite3_prepare_v3(
                    database, characters.baseAddress, Int32(characters.count), flags, &prepared, &tail)
                if let start = characters.baseAddress, let end = unsafe tail {
                    isSingle = unsafe characters[(end - start)...].allSatisfy {
                        $0 == 32 || (9...13).contains($0) || $0 == 59
                    }
                }
                return code
            }
        }
        guard code == SQLITE_OK else { throw unsafe SQLiteError(of: database, code, sql) }
        guard let handle = unsafe prepared else { throw .misuse("no statement", sql) }
        guard isSingle else {
            unsafe sqlite3_finalize(handle)
            throw .misuse("more than one statement", sql)
        }
        unsafe self.handle = handle
        self.sql = sql
        unsafe self.database = database
        self.arena = arena
        parameters = unsafe sqlite3_bind_parameter_count(handle)
    }

    deinit { unsafe sqlite3_finalize(handle) }

    func lease() {
        isLeased = true
        mark = arena.used
    }

    /// Ends the execution: the statement holds no snapshot and no bound bytes afterwards.
    func release() {
        unsafe sqlite3_reset(handle)
        if ownsCopies {
            unsafe sqlite3_clear_bindings(handle)
            ownsCopies = false
        }
        arena.used = mark
        isLeased = false
    }

    /// Whether a row is there to be read.
    @usableFromInline
    func step() throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW:
            position = 0
            return true
        case SQLITE_DONE: return false
        default: throw failure(code)
        }
    }

    /// Fails unless every parameter received its value.
    @usableFromInline
    func expectBindings(_ count: Int32) throws(SQLiteError) {
        guard count == parameters else {
            throw .misuse("\(parameters) values expected, \(count) bound", sql)
        }
    }

    private func check(_ code: Int32) throws(SQLiteError) {
        if code != SQLITE_OK { throw failure(code) }
    }

    private func failure(_ code: Int32) -> SQLiteError { unsafe SQLiteError(of: database, code, sql) }
}

/// What the parameters of a statement can receive; parameters count from 1.
extension Statement {
    @usableFromInline
    package func bindNull(at index: Int32) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_null(handle, index))
    }

    @usableFromInline
    package func bind(_ value: Int64, at index: Int32) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_int64(handle, index, value))
    }

    @usableFromInline
    package func bind(text: String, at index: Int32) throws(SQLiteError) {
        var text = text
        let code = text.withUTF8 { bytes -> Int32 in
            if let kept = unsafe arena.keep(UnsafeRawBufferPointer(bytes)) {
                return unsafe csqlite_bind_lasting_text(handle, index, kept, UInt64(bytes.count))
            }
            // A null pointer would bind NULL.
            guard let start = bytes.baseAddress else {
                return unsafe sqlite3_bind_text(handle, index, "", 0, nil)
            }
            ownsCopies = true
            return unsafe csqlite_bind_copied_text(handle, index, start, UInt64(bytes.count))
        }
        try check(code)
    }

    @usableFromInline
    package func bind(blob bytes: some Collection<UInt8>, at index: Int32) throws(SQLiteError) {
        guard let code = bytes.withContiguousStorageIfAvailable({ unsafe bindBytes(UnsafeRawBufferPointer($0), index) })
        else { return try bind(blob: Array(bytes), at: index) }
        try check(code)
    }

    /// A blob of 16 bytes: both words in big-endian order.
    @usableFromInline
    package func bind(high: UInt64, low: UInt64, at index: Int32) throws(SQLiteError) {
        if let kept = unsafe arena.keep(high, low) {
            return try check(unsafe csqlite_bind_lasting_blob(handle, index, kept, 16))
        }
        let words = (high.bigEndian, low.bigEndian)
        try check(
            unsafe withUnsafeBytes(of: words) { bytes in
                ownsCopies = true
                return unsafe csqlite_bind_copied_blob(handle, index, bytes.baseAddress, 16)
            })
    }

    private func bindBytes(_ bytes: UnsafeRawBufferPointer, _ index: Int32) -> Int32 {
        if let kept = unsafe arena.keep(bytes) {
            return unsafe csqlite_bind_lasting_blob(handle, index, kept, UInt64(bytes.count))
        }
        guard let start = bytes.baseAddress, bytes.count > 0 else {
            return unsafe sqlite3_bind_zeroblob(handle, index, 0)
        }
        ownsCopies = true
        return unsafe csqlite_bind_copied_blob(handle, index, start, UInt64(bytes.count))
    }
}

extension SQLiteError {
    /// The latest failure of `database`.
    init(of database: OpaquePointer, _ code: Int32, _ sql: SQL? = nil) {
        let extended = unsafe sqlite3_extended_errcode(database)
        // `code` may be newer than what the handle remembers (misuse is not recorded there).
        let matches = extended & 0xFF == code & 0xFF
        let text = unsafe matches ? sqlite3_errmsg(database) : sqlite3_errstr(code)
        self.init(
            extendedCode: matches ? extended : code,
            message: unsafe text.map { unsafe String(cString: $0) } ?? "unknown failure", sql: sql)
    }
}
