import CLinux

/// State behind a POSIX mutex. `Synchronization.Mutex` would do, but thread sanitizers do not see its futex, and then call
/// every hand-over between threads a race; this lock is the one that all of them go through.
///
/// `@unchecked Sendable`: the state is reached inside `withLock` alone.
@safe
final class Lock<State>: @unchecked Sendable {
    private let mutex: OpaquePointer
    private var state: State

    init(_ state: State) {
        guard let mutex = unsafe clinux_mutex_create() else { preconditionFailure("no memory for a mutex") }
        unsafe self.mutex = mutex
        self.state = state
    }

    deinit { unsafe clinux_mutex_destroy(mutex) }

    func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        unsafe clinux_mutex_lock(mutex)
        defer { unsafe clinux_mutex_unlock(mutex) }
        return body(&state)
    }
}
