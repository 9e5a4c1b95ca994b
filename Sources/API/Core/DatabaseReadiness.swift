import Synchronization

/// Whether the database takes writes, as a probe finds out from time to time.
package final class DatabaseReadiness: Sendable {
    package enum State: Sendable, Equatable {
        case ready
        case notReady(String)
    }

    private let current: Mutex<State>

    package init(_ state: State = .notReady("starting")) { current = Mutex(state) }

    package var state: State {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}
