import CommandLine
import Synchronization

/// A progress bar whose total is known only once the accounts are listed.
final class ReadingProgress: Sendable {
    private let terminal: Terminal
    private let bar = Mutex<ProgressBar?>(nil)

    init(_ terminal: Terminal) { self.terminal = terminal }

    func begin(_ total: Int) {
        let bar = ProgressBar("read", total: total, terminal: terminal)
        self.bar.withLock { $0 = bar }
    }

    func advance() { bar.withLock { $0 }?.advance() }

    func finish() { bar.withLock { $0 }?.finish() }
}
