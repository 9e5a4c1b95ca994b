import Primitives

/// Decisions (contract 20 §10): first the policies that need no identity, then those that do, each kind in order of
/// precedence, and the first that matches decides. What no policy mentions is denied.
extension PolicySet {
    /// What is decided before anybody logs in: by `bypass` and `non_identity` policies only; `nil` when none matches.
    package func decisionBeforeIdentity(for visitor: Visitor) -> Decision? {
        // Such policies cannot ask for an identity when they are written. Should a group have come to do so since, it is
        // judged as for somebody unknown, so that login makes no difference to them.
        var anonymous = visitor
        anonymous.identity = nil
        var judge = RuleJudge(self, for: anonymous)
        for policy in policies where policy.decision.precedesIdentity {
            if judge.matches(policy.rules) { return policy.consequence }
        }
        return nil
    }

    /// The whole decision. Without an identity no `allow` policy matches, for it admits those whom it knows: whoever has
    /// none must log in or come by way of another policy.
    package func decision(for visitor: Visitor) -> Decision {
        if let early = decisionBeforeIdentity(for: visitor) { return early }
        var judge = RuleJudge(self, for: visitor)
        for policy in policies where policy.mayDecide(for: visitor) {
            if judge.matches(policy.rules) { return policy.consequence }
        }
        return .unmatched
    }

    package func policy(_ id: PolicyID) -> JudgedPolicy? { policies.first { $0.id == id } }

    /// Whether logging in can make a difference.
    package var asksForIdentity: Bool { policies.contains { !$0.decision.precedesIdentity } }
}

extension JudgedPolicy {
    /// Whether it takes part in the second round, in which identities count.
    func mayDecide(for visitor: Visitor) -> Bool {
        switch decision {
        case .bypass, .nonIdentity: false
        case .allow: visitor.identity != nil
        case .deny: true
        }
    }

    /// What comes of it when it matches.
    var consequence: Decision {
        switch decision {
        case .bypass: .bypass(id)
        case .nonIdentity: .service(id)
        case .allow: terms.isIsolationRequired ? .deny(id) : .allow(id)
        case .deny: .deny(id)
        }
    }
}
