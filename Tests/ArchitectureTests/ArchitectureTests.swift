import Foundation
import Testing

/// The sources against the graph in `Package.swift`.
@Suite("Architecture")
struct ArchitectureTests {
    @Test("every file imports only what its target names in Package.swift", arguments: try Graph.read().targets)
    func importsFollowTheGraph(_ target: Graph.Target) throws {
        for file in try target.files() {
            for module in file.imports where !Self.system(of: target.kind).contains(module) {
                #expect(
                    target.imports.contains(module) || module == target.testee,
                    "\(file.path) imports \(module), which \(target.name) does not name in Package.swift")
            }
        }
    }

    @Test("a target names only layers above it")
    func arrowsPointUpwards() throws {
        var above: Set<String> = []
        for target in try Graph.read().targets {
            for module in target.imports {
                #expect(above.contains(module), "\(target.name) names \(module), which comes later in Package.swift")
            }
            above.insert(target.name)
        }
    }

    @Test("every folder of Sources and Tests that holds Swift is a target")
    func foldersAreTargets() throws {
        let known = Set(try Graph.read().targets.map(\.folder))
        for parent in ["Sources", "Tests"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: Repository.url(parent).path) {
                guard try !Repository.swiftFiles(below: "\(parent)/\(name)").isEmpty else { continue }
                #expect(known.contains("\(parent)/\(name)"), "\(parent)/\(name) is no target of Package.swift")
            }
        }
    }

    @Test("a C library has one Swift target that sees it", arguments: ["CLinux", "COpenSSL", "CSQLite"])
    func shimsHaveOneImporter(_ shim: String) throws {
        #expect(try Graph.read().targets.filter { $0.imports.contains(shim) }.count == 1)
    }

    @Test("only tests see the test kit")
    func testKitIsForTests() throws {
        for target in try Graph.read().targets where target.imports.contains("TestKit") {
            #expect(target.kind == .tests, "\(target.name) imports TestKit")
        }
    }

    @Test("the product has no dependencies")
    func noPackages() throws {
        let manifest = try String(contentsOf: Repository.url("Package.swift"), encoding: .utf8)
        #expect(!manifest.contains(".package("))
    }

    /// What comes with the toolchain. Foundation is for tests.
    private static func system(of kind: Graph.Kind) -> Set<String> {
        let everywhere: Set<String> = ["Swift", "Glibc", "Synchronization", "_Concurrency"]
        return kind == .tests ? everywhere.union(["Testing", "Foundation", "RegexBuilder"]) : everywhere
    }
}
