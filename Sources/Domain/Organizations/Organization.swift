package import Primitives

/// A node of the tree that accounts hang on. The right to administer it reaches everything below it.
package struct Organization: Sendable, Equatable {
    package let id: OrganizationID
    package var name: String
    package var parent: Parent?
    /// From the root down to this organization.
    package let hierarchy: [OrganizationID]
    /// A JSON object with the five members of a profile, or `nil` while there is none.
    package var profile: JSONText?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package struct Parent: Sendable, Equatable {
        package let id: OrganizationID
        package let name: String

        package init(id: OrganizationID, name: String) {
            self.id = id
            self.name = name
        }
    }

    package init(
        id: OrganizationID, name: String, parent: Parent?, hierarchy: [OrganizationID], profile: JSONText?,
        createdAt: Timestamp, updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.name = name
        self.parent = parent
        self.hierarchy = hierarchy
        self.profile = profile
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// What a caller asks for when creating or replacing an organization.
package struct OrganizationDraft: Sendable, Equatable {
    /// Where the organization shall hang.
    package enum Place: Sendable, Equatable {
        /// At the top when it is created; where it is when it is replaced.
        case unsaid
        case root
        case below(OrganizationID)
    }

    package var name: String
    package var place: Place
    package var profile: JSONText?

    package init(name: String, place: Place, profile: JSONText?) {
        self.name = name
        self.place = place
        self.profile = profile
    }
}

/// How far a tree of organizations may grow (contract 10 §6, code 21004).
package enum OrganizationTree {
    /// Levels, the root included.
    package static let maxDepth = 8
    /// Organizations directly below one.
    package static let maxChildren = 100

    /// Checks that a subtree fits below a parent.
    ///
    /// - Parameters:
    ///   - depth: levels of the parent's chain, itself included; 0 for the top.
    ///   - height: levels of the subtree, its own root included.
    ///   - siblings: organizations directly below the parent already.
    package static func admit(depth: Int, height: Int, siblings: Int) throws(Refusal) {
        guard depth + height <= maxDepth else {
            throw Refusal(
                .organizationLimit, "a tree may have \(maxDepth) levels and this would be level \(depth + height)",
                at: "/parent/id")
        }
        guard depth == 0 || siblings < maxChildren else {
            throw Refusal(
                .organizationLimit, "the parent has \(maxChildren) sub-organizations already", at: "/parent/id")
        }
    }
}
