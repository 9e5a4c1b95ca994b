import Glibc
import Synchronization

/// Where a command prints and asks. A value, so that tests hand in one that only remembers.
package struct Terminal: Sendable {
    package enum Stream: Sendable { case output, error }

    /// The columns of standard output when that is a terminal.
    package let width: Int?
    package let errorIsTerminal: Bool
    /// Whether somebody can answer a question: standard input and standard error are both terminals.
    package let isInteractive: Bool
    /// Standard output is a terminal and `NO_COLOR` is not set (no-color.org).
    package let usesColor: Bool
    let write: @Sendable (Stream, String) -> Void
    let readLine: @Sendable (_ echo: Bool) -> String?

    package init(
        width: Int?, errorIsTerminal: Bool, isInteractive: Bool, usesColor: Bool,
        write: @escaping @Sendable (Stream, String) -> Void,
        readLine: @escaping @Sendable (_ echo: Bool) -> String? = { _ in nil }
    ) {
        self.width = width
        self.errorIsTerminal = errorIsTerminal
        self.isInteractive = isInteractive
        self.usesColor = usesColor
        self.write = write
        self.readLine = readLine
    }

    package var outputIsTerminal: Bool { width != nil }

    /// Help is wrapped to the terminal, and to 100 columns on a wider one or in a pipe.
    var helpWidth: Int { max(40, min(100, width ?? 100)) }

    package func print(_ text: String) { write(.output, text) }

    package func printError(_ text: String) { write(.error, text) }

    /// One line on standard error: `orgctl: message`.
    package func complain(_ program: String, _ message: String) {
        write(.error, "\(program): \(SafeText.oneLine(message))\n")
    }

    /// The numbers are those of ECMA-48 SGR.
    package enum Style: Int, Sendable {
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
    }

    /// The text in a style where colors are used, else the text.
    package func styled(_ text: String, _ style: Style) -> String {
        usesColor ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }
}

extension Terminal {
    /// The streams of this process.
    package static func ofProcess(environment: [String: String]) -> Terminal {
        let outputIsTerminal = isatty(STDOUT_FILENO) == 1
        let errorIsTerminal = isatty(STDERR_FILENO) == 1
        let width = columns(of: STDOUT_FILENO) ?? environment["COLUMNS"].flatMap { Int($0) } ?? 80
        return Terminal(
            width: outputIsTerminal ? max(20, width) : nil,
            errorIsTerminal: errorIsTerminal,
            isInteractive: errorIsTerminal && isatty(STDIN_FILENO) == 1,
            usesColor: outputIsTerminal && environment["NO_COLOR", default: ""].isEmpty
                && environment["TERM"] != "dumb",
            write: { stream, text in
                FileOutput.write(text, to: stream == .output ? STDOUT_FILENO : STDERR_FILENO)
            },
            readLine: { echo in
                echo ? Swift.readLine() : withoutEcho { Swift.readLine() }
            })
    }

    private static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    private static func withoutEcho(_ read: () -> String?) -> String? {
        var saved = termios()
        guard tcgetattr(STDIN_FILENO, &saved) == 0 else { return read() }
        var silent = saved
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved) }
        return read()
    }
}

/// Whole texts to a descriptor.
enum FileOutput {
    /// Writes everything, waiting for a slow reader. Gives up silently on a closed one: there is nobody left to tell.
    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
                if count > 0 {
                    offset += count
                } else if errno == EAGAIN {
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, -1)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}

/// What was printed to a terminal that only remembers.
package final class Transcript: Sendable {
    private let state = Mutex((output: "", error: "", answers: [String]()))

    package init(answers: [String] = []) {
        state.withLock { $0.answers = answers.reversed() }
    }

    package var output: String { state.withLock { $0.output } }
    package var error: String { state.withLock { $0.error } }

    /// A terminal that writes here and reads the given answers.
    package func terminal(
        width: Int? = nil, errorIsTerminal: Bool = false, isInteractive: Bool = false, usesColor: Bool = false
    ) -> Terminal {
        Terminal(
            width: width, errorIsTerminal: errorIsTerminal, isInteractive: isInteractive, usesColor: usesColor,
            write: { stream, text in
                self.state.withLock { state in
                    switch stream {
                    case .output: state.output += text
                    case .error: state.error += text
                    }
                }
            },
            readLine: { _ in self.state.withLock { $0.answers.popLast() } })
    }
}
