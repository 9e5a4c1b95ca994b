import Domain
import Primitives
import Store

extension Act {
    /// The evaluated form of a token's policies.
    ///
    /// - Throws: 21030 for a lifetime that is over or a resource the token cannot be about, 21031 where it would hold
    ///   more than the caller does.
    func checkedGrants(of draft: APITokenDraft, _ owner: APIToken.Owner) throws(Failure) -> [RightsGrant] {
        try checkLifetime(of: draft)
        try checkResources(of: draft, owner)
        let denied = draft.policies.filter { $0.effect == .deny }.flatMap { policy in
            policy.scopes.map { RightsGrant(effect: .deny, permissions: policy.groups, scope: $0) }
        }
        var grants = denied.filter { !$0.permissions.isDisjoint(with: $0.scope.meaningful) }
        for (position, policy) in draft.policies.enumerated() where policy.effect == .allow {
            for resource in policy.resources {
                guard let scope = resource.scope else { continue }
                let rights = policy.groups.intersection(scope.meaningful)
                guard !rights.isEmpty else { continue }
                let pointer = Self.pointer(position, resource)
                for part in try parts(of: scope, rights.withImplied, without: denied, at: pointer) {
                    grants.append(RightsGrant(effect: .allow, permissions: rights, scope: part))
                }
            }
        }
        return grants
    }

    /// What the caller may give of a scope: all of it, or for "every …" the parts that they hold.
    private func parts(
        of scope: RightsScope, _ rights: PermissionSet, without denied: [RightsGrant], at pointer: String
    ) throws(Failure) -> [RightsScope] {
        let escalation = escalation
        if try escalation.holds(rights, on: scope, without: denied) {
            try requireExistence(of: scope, at: pointer)
            return [scope]
        }
        let held = try escalation.parts(holding: rights, without: denied)
        let parts: [RightsScope] =
            switch scope {
            case .everyAccount: held
            case .everyOrganization: held.filter { if case .organization = $0 { true } else { false } }
            case .account, .organization, .user: []
            }
        guard !parts.isEmpty else {
            throw .refused(.tokenEscalation, "the credential does not hold these rights itself", at: pointer)
        }
        return parts
    }

    /// Only reached by who holds the rights on such a resource, so it tells nobody anything new.
    private func requireExistence(of scope: RightsScope, at pointer: String) throws(Failure) {
        let exists =
            switch scope {
            case .account(let id): try transaction.place(of: id) != nil
            case .organization(let id): try !transaction.chain(of: id).isEmpty
            case .everyAccount, .everyOrganization, .user: true
            }
        guard exists else { throw .refused(.tokenInvalid, "the resource does not exist", at: pointer) }
    }

    private func checkLifetime(of draft: APITokenDraft) throws(Failure) {
        var problems: [Problem] = []
        if let end = draft.expiresAt {
            if end <= now { problems.append(Problem(.tokenInvalid, "expires_on is in the past", at: "/expires_on")) }
            if let start = draft.notBefore, start >= end {
                problems.append(Problem(.tokenInvalid, "not_before must be before expires_on", at: "/not_before"))
            }
        }
        guard problems.isEmpty else { throw Failure(Refusal(problems)) }
    }

    /// A token of an account is about that account and nothing else.
    private func checkResources(of draft: APITokenDraft, _ owner: APIToken.Owner) throws(Failure) {
        guard let account = owner.account else { return }
        var problems: [Problem] = []
        for (position, policy) in draft.policies.enumerated() {
            for resource in policy.resources {
                guard let scope = resource.named, scope != .account(account) else { continue }
                problems.append(
                    Problem(
                        .tokenInvalid,
                        "\(resource.key) is outside the account: use \(ResourceKey.account).\(account.hex)",
                        at: Self.pointer(position, resource)))
            }
        }
        guard problems.isEmpty else { throw Failure(Refusal(problems)) }
    }

    private static func pointer(_ position: Int, _ resource: TokenPolicy.Resource) -> String {
        "/policies/\(position)/resources/\(resource.key)"
    }
}

extension TokenPolicy {
    fileprivate var scopes: [RightsScope] { resources.compactMap(\.scope) }
}
