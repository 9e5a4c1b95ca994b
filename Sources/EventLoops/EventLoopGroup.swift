import CLinux
import Glibc
import Synchronization

/// The loops of a process, each on its own thread from creation to `shutdown()`.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]
    private let threads: Mutex<[pthread_t]>
    private let turn = Atomic<Int>(0)

    /// Starts `count` loops named `name-0`, `name-1`, ….
    ///
    /// - Throws: ``SystemError`` when the process is out of descriptors or threads.
    package init(loops count: Int, name: String) throws(SystemError) {
        precondition(count > 0, "a group has at least one loop")
        var loops: [EventLoop] = []
        var threads: [pthread_t] = []
        for index in 0..<count {
            let loop = try EventLoop(name: "\(name)-\(index)")
            loops.append(loop)
            threads.append(try HelperThread.start(name: loop.name) { loop.run() })
        }
        self.loops = loops
        self.threads = Mutex(threads)
    }

    /// The loops in turn.
    package func next() -> EventLoop {
        let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(truncatingIfNeeded: UInt(bitPattern: index) % UInt(loops.count))]
    }

    /// Stops the loops after the work already queued and waits for their threads. Tasks suspended on a loop stay
    /// suspended, so end them first. Not to be called from a loop. Calls after the first return at once.
    package func shutdown() {
        let threads = self.threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        precondition(EventLoop.current == nil || threads.isEmpty, "a loop cannot wait for itself")
        for loop in loops { loop.stop() }
        for thread in threads { pthread_join(thread, nil) }
    }
}

/// A plain thread for what would block a loop.
package enum HelperThread {
    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Runs `body` on a new thread and does not wait for it.
    package static func detach(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        pthread_detach(try start(name: name, body))
    }

    /// Starts a thread that someone must join.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) -> pthread_t {
        let box = unsafe Unmanaged.passRetained(Body(name: name, run: body))
        var thread = pthread_t()
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                // The kernel keeps 15 characters.
                unsafe clinux_name_thread(String(body.name.prefix(15)))
                body.run()
                return nil
            }, box.toOpaque())
        guard failure == 0 else {
            unsafe box.release()
            throw SystemError(code: failure)
        }
        return thread
    }
}
