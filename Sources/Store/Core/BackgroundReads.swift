internal import SQLite

/// Long reads (exports, checks, statistics) on their own thread and connection, away from the event loops.
final class BackgroundReads: Sendable {
    private struct Waiting {
        var jobs: [@Sendable (Result<Reader, Failure>) -> Void] = []
        var isClosed = false
    }

    private let waiting = Monitor(Waiting())
    private let capacity: Int
    private let thread: WorkerThread
    private let interrupter: Interrupter

    init(_ path: String, _ options: StoreOptions, _ generations: Generations) throws(StoreOpenError) {
        let reader = Reader(try Database.connect(path, .readOnly, options.reading), generations)
        let waiting = waiting
        capacity = options.largestBackgroundQueue
        interrupter = reader.connection.interrupter
        thread = try WorkerThread(named: "store-reads") {
            while let job = Self.next(waiting) {
                job(Self.begin(reader))
                reader.endBatch()
            }
            reader.close()
        }
    }

    deinit { close() }

    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (Reader) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let outcome: Result<Value, Failure> = await withCheckedContinuation { continuation in
            enqueue { reader in
                continuation.resume(
                    returning: reader.flatMap { reader in
                        do throws(Failure) {
                            return .success(try body(reader))
                        } catch { return .failure(error) }
                    })
            }
        }
        return try outcome.get()
    }

    /// Interrupts the running read, refuses those that wait, and ends the thread.
    func close() {
        let refused = waiting.update { waiting in
            defer { waiting.jobs = [] }
            waiting.isClosed = true
            return waiting.jobs
        }
        for job in refused { job(.failure(Failure(.unavailable(.refused("the store is closed"))))) }
        interrupter.interrupt()
        thread.join()
    }

    private func enqueue(_ job: @escaping @Sendable (Result<Reader, Failure>) -> Void) {
        let refusal: SQLiteError? = waiting.update { waiting in
            if waiting.isClosed { return .refused("the store is closed") }
            if waiting.jobs.count >= capacity { return .refused("too many long reads are waiting") }
            waiting.jobs.append(job)
            return nil
        }
        if let refusal { job(.failure(Failure(.unavailable(refusal)))) }
    }

    private static func begin(_ reader: Reader) -> Result<Reader, Failure> {
        do throws(Failure) {
            try reader.begin()
            return .success(reader)
        } catch { return .failure(error) }
    }

    private static func next(
        _ waiting: Monitor<Waiting>
    ) -> (@Sendable (Result<Reader, Failure>) -> Void)? {
        waiting.wait { waiting -> (@Sendable (Result<Reader, Failure>) -> Void)?? in
            if waiting.jobs.isEmpty { return waiting.isClosed ? .some(nil) : nil }
            return .some(waiting.jobs.removeFirst())
        }
    }
}
