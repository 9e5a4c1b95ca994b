import APIClient
import Glibc

/// Files of the person at the keyboard.
enum Files {
    /// The text of a file, or of standard input for `-`.
    static func text(of path: String, limit: Int = 64 * 1024 * 1024) throws(ClientError) -> String {
        guard let text = String(validating: try bytes(of: path, limit: limit), as: UTF8.self) else {
            throw .invalidInput("\(path) is not UTF-8")
        }
        return text
    }

    static func bytes(of path: String, limit: Int = 64 * 1024 * 1024) throws(ClientError) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: reason(errno)) }
        defer { if path != "-" { close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(path: path, reason: reason(errno))
            }
            bytes += buffer[..<count]
            if bytes.count > limit { throw .invalidInput("\(path) is larger than \(limit) bytes") }
        }
        return bytes
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Replaces a file that only its owner may read: written beside it and renamed, so that no half of it is ever seen.
    static func replacePrivately(_ path: String, with text: String) throws(ClientError) {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        if !folder.isEmpty { try makeFolder(folder) }
        let temporary = "\(path).\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: reason(errno)) }
        let isWritten = write(Array(text.utf8), to: descriptor) && fsync(descriptor) == 0
        let cause = errno
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            let last = isWritten ? errno : cause
            unlink(temporary)
            throw .unwritable(path: path, reason: reason(last))
        }
    }

    /// Whether others than the owner may read a file.
    static func isReadableByOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o077 != 0
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func makeFolder(_ path: String) throws(ClientError) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            prefix += "/" + part
            guard mkdir(prefix, 0o700) == 0 || errno == EEXIST else {
                throw .unwritable(path: prefix, reason: reason(errno))
            }
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
