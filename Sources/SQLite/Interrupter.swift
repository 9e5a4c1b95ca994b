internal import CSQLite
internal import Synchronization

/// Stops what a connection is doing, from any thread.
///
/// The handle is the connection's; it is forgotten under the lock before the connection closes, so it is never used
/// after.
@safe
package final class Interrupter: @unchecked Sendable {
    private let lock = Mutex(())
    private var handle: OpaquePointer?

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    /// The running statement, if any, fails with ``SQLiteError/isInterrupted``.
    package func interrupt() {
        lock.withLock { _ in
            if let handle = unsafe handle { unsafe sqlite3_interrupt(handle) }
        }
    }

    func forget() { lock.withLock { _ in unsafe handle = nil } }
}

/// Holds the closure that SQLite calls back.
final class ProgressHandler {
    let shouldStop: () -> Bool

    init(_ shouldStop: @escaping () -> Bool) { self.shouldStop = shouldStop }
}

extension Connection {
    package func interrupt() { interrupter.interrupt() }

    /// Asks `shouldStop` after about every `instructions` steps of SQLite's machine; `true` interrupts the statement.
    /// `nil` removes the handler.
    package func limit(every instructions: Int = 1000, _ shouldStop: (() -> Bool)?) {
        guard let handle = unsafe handle else { return }
        progress = shouldStop.map(ProgressHandler.init)
        guard let progress else { return unsafe sqlite3_progress_handler(handle, 0, nil, nil) }
        let context = unsafe Unmanaged.passUnretained(progress).toOpaque()
        unsafe sqlite3_progress_handler(
            handle, Int32(clamping: instructions),
            { context in
                guard let context = unsafe context else { return 0 }
                return unsafe Unmanaged<ProgressHandler>.fromOpaque(context).takeUnretainedValue().shouldStop() ? 1 : 0
            }, context)
    }
}
