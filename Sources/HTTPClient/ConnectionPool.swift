import EventLoops
import Synchronization

/// Connections that wait for another request, the most recently used first. Bounded for each endpoint and in all.
final class ConnectionPool: Sendable {
    private struct Idle {
        let connection: Connection
        let since: Int64
    }

    private struct State {
        /// Oldest first.
        var idle: [Idle] = []
        var isSweeping = false
    }

    private let perOrigin: Int
    private let total: Int
    private let lifetime: Duration
    private let state = Mutex(State())

    init(perOrigin: Int, total: Int, lifetime: Duration) {
        self.perOrigin = perOrigin
        self.total = total
        self.lifetime = lifetime
    }

    deinit { closeAll() }

    /// A connection to `endpoint`, preferably one that lives on `loop`.
    func take(_ endpoint: Endpoint, on loop: EventLoop) -> Connection? {
        closeExpired()
        return state.withLock { state in
            let fitting = state.idle.indices.filter { state.idle[$0].connection.endpoint == endpoint }
            guard let index = fitting.last(where: { state.idle[$0].connection.loop === loop }) ?? fitting.last else {
                return nil
            }
            return state.idle.remove(at: index).connection
        }
    }

    /// Keeps a connection whose last response was read to its end; closes the oldest where that is too many.
    func put(_ connection: Connection) {
        let (surplus, startsSweep) = state.withLock { state in
            state.idle.append(Idle(connection: connection, since: EventLoop.readMonotonic()))
            var surplus: [Connection] = []
            let same = state.idle.indices.filter { state.idle[$0].connection.endpoint == connection.endpoint }
            if same.count > perOrigin { surplus.append(state.idle.remove(at: same[0]).connection) }
            if state.idle.count > total { surplus.append(state.idle.removeFirst().connection) }
            defer { state.isSweeping = true }
            return (surplus, !state.isSweeping)
        }
        for connection in surplus { connection.close() }
        if startsSweep { sweepLater(on: connection.loop) }
    }

    func closeAll() {
        let all = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        for idle in all { idle.connection.close() }
    }

    /// One timer at a time, as long as something is kept, so that no connection outlives its time by much.
    private func sweepLater(on loop: EventLoop) {
        loop.schedule(after: lifetime) { [weak self] in
            guard let self else { return }
            closeExpired()
            let goesOn = state.withLock { state in
                state.isSweeping = !state.idle.isEmpty
                return state.isSweeping
            }
            if goesOn { sweepLater(on: loop) }
        }
    }

    private func closeExpired() {
        let (seconds, attoseconds) = lifetime.components
        let oldest = EventLoop.readMonotonic() - (seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        let expired = state.withLock { state in
            let count = state.idle.prefix { $0.since <= oldest }.count
            defer { state.idle.removeFirst(count) }
            return Array(state.idle.prefix(count))
        }
        for idle in expired { idle.connection.close() }
    }
}
