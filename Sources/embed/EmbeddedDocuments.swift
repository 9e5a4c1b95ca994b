/// The documents the server hands out.
enum EmbeddedDocuments {
    private static let sources = [
        (path: "openapi.yaml", property: "openAPI", comment: "The description of the REST API."),
        (path: "README.md", property: "readMe", comment: "What this program is, for people."),
    ]

    /// `nil` when there is none of them. One that is missing reads as an empty text.
    static func file(from root: String) throws(EmbedError) -> GeneratedFile? {
        var properties: [String] = []
        var isAnyPresent = false
        for source in sources {
            let bytes = FileSystem.bytes(of: "\(root)/\(source.path)")
            isAnyPresent = isAnyPresent || bytes != nil
            guard let text = String(validating: bytes ?? [], as: UTF8.self) else {
                throw EmbedError(message: "\(source.path): not UTF-8")
            }
            let literal = try SwiftLiteral.expression(of: text, from: source.path)
            properties.append(
                """
                    /// \(source.comment)
                    package static let \(source.property): String = \(literal)

                """)
        }
        let pages = FileSystem.names(in: "\(root)/docs").filter { $0.hasSuffix(".md") }.sorted()
        guard isAnyPresent || !pages.isEmpty else { return nil }
        var entries: [String] = []
        for name in pages {
            guard let bytes = FileSystem.bytes(of: "\(root)/docs/\(name)"),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw EmbedError(message: "docs/\(name): unreadable, or not UTF-8") }
            let literal = try SwiftLiteral.expression(of: text, from: "docs/\(name)")
            entries.append("        \"\(name.dropLast(3))\": \(literal),\n")
        }
        let list = entries.isEmpty ? "[:]" : "[\n\(entries.joined())    ]"
        properties.append(
            """
                /// The pages of documentation, by their names.
                package static let documentation: [String: String] = \(list)

            """)
        return GeneratedFile(
            path: "Sources/API/Generated/EmbeddedDocuments.swift",
            text: """
                // swift-format-ignore-file
                // Written by `embed` from openapi.yaml, README.md and docs/*.md. Not to be edited.

                /// Documents compiled in, so that the binary needs no files beside it.
                package enum EmbeddedDocuments {
                \(properties.joined(separator: "\n"))}

                """)
    }
}
