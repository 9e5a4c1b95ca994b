package import Domain
import Primitives
package import Store

extension Act {
    /// Creates an account. In an organization its connections come into being with it.
    package func createAccount(_ draft: AccountDraft) throws(Failure) -> Account {
        let owner = try owner(for: draft.place)
        let account = Account(
            id: AccountID(at: now), name: draft.name, kind: draft.kind, settings: Account.Settings(), owner: owner,
            createdAt: now, updatedAt: now, version: 1)
        try transaction.insert(account)
        if owner == nil { try makeCallerAdministrator(of: account.id) }
        record(AuditEvent(.create, AuditedResource(.account, account.id.hex), account: account.id))
        if owner != nil { try reconcile(.accounts([account.id])) }
        return account
    }

    package func replaceAccount(_ id: AccountID, with change: AccountChange) throws(Failure) -> Account {
        var account = try account(id)
        try check(version: account.version)
        account.name = change.name
        account.kind = change.kind
        account.settings = change.settings
        account.updatedAt = now
        try transaction.update(account)
        account.version += 1
        record(AuditEvent(.update, AuditedResource(.account, id.hex), account: id))
        return account
    }

    /// Removes an account with everything in it.
    package func deleteAccount(_ id: AccountID) throws(Failure) {
        try requirePlacement(of: id, at: nil)
        let account = try account(id)
        try check(version: account.version)
        try guardDeletion(of: id)
        try transaction.deleteAccount(id)
        transaction.touches(.credentials)
        record(
            AuditEvent(
                .delete, AuditedResource(.account, id.hex), account: id, organization: account.owner?.id,
                description: account.name))
    }

    func account(_ id: AccountID, at pointer: String? = nil) throws(Failure) -> Account {
        guard let account = try transaction.account(id) else {
            throw .refused(.accountNotFound, "account not found", at: pointer)
        }
        return account
    }

    /// Whoever may decide where an account belongs: the organization it is in, or an account's own administrators while
    /// it is in none.
    func requirePlacement(of id: AccountID, at pointer: String?) throws(Failure) {
        let place = try transaction.place(of: id)
        let rights = place.map { principal.rights(on: .account(id, within: $0.organizations)) } ?? []
        guard let place, !rights.isEmpty else { throw .refused(.accountNotFound, "account not found", at: pointer) }
        let isAlone = place.organizations.isEmpty
        guard rights.contains(.organizationAccountsWrite) || isAlone && rights.contains(.accountSettingsWrite) else {
            let needed: PermissionGroup = isAlone ? .accountSettingsWrite : .organizationAccountsWrite
            throw .refused(.authenticationError, "the credential lacks \"\(needed.name)\"", at: pointer)
        }
    }

    private func owner(for place: AccountDraft.Place) throws(Failure) -> Account.Owner? {
        let id: OrganizationID
        switch place {
        case .standalone:
            guard try escalation.holds([.accountSettingsWrite], on: .everyAccount) else {
                throw .refused(
                    .accountCreationForbidden,
                    "an account of its own needs \"\(PermissionGroup.accountSettingsWrite.name)\" on every account")
            }
            return nil
        case .organization(let unit):
            id = unit
        case .unsaid:
            let reaches = Reach.of(principal, [.organizationAccountsWrite])
            let candidates = try transaction.topOrganizations(within: reaches, limit: 2)
            guard let only = candidates.first else {
                throw .refused(
                    .accountCreationForbidden,
                    "the credential lacks \"\(PermissionGroup.organizationAccountsWrite.name)\" on any organization")
            }
            guard candidates.count == 1 else {
                throw .refused(
                    .accountInvalid, "unit.id is required: the credential reaches more than one organization",
                    at: "/unit/id")
            }
            id = only
        }
        let chain = try require(
            .organizationAccountsWrite, on: id, at: "/unit/id", orRefuse: .accountCreationForbidden)
        try admitAccounts(1, inTreeOf: chain.last ?? id, at: "/unit/id")
        return Account.Owner(id: id, name: try organization(id).name)
    }

    /// An account outside an organization has a Super Administrator from its first moment, unless root made it.
    private func makeCallerAdministrator(of account: AccountID) throws(Failure) {
        guard !principal.isRoot, let id = principal.user, let user = try transaction.user(id) else { return }
        let member = AccountMember(
            id: MemberID(at: now), account: account, user: user, status: .accepted, roles: [.superAdministrator],
            policies: .emptyArray, createdAt: now, updatedAt: now, version: 1)
        try transaction.insert(member)
        try transaction.grant(allowed: AccountRole.superAdministrator.permissions, denied: [], to: member.id)
        transaction.touches(.credentials)
    }
}
