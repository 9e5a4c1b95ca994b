// An HTTP/1.1 server over event loops. `Server` listens and deals, `Shard` is its part on one loop, `Connection` is one
// client, `RequestHandler` is whoever answers.
//
// Invariants: a connection lives on one loop; what one client does delays no other for longer than its share of a turn;
// an idle connection holds no buffer. Read `RequestHandler` first, then `Connection`.

import Crypto
package import EventLoops
import HTTP
import Synchronization

/// An HTTP/1.1 server: one acceptor that deals connections to the loops of a group in turn.
package final class Server: Sendable {
    private let options: ServerOptions
    private let group: EventLoopGroup
    private let makeHandler: @Sendable (EventLoop, SocketAddress) -> any RequestHandler
    private let state = ServerState()
    private let running = Mutex<Running?>(nil)

    private struct Running {
        let listener: LoopBound<Listener>
        let shards: [LoopBound<Shard>]
    }

    /// - Parameter makeHandler: called once on each loop, with the address in force.
    package init(
        _ options: ServerOptions, group: EventLoopGroup,
        makeHandler: @escaping @Sendable (EventLoop, SocketAddress) -> any RequestHandler
    ) {
        self.options = options
        self.group = group
        self.makeHandler = makeHandler
    }

    /// For handlers that do not care about the address.
    package convenience init(
        _ options: ServerOptions, group: EventLoopGroup,
        makeHandler: @escaping @Sendable (EventLoop) -> any RequestHandler
    ) {
        self.init(options, group: group, makeHandler: { loop, _ in makeHandler(loop) })
    }

    /// Connections open now.
    package var openConnections: Int { state.open.load(ordering: .relaxed) }

    /// Connections accepted since the start.
    package var acceptedConnections: Int { state.accepted.load(ordering: .relaxed) }

    /// Listens and answers from now on. Once per server; not to be called on a loop of its group.
    ///
    /// - Returns: the address in force, with the port the kernel chose.
    package func start() throws(ServerError) -> SocketAddress {
        let bound = try bind()
        let address = bound.address
        start(on: bound)
        return address
    }

    /// Takes the address, for callers that have something to do before the first request: clients that connect meanwhile
    /// wait in the kernel's queue.
    package func bind() throws(ServerError) -> BoundSocket {
        try reloadCertificate()
        do throws(SystemError) {
            return try BoundSocket(options.address)
        } catch {
            throw .cannotListen(options.address, error)
        }
    }

    /// Answers from now on, those first who have waited since ``bind()``. Once per server; not to be called on a loop of its
    /// group.
    package func start(on bound: consuming BoundSocket) {
        let address = bound.address
        let (options, state, makeHandler) = (self.options, self.state, self.makeHandler)
        let shards = group.loops.map { loop in
            LoopBound(on: loop) { Shard(on: loop, options, state, makeHandler(loop, address)) }
        }
        for shard in shards { shard.run { _ in } }
        let number = bound.release()
        let acceptor = group.loops[0]
        let listener = LoopBound(on: acceptor) {
            var turn = 0
            return Listener(owning: number, on: acceptor) { descriptor, peer in
                state.accepted.wrappingAdd(1, ordering: .relaxed)
                let number = descriptor.release()
                let shard = shards[turn % shards.count]
                turn += 1
                shard.run { $0.adopt(Descriptor(owning: number), from: peer) }
            }
        }
        listener.run { listener in
            do throws(SystemError) {
                try listener.start()
            } catch {
                // The kernel is out of memory for one more watch; nothing else fails here.
                preconditionFailure("the listening socket cannot be watched: \(error)")
            }
        }
        running.withLock { $0 = Running(listener: listener, shards: shards) }
    }

    /// Reads certificate and key again, for connections from now on; established ones keep theirs. When that fails the old
    /// pair stays in force. Nothing happens without TLS.
    package func reloadCertificate() throws(ServerError) {
        guard let files = options.tls else { return }
        do throws(CryptoError) {
            let context = try TLSContext(certificatePath: files.certificatePath, keyPath: files.keyPath)
            state.tls.withLock { $0 = context }
        } catch {
            throw .badCertificate("\(files.certificatePath), \(files.keyPath): \(error)")
        }
    }

    /// Stops accepting, closes idle connections, lets requests in flight finish, and closes what is left after `limit`.
    /// Returns when no connection is open.
    package func drain(within limit: Duration) async {
        let running = self.running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let running else { return }
        running.listener.run { $0.close() }
        let remaining = Countdown(running.shards.count)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            for shard in running.shards {
                shard.run { shard in
                    shard.drain(within: limit) {
                        if remaining.reachesZero() { continuation.resume() }
                    }
                }
            }
        }
    }
}

/// What all loops of a server share and any thread may read.
final class ServerState: Sendable {
    let open = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    /// What new connections present; `nil` for plain HTTP.
    let tls = Mutex<TLSContext?>(nil)
}

/// How many loops have yet to finish.
private final class Countdown: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    func reachesZero() -> Bool { count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
