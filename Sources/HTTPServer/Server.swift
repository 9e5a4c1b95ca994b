package import EventLoops
import HTTP
import Synchronization

/// An HTTP/1.1 server: one acceptor that deals connections to the loops of a group in turn.
package final class Server: Sendable {
    private let options: ServerOptions
    private let group: EventLoopGroup
    private let makeHandler: @Sendable (EventLoop) -> any RequestHandler
    private let counters = ServerCounters()
    private let running = Mutex<Running?>(nil)

    private struct Running {
        let listener: LoopBound<Listener>
        let shards: [LoopBound<Shard>]
    }

    /// - Parameter makeHandler: called once on each loop.
    package init(
        _ options: ServerOptions, group: EventLoopGroup,
        makeHandler: @escaping @Sendable (EventLoop) -> any RequestHandler
    ) {
        self.options = options
        self.group = group
        self.makeHandler = makeHandler
    }

    /// Connections open now.
    package var openConnections: Int { counters.open.load(ordering: .relaxed) }

    /// Connections accepted since the start.
    package var acceptedConnections: Int { counters.accepted.load(ordering: .relaxed) }

    /// Listens and answers from now on. Once per server; not to be called on a loop of its group.
    ///
    /// - Returns: the address in force, with the port the kernel chose.
    package func start() throws(ServerError) -> SocketAddress {
        let bound: BoundSocket
        do throws(SystemError) {
            bound = try BoundSocket(options.address)
        } catch {
            throw .cannotListen(options.address, error)
        }
        let address = bound.address
        let (options, counters, makeHandler) = (self.options, self.counters, self.makeHandler)
        let shards = group.loops.map { loop in
            LoopBound(on: loop) { Shard(on: loop, options, counters, makeHandler(loop)) }
        }
        for shard in shards { shard.run { _ in } }
        let number = bound.release()
        let acceptor = group.loops[0]
        let listener = LoopBound(on: acceptor) {
            var turn = 0
            return Listener(owning: number, on: acceptor) { descriptor, peer in
                counters.accepted.wrappingAdd(1, ordering: .relaxed)
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
        return address
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
        let remaining = ServerCounters()
        remaining.open.store(running.shards.count, ordering: .relaxed)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            for shard in running.shards {
                shard.run { shard in
                    shard.drain(within: limit) {
                        if remaining.open.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
                            continuation.resume()
                        }
                    }
                }
            }
        }
    }
}

/// Counts of a server that any thread may read.
final class ServerCounters: Sendable {
    let open = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
}
