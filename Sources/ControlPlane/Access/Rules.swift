import Domain
import Primitives
import Store

extension Act {
    /// Collects what is wrong with the things that rules name.
    ///
    /// - Parameters:
    ///   - kept: ids that the same owner named before. They may stay although their thing is gone: a rule that matches
    ///     nobody is safe, and refusing it would block every other change.
    ///   - place: the pointer to the object that holds the lists.
    func problems(
        in references: [RuleReference], keeping kept: Set<RuleTargetID>, at place: String, in account: AccountID
    ) throws(Failure) -> [Problem] {
        var known = kept
        var problems: [Problem] = []
        for reference in references {
            guard let target = reference.target, let kind = reference.selector.target?.kind, !known.contains(target)
            else {
                continue
            }
            if try exists(kind, target, in: account) {
                known.insert(target)
            } else {
                problems.append(
                    Problem(
                        .accessInvalidRequest, "the rule names a \(kind.title) that does not exist",
                        at: reference.pointer(below: place)))
            }
        }
        return problems
    }

    private func exists(_ kind: RuleTargetKind, _ target: RuleTargetID, in account: AccountID) throws(Failure) -> Bool {
        switch kind {
        case .group: try transaction.group(GroupID(high: target.high, low: target.low), in: account) != nil
        case .identityProvider:
            try transaction.canName(IdentityProviderID(high: target.high, low: target.low), in: account)
        case .serviceToken:
            try transaction.serviceToken(ServiceTokenID(high: target.high, low: target.low), in: account) != nil
        case .application:
            try transaction.application(.id(ApplicationID(high: target.high, low: target.low)), in: account) != nil
        }
    }

    /// Refuses rules that would admit somebody through an identity provider other than the enforced one.
    func enforce(_ references: [RuleReference], at place: String, in account: AccountID) throws(Failure) {
        let named = references.filter { $0.list == .include && $0.selector == .loginMethod }
        guard !named.isEmpty, let enforcement = try enforcement(of: account) else { return }
        try enforcement.check(
            loginMethods: named.compactMap { reference in
                reference.target.map {
                    (id: IdentityProviderID(high: $0.high, low: $0.low), pointer: reference.pointer(below: place))
                }
            })
    }

    /// Throws when there are problems.
    func refuse(_ problems: [Problem]) throws(Failure) {
        guard !problems.isEmpty else { return }
        throw .refused(Refusal(problems.sorted { ($0.pointer ?? "") < ($1.pointer ?? "") }))
    }
}
