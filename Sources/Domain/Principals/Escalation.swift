/// The rule that nobody hands on more than they hold (contract 10 §10, code 21031).
///
/// Scopes are compared where they stand in the tree now: `chain` answers the organizations above an account or an
/// organization, nearest first and, for an organization, with itself.
package struct Escalation<Failing: Error> {
    package let principal: Principal
    package let accountChain: (AccountID) throws(Failing) -> [OrganizationID]?
    package let organizationChain: (OrganizationID) throws(Failing) -> [OrganizationID]

    package init(
        of principal: Principal, accountChain: @escaping (AccountID) throws(Failing) -> [OrganizationID]?,
        organizationChain: @escaping (OrganizationID) throws(Failing) -> [OrganizationID]
    ) {
        self.principal = principal
        self.accountChain = accountChain
        self.organizationChain = organizationChain
    }

    /// Whether the principal holds all of `groups` everywhere in `scope`, apart from what `denied` takes away again.
    package func holds(
        _ groups: PermissionSet, on scope: RightsScope, without denied: [RightsGrant] = []
    ) throws(Failing) -> Bool {
        guard try Self.isHeld(groups, on: scope, by: principal.grants, without: denied, self) else { return false }
        guard let ceiling = principal.ceiling else { return true }
        return try Self.isHeld(groups, on: scope, by: ceiling, without: denied, self)
    }

    /// The scopes that `every account` comes to for a principal who does not hold the groups everywhere: each part of
    /// the world that their grants name and in which they hold all of the groups.
    package func parts(holding groups: PermissionSet, without denied: [RightsGrant]) throws(Failing) -> [RightsScope] {
        var parts: [RightsScope] = []
        for grant in principal.grants + (principal.ceiling ?? []) where grant.effect == .allow {
            switch grant.scope {
            case .account, .organization: break
            case .everyAccount, .everyOrganization, .user: continue
            }
            guard !parts.contains(grant.scope), try holds(groups, on: grant.scope, without: denied) else { continue }
            parts.append(grant.scope)
        }
        return parts
    }

    private static func isHeld(
        _ groups: PermissionSet, on scope: RightsScope, by grants: [RightsGrant], without denied: [RightsGrant],
        _ world: Self
    ) throws(Failing) -> Bool {
        var allowed: PermissionSet = []
        for grant in grants where grant.effect == .allow {
            if try world.contains(grant.scope, scope, for: groups) { allowed.formUnion(grant.permissions.withImplied) }
        }
        guard groups.isSubset(of: allowed) else { return false }
        for grant in grants where grant.effect == .deny {
            let lost = grant.permissions.intersection(groups)
            guard !lost.isEmpty, try world.touches(grant.scope, scope) else { continue }
            var isDeniedAgain = false
            for denial in denied where lost.isSubset(of: denial.permissions) {
                if try world.contains(denial.scope, grant.scope, for: lost) { isDeniedAgain = true }
            }
            guard isDeniedAgain else { return false }
        }
        return true
    }

    /// Whether `outer` covers everything that `inner` covers, as far as these groups mean something there.
    private func contains(_ outer: RightsScope, _ inner: RightsScope, for groups: PermissionSet) throws(Failing) -> Bool
    {
        if outer == inner { return true }
        switch (outer, inner) {
        case (.everyOrganization, .account), (.everyOrganization, .organization): return true
        case (.everyOrganization, .everyAccount): return true
        case (.everyAccount, .account): return true
        case (.everyAccount, .organization), (.everyAccount, .everyOrganization):
            return groups.isSubset(of: .scope(.account))
        case (.organization(let one), .account(let other)): return try accountChain(other)?.contains(one) ?? false
        case (.organization(let one), .organization(let other)): return try organizationChain(other).contains(one)
        default: return false
        }
    }

    /// Whether something lies in both.
    private func touches(_ one: RightsScope, _ other: RightsScope) throws(Failing) -> Bool {
        switch (one, other) {
        case (.user(let left), .user(let right)): return left == right
        case (.user, _), (_, .user): return false
        case (.account(let left), .account(let right)): return left == right
        case (.account(let account), .organization(let organization)),
            (.organization(let organization), .account(let account)):
            return try accountChain(account)?.contains(organization) ?? false
        case (.organization(let left), .organization(let right)):
            if try organizationChain(left).contains(right) { return true }
            return try organizationChain(right).contains(left)
        default: return true
        }
    }
}
