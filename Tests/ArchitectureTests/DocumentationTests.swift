import Foundation
import Testing

/// What the documentation says about the code, where a machine can compare the two.
@Suite("Documentation")
struct DocumentationTests {
    @Test("docs/errors.md explains every code, and no other")
    func errorCodesAreExplained() throws {
        let codes = try numbers(in: "Sources/Domain/Errors/ErrorCode.swift", matching: /case \w+ = (\d+)/)
        let explained = try numbers(in: "docs/errors.md", matching: /<a id="(\d+)">/)
        #expect(!codes.isEmpty)
        #expect(codes == explained)
    }

    @Test("links between documents lead somewhere", arguments: try markdownFiles())
    func linksResolve(_ path: String) throws {
        let text = try String(contentsOf: Repository.url(path), encoding: .utf8)
        let folder = Repository.url(path).deletingLastPathComponent()
        for link in text.matches(of: /\]\(([^)#\s]+)[^)]*\)/) where !link.1.contains("://") {
            let target = folder.appending(path: String(link.1)).standardizedFileURL
            #expect(FileManager.default.fileExists(atPath: target.path), "\(path) links to \(link.1)")
        }
    }

    @Test("make targets that documents name exist")
    func makeTargetsExist() throws {
        let makefile = try String(contentsOf: Repository.url("Makefile"), encoding: .utf8)
        let targets = Set(makefile.matches(of: /(?m)^([a-z0-9-]+):/).map { String($0.1) })
        for path in try Self.markdownFiles() {
            let text = try String(contentsOf: Repository.url(path), encoding: .utf8)
            for mention in text.matches(of: /`make ([a-z0-9-]+)[^`]*`/) {
                #expect(targets.contains(String(mention.1)), "\(path) names make \(mention.1)")
            }
        }
    }

    private static func markdownFiles() throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: Repository.url("docs").path)
        return ["README.md", "CHANGELOG.md", "Tests/Interop/README.md"]
            + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }

    private func numbers(in path: String, matching pattern: Regex<(Substring, Substring)>) throws -> Set<Int> {
        let text = try String(contentsOf: Repository.url(path), encoding: .utf8)
        return Set(text.matches(of: pattern).compactMap { Int($0.1) })
    }
}
