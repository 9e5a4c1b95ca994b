import Domain
import Primitives
import Testing

/// The engine against an evaluator that was written from the contract alone and shares no code with it.
@Suite("Decisions of random policies")
struct PolicyEnginePropertyTests {
    @Test("agree with a naive reading of the contract", arguments: 0..<UInt64(16))
    func agree(_ batch: UInt64) throws {
        var counts: [String: Int] = [:]
        for seed in batch * 1000..<(batch + 1) * 1000 {
            var random = SeededGenerator(seed: seed)
            let world = TextWorld.random(&random)
            let (policies, visitor) = (try world.policySet(), try world.visitor())
            let naive = NaiveEvaluator(world: world)
            let decision = policies.decision(for: visitor)
            try #require(decision.text == naive.decision(), "seed \(seed)\n\(world)")
            let early = policies.decisionBeforeIdentity(for: visitor)
            try #require(early?.text == naive.decisionBeforeIdentity(), "seed \(seed)\n\(world)")
            counts[String(decision.text.prefix { $0 != " " }), default: 0] += 1
        }
        // Worlds in which nothing ever happens would prove nothing.
        for outcome in ["allow", "deny", "bypass", "non_identity", "unmatched"] {
            #expect(counts[outcome, default: 0] > 10, "\(counts)")
        }
    }

    @Test("are explained as they are taken, by rules that are as the explanation says", arguments: 0..<UInt64(16))
    func explained(_ batch: UInt64) throws {
        var outcomes: [PolicyFinding.Outcome: Int] = [:]
        var deepest = 0
        for seed in batch * 1000..<(batch + 1) * 1000 {
            var random = SeededGenerator(seed: seed)
            let world = TextWorld.random(&random)
            let (policies, visitor) = (try world.policySet(), try world.visitor())
            let explanation = policies.explain(visitor)
            try #require(explanation.decision == policies.decision(for: visitor), "seed \(seed)\n\(world)")
            try #require(explanation.findings.count == world.policies.count)
            let deciding = explanation.findings.filter { $0.outcome == .decides }
            try #require(deciding.count == (explanation.decision == .unmatched ? 0 : 1), "seed \(seed)\n\(world)")
            for finding in explanation.findings {
                outcomes[finding.outcome, default: 0] += 1
                deepest = max(deepest, finding.path.count)
                try check(finding, in: world, "seed \(seed)\n\(world)")
            }
        }
        for outcome in PolicyFinding.Outcome.allCases { #expect(outcomes[outcome, default: 0] > 10, "\(outcomes)") }
        #expect(deepest > 2)
    }

    /// Follows the path of a finding through the texts.
    private func check(_ finding: PolicyFinding, in world: TextWorld, _ comment: String) throws {
        var rules = world.policies[Int(finding.policy.low)].rules
        let isAnonymous = finding.decision.precedesIdentity
        let naive = NaiveEvaluator(world: world)
        if finding.outcome == .decides || finding.outcome == .comesTooLate { try #require(!finding.path.isEmpty) }
        for step in finding.path {
            let list =
                switch step.list {
                case .include: rules.include
                case .exclude: rules.exclude
                case .require: rules.require
                }
            let rule = list[step.position]
            try #require("\(step.truth)" == naive.truth(rule, anonymous: isAnonymous), "\(rule)\n\(comment)")
            guard let group = step.group else { continue }
            let name = String(rule.dropFirst("group ".count))
            try #require(GroupID(text: name) == group)
            if let nested = world.groups[name] { rules = nested }
        }
    }
}
