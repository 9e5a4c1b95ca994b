internal import Glibc

/// Writes the files that the product carries inside itself into Swift source, so that the binary needs none beside it.
///
///     embed <repository root> [--check]
///
/// `Migrations/*.sql` become `Sources/Store/Generated/EmbeddedMigrations.swift`; `openapi.yaml`, `README.md` and
/// `docs/*.md`, where they exist, become `Sources/API/Generated/EmbeddedDocuments.swift`. The output depends on nothing else.
/// With `--check` nothing is written, and exit status 1 names the files that differ.
@main
struct Embed {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let checksOnly = arguments.contains("--check")
        arguments.removeAll { $0 == "--check" }
        guard arguments.count == 1, let root = arguments.first, !root.hasPrefix("-") else {
            fail("usage: embed <repository root> [--check]", status: 64)
        }
        do throws(EmbedError) {
            let files = try generate(from: root)
            if checksOnly { check(files, in: root) }
            for file in files { try FileSystem.write(file.text, to: "\(root)/\(file.path)") }
        } catch { fail(error.message, status: 65) }
    }

    private static func generate(from root: String) throws(EmbedError) -> [GeneratedFile] {
        var files = [try EmbeddedMigrations.file(from: root)]
        if let documents = try EmbeddedDocuments.file(from: root) { files.append(documents) }
        return files
    }

    private static func check(_ files: [GeneratedFile], in root: String) -> Never {
        let outdated = files.filter { FileSystem.text(of: "\(root)/\($0.path)") != $0.text }
        for file in outdated { complain("\(file.path) is not what its sources make of it") }
        exit(outdated.isEmpty ? 0 : 1)
    }

    private static func fail(_ message: String, status: Int32) -> Never {
        complain(message)
        exit(status)
    }

    private static func complain(_ message: String) {
        let line = "embed: \(message)\n"
        _ = write(STDERR_FILENO, line, line.utf8.count)
    }
}

/// A file to write, by its path in the repository.
struct GeneratedFile {
    let path: String
    let text: String
}

/// Why nothing was written.
struct EmbedError: Error {
    let message: String
}
