import CLinux
import Glibc

/// Delivers SIGTERM, SIGINT and SIGHUP to a closure on a loop, through a signalfd.
package final class SignalWatcher: EventHandler {
    package enum Signal: CInt, Sendable {
        case terminate = 15
        case interrupt = 2
        case hangUp = 1
    }

    private var descriptor: Descriptor
    private let handler: @Sendable (Signal) -> Void

    /// Blocks the three signals for the calling thread and all threads it starts later, and ignores SIGPIPE. Call it first
    /// thing in the process: a thread started before keeps dying of them.
    package static func block() { _ = clinux_block_signals() }

    /// Watches for the life of `loop`.
    package static func start(on loop: EventLoop, _ handler: @escaping @Sendable (Signal) -> Void) throws(SystemError) {
        let number = try checked(clinux_signalfd())
        loop.execute {
            let watcher = SignalWatcher(Descriptor(owning: number), handler)
            do throws(SystemError) {
                try loop.register(watcher.descriptor, watcher)
            } catch {
                preconditionFailure("a new signalfd cannot be watched: \(error)")
            }
        }
    }

    private init(_ descriptor: consuming Descriptor, _ handler: @escaping @Sendable (Signal) -> Void) {
        self.descriptor = descriptor
        self.handler = handler
    }

    package func ready(_ events: Readiness) {
        while true {
            let number = clinux_next_signal(descriptor.number)
            guard number > 0 else { return }
            if let signal = Signal(rawValue: number) { handler(signal) }
        }
    }
}
