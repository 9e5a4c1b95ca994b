package import Primitives

/// A user's part in an organization. Only an active one grants anything.
package struct OrganizationMember: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable { case pending, active, canceled }

    package let id: MemberID
    package let organization: OrganizationID
    package let user: User
    package var role: OrganizationRole
    package var status: Status
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package init(
        id: MemberID, organization: OrganizationID, user: User, role: OrganizationRole, status: Status,
        createdAt: Timestamp, updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.organization = organization
        self.user = user
        self.role = role
        self.status = status
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }

    /// Whether the organization loses an administrator when this membership ends.
    package var administers: Bool { role == .superAdministrator && status == .active }
}

/// What a caller asks for when adding a member to an organization.
package struct OrganizationMemberDraft: Sendable, Equatable {
    package var email: String
    package var role: OrganizationRole
    package var status: OrganizationMember.Status

    package init(email: String, role: OrganizationRole, status: OrganizationMember.Status) {
        self.email = email
        self.role = role
        self.status = status
    }
}

/// A change of a membership; `nil` leaves alone.
package struct OrganizationMemberChange: Sendable, Equatable {
    package var role: OrganizationRole?
    package var status: OrganizationMember.Status?

    package init(role: OrganizationRole?, status: OrganizationMember.Status?) {
        self.role = role
        self.status = status
    }
}
