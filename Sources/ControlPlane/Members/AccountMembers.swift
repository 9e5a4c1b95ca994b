package import Domain
package import Primitives
package import Store

extension Act {
    package func inviteMember(
        _ draft: AccountMemberDraft, documented policies: JSONText, to account: AccountID
    ) throws(Failure) -> AccountMember {
        try requireMemberManagement(of: account)
        let grants = draft.rights.grants(on: account)
        try require(grants.allowed, on: .account(account))
        let user = try userForMembership(email: draft.email)
        guard try transaction.member(user.id, of: account) == nil else {
            throw .refused(.memberConflict, "\(draft.email) is a member of the account already", at: "/email")
        }
        let member = AccountMember(
            id: MemberID(at: now), account: account, user: user, status: draft.status, roles: draft.rights.roles,
            policies: policies, createdAt: now, updatedAt: now, version: 1)
        try transaction.insert(member)
        try transaction.grant(allowed: grants.allowed, denied: grants.denied, to: member.id)
        transaction.touches(.credentials)
        record(AuditEvent(.create, AuditedResource(.accountMember, member.id.hex), account: account))
        return member
    }

    package func replaceMember(
        _ id: MemberID, of account: AccountID, with change: AccountMemberChange, documented policies: JSONText
    ) throws(Failure) -> AccountMember {
        let old = try checkedMember(id, of: account)
        let grants = change.rights.grants(on: account)
        try require(grants.allowed, on: .account(account))
        var member = old
        member.roles = change.rights.roles
        member.policies = policies
        member.status = change.status ?? old.status
        member.updatedAt = now
        if old.administers, !member.administers { try keepAdministrator(of: account, besides: id) }
        try transaction.update(member)
        member.version += 1
        try transaction.grant(allowed: grants.allowed, denied: grants.denied, to: id)
        transaction.touches(.credentials)
        record(AuditEvent(.update, AuditedResource(.accountMember, id.hex), account: account))
        return member
    }

    package func removeMember(_ id: MemberID, of account: AccountID) throws(Failure) {
        let member = try checkedMember(id, of: account)
        if member.administers { try keepAdministrator(of: account, besides: id) }
        try transaction.deleteAccountMember(id)
        transaction.touches(.credentials)
        record(AuditEvent(.delete, AuditedResource(.accountMember, id.hex), account: account))
    }

    private func checkedMember(_ id: MemberID, of account: AccountID) throws(Failure) -> AccountMember {
        guard let member = try transaction.member(id, of: account) else {
            throw .refused(.accountNotFound, "member not found")
        }
        try check(version: member.version)
        try requireMemberManagement(of: account)
        try require(try transaction.permissions(of: id), on: .account(account))
        return member
    }

    /// Administrators hold the right that members are managed with, and are the one role that must not use it for that
    /// (contract 10 §11).
    private func requireMemberManagement(of account: AccountID) throws(Failure) {
        guard principal.token?.account == nil, let user = principal.user,
            let own = try transaction.member(user, of: account), own.status == .accepted, own.policies == .emptyArray,
            own.roles.contains(.administrator), !own.roles.contains(.superAdministrator)
        else { return }
        guard try escalation.holds([.accountTokensWrite], on: .account(account)) else {
            throw .refused(.authenticationError, "the role Administrator does not manage members")
        }
    }

    /// Outside an organization nobody else could let anyone in again.
    private func keepAdministrator(of account: AccountID, besides member: MemberID) throws(Failure) {
        guard try transaction.place(of: account)?.organizations.isEmpty == true,
            try !transaction.hasSuperAdministrator(account, besides: member)
        else { return }
        throw .refused(.memberConflict, "this is the account's last Super Administrator: add another one first")
    }
}
