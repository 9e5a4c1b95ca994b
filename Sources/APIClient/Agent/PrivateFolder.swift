import Glibc

/// A folder that only its owner can look into, for what must not be read by others.
struct PrivateFolder: Sendable {
    let path: String

    /// The names of its files that end in `suffix`; none when the folder does not exist.
    func names(ending suffix: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// `nil` when there is no such file.
    func text(of name: String, limit: Int = 256 * 1024) throws(ClientError) -> String? {
        let descriptor = open(path + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .unreadable(path: path + "/" + name, reason: Self.reason(errno))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count <= limit {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return String(validating: bytes, as: UTF8.self) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(path: path + "/" + name, reason: Self.reason(errno))
            }
            bytes += buffer[..<count]
        }
        throw .unreadable(path: path + "/" + name, reason: "larger than \(limit) bytes")
    }

    /// Replaces a file, as ``PrivateFile/replace(_:with:)`` does.
    func write(_ text: String, to name: String) throws(ClientError) {
        try make()
        try PrivateFile.replace(path + "/" + name, with: text)
    }

    func remove(_ name: String) { unlink(path + "/" + name) }

    /// Makes one process at a time pass, until the lock is dropped or its process ends.
    ///
    /// - Throws: ``AgentFault/busy(_:)`` when another process holds it longer than `limit`.
    func lock(_ name: String, within limit: Duration) async throws(ClientError) -> FileLock {
        try make()
        let target = path + "/" + name
        let descriptor = open(target, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path: target, reason: Self.reason(errno)) }
        let lock = FileLock(owning: descriptor)
        let end = ContinuousClock.now + limit
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw .unwritable(path: target, reason: Self.reason(errno))
            }
            guard ContinuousClock.now < end else { throw .agent(.busy("another process is signing in")) }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return lock
    }

    private func make() throws(ClientError) {
        try PrivateFile.makeFolder(path)
        // It may be older than this program, or somebody was generous with it.
        guard chmod(path, 0o700) == 0 else { throw .unwritable(path: path, reason: Self.reason(errno)) }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// A lock on a file, given up when the last reference is.
final class FileLock: Sendable {
    private let descriptor: Int32

    init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
