import APIClient
import Glibc
import Synchronization

/// Where the body of an answer goes: standard output, or a file that appears once it is complete.
final class FetchOutput: Sendable {
    private let path: String?
    private let temporary: String
    private let descriptor: Int32
    private let failure = Mutex<Int32>(0)

    /// - Throws: ``ClientError/unwritable(path:reason:)``.
    init(_ path: String?) throws(ClientError) {
        self.path = path
        guard let path, path != "-" else {
            temporary = ""
            descriptor = STDOUT_FILENO
            return
        }
        temporary = "\(path).\(getpid())"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
    }

    deinit {
        // Not finished: what came is no whole answer.
        if descriptor != STDOUT_FILENO, descriptor >= 0, access(temporary, F_OK) == 0 { unlink(temporary) }
    }

    /// `false` when nothing more can be written.
    func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if errno != EINTR {
                let cause = errno
                failure.withLock { $0 = cause }
                return false
            }
        }
        return true
    }

    /// - Throws: ``ClientError/unwritable(path:reason:)`` when a part was not written.
    func finish() throws(ClientError) {
        var cause = failure.withLock { $0 }
        if descriptor != STDOUT_FILENO, let path {
            close(descriptor)
            if cause == 0, rename(temporary, path) != 0 { cause = errno }
        }
        guard cause == 0 else {
            throw .unwritable(path: path ?? "standard output", reason: String(cString: strerror(cause)))
        }
    }
}
