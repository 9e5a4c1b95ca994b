internal import SQLite

/// The one way to write. Units queued while a transaction runs share the next one, so a burst costs one `fsync`; a unit
/// that throws is rolled back alone, to its savepoint.
package final class WriteQueue: Sendable {
    private struct Waiting {
        var units: [any WriteUnit] = []
        var isClosed = false
    }

    private let waiting: Monitor<Waiting>
    private let capacity: Int
    private let thread: WorkerThread

    init(
        _ path: String, _ mode: Connection.Mode, _ options: StoreOptions, _ generations: Generations,
        _ checkpointer: Checkpointer?
    ) throws(StoreOpenError) {
        var settings = options.writing
        settings.watchedTables = WriterMemory.watchedTables
        let connection = try Database.connect(path, mode, settings)
        let writer = Writer(connection, generations, checkpointer, options)
        let waiting = Monitor(Waiting())
        self.waiting = waiting
        capacity = options.largestWriteQueue
        thread = try WorkerThread(named: "store-writer") {
            while let units = Self.next(waiting) { writer.commit(units) }
            writer.close()
        }
    }

    deinit { close() }

    /// Runs `body` inside a transaction and returns once that is durable. `body` may throw the error type of a use
    /// case.
    ///
    /// - Throws: what `body` throws, after everything it did was undone; ``StoreError/unavailable(_:)`` when the group
    ///   could not be committed, when too many units wait, or when the store is closed.
    @discardableResult
    package func perform<Value: Sendable, Failure: StoreErrorConvertible>(
        _ body: @escaping @Sendable (WriteTransaction) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let outcome: Result<Value, Failure> = await withCheckedContinuation { continuation in
            enqueue(body) { continuation.resume(returning: $0) }
        }
        return try outcome.get()
    }

    /// The same without a task. `completion` runs on the writer's thread, or on the caller's when the unit is refused,
    /// and must not block.
    package func enqueue<Value: Sendable, Failure: StoreErrorConvertible>(
        _ body: @escaping @Sendable (WriteTransaction) throws(Failure) -> Value,
        completion: @escaping @Sendable (Result<Value, Failure>) -> Void
    ) {
        let refusal: SQLiteError? = waiting.update { waiting in
            if waiting.isClosed { return .refused("the store is closed") }
            if waiting.units.count >= capacity { return .refused("too many writes are waiting") }
            waiting.units.append(PendingUnit(body, completion))
            return nil
        }
        if let refusal { completion(.failure(Failure(.unavailable(refusal)))) }
    }

    /// Units that wait for their turn.
    package var depth: Int { waiting.update { $0.units.count } }

    /// Takes no more units, finishes those that wait, and ends the thread.
    func close() {
        waiting.update { $0.isClosed = true }
        thread.join()
    }

    /// The next group; `nil` once the queue is closed and empty.
    private static func next(_ waiting: Monitor<Waiting>) -> [any WriteUnit]? {
        waiting.wait { waiting -> [any WriteUnit]?? in
            if waiting.units.isEmpty { return waiting.isClosed ? .some(nil) : nil }
            defer { waiting.units.removeAll(keepingCapacity: true) }
            return .some(waiting.units)
        }
    }
}
