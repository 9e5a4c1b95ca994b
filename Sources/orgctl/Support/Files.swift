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

    /// Whether others than the owner may read a file.
    static func isReadableByOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o077 != 0
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
