internal import Glibc
internal import SQLite

/// The files of a database, with the permissions they must have.
///
/// An existing database file is never opened here: closing any descriptor of a file drops the POSIX locks that SQLite
/// holds on it elsewhere in the process.
enum DatabaseFile {
    /// Creates the folder (0700) and an empty file (0600) where they are missing.
    ///
    /// - Returns: the path with symbolic links resolved, so that one file has one lock.
    static func create(_ path: String) throws(SystemFailure) -> String {
        try createFolder(folder(of: path))
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            Glibc.close(descriptor)
        } else if errno != EEXIST {
            throw SystemFailure(call: "open", path: path, code: errno)
        }
        return try resolve(path)
    }

    /// - Throws: ENOENT when there is no such file.
    static func resolve(_ path: String) throws(SystemFailure) -> String {
        guard let resolved = realpath(path, nil) else { throw SystemFailure(call: "realpath", path: path, code: errno) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether both paths lead to the same file.
    static func areSame(_ one: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_ino == second.st_ino && first.st_dev == second.st_dev
    }

    private static func createFolder(_ path: String) throws(SystemFailure) {
        var status = stat()
        if stat(path, &status) == 0 { return }
        let parent = folder(of: path)
        if parent != path { try createFolder(parent) }
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw SystemFailure(call: "mkdir", path: path, code: errno) }
    }
}

extension DatabaseFile {
    /// Writes a consistent copy of the database to `path`, replacing what is there at once: either the old file or the
    /// complete new one exists, whatever happens.
    static func copy(_ source: Connection, to path: String) throws(CopyError) {
        let partial = try temporary(beside: path)
        do throws(CopyError) {
            try fill(partial, from: source)
            try synchronize(partial)
            guard rename(partial, path) == 0 else {
                throw .system(SystemFailure(call: "rename", path: path, code: errno))
            }
        } catch {
            unlink(partial)
            throw error
        }
        try synchronize(folder(of: path))
    }

    enum CopyError: Error {
        case system(SystemFailure)
        case database(SQLiteError)
    }

    private static func fill(_ path: String, from source: Connection) throws(CopyError) {
        do throws(SQLiteError) {
            var options = Connection.Options()
            // Unfinished copies are thrown away, so nothing needs a journal.
            options.synchronous = .off
            let target = try Connection(path: path, mode: .readWrite, options: options)
            defer { target.close() }
            try target.script("PRAGMA journal_mode = OFF")
            try source.backUp(to: target)
        } catch { throw .database(error) }
    }

    /// A new empty file, 0600, in the same folder.
    private static func temporary(beside path: String) throws(CopyError) -> String {
        var name = Array("\(path).partial-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw .system(SystemFailure(call: "mkstemp", path: path, code: errno)) }
        Glibc.close(descriptor)
        return String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Waits until the file or folder is on disk.
    private static func synchronize(_ path: String) throws(CopyError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(SystemFailure(call: "open", path: path, code: errno)) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(SystemFailure(call: "fsync", path: path, code: errno)) }
    }
}

/// The words of the C library for an `errno`.
func errorText(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
