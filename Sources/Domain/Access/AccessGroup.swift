package import Primitives

/// Rules under a name, for use in policies and other groups.
package struct AccessGroup: Sendable, Equatable {
    package let id: GroupID
    package let name: String
    package let isDefault: Bool
    /// `include`, `exclude` and `require`.
    package let document: JSONText
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let version: Int

    /// How deep groups may nest below one another.
    package static let maxNesting = 5

    package init(
        id: GroupID, name: String, isDefault: Bool, document: JSONText, createdAt: Timestamp, updatedAt: Timestamp,
        version: Int
    ) {
        self.id = id
        self.name = name
        self.isDefault = isDefault
        self.document = document
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// What a caller asks for when creating or replacing a group.
package struct AccessGroupDraft: Sendable, Equatable {
    package let name: String
    package let isDefault: Bool
    package let document: JSONText
    package let references: [RuleReference]

    package init(name: String, isDefault: Bool, document: JSONText, references: [RuleReference]) {
        self.name = name
        self.isDefault = isDefault
        self.document = document
        self.references = references
    }
}
