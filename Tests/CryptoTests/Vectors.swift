import Glibc
import Primitives

/// Files beside the tests. Lines are tab-separated; a line that begins with `#` names the source.
enum Vectors {
    static func text(_ name: String, file: String = #filePath) -> String {
        let folder = file[..<(file.lastIndex(of: "/") ?? file.startIndex)]
        guard let stream = fopen("\(folder)/Vectors/\(name)", "r") else { return "" }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func rows(_ name: String) -> [[String]] {
        text(name).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }
}

/// The bytes of a hexadecimal literal.
func hex(_ text: String) -> [UInt8] { Hex.decode(text) ?? [] }

/// A file with a random name that is removed with its owner.
final class TemporaryFile {
    let path: String

    init(_ contents: String) throws {
        path = "/tmp/orgd-crypto-\(Identifier<TemporaryFile>(at: SystemClock().now).hex)"
        guard let stream = fopen(path, "w") else { throw Failure() }
        defer { fclose(stream) }
        let bytes = Array(contents.utf8)
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw Failure() }
    }

    deinit { unlink(path) }

    struct Failure: Error {}
}
