internal import CSQLite

/// A copy of one database into another, made while the source is in use.
///
/// When the source holds a read transaction the copy is that snapshot; otherwise a write by another connection starts
/// the copy over.
@safe
package struct Backup: ~Copyable {
    private let handle: OpaquePointer
    private let source: Connection
    private let target: Connection

    package init(from source: Connection, to target: Connection) throws(SQLiteError) {
        let handle = unsafe sqlite3_backup_init(try target.open(), "main", try source.open(), "main")
        guard let handle = unsafe handle else { throw unsafe SQLiteError(of: try target.open(), SQLITE_ERROR) }
        unsafe self.handle = handle
        self.source = source
        self.target = target
    }

    deinit { unsafe sqlite3_backup_finish(handle) }

    /// Copies up to `pages` pages; all of them when negative.
    ///
    /// - Returns: whether the copy is complete.
    package func step(pages: Int) throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_backup_step(handle, Int32(clamping: pages))
        switch code {
        case SQLITE_DONE: return true
        case SQLITE_OK: return false
        default:
            let text = unsafe sqlite3_errstr(code).map { unsafe String(cString: $0) }
            throw SQLiteError(extendedCode: code, message: text ?? "backup failed")
        }
    }

    /// Pages still to copy, as of the latest step.
    package var remaining: Int { Int(unsafe sqlite3_backup_remaining(handle)) }
    package var total: Int { Int(unsafe sqlite3_backup_pagecount(handle)) }
}

extension Connection {
    /// Copies the snapshot of this instant into `target`.
    ///
    /// - Parameter progress: called after each step with the pages left and the pages in total.
    package func backUp(
        to target: Connection, pagesPerStep: Int = 256, progress: (_ remaining: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(SQLiteError) {
        try transaction(.deferred) { () throws(SQLiteError) in
            // The first read takes the snapshot.
            _ = try first("SELECT count(*) FROM sqlite_schema") { row in try row.int(0) }
            let backup = try Backup(from: self, to: target)
            while try !backup.step(pages: pagesPerStep) { progress(backup.remaining, backup.total) }
            progress(backup.remaining, backup.total)
        }
    }
}
