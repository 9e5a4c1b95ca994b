internal import Crypto
internal import Primitives

/// `Migrations/NNNN_what_changes.sql` as values of `Migration`.
enum EmbeddedMigrations {
    static func file(from root: String) throws(EmbedError) -> GeneratedFile {
        var entries: [String] = []
        var numbers: Set<Int> = []
        for name in FileSystem.names(in: "\(root)/Migrations") where name.hasSuffix(".sql") {
            let stem = String(name.dropLast(4))
            guard let number = number(of: stem) else {
                throw EmbedError(message: "Migrations/\(name): expected NNNN_what_changes.sql")
            }
            guard numbers.insert(number).inserted else {
                throw EmbedError(message: "Migrations/\(name): number \(number) is taken")
            }
            guard let bytes = FileSystem.bytes(of: "\(root)/Migrations/\(name)"),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw EmbedError(message: "Migrations/\(name): unreadable, or not UTF-8") }
            let sql = try SwiftLiteral.expression(of: text, from: "Migrations/\(name)")
            let digest = Hex.encode(SHA256.hash(bytes).bytes)
            entries.append(
                """
                        Migration(
                            number: \(number), name: "\(stem)",
                            sha256: "\(digest)",
                            sql: \(sql)),

                """)
        }
        let list = entries.isEmpty ? "[]" : "[\n\(entries.joined())    ]"
        return GeneratedFile(
            path: "Sources/Store/Generated/EmbeddedMigrations.swift",
            text: """
                // swift-format-ignore-file
                // Written by `embed` from Migrations/. Not to be edited.

                /// The migrations this program knows, oldest first.
                package enum EmbeddedMigrations {
                    package static let all: [Migration] = \(list)
                }

                """)
    }

    /// The four leading digits of `NNNN_lowercase_words`.
    private static func number(of stem: String) -> Int? {
        let bytes = Array(stem.utf8)
        guard bytes.count > 5, bytes[4] == UInt8(ascii: "_"),
            bytes[..<4].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            bytes[5...].allSatisfy({
                $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            })
        else { return nil }
        return Int(stem.prefix(4))
    }
}
