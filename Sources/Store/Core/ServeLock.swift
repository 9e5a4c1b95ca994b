internal import Glibc

/// Held while a database is served: a second server on the same file is told who the first is.
///
/// A `flock` on `<database>.lock`, so it vanishes with the process however that ends. The file stays: removing it would
/// let a third server lock a new one beside the second.
final class ServeLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``StoreOpenError/alreadyServed(by:)`` when another process, or another store of this one, holds the
    ///   lock.
    init(database: String, owner: String) throws(StoreOpenError) {
        let path = database + ".lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(SystemFailure(call: "open", path: path, code: errno)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.read(descriptor)
            close(descriptor)
            throw code == EWOULDBLOCK
                ? .alreadyServed(by: holder) : .system(SystemFailure(call: "flock", path: path, code: code))
        }
        self.descriptor = descriptor
        announce(owner)
    }

    deinit {
        // Closing alone would leave the lock to a child that was forked and has not replaced itself yet.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Replaces the text that names the holder.
    func announce(_ owner: String) {
        let text = Array("process \(getpid()), \(owner)\n".utf8)
        ftruncate(descriptor, 0)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    private static func read(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let line = bytes.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? "another process" : String(decoding: line, as: UTF8.self)
    }
}
