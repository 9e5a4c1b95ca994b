// swift-tools-version: 6.2
//
// The architecture of orgd as a graph. Every target names the layers it may import, and `ArchitectureTests` compares the
// imports of each file with this list. Arrows point upwards only: a leaf has never heard of an organization, the domain
// knows neither routes nor sockets, the edges turn bytes into use cases and back.
//
// No packages. Outside the Swift toolchain the product links libsqlite3, libssl and libcrypto of the system.

import PackageDescription

/// A C module map with inline shims and no logic. Imported by exactly one Swift target.
func shim(_ name: String, links library: String? = nil, _ more: String...) -> Target {
    .target(
        name: name,
        linkerSettings: (library.map { [$0] } ?? []).map { .linkedLibrary($0) } + more.map { .linkedLibrary($0) })
}

/// A library target of any layer: `imports` is all it may see.
func library(_ name: String, imports: [String] = []) -> Target {
    .target(name: name, dependencies: imports.map { .init(stringLiteral: $0) })
}

/// An executable: argument parsing and wiring, nothing worth a unit test.
func executable(_ name: String, imports: [String]) -> Target {
    .executableTarget(name: name, dependencies: imports.map { .init(stringLiteral: $0) })
}

/// The tests of one library.
func tests(_ name: String, imports: [String], excluding folders: [String] = []) -> Target {
    .testTarget(name: name, dependencies: imports.map { .init(stringLiteral: $0) }, exclude: folders)
}

let shims: [Target] = [
    shim("CLinux"),
    shim("COpenSSL", links: "ssl", "crypto"),
    shim("CSQLite", links: "sqlite3"),
]

let leaves: [Target] = [
    library("Primitives"),
    library("JSON", imports: ["Primitives"]),
    library("Telemetry", imports: ["Primitives", "JSON"]),
    library("CommandLine", imports: ["Primitives"]),
    library("Crypto", imports: ["Primitives", "COpenSSL"]),
    library("JOSE", imports: ["Primitives", "JSON", "Crypto"]),
    library("SQLite", imports: ["Primitives", "CSQLite"]),
    library("EventLoops", imports: ["Primitives", "CLinux"]),
    library("HTML"),
    library("HTTP", imports: ["Primitives"]),
    library("Mail", imports: ["Primitives", "EventLoops", "Crypto"]),
    library("HTTPServer", imports: ["Primitives", "HTTP", "EventLoops", "Crypto", "Telemetry"]),
    library("HTTPClient", imports: ["Primitives", "HTTP", "EventLoops", "Crypto", "Telemetry"]),
]

let domain: [Target] = [
    library("Domain", imports: ["Primitives"]),
    library("Federation", imports: ["Primitives", "JSON", "Crypto", "JOSE", "HTTP", "Domain"]),
    library("OAuth", imports: ["Primitives", "JSON", "Crypto", "JOSE", "HTTP", "Domain"]),
    library("Store", imports: ["Primitives", "Crypto", "SQLite", "Domain", "OAuth"]),
    library(
        "ControlPlane",
        imports: ["Primitives", "JSON", "Crypto", "JOSE", "HTTP", "Domain", "Federation", "OAuth", "Store"]),
]

let edges: [Target] = [
    library("Wire", imports: ["Primitives", "JSON", "Domain"]),
    library("Mending", imports: ["Primitives", "JSON", "Domain", "Store", "ControlPlane", "Wire"]),
    library(
        "API",
        imports: [
            "Primitives", "JSON", "Crypto", "HTTP", "EventLoops", "HTTPServer", "Telemetry", "Domain", "Federation",
            "OAuth", "Store", "ControlPlane", "Wire", "Mending",
        ]),
    library(
        "Portal",
        imports: [
            "Primitives", "JSON", "Crypto", "HTML", "HTTP", "EventLoops", "HTTPServer", "Telemetry", "Domain",
            "Federation", "OAuth", "Store", "ControlPlane",
        ]),
    library(
        "Console",
        imports: [
            "Primitives", "JSON", "Crypto", "HTML", "HTTP", "EventLoops", "HTTPServer", "Telemetry", "Domain",
            "Federation", "Store", "ControlPlane", "Wire", "Mending",
        ]),
    library("APIClient", imports: ["Primitives", "JSON", "HTTP", "EventLoops", "HTTPClient", "Crypto"]),
    library("DevIdP", imports: ["Primitives", "JSON", "Crypto", "JOSE", "HTTP", "EventLoops", "HTTPServer"]),
]

let executables: [Target] = [
    executable(
        "orgd",
        imports: [
            "Primitives", "JSON", "Telemetry", "CommandLine", "Crypto", "JOSE", "EventLoops", "HTTP", "Mail",
            "HTTPServer",
            "HTTPClient",
            "Domain", "Federation", "Store", "ControlPlane", "Wire", "API", "Portal", "Console", "DevIdP",
        ]),
    executable(
        "orgctl",
        imports: ["Primitives", "JSON", "CommandLine", "EventLoops", "HTTP", "HTTPClient", "Crypto", "APIClient"]),
    executable("embed", imports: ["Primitives", "Crypto"]),
]

let testing: [Target] = [
    library(
        "TestKit",
        imports: [
            "Primitives", "JSON", "Crypto", "JOSE", "EventLoops", "HTTP", "HTTPServer", "HTTPClient", "Telemetry",
            "Domain",
            "Federation", "Store", "SQLite", "ControlPlane", "Wire", "API", "Portal", "DevIdP",
        ]),
    tests("PrimitivesTests", imports: ["Primitives"]),
    tests("JSONTests", imports: ["JSON", "Primitives"]),
    tests("TelemetryTests", imports: ["Telemetry", "Primitives", "JSON"]),
    tests("CommandLineTests", imports: ["CommandLine", "Primitives"]),
    tests("CryptoTests", imports: ["Crypto", "Primitives"], excluding: ["Vectors"]),
    tests("JOSETests", imports: ["JOSE", "Crypto", "JSON", "Primitives"], excluding: ["Vectors"]),
    tests("SQLiteTests", imports: ["SQLite", "Primitives"]),
    tests("EventLoopsTests", imports: ["EventLoops", "Primitives"]),
    tests("HTMLTests", imports: ["HTML"]),
    tests("HTTPTests", imports: ["HTTP", "Primitives"]),
    tests("HTTPServerTests", imports: ["HTTPServer", "HTTP", "EventLoops", "Crypto", "Telemetry", "Primitives"]),
    tests(
        "HTTPClientTests",
        imports: ["HTTPClient", "HTTPServer", "HTTP", "EventLoops", "Crypto", "Telemetry", "Primitives"]),
    tests("MailTests", imports: ["Mail", "EventLoops", "Crypto", "Primitives"]),
    tests("APIClientTests", imports: ["APIClient", "EventLoops", "JSON", "HTTP", "Crypto", "Primitives"]),
    tests("DomainTests", imports: ["Domain", "Primitives"]),
    tests("FederationTests", imports: ["Federation", "JOSE", "Crypto", "JSON", "HTTP", "Domain", "Primitives"]),
    tests("OAuthTests", imports: ["OAuth", "Domain", "HTTP", "Crypto", "Primitives"]),
    tests("StoreTests", imports: ["Store", "SQLite", "Domain", "Crypto", "Primitives"]),
    tests("WireTests", imports: ["Wire", "JSON", "Domain", "Primitives"]),
    tests(
        "ControlPlaneTests",
        imports: [
            "TestKit", "ControlPlane", "Store", "Domain", "Federation", "Wire", "API", "HTTP", "JSON", "Crypto", "JOSE",
            "Primitives",
        ]),
    tests(
        "APITests",
        imports: [
            "TestKit", "API", "ControlPlane", "Store", "SQLite", "Telemetry", "Domain", "Federation", "Wire", "HTTP",
            "HTTPServer", "EventLoops", "JSON",
            "Crypto", "JOSE", "Primitives",
        ]),
    tests(
        "PortalTests",
        imports: [
            "TestKit", "Portal", "API", "ControlPlane", "Store", "SQLite", "Telemetry", "Domain", "Federation", "OAuth",
            "HTTP",
            "HTTPServer", "EventLoops", "JSON", "Crypto", "JOSE", "Primitives",
        ]),
    tests(
        "ConsoleTests",
        imports: [
            "TestKit", "Console", "Portal", "API", "ControlPlane", "Store", "SQLite", "Telemetry", "Domain", "HTTP",
            "HTTPServer", "EventLoops", "JSON", "Crypto", "Primitives",
        ]),
    tests("ArchitectureTests", imports: []),
    tests("EndToEndTests", imports: ["TestKit", "JSON", "Primitives"]),
]

let package = Package(
    name: "orgd",
    targets: shims + leaves + domain + edges + executables + testing)

/// C handles are wrapped in these targets, so every unsafe expression in them is marked as one.
let strictlyMemorySafe: Set<String> = ["Crypto", "SQLite", "EventLoops"]

for target in package.targets where !shims.contains(where: { $0.name == target.name }) {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
    if strictlyMemorySafe.contains(target.name) {
        target.swiftSettings?.append(.strictMemorySafety())
    }
}
