/// Which key of a document stands for which identifier of the server.
package struct NameTable: Sendable {
    private var keys: [ReferenceKind: [String: String]] = [:]
    private var identifiers: [ReferenceKind: [String: String]] = [:]

    package init() {}

    package mutating func add(_ kind: ReferenceKind, key: String, identifier: String) {
        keys[kind, default: [:]][identifier] = key
        identifiers[kind, default: [:]][key] = identifier
    }

    /// The key of an identifier. One that is not known here, such as an ended connection, stands for itself.
    func key(_ kind: ReferenceKind, of identifier: String) -> String { keys[kind]?[identifier] ?? identifier }

    func identifier(_ kind: ReferenceKind, of key: String) -> String? {
        if let identifier = identifiers[kind]?[key] { return identifier }
        return kind.kind.isIdentifier(key) ? key : nil
    }

    /// The same with everything of `other` that is missing here.
    func extended(by other: NameTable) -> NameTable {
        var table = self
        for (kind, names) in other.identifiers {
            for (key, identifier) in names where table.identifiers[kind]?[key] == nil {
                table.add(kind, key: key, identifier: identifier)
            }
        }
        return table
    }
}
