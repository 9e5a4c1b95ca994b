import Crypto
import Glibc

/// The few things that the executable does with files itself.
enum Files {
    static func beside(_ path: String, _ name: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return name }
        return String(path[...slash]) + name
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    static func coreCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Creates the folder of a file, mode 0700, where it is missing.
    static func createFolder(of path: String) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        mkdir(String(path[..<slash]), 0o700)
    }

    /// The key that encrypts secrets at rest. Made when the database is new; a key that is gone while the database is
    /// there is a mistake that must not be papered over with a new one.
    static func secretKey(at path: String, isNewDatabase: Bool) throws(FileFailure) -> [UInt8] {
        if let bytes = try read(path) {
            guard bytes.count == 32 else {
                throw FileFailure("\(path): the secret key must be exactly 32 bytes, this file has \(bytes.count)")
            }
            return bytes
        }
        guard isNewDatabase else {
            throw FileFailure(
                "\(path): the secret key is missing, and the database needs it: restore it from the backup")
        }
        createFolder(of: path)
        let key = RandomBytes.generate(32)
        try write(key, to: path)
        return key
    }

    /// `nil` when there is no such file.
    static func read(_ path: String) throws(FileFailure) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileFailure("\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 { throw FileFailure("\(path): \(String(cString: strerror(errno)))") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= 1 << 20 else { throw FileFailure("\(path): too large") }
        }
    }

    /// Writes a new file with mode 0600 and makes it durable. An existing one is replaced.
    static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw FileFailure("\(path): \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw FileFailure("\(path): \(String(cString: strerror(errno)))") }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// One line on stderr.
    static func complain(_ message: String) {
        let line = "orgd: \(message)\n"
        _ = line.withCString { Glibc.write(2, $0, strlen($0)) }
    }

    static func say(_ line: String) {
        let text = line + "\n"
        _ = text.withCString { Glibc.write(1, $0, strlen($0)) }
    }
}

struct FileFailure: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
