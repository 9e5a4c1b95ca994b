import Synchronization

extension EventLoop {
    /// Suspends the calling task for `duration`.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    package func sleep(for duration: Duration) async throws(CancellationError) {
        let sleeper = Sleeper()
        let finished = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard sleeper.begin(continuation) else { return }
                sleeper.token.withLock { $0 = schedule(after: duration) { sleeper.end(true) } }
            }
        } onCancel: {
            if let token = sleeper.token.withLock({ $0 }) { cancel(token) }
            sleeper.end(false)
        }
        guard finished else { throw CancellationError() }
    }
}

/// Resumes a continuation once, whichever of timer and cancellation comes first.
private final class Sleeper: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Bool, Never>)
        case done
    }

    let token = Mutex<TimerToken?>(nil)
    private let state = Mutex(State.new)

    /// `false`, and resumed, when cancellation came first.
    func begin(_ continuation: CheckedContinuation<Bool, Never>) -> Bool {
        let starts = state.withLock { state in
            guard case .new = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !starts { continuation.resume(returning: false) }
        return starts
    }

    func end(_ finished: Bool) {
        let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            defer { state = .done }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume(returning: finished)
    }
}
