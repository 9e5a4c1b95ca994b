internal import CSQLite

extension Connection {
    /// How far a checkpoint goes (https://sqlite.org/c3ref/wal_checkpoint_v2.html).
    package enum CheckpointMode: Sendable {
        /// Copies what no reader needs any more and waits for nobody.
        case passive
        /// Waits for writers and readers of old snapshots, then cuts the log to zero bytes.
        case truncate
    }

    package struct CheckpointResult: Sendable, Hashable {
        package let framesInLog: Int
        package let copiedFrames: Int

        package var isComplete: Bool { framesInLog == copiedFrames }
    }

    /// Copies frames of the write-ahead log into the database file.
    ///
    /// - Throws: ``SQLiteError/isBusy`` when another checkpoint runs, or when `truncate` waited in vain.
    @discardableResult
    package func checkpoint(_ mode: CheckpointMode) throws(SQLiteError) -> CheckpointResult {
        let mode =
            switch mode {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        var frames: Int32 = 0
        var copied: Int32 = 0
        try check(unsafe sqlite3_wal_checkpoint_v2(try open(), "main", mode, &frames, &copied))
        return CheckpointResult(framesInLog: Int(frames), copiedFrames: Int(copied))
    }

    /// What a full check of the file finds wrong; empty when it is sound. Reads every page.
    package func integrityCheck() throws(SQLiteError) -> [String] {
        let findings = try all("PRAGMA integrity_check") { row in try row.text(0) }
        return findings == ["ok"] ? [] : findings
    }

    /// One row that refers to a parent that does not exist.
    package struct DanglingReference: Sendable, Hashable {
        package let table: String
        /// `nil` in a table without row ids.
        package let row: Int64?
        package let parent: String
    }

    package func foreignKeyCheck() throws(SQLiteError) -> [DanglingReference] {
        try all("PRAGMA foreign_key_check") { row in
            DanglingReference(table: try row.text(0), row: row.optionalInt64(1), parent: try row.text(2))
        }
    }

    /// The plan of a statement, one line a step, for tests that refuse table scans.
    package func plan(of sql: SQL) throws(SQLiteError) -> [String] {
        let statement = try lease("EXPLAIN QUERY PLAN \(sql)")
        defer { release(statement) }
        return try statement.decodeAll { row in try row.text(3) }
    }
}
