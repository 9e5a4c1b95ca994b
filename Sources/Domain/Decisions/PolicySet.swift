import Primitives

/// The policies of one application in order of precedence, with the rule groups that they name: all that a decision
/// depends on beside the visitor.
package struct PolicySet: Sendable, Equatable {
    package let policies: [JudgedPolicy]
    /// Every group that some rule names, directly or through another group. One that is missing cannot be evaluated.
    package let groups: [GroupID: RuleSet]

    package init(policies: [JudgedPolicy], groups: [GroupID: RuleSet]) {
        self.policies = policies
        self.groups = groups
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
}
