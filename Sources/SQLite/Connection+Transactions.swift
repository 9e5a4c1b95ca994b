internal import CSQLite

extension Connection {
    package enum TransactionKind: Sendable {
        /// Takes its snapshot at the first read.
        case deferred
        /// Takes the write lock at once.
        case immediate
    }

    /// Whether a transaction is open. An error may have ended it, see https://sqlite.org/c3ref/get_autocommit.html.
    package var isInTransaction: Bool {
        guard let handle = unsafe handle else { return false }
        return unsafe sqlite3_get_autocommit(handle) == 0
    }

    /// Whether a foreign key is violated that only COMMIT would complain about.
    package var hasUnresolvedForeignKeys: Bool {
        guard let handle = unsafe handle else { return false }
        var current: Int32 = 0
        var highest: Int32 = 0
        unsafe sqlite3_db_status(handle, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
        return current != 0
    }

    package func begin(_ kind: TransactionKind) throws(SQLiteError) {
        switch kind {
        case .deferred: try execute("BEGIN DEFERRED")
        case .immediate: try execute("BEGIN IMMEDIATE")
        }
    }

    package func commit() throws(SQLiteError) { try execute("COMMIT") }

    /// Ends the transaction without a trace; without one, does nothing.
    package func rollback() {
        guard isInTransaction else { return }
        watchedChanges &+= 1
        // A failure of ROLLBACK itself still ends the transaction.
        do throws(SQLiteError) { try execute("ROLLBACK") } catch {}
    }

    /// Runs `body` in a transaction that is committed, or rolled back when `body` or COMMIT fails.
    package func transaction<T>(
        _ kind: TransactionKind = .immediate, _ body: () throws(SQLiteError) -> T
    ) throws(SQLiteError) -> T {
        try begin(kind)
        do throws(SQLiteError) {
            let value = try body()
            try commit()
            return value
        } catch {
            rollback()
            throw error
        }
    }

    /// Starts a savepoint. Savepoints nest; all carry one name and SQLite means the latest.
    package func openSavepoint() throws(SQLiteError) { try execute("SAVEPOINT unit") }

    /// Keeps what was done since the latest savepoint.
    package func releaseSavepoint() throws(SQLiteError) { try execute("RELEASE unit") }

    /// Undoes what was done since the latest savepoint, which stays.
    package func rewindToSavepoint() throws(SQLiteError) {
        watchedChanges &+= 1
        try execute("ROLLBACK TO unit")
    }

    /// Undoes what was done since the latest savepoint, and removes it.
    package func undoSavepoint() throws(SQLiteError) {
        try rewindToSavepoint()
        try execute("RELEASE unit")
    }

    /// Runs `body` so that its changes vanish when it throws, and a surrounding transaction lives on.
    package func savepoint<T>(_ body: () throws(SQLiteError) -> T) throws(SQLiteError) -> T {
        try openSavepoint()
        do throws(SQLiteError) {
            let value = try body()
            try releaseSavepoint()
            return value
        } catch {
            // After some errors SQLite has ended the whole transaction already.
            if isInTransaction { try undoSavepoint() }
            throw error
        }
    }
}
