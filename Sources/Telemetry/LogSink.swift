import Glibc
import Synchronization

/// Where finished lines go. Called from any thread, also from event loops: it must not wait.
package protocol LogSink: Sendable {
    /// Takes one line, line feed included.
    func write(_ line: [UInt8])
}

/// A descriptor, normally standard error. One system call a line, which never waits for a slow reader of a pipe or
/// socket: such a line is dropped and counted.
package final class DescriptorLogSink: LogSink {
    private enum Target {
        /// A file or a terminal.
        case plain(Int32)
        /// A pipe opened again, so that its non-blocking mode is ours alone and not that of whoever shares the descriptor.
        case reopenedPipe(Int32)
        case socket(Int32)
    }

    private let target: Target
    private let dropped = Atomic<UInt64>(0)

    package init(_ descriptor: Int32 = STDERR_FILENO) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            target = .plain(descriptor)
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFSOCK:
            target = .socket(descriptor)
        case S_IFIFO:
            let reopened = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            target = reopened >= 0 ? .reopenedPipe(reopened) : .plain(descriptor)
        default:
            target = .plain(descriptor)
        }
    }

    deinit {
        if case .reopenedPipe(let descriptor) = target { close(descriptor) }
    }

    /// Lines lost because nobody read them in time or the disk was full.
    package var droppedLines: UInt64 { dropped.load(ordering: .relaxed) }

    package func write(_ line: [UInt8]) {
        let written = line.withUnsafeBytes { bytes in
            switch target {
            case .plain(let descriptor), .reopenedPipe(let descriptor):
                Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            case .socket(let descriptor):
                send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            }
        }
        if written != line.count { dropped.add(1, ordering: .relaxed) }
    }
}

/// Lines in memory, for tests.
package final class RecordingLogSink: LogSink {
    private let recorded = Mutex<[String]>([])

    package init() {}

    package func write(_ line: [UInt8]) {
        recorded.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
    }

    package var lines: [String] { recorded.withLock { $0 } }
}
