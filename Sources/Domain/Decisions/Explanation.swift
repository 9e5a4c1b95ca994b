import Primitives

/// Why a visitor is let in or not: every policy in the order in which they are judged, the deciding one and those that
/// would have had a say included.
package struct Explanation: Sendable, Equatable {
    /// The same as ``PolicySet/decision(for:)``.
    package let decision: Decision
    package let findings: [PolicyFinding]
}

/// What one policy says to a visitor, and which rule makes it say so.
package struct PolicyFinding: Sendable, Equatable {
    package let policy: PolicyID
    package let name: String
    package let decision: PolicyDecision
    package let outcome: Outcome
    /// The rule of the policy that settled it, then the rule of the group that it names, and so on. Empty when every rule
    /// of `include` is known to be false, or when nothing was judged; shorter than the nesting when that is so in a group.
    package let path: [RuleFinding]

    package enum Outcome: Sendable, Equatable, CaseIterable {
        /// It matches and nothing before it did.
        case decides
        /// It matches, but another policy has decided already.
        case comesTooLate
        case doesNotMatch
        /// It would match only if something were known that is not.
        case cannotTell
        /// An `allow` policy and a visitor without an identity.
        case needsIdentity
    }
}

/// One rule and what it came to.
package struct RuleFinding: Sendable, Equatable {
    package let list: RuleReference.List
    package let position: Int
    /// Absent for a rule that this version cannot read.
    package let selector: RuleSelector?
    package let truth: Truth
    /// The group that the rule names.
    package let group: GroupID?
}

extension PolicySet {
    /// Judges as ``decision(for:)`` does, but every policy, and notes why.
    package func explain(_ visitor: Visitor) -> Explanation {
        var anonymous = visitor
        anonymous.identity = nil
        var early = RuleJudge(self, for: anonymous)
        var late = RuleJudge(self, for: visitor)
        var decision: Decision?
        var findings: [PolicyFinding] = []
        for policy in policies where policy.decision.precedesIdentity {
            findings.append(policy.finding(by: &early, &decision))
        }
        for policy in policies where !policy.decision.precedesIdentity {
            findings.append(
                policy.mayDecide(for: visitor)
                    ? policy.finding(by: &late, &decision) : policy.finding(.needsIdentity, []))
        }
        return Explanation(decision: decision ?? .unmatched, findings: findings)
    }
}

extension JudgedPolicy {
    fileprivate func finding(by judge: inout RuleJudge, _ decision: inout Decision?) -> PolicyFinding {
        let truth = judge.truth(of: rules)
        let path = judge.path(through: rules, to: truth)
        switch truth {
        case .no: return finding(.doesNotMatch, path)
        case .unknown: return finding(.cannotTell, path)
        case .yes where decision != nil: return finding(.comesTooLate, path)
        case .yes:
            decision = consequence
            return finding(.decides, path)
        }
    }

    fileprivate func finding(_ outcome: PolicyFinding.Outcome, _ path: [RuleFinding]) -> PolicyFinding {
        PolicyFinding(policy: id, name: name, decision: self.decision, outcome: outcome, path: path)
    }
}

extension RuleJudge {
    /// The rules that settled `truth`, from the outermost inwards.
    fileprivate mutating func path(through rules: RuleSet, to truth: Truth) -> [RuleFinding] {
        guard let finding = culprit(of: rules, for: truth) else { return [] }
        guard let group = finding.group, let nested = policies.evaluableRules(of: group) else { return [finding] }
        return [finding] + path(through: nested, to: finding.truth)
    }

    /// The first rule without which the lists would not have come to `truth`; `nil` when no rule of `include` holds.
    private mutating func culprit(of rules: RuleSet, for truth: Truth) -> RuleFinding? {
        switch truth {
        case .yes: first(.include, of: rules.include, that: .yes)
        case .no:
            if Truth.any(of: rules.include, { self.truth(of: $0) }) == .no {
                nil
            } else if let excluded = first(.exclude, of: rules.exclude, that: .yes) {
                excluded
            } else {
                first(.require, of: rules.require, that: .no)
            }
        case .unknown:
            if !rules.include.contains(where: { self.truth(of: $0) == .yes }) {
                first(.include, of: rules.include, that: .unknown)
            } else if let excluded = first(.exclude, of: rules.exclude, that: .unknown) {
                excluded
            } else {
                first(.require, of: rules.require, that: .unknown)
            }
        }
    }

    private mutating func first(_ list: RuleReference.List, of rules: [Rule], that truth: Truth) -> RuleFinding? {
        for (position, rule) in rules.enumerated() where self.truth(of: rule) == truth {
            let group: GroupID? = if case .group(let id) = rule { id } else { nil }
            return RuleFinding(list: list, position: position, selector: rule.selector, truth: truth, group: group)
        }
        return nil
    }
}
