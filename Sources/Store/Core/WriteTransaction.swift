internal import Domain
public import SQLite

/// The write transaction as one unit of work sees it. Alive only while the unit's body runs; using it later traps.
@usableFromInline
package final class WriteTransaction: Reading {
    private let writer: Connection
    let memory: WriterMemory
    private let chainBefore: AuditChainEnd?
    private var isAlive = true
    private(set) var touched = Touched.access
    /// Rows that the unit added to the log of logins, for who counts them once they are durable.
    private(set) var logged: [AccessRequest] = []
    /// A savepoint failed or the transaction was lost, so nothing this unit did can be trusted.
    private(set) var fault: SQLiteError?

    init(_ writer: Connection, _ memory: WriterMemory) {
        self.writer = writer
        self.memory = memory
        chainBefore = memory.chain
    }

    @usableFromInline package var connection: Connection {
        precondition(isAlive, "a write transaction was kept beyond its unit")
        return writer
    }

    /// Advances the counter once the group is durable, if this unit succeeds.
    package func touches(_ generation: Generation) { touched.insert(generation) }

    /// Says that nothing this unit does can keep out anybody who is in, or let in anybody by what caches hold: it adds a
    /// session, a token or a row of a log, and takes nothing away. Every other unit makes caches look again.
    package func onlyAdds() { touched.remove(.access) }

    func counts(_ request: AccessRequest) { logged.append(request) }

    /// Runs `body`, whose changes vanish when it throws. The unit may go on after either outcome.
    package func attempt<T, Failure: Error>(_ body: () throws(Failure) -> T) throws(Failure) -> T {
        let chain = memory.chain
        let opened = guarded { () throws(SQLiteError) in try connection.openSavepoint() }
        do throws(Failure) {
            let value = try body()
            if opened { guarded { () throws(SQLiteError) in try connection.releaseSavepoint() } }
            return value
        } catch {
            if opened, connection.isInTransaction {
                guarded { () throws(SQLiteError) in try connection.undoSavepoint() }
                memory.chain = chain
            }
            throw error
        }
    }

    /// The same for the unit as a whole: when `body` throws, all that the unit did so far vanishes. Costs no savepoint.
    package func attemptAll<T, Failure: Error>(_ body: () throws(Failure) -> T) throws(Failure) -> T {
        do throws(Failure) {
            return try body()
        } catch {
            if connection.isInTransaction { guarded { () throws(SQLiteError) in try connection.rewindToSavepoint() } }
            memory.chain = chainBefore
            throw error
        }
    }

    /// Runs `body` for what it would find and undoes whatever it did.
    package func rehearse<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        let chain = memory.chain
        let opened = guarded { () throws(SQLiteError) in try connection.openSavepoint() }
        defer {
            memory.chain = chain
            if opened, connection.isInTransaction {
                guarded { () throws(SQLiteError) in try connection.undoSavepoint() }
            }
        }
        try body()
    }

    /// Keeps the cause when SQLite undid the whole transaction along with a statement.
    @usableFromInline
    func failed(_ error: SQLiteError) -> Failure {
        if !writer.isInTransaction { fault = fault ?? error }
        return Failure(error)
    }

    func end() { isAlive = false }

    /// Removes everything that the unit did, and its savepoint.
    func undo() throws(SQLiteError) {
        memory.chain = chainBefore
        try writer.undoSavepoint()
    }

    /// The caller's error type has no room for a failing savepoint, so it is kept and fails the whole unit.
    @discardableResult
    private func guarded(_ body: () throws(SQLiteError) -> Void) -> Bool {
        do throws(SQLiteError) {
            try body()
            return true
        } catch {
            fault = fault ?? error
            return false
        }
    }
}

extension WriteTransaction {
    /// Runs a statement to its end and returns how many rows it changed, without triggers and cascades.
    @inlinable @discardableResult
    package func execute<each B: Bindable>(_ sql: SQL, _ bindings: repeat each B) throws(Failure) -> Int {
        do throws(SQLiteError) {
            return try connection.execute(sql, repeat each bindings)
        } catch { throw failed(error) }
    }

    @discardableResult
    package func execute(_ sql: SQL, bindings: [any Bindable]) throws(Failure) -> Int {
        do throws(SQLiteError) {
            return try connection.execute(sql, bindings: bindings)
        } catch { throw failed(error) }
    }
}
