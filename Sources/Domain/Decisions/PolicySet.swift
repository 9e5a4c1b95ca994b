import Primitives

/// The policies of one application in order of precedence, with the rule groups that they name: all that a decision
/// depends on beside the visitor.
package struct PolicySet: Sendable, Equatable {
    /// In order of precedence.
    package let policies: [JudgedPolicy]
    /// Every group that some rule names, directly or through another group. One that is missing cannot be evaluated.
    package let groups: [GroupID: RuleSet]
    /// Whether a rule, be it of a group, depends on the request rather than on the login alone, so that every request
    /// must be judged.
    package let isContinuous: Bool
    /// Whether a rule asks whose member somebody is.
    package let asksForMemberships: Bool
    /// Whether a rule asks for tokens of other applications.
    package let asksForLinkedTokens: Bool
    /// What rules ask other services, in the order of the policies that ask.
    package let questions: [ExternalEvaluation]
    /// Groups that contain themselves or nest too deep. Writes refuse them; one that exists all the same cannot be
    /// evaluated.
    private let endless: Set<GroupID>

    package init(policies: [JudgedPolicy], groups: [GroupID: RuleSet]) {
        self.policies = policies
        self.groups = groups
        func contains(_ predicate: (Rule) -> Bool) -> Bool {
            policies.contains { $0.rules.contains(where: predicate) }
                || groups.values.contains { $0.contains(where: predicate) }
        }
        isContinuous = contains(\.isContinuous)
        asksForMemberships = contains { if case .accountMember = $0 { true } else { false } }
        asksForLinkedTokens = contains { if case .linkedAppToken = $0 { true } else { false } }
        questions = Self.questions(policies, groups)
        endless = Self.endless(groups)
    }

    private static func questions(_ policies: [JudgedPolicy], _ groups: [GroupID: RuleSet]) -> [ExternalEvaluation] {
        var found: [ExternalEvaluation] = []
        func collect(_ rules: RuleSet) {
            for case .externalEvaluation(let question) in rules.include + rules.exclude + rules.require
            where !found.contains(question) {
                found.append(question)
            }
        }
        for policy in policies { collect(policy.rules) }
        for group in groups.sorted(by: { $0.key < $1.key }) { collect(group.value) }
        return found
    }

    /// `nil` for a group that is missing, contains itself or nests deeper than groups may.
    package func evaluableRules(of group: GroupID) -> RuleSet? { endless.contains(group) ? nil : groups[group] }

    /// Takes away, layer by layer, the groups whose own groups are gone already: what is left after as many layers as
    /// groups may nest goes deeper, without end in the case of a cycle.
    private static func endless(_ groups: [GroupID: RuleSet]) -> Set<GroupID> {
        var left = groups.mapValues(\.nestedGroups)
        for _ in 0...AccessGroup.maxNesting where !left.isEmpty {
            let rest = left
            left = left.filter { $0.value.contains { rest[$0] != nil } }
        }
        return Set(left.keys)
    }
}

/// What the policies say to a visitor (contract 20 §10).
package enum Decision: Sendable, Equatable {
    /// A `bypass` policy matched: no credentials asked, no identity passed on.
    case bypass(PolicyID)
    /// A `non_identity` policy matched.
    case service(PolicyID)
    case allow(PolicyID)
    /// A `deny` policy matched.
    case deny(PolicyID)
    /// No policy matched, which denies.
    case unmatched

    /// Whether it would be the same for anybody.
    package var precedesIdentity: Bool {
        switch self {
        case .bypass, .service: true
        case .allow, .deny, .unmatched: false
        }
    }
}
