internal import Glibc

/// Whole files, by path.
enum FileSystem {
    /// The bytes of a file; `nil` when it cannot be read.
    static func bytes(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            guard count > 0 else { return nil }
            bytes += buffer.prefix(count)
        }
    }

    static func text(of path: String) -> String? { bytes(of: path).flatMap { String(validating: $0, as: UTF8.self) } }

    /// The names in a folder, sorted by their bytes; empty when there is no such folder.
    static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    }

    /// Writes a file that differs, and the folder it belongs to; an equal one is left alone, so that nothing is
    /// rebuilt.
    static func write(_ text: String, to path: String) throws(EmbedError) {
        guard self.text(of: path) != text else { return }
        if let slash = path.lastIndex(of: "/") { mkdir(String(path[..<slash]), 0o755) }
        let partial = path + ".partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw EmbedError(message: "\(path): \(reason())") }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw EmbedError(message: "\(path): \(reason())") }
            rest = rest.dropFirst(count)
        }
        guard rename(partial, path) == 0 else { throw EmbedError(message: "\(path): \(reason())") }
    }

    private static func reason() -> String { strerror(errno).map { String(cString: $0) } ?? "error \(errno)" }
}
