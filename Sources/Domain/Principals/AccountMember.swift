package import Primitives

/// A user's part in an account: by roles or by policies of its own. Only an accepted one grants anything.
package struct AccountMember: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable { case pending, accepted, rejected }

    package let id: MemberID
    package let account: AccountID
    package let user: User
    package var status: Status
    package var roles: [AccountRole]
    /// JSON array, as the API returns it.
    package var policies: JSONText
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package init(
        id: MemberID, account: AccountID, user: User, status: Status, roles: [AccountRole], policies: JSONText,
        createdAt: Timestamp, updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.account = account
        self.user = user
        self.status = status
        self.roles = roles
        self.policies = policies
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }

    /// Whether the account loses a Super Administrator when this membership ends.
    package var administers: Bool { status == .accepted && roles.contains(.superAdministrator) }
}

/// What a membership shall grant.
package struct MemberRights: Sendable, Equatable {
    package let roles: [AccountRole]
    package let policies: [MemberPolicy]

    package init(roles: [AccountRole], policies: [MemberPolicy]) {
        self.roles = roles
        self.policies = policies
    }

    /// The form that is evaluated: what is allowed and what is denied on the account.
    ///
    /// The only group of resources that exists is the account itself. A policy that allows something on another one
    /// allows nothing here, and one that denies denies here as well: both err on the closed side.
    package func grants(on account: AccountID) -> (allowed: PermissionSet, denied: PermissionSet) {
        var allowed = roles.reduce(into: PermissionSet()) { $0.formUnion($1.permissions) }
        var denied: PermissionSet = []
        for policy in policies {
            let groups = PermissionSet(policy.groups).intersection(.scope(.account))
            switch policy.effect {
            case .allow where policy.resourceGroups.contains(account.hex): allowed.formUnion(groups)
            case .allow: break
            case .deny: denied.formUnion(groups)
            }
        }
        return (allowed, denied)
    }
}

/// Rights of a member that are no role.
package struct MemberPolicy: Sendable, Equatable {
    package let effect: RightsGrant.Effect
    package let groups: [PermissionGroup]
    package let resourceGroups: [String]

    package init(effect: RightsGrant.Effect, groups: [PermissionGroup], resourceGroups: [String]) {
        self.effect = effect
        self.groups = groups
        self.resourceGroups = resourceGroups
    }
}

/// What a caller asks for when inviting a member.
package struct AccountMemberDraft: Sendable, Equatable {
    package let email: String
    package let status: AccountMember.Status
    package let rights: MemberRights

    package init(email: String, status: AccountMember.Status, rights: MemberRights) {
        self.email = email
        self.status = status
        self.rights = rights
    }
}

/// What a caller asks for when replacing a member's rights; a status of `nil` stays as it is.
package struct AccountMemberChange: Sendable, Equatable {
    package let status: AccountMember.Status?
    package let rights: MemberRights

    package init(status: AccountMember.Status?, rights: MemberRights) {
        self.status = status
        self.rights = rights
    }
}

/// A membership as the member sees it.
package struct Membership: Sendable, Equatable {
    package let id: MemberID
    package let status: AccountMember.Status
    package let roles: [AccountRole]
    package let account: Account

    package init(id: MemberID, status: AccountMember.Status, roles: [AccountRole], account: Account) {
        self.id = id
        self.status = status
        self.roles = roles
        self.account = account
    }
}
