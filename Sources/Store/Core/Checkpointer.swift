internal import SQLite
internal import Synchronization

/// Moves frames of the write-ahead log into the database on its own thread and connection, so that writers do not wait.
final class Checkpointer: Sendable {
    private struct Wish {
        var isRequested = false
        var isClosed = false
    }

    private final class Progress: Sendable { let hasFinished = Atomic<Bool>(false) }

    private let wish: Monitor<Wish>
    private let progress: Progress
    private let thread: WorkerThread

    init(_ path: String, _ options: StoreOptions) throws(StoreOpenError) {
        let connection = try Database.connect(path, .readWrite, options.writing)
        let wish = Monitor(Wish())
        self.wish = wish
        let progress = Progress()
        self.progress = progress
        thread = try WorkerThread(named: "store-ckpt") {
            while Self.next(wish) {
                // Whatever stopped it (a reader, a full disk) is tried again at the next request.
                do throws(SQLiteError) { try connection.checkpoint(.passive) } catch {}
                progress.hasFinished.store(true, ordering: .releasing)
            }
            connection.close()
        }
    }

    deinit { close() }

    func request() { wish.update { $0.isRequested = true } }

    /// Whether a checkpoint has ended since this was last asked.
    func takesFinished() -> Bool {
        guard progress.hasFinished.load(ordering: .relaxed) else { return false }
        return progress.hasFinished.exchange(false, ordering: .acquiring)
    }

    func close() {
        wish.update { $0.isClosed = true }
        thread.join()
    }

    /// Waits for a request; `false` when there will be no more.
    private static func next(_ wish: Monitor<Wish>) -> Bool {
        wish.wait { wish in
            if wish.isClosed { return false }
            guard wish.isRequested else { return nil }
            wish.isRequested = false
            return true
        }
    }
}
