import Glibc

/// Files that only their owner may read.
package enum PrivateFile {
    /// Replaces a file: written beside it and renamed, so that nobody ever sees half of it. Folders are made as needed.
    ///
    /// - Throws: ``ClientError/unwritable(path:reason:)``.
    package static func replace(_ path: String, with text: String) throws(ClientError) {
        let start = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        let (folder, name) = (path[..<start], path[start...])
        if !folder.isEmpty { try makeFolder(String(folder)) }
        let temporary = "\(folder).\(name).\(getpid())"
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

    /// Makes a folder and those above it, for their owner alone.
    static func makeFolder(_ path: String) throws(ClientError) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            prefix += "/" + part
            guard mkdir(prefix, 0o700) == 0 || errno == EEXIST else {
                throw .unwritable(path: prefix, reason: reason(errno))
            }
        }
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

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
