/// Judges rules for one visitor, each group at most once, however many rules name it.
struct RuleJudge {
    let policies: PolicySet
    let visitor: Visitor
    private var judged: [GroupID: Truth] = [:]

    init(_ policies: PolicySet, for visitor: Visitor) {
        self.policies = policies
        self.visitor = visitor
    }

    /// Whether a policy with these rules takes hold. What cannot be evaluated counts as false in `include` and `require`
    /// and as true in `exclude`.
    mutating func matches(_ rules: RuleSet) -> Bool {
        rules.include.contains { truth(of: $0) == .yes }
            && rules.exclude.allSatisfy { truth(of: $0) == .no }
            && rules.require.allSatisfy { truth(of: $0) == .yes }
    }

    mutating func truth(of rule: Rule) -> Truth {
        if case .group(let id) = rule { return truth(of: id) }
        return rule.truth(for: visitor) { _ in .unknown }
    }

    /// Recursion ends: a group that can be evaluated names only groups that nest less deep.
    mutating func truth(of group: GroupID) -> Truth {
        if let known = judged[group] { return known }
        guard let rules = policies.evaluableRules(of: group) else { return .unknown }
        let truth = truth(of: rules)
        judged[group] = truth
        return truth
    }

    mutating func truth(of rules: RuleSet) -> Truth {
        let included = Truth.any(of: rules.include) { truth(of: $0) }
        if included == .no { return .no }
        let admitted = !Truth.any(of: rules.exclude) { truth(of: $0) }
        if admitted == .no { return .no }
        let required = Truth.all(of: rules.require) { truth(of: $0) }
        return Truth.all(of: [included, admitted, required]) { $0 }
    }
}
