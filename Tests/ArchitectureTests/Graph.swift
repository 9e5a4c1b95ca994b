import Foundation
import RegexBuilder

/// The targets of `Package.swift`, read from the calls of its helper functions in their order.
struct Graph {
    enum Kind: String { case shim, library, executable, tests }

    struct Target: Sendable, CustomStringConvertible {
        let kind: Kind
        let name: String
        let imports: Set<String>

        /// So that a failing case names its target.
        var description: String { name }

        var folder: String { "\(kind == .tests ? "Tests" : "Sources")/\(name)" }

        /// The library that a test target is named for.
        var testee: String? { kind == .tests ? String(name.dropLast("Tests".count)) : nil }

        func files() throws -> [SourceFile] {
            try Repository.swiftFiles(below: folder).map { try SourceFile(path: $0) }
        }
    }

    let targets: [Target]

    static func read() throws -> Graph {
        let manifest = try String(contentsOf: Repository.url("Package.swift"), encoding: .utf8)
        let call = /(shim|library|executable|tests)\(\s*"(?<name>\w+)"(?:,\s*imports:\s*\[(?<imports>[^\]]*)\])?/
        return Graph(
            targets: manifest.matches(of: call).compactMap { match in
                guard let kind = Kind(rawValue: String(match.1)) else { return nil }
                let names = (match.output.imports ?? "").matches(of: /"(\w+)"/).map { String($0.1) }
                return Target(kind: kind, name: String(match.output.name), imports: Set(names))
            })
    }
}

/// A file and the modules that it imports.
struct SourceFile {
    let path: String
    let imports: [String]

    init(path: String) throws {
        self.path = path
        let text = try String(contentsOf: Repository.url(path), encoding: .utf8)
        imports = text.split(separator: "\n").compactMap { line in
            let declaration = /(?:struct|class|enum|protocol|func|var|let|typealias)/
            let statement = Regex {
                /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:package|internal|private|fileprivate|public)\s+)?import\s+/
                Optionally {
                    declaration
                    /\s+/
                }
                Capture { /\w+/ }
            }
            return line.firstMatch(of: statement).map { String($0.1) }
        }
    }
}

/// The checkout that the tests were built from.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func url(_ path: String) -> URL { root.appending(path: path) }

    /// Paths of the Swift files below a folder, relative to the root.
    static func swiftFiles(below folder: String) throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: url(folder).path)
        return names.filter { $0.hasSuffix(".swift") }.sorted().map { "\(folder)/\($0)" }
    }
}
