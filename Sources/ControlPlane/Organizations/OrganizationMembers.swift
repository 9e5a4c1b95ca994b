package import Domain
import Primitives
package import Store

extension Act {
    package func addMember(
        _ draft: OrganizationMemberDraft, to organization: OrganizationID, at pointer: String
    ) throws(Failure) -> OrganizationMember {
        try require(draft.role.permissions, on: .organization(organization), at: pointer)
        let user = try userForMembership(email: draft.email)
        guard try !transaction.isMember(user.id, of: organization) else {
            throw .refused(.memberConflict, "\(draft.email) is a member of the organization already", at: pointer)
        }
        let member = OrganizationMember(
            id: MemberID(at: now), organization: organization, user: user, role: draft.role, status: draft.status,
            createdAt: now, updatedAt: now, version: 1)
        try transaction.insert(member)
        transaction.touches(.credentials)
        record(AuditEvent(.create, AuditedResource(.organizationMember, member.id.hex), organization: organization))
        return member
    }

    /// Changes role or status. Whoever had more than the caller keeps it.
    package func changeMember(
        _ id: MemberID, of organization: OrganizationID, to change: OrganizationMemberChange
    ) throws(Failure) -> OrganizationMember {
        let old = try checkedMember(id, of: organization)
        var member = old
        member.role = change.role ?? old.role
        member.status = change.status ?? old.status
        member.updatedAt = now
        try require(member.role.permissions, on: .organization(organization), at: "/role")
        if old.administers, !member.administers { try keepAdministrator(of: organization, besides: id) }
        try transaction.update(member)
        member.version += 1
        transaction.touches(.credentials)
        record(AuditEvent(.update, AuditedResource(.organizationMember, id.hex), organization: organization))
        return member
    }

    package func removeMember(_ id: MemberID, of organization: OrganizationID) throws(Failure) {
        let member = try checkedMember(id, of: organization)
        if member.administers { try keepAdministrator(of: organization, besides: id) }
        try transaction.deleteOrganizationMember(id)
        transaction.touches(.credentials)
        record(AuditEvent(.delete, AuditedResource(.organizationMember, id.hex), organization: organization))
    }

    /// The user with this address, made on first mention.
    func userForMembership(email: String) throws(Failure) -> User {
        if let known = try transaction.user(email: email) { return known }
        let user = User(id: UserID(at: now), email: email, firstName: nil, lastName: nil, createdAt: now)
        try transaction.insert(user)
        return user
    }

    private func checkedMember(
        _ id: MemberID, of organization: OrganizationID
    ) throws(Failure) -> OrganizationMember {
        guard let member = try transaction.member(id, of: organization) else {
            throw .refused(.organizationNotFound, "member not found")
        }
        try check(version: member.version)
        try require(member.role.permissions, on: .organization(organization))
        return member
    }

    private func keepAdministrator(of organization: OrganizationID, besides member: MemberID) throws(Failure) {
        guard try transaction.hasAdministrator(organization, besides: member) else {
            throw .refused(
                .lastAdministrator, "this is the last Organization Super Administrator: add another one first")
        }
    }
}
