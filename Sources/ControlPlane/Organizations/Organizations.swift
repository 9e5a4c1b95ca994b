package import Domain
package import Primitives
package import Store

extension Act {
    /// Creates an organization; the caller's user becomes its first administrator.
    package func createOrganization(_ draft: OrganizationDraft) throws(Failure) -> Organization {
        var chain: [OrganizationID] = []
        if case .below(let parent) = draft.place {
            chain = try require(.organizationWrite, on: parent, at: "/parent/id")
            try admit(height: 1, below: chain)
        } else {
            try requireRightOnEveryOrganization()
        }
        let id = OrganizationID(at: now)
        try transaction.insert(
            Organization(
                id: id, name: draft.name, parent: chain.first.map { Organization.Parent(id: $0, name: "") },
                hierarchy: [], profile: draft.profile, createdAt: now, updatedAt: now, version: 1))
        if let user = try principal.user.flatMap({ (id) throws(Failure) in try transaction.user(id) }) {
            try transaction.insert(
                OrganizationMember(
                    id: MemberID(at: now), organization: id, user: user, role: .superAdministrator, status: .active,
                    createdAt: now, updatedAt: now, version: 1))
        }
        transaction.touches(.credentials)
        record(AuditEvent(.create, AuditedResource(.organization, id.hex), organization: id))
        return try organization(id)
    }

    /// Replaces name and profile, and hangs the organization elsewhere where the draft says so.
    package func replaceOrganization(
        _ id: OrganizationID, with draft: OrganizationDraft
    ) throws(Failure) -> Organization {
        var organization = try checkedOrganization(id)
        let parent = organization.parent?.id
        switch draft.place {
        case .unsaid: break
        case .root: if let parent { try move(id, from: parent, to: nil) }
        case .below(let destination): if destination != parent { try move(id, from: parent, to: destination) }
        }
        if organization.name != draft.name { try transaction.noteNewName(of: id) }
        organization.name = draft.name
        organization.profile = draft.profile
        organization.updatedAt = now
        try transaction.update(organization)
        record(AuditEvent(.update, AuditedResource(.organization, id.hex), organization: id))
        return try self.organization(id)
    }

    package func replaceProfile(of id: OrganizationID, with profile: JSONText) throws(Failure) -> Organization {
        var organization = try checkedOrganization(id)
        organization.profile = profile
        organization.updatedAt = now
        try transaction.update(organization)
        record(
            AuditEvent(.update, AuditedResource(.organization, id.hex), organization: id, description: "profile"))
        return try self.organization(id)
    }

    /// Deletes an organization with nothing in it but the caller.
    package func deleteOrganization(_ id: OrganizationID) throws(Failure) {
        _ = try checkedOrganization(id)
        let isParent = try transaction.childCount(of: id) > 0
        let hasAccounts = try transaction.hasAccounts(id)
        let hasMembers = try transaction.hasMembers(id, besides: principal.user)
        guard !isParent, !hasAccounts, !hasMembers else {
            let rest = [
                isParent ? "sub-organizations" : nil, hasAccounts ? "accounts" : nil, hasMembers ? "members" : nil,
            ].compactMap(\.self).joined(separator: ", ")
            throw .refused(.organizationNotEmpty, "the organization still has \(rest): remove them first")
        }
        try guardDeletion(of: id)
        try transaction.deleteOrganization(id)
        transaction.touches(.credentials)
        record(AuditEvent(.delete, AuditedResource(.organization, id.hex), organization: id))
    }

    /// An organization as it is now.
    func organization(_ id: OrganizationID) throws(Failure) -> Organization {
        guard let organization = try transaction.organization(id) else {
            throw .refused(.organizationNotFound, "organization not found")
        }
        return organization
    }

    /// Refuses when the tree would hold more accounts than this server allows.
    func admitAccounts(_ count: Int, inTreeOf root: OrganizationID, at pointer: String) throws(Failure) {
        guard try transaction.accountCount(below: root) + count <= settings.maxAccounts else {
            throw .refused(
                .organizationLimit, "an organization tree may hold \(settings.maxAccounts) accounts on this server",
                at: pointer)
        }
    }

    private func checkedOrganization(_ id: OrganizationID) throws(Failure) -> Organization {
        let organization = try organization(id)
        try check(version: organization.version)
        return organization
    }

    /// - Parameters: levels of what is to hang there; the chain from the parent to its root.
    private func admit(height: Int, below chain: [OrganizationID]) throws(Failure) {
        let siblings = try chain.first.map { (parent) throws(Failure) in try transaction.childCount(of: parent) } ?? 0
        try refusing { () throws(Refusal) in
            try OrganizationTree.admit(depth: chain.count, height: height, siblings: siblings)
        }
    }

    private func move(
        _ id: OrganizationID, from source: OrganizationID?, to destination: OrganizationID?
    ) throws(Failure) {
        let pointer = "/parent/id"
        var chain: [OrganizationID] = []
        if let destination {
            chain = try require(.organizationWrite, on: destination, at: pointer)
            guard !chain.contains(id) else {
                throw .refused(.organizationCycle, "an organization cannot be below itself", at: pointer)
            }
        } else {
            try requireRightOnEveryOrganization(at: pointer)
        }
        // Leaving a tree takes it from those above, so it is theirs to allow.
        if let source { _ = try require(.organizationWrite, on: source, at: pointer) }
        try admit(height: try transaction.height(of: id), below: chain)
        let (oldRoot, newRoot) = (try transaction.chain(of: id).last ?? id, chain.last ?? id)
        if oldRoot != newRoot {
            try admitAccounts(try transaction.accountCount(below: id), inTreeOf: newRoot, at: pointer)
        }
        if let destination { try guardMove(of: id, to: destination) } else { try guardMoveToTop(of: id) }
        try transaction.move(id, under: destination)
        transaction.touches(.credentials)
        guard oldRoot != newRoot else {
            try reconcile(.tree(id))
            return
        }
        // Identity providers on either side may have been shared with accounts on the other.
        try reconcile(.tree(newRoot))
        try reconcile(.tree(oldRoot))
    }

    /// At the top nothing is above the organization any more, so what hosts a primary identity provider below it must
    /// do so for an organization below it.
    private func guardMoveToTop(of id: OrganizationID) throws(Failure) {
        for designating in try transaction.designations(hostedBelow: id) {
            guard try transaction.chain(of: designating).contains(id) else {
                throw .refused(
                    .bridgeIsPrimary,
                    "an account below holds the primary identity provider of an organization that it would leave")
            }
        }
    }
}
