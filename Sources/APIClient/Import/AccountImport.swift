package import JSON

/// Accounts to provision from a table: `name`, and if wanted `type`, `organization`, `team`, `bridge`.
///
/// Safe to repeat: an account whose name exists in its organization is left as it is. Creations carry a fresh idempotency
/// key each, not one made from the name: an account that was deleted since must be created, not replayed.
package struct AccountImport: Sendable {
    package struct Entry: Sendable, Equatable {
        package let line: Int
        package let name: String
        package let type: String?
        /// By name or identifier; `nil` for the organization of the command.
        package let organization: String?
        /// The team name of its Zero Trust organization, which is created when given.
        package let team: String?
    }

    package struct Mistake: Sendable, Equatable {
        package let line: Int
        package let reason: String

        package init(line: Int, reason: String) {
            self.line = line
            self.reason = reason
        }
    }

    package let entries: [Entry]
    /// Rows that cannot be provisioned, by line.
    package let mistakes: [Mistake]

    private static let headings = ["name", "type", "organization", "team"]

    /// - Throws: ``ClientError/invalidInput(_:)`` when the header has no `name` or an unknown heading.
    package init(_ table: CSVReader) throws(ClientError) {
        guard table.header.contains("name") else {
            throw .invalidInput("line 1: the header has no column \"name\"")
        }
        if let unknown = table.header.first(where: { !Self.headings.contains($0) }) {
            throw .invalidInput(
                "line 1: unknown column \"\(unknown)\"; known are \(Self.headings.joined(separator: ", "))")
        }
        var entries: [Entry] = []
        var mistakes: [Mistake] = []
        var seen: [String: Int] = [:]
        for row in table.rows {
            guard let name = table.value("name", of: row) else {
                mistakes.append(Mistake(line: row.line, reason: "the name is empty"))
                continue
            }
            if row.cells.count > table.header.count {
                mistakes.append(Mistake(line: row.line, reason: "more cells than the header has columns"))
                continue
            }
            let organization = table.value("organization", of: row)
            let key = "\(organization ?? "")\u{0}\(name)"
            if let first = seen[key] {
                mistakes.append(Mistake(line: row.line, reason: "\"\(name)\" is on line \(first) already"))
                continue
            }
            seen[key] = row.line
            entries.append(
                Entry(
                    line: row.line, name: name, type: table.value("type", of: row), organization: organization,
                    team: table.value("team", of: row)))
        }
        self.entries = entries
        self.mistakes = mistakes
    }
}

extension AccountImport.Entry {
    package func body(in organization: String) -> JSONValue {
        var body: JSONObject = ["name": .string(name), "unit": ["id": .string(organization)]]
        if let type { body["type"] = .string(type) }
        return .object(body)
    }
}
