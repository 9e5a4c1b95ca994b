import Primitives
import Synchronization
import Testing

@testable import CommandLine

@Suite("Terminal")
struct TerminalTests {
    @Test(
        "only a clear yes is a yes",
        arguments: [
            ("y", Terminal.Confirmation.yes), ("YES", .yes), ("n", .no), ("", .no), ("yep", .no), ("no", .no),
        ])
    func answers(_ answer: String, _ expected: Terminal.Confirmation) {
        let transcript = Transcript(answers: [answer])
        #expect(transcript.terminal(isInteractive: true).confirm("Delete \"ops\"?", assumingYes: false) == expected)
        #expect(transcript.error == "Delete \"ops\"? [y/N] ")
    }

    @Test("the end of input is a no, and --yes asks nothing")
    func unasked() {
        let transcript = Transcript()
        #expect(transcript.terminal(isInteractive: true).confirm("Sure?", assumingYes: false) == .no)
        let silent = Transcript()
        #expect(silent.terminal().confirm("Sure?", assumingYes: true) == .yes)
        #expect(silent.error.isEmpty)
    }

    @Test("without a terminal the question is refused")
    func noTerminal() {
        let transcript = Transcript(answers: ["y"])
        #expect(transcript.terminal().confirm("Delete\n?", assumingYes: false) == .impossible)
        #expect(transcript.error == "Delete ? Not a terminal: pass --yes to confirm.\n")
        #expect(transcript.terminal().readSecret("Token") == nil)
    }

    @Test("styles need colors")
    func styles() {
        #expect(Transcript().terminal().styled("x", .red) == "x")
        #expect(Transcript().terminal(usesColor: true).styled("x", .red) == "\u{1b}[31mx\u{1b}[0m")
    }
}

@Suite("Progress")
struct ProgressTests {
    private final class StepClock: WallClock {
        private let current = Mutex(Timestamp(seconds: 1000))
        var now: Timestamp { current.withLock { $0 } }
        func advance(by duration: Duration) { current.withLock { $0 = $0 + duration } }
    }

    @Test("a pipe gets a plain line for every tenth")
    func plain() {
        let clock = StepClock()
        let transcript = Transcript()
        let bar = ProgressBar("import", total: 40, terminal: transcript.terminal(), clock: clock)
        for _ in 0..<40 {
            clock.advance(by: .milliseconds(500))
            bar.advance()
        }
        bar.finish()
        bar.finish()
        let lines = transcript.error.split(separator: "\n")
        #expect(lines.count == 10)
        #expect(lines.first == "import 4/40 10% 2/s ETA 18s")
        #expect(lines.last == "import 40/40 100% 2/s")
    }

    @Test("a terminal gets one line that rewrites itself, ten times a second at most")
    func rewriting() {
        let clock = StepClock()
        let transcript = Transcript()
        let terminal = transcript.terminal(width: 50, errorIsTerminal: true)
        let bar = ProgressBar("import", total: 100, terminal: terminal, clock: clock)
        for _ in 0..<50 {
            clock.advance(by: .milliseconds(20))
            bar.advance()
        }
        bar.finish()
        let shown = transcript.error.split(separator: "\r")
        #expect(shown.count == 11)
        #expect(shown.last == "import [########.........] 50/100 50% 50/s ETA 1s\u{1b}[K\n")
        #expect(shown.allSatisfy { $0.count <= 50 + 4 })
    }

    @Test("unfinished work leaves its last state, and no work at all is complete")
    func ends() {
        let transcript = Transcript()
        let bar = ProgressBar("a", total: 100, terminal: transcript.terminal(), clock: StepClock())
        bar.advance(by: 5)
        bar.finish()
        #expect(transcript.error == "a 5/100 5% 0/s\n")
        let empty = Transcript()
        ProgressBar("b", total: 0, terminal: empty.terminal(), clock: StepClock()).finish()
        #expect(empty.error == "b 0/0 100% 0/s\n")
    }

    @Test("times are short", arguments: [(5, "5s"), (65, "1m5s"), (3661, "1h1m")])
    func times(_ seconds: Int, _ text: String) { #expect(ProgressState.text(seconds: seconds) == text) }
}
