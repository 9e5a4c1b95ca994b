import Glibc

/// A folder of its own for one test, removed with what is in it.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/orgd-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { preconditionFailure("no temporary folder: \(errno)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

/// Overwrites `count` bytes of a file from `offset` on, as a failing disk would.
func damage(_ path: String, at offset: Int, count: Int) {
    let descriptor = open(path, O_WRONLY)
    defer { close(descriptor) }
    let garbage = [UInt8](repeating: 0xA5, count: count)
    let written = pwrite(descriptor, garbage, count, offset)
    precondition(written == count, "the file could not be damaged")
}
