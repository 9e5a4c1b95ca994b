package import Primitives
import Synchronization

/// Progress of work whose size is known, on standard error: one line that rewrites itself on a terminal, a plain line for
/// every tenth elsewhere. May be advanced from several tasks.
package final class ProgressBar: Sendable {
    private let terminal: Terminal
    private let clock: any WallClock
    private let state: Mutex<ProgressState>

    package init(_ label: String, total: Int, terminal: Terminal, clock: any WallClock = SystemClock()) {
        self.terminal = terminal
        self.clock = clock
        state = Mutex(
            ProgressState(
                label: SafeText.oneLine(label), total: total, startedAt: clock.now, rewrites: terminal.errorIsTerminal,
                width: terminal.width ?? 80))
    }

    /// Counts finished items. Printed under the lock, so that lines appear in order; a write to a terminal is short.
    package func advance(by count: Int = 1) {
        state.withLock { state in
            if let text = state.advance(by: count, at: clock.now) { terminal.printError(text) }
        }
    }

    /// Leaves the last state on its own line.
    package func finish() {
        state.withLock { state in
            if let text = state.finish(at: clock.now) { terminal.printError(text) }
        }
    }
}

/// Decides what to show and when.
struct ProgressState {
    let label: String
    let total: Int
    let startedAt: Timestamp
    let rewrites: Bool
    let width: Int
    private(set) var done = 0
    private var shownAt: Timestamp?
    private var shownTenth = 0
    private var isFinished = false

    /// A line that rewrites itself is shown at most ten times a second.
    private static let interval = Duration.milliseconds(100)

    init(label: String, total: Int, startedAt: Timestamp, rewrites: Bool, width: Int) {
        self.label = label
        self.total = max(0, total)
        self.startedAt = startedAt
        self.rewrites = rewrites
        self.width = width
    }

    mutating func advance(by count: Int, at now: Timestamp) -> String? {
        done = min(total, done + max(0, count))
        if rewrites {
            if let shownAt, now - shownAt < Self.interval, done < total { return nil }
            shownAt = now
            return "\r" + line(at: now) + "\u{1b}[K"
        }
        let tenth = total == 0 ? 10 : done * 10 / total
        guard tenth > shownTenth else { return nil }
        shownTenth = tenth
        return line(at: now) + "\n"
    }

    mutating func finish(at now: Timestamp) -> String? {
        guard !isFinished else { return nil }
        isFinished = true
        if rewrites { return "\r" + line(at: now) + "\u{1b}[K\n" }
        return done == total && shownTenth == 10 ? nil : line(at: now) + "\n"
    }

    /// `import [#####.....] 50/100 50% 25/s ETA 2s`, without the bar when it is not rewritten.
    private func line(at now: Timestamp) -> String {
        let percent = total == 0 ? 100 : done * 100 / total
        let elapsed = Double((now - startedAt).wholeMicroseconds) / 1_000_000
        let rate = elapsed > 0 ? Double(done) / elapsed : 0
        var tail = "\(done)/\(total) \(percent)% \(Int(rate.rounded()))/s"
        if rate > 0, done < total {
            tail += " ETA " + Self.text(seconds: Int((Double(total - done) / rate).rounded(.up)))
        }
        guard rewrites else { return "\(label) \(tail)" }
        let room = min(40, width - DisplayWidth.of(label) - tail.utf8.count - 5)
        guard room >= 5 else { return DisplayWidth.truncate("\(label) \(tail)", to: max(1, width - 1)) }
        let filled = total == 0 ? room : room * done / total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: room - filled)
        return "\(label) [\(bar)] \(tail)"
    }

    static func text(seconds: Int) -> String {
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m\(seconds % 60)s" }
        return "\(seconds / 3600)h\(seconds % 3600 / 60)m"
    }
}
