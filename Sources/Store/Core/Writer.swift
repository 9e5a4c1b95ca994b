internal import Domain
internal import SQLite

/// The writing connection, on its own thread: turns a group of units into one durable transaction.
final class Writer {
    private let connection: Connection
    private let generations: Generations
    private let checkpointer: Checkpointer?
    private let thresholds: StoreOptions.Checkpoints
    private let observer: (any StoreObserver)?
    private let memory = WriterMemory()
    private let delivery: @Sendable (() -> Void) -> Void
    /// Length of the log when a checkpoint was last asked for.
    private var framesAtCheckpoint = 0

    /// Units in one transaction. More wait for the next, so that the first of a flood are answered early.
    private let largestGroup = 512

    init(
        _ connection: Connection, _ generations: Generations, _ checkpointer: Checkpointer?,
        _ options: StoreOptions
    ) {
        observer = options.observer
        delivery = options.delivery
        thresholds = options.checkpoints
        self.connection = connection
        self.generations = generations
        self.checkpointer = checkpointer
    }

    func commit(_ units: [any WriteUnit]) {
        var rest = units[...]
        while !rest.isEmpty {
            commitGroup(rest.prefix(largestGroup))
            rest = rest.dropFirst(largestGroup)
        }
    }

    func close() { connection.close() }

    private func commitGroup(_ units: ArraySlice<any WriteUnit>) {
        var touched = Touched()
        touched.insert(.commits)
        var failures: [StoreError?] = []
        var logged: [AccessRequest] = []
        failures.reserveCapacity(units.count)
        let start = ContinuousClock.now
        memory.chain = nil
        do throws(SQLiteError) {
            try connection.begin(.immediate)
            for unit in units {
                try connection.openSavepoint()
                let (failure, changes) = try run(unit, &logged)
                failures.append(failure)
                touched.formUnion(changes)
            }
            try memory.chain?.store(in: connection)
            try connection.commit()
        } catch {
            connection.rollback()
            let failure = StoreError.ofGroup(error)
            observer?.lost(units: units.count)
            delivery { for unit in units { unit.finish(failure) } }
            return
        }
        generations.advance(touched)
        observer?.committed(units: units.count, took: start.duration(to: .now))
        if !logged.isEmpty { observer?.logged(logged) }
        delivery { for (unit, failure) in zip(units, failures) { unit.finish(failure) } }
        checkpointIfDue()
    }

    /// Runs one unit within its savepoint.
    ///
    /// - Returns: a failure that replaces the unit's own answer, and the counters it moves.
    /// - Throws: when the transaction, and with it the whole group, is lost.
    private func run(
        _ unit: any WriteUnit, _ logged: inout [AccessRequest]
    ) throws(SQLiteError) -> (StoreError?, Touched) {
        let transaction = WriteTransaction(connection, memory)
        let hasSucceeded = unit.run(transaction)
        transaction.end()
        // A full disk or a failed write may make SQLite undo everything at once.
        guard connection.isInTransaction else {
            throw transaction.fault ?? .refused("the transaction was undone")
        }
        if let fault = transaction.fault {
            try transaction.undo()
            return (.unavailable(fault), Touched())
        }
        guard hasSucceeded else {
            try transaction.undo()
            return (nil, Touched())
        }
        // Only COMMIT would complain, and then for everybody in the group.
        if connection.hasUnresolvedForeignKeys {
            try transaction.undo()
            return (.conflict(constraint: "FOREIGN KEY"), Touched())
        }
        try connection.releaseSavepoint()
        logged += transaction.logged
        return (nil, transaction.touched)
    }

    /// Hands the log to the checkpointer from time to time, and moves what was added meanwhile here, where nobody writes:
    /// that is how the log starts over under constant load. A log that grows instead costs a second disk write, of its
    /// length, at every commit. When the checkpointer cannot keep up, all is moved here.
    private func checkpointIfDue() {
        if let checkpointer, checkpointer.takesFinished() { return checkpoint() }
        let frames = connection.framesInLog
        if frames < framesAtCheckpoint { framesAtCheckpoint = 0 }
        guard frames - framesAtCheckpoint >= thresholds.frames else { return }
        framesAtCheckpoint = frames
        guard let checkpointer else { return }
        if frames < thresholds.framesToBlockWrites { return checkpointer.request() }
        checkpoint()
    }

    private func checkpoint() {
        // Busy while the checkpointer itself is at work: the next threshold tries again.
        do throws(SQLiteError) { try connection.checkpoint(.passive) } catch {}
    }
}

extension StoreError {
    /// What everybody in a group that could not be committed is told.
    fileprivate static func ofGroup(_ cause: SQLiteError) -> StoreError {
        cause.isCorrupt ? .corrupt(cause) : .unavailable(cause)
    }
}
