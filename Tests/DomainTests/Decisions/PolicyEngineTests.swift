import Domain
import Primitives
import Testing

/// Contract 20 §10, sentence by sentence.
@Suite("Decisions")
struct PolicyEngineTests {
    private static let ann: [String: [String]] = ["ip": ["10.1.2.3"], "email": ["ann@x.org"], "idp": ["idp1"]]
    private static let machine: [String: [String]] = ["ip": ["10.1.2.3"], "token": ["t1"]]

    private func world(
        _ policies: (decision: String, rules: TextRules)..., groups: [String: TextRules] = [:],
        facts: [String: [String]] = ann
    ) -> TextWorld {
        TextWorld(
            policies: policies.map { TextPolicy(decision: $0.decision, needsIsolation: false, rules: $0.rules) },
            groups: groups, facts: facts)
    }

    private func decision(_ world: TextWorld) throws -> String {
        try world.policySet().decision(for: try world.visitor()).text
    }

    private func including(_ rules: String...) -> TextRules { TextRules(include: rules, exclude: [], require: []) }

    @Test("what no policy mentions is denied")
    func defaultDeny() throws {
        #expect(try decision(world()) == "unmatched")
        #expect(try decision(world(("allow", including("email bob@x.org")))) == "unmatched")
        #expect(try decision(world(("allow", TextRules(include: [], exclude: [], require: [])))) == "unmatched")
    }

    @Test("bypass and non_identity go before allow and deny, whatever the precedence; else the first match wins")
    func order() throws {
        let all = including("everyone")
        #expect(try decision(world(("deny", all), ("allow", all), ("bypass", all))) == "bypass 2")
        #expect(try decision(world(("allow", all), ("non_identity", all), ("bypass", all))) == "non_identity 1")
        #expect(try decision(world(("deny", all), ("allow", all))) == "deny 0")
        #expect(try decision(world(("allow", all), ("deny", all))) == "allow 0")
        #expect(try decision(world(("allow", including("email bob@x.org")), ("deny", all))) == "deny 1")
    }

    @Test("include is any, exclude none, require all")
    func lists() throws {
        func decided(_ include: [String], _ exclude: [String], _ require: [String]) throws -> Bool {
            try decision(world(("allow", TextRules(include: include, exclude: exclude, require: require)))) == "allow 0"
        }
        #expect(try decided(["email bob@x.org", "domain x.org"], [], []))
        #expect(try decided(["everyone"], ["email bob@x.org"], ["domain x.org", "ip 10.0.0.0/8"]))
        #expect(try !decided(["everyone"], ["email bob@x.org", "domain x.org"], []))
        #expect(try !decided(["everyone"], [], ["domain x.org", "ip 192.0.2.7/32"]))
        #expect(try !decided(["everyone"], [], ["geo PT"]))
        #expect(try !decided(["everyone"], ["geo PT"], []))
    }

    @Test("nobody is allowed without an identity, but may be denied")
    func withoutIdentity() throws {
        #expect(try decision(world(("allow", including("everyone")), facts: Self.machine)) == "unmatched")
        #expect(try decision(world(("allow", including("token t1")), facts: Self.machine)) == "unmatched")
        #expect(try decision(world(("deny", including("ip 10.0.0.0/8")), facts: Self.machine)) == "deny 0")
        #expect(try decision(world(("non_identity", including("token t1")), facts: Self.machine)) == "non_identity 0")
    }

    @Test("a policy that needs isolation admits nobody")
    func isolation() throws {
        var world = world(("allow", including("everyone")), ("allow", including("everyone")))
        world.policies[0].needsIsolation = true
        #expect(try decision(world) == "deny 0")
    }

    @Test("what comes before login does not change by logging in, even through a group that asks for an identity")
    func beforeLogin() throws {
        let groups = ["g1": including("email ann@x.org"), "g2": including("email bob@x.org")]
        let bypass = TextRules(include: ["group g1"], exclude: [], require: [])
        let except = TextRules(include: ["everyone"], exclude: ["group g2"], require: [])
        #expect(try decision(world(("bypass", bypass), ("bypass", except), groups: groups)) == "unmatched")
    }

    @Test("what a group cannot tell neither admits nor spares from exclusion")
    func unknownGroups() throws {
        let groups = [
            "g1": including("geo PT"), "g2": TextRules(include: ["everyone"], exclude: ["geo PT"], require: []),
            "g3": TextRules(include: ["geo PT"], exclude: [], require: ["email bob@x.org"]),
        ]
        for group in ["g1", "g2", "missing"] {
            #expect(try decision(world(("allow", including("group \(group)")), groups: groups)) == "unmatched")
            let except = TextRules(include: ["everyone"], exclude: ["group \(group)"], require: [])
            #expect(try decision(world(("allow", except), groups: groups)) == "unmatched")
        }
        // Whatever the country: Ann is not in this group.
        let except = TextRules(include: ["everyone"], exclude: ["group g3"], require: [])
        #expect(try decision(world(("allow", except), groups: groups)) == "allow 0")
    }

    @Test("groups may nest five deep; deeper ones and rings cannot be told")
    func nesting() throws {
        var groups = ["g0": including("everyone")]
        for depth in 1...7 { groups["g\(depth)"] = including("group g\(depth - 1)") }
        groups["r1"] = including("group r2", "everyone")
        groups["r2"] = including("group r1", "everyone")
        func decided(_ group: String) throws -> String {
            try decision(world(("allow", including("group \(group)")), groups: groups))
        }
        #expect(try decided("g5") == "allow 0")
        #expect(try decided("g6") == "unmatched")
        #expect(try decided("g7") == "unmatched")
        #expect(try decided("r1") == "unmatched")
    }

    @Test("a group is judged once, however many rules name it")
    func wideNesting() throws {
        var groups = ["g0": including("email bob@x.org")]
        for depth in 1...5 {
            groups["g\(depth)"] = TextRules(
                include: Array(repeating: "group g\(depth - 1)", count: 400), exclude: [], require: [])
        }
        // 400⁵ steps if it were not so.
        #expect(try decision(world(("allow", including("group g5")), groups: groups)) == "unmatched")
    }

    @Test("policies that look at the request are known, those of groups included")
    func continuity() throws {
        let groups = ["g1": including("email a@x.org"), "g2": including("geo PT")]
        #expect(
            try !world(("allow", including("domain x.org")), groups: ["g1": groups["g1"] ?? including()])
                .policySet().isContinuous)
        #expect(try world(("allow", including("group g2")), groups: groups).policySet().isContinuous)
        #expect(
            try world(("allow", including("everyone")), ("deny", including("ip 10.0.0.0/8"))).policySet().isContinuous)
    }

    @Test("policies are found by id, and say whether a login can help")
    func lookups() throws {
        let set = try world(("bypass", including("everyone")), ("non_identity", including("anytoken"))).policySet()
        #expect(!set.asksForIdentity)
        #expect(set.policy(PolicyID(high: 0, low: 1))?.decision == .nonIdentity)
        #expect(set.policy(PolicyID(high: 0, low: 2)) == nil)
        #expect(try world(("deny", including("everyone"))).policySet().asksForIdentity)
    }

    @Test("an explanation leads through nested groups to the rule that settled it")
    func explanation() throws {
        let groups = [
            "g1": TextRules(include: ["email bob@x.org", "domain x.org"], exclude: ["group g2"], require: []),
            "g2": including("ip 192.0.2.7/32", "ip 10.0.0.0/8"),
        ]
        let world = world(
            ("allow", including("geo PT", "group g1")), ("deny", including("everyone")),
            ("allow", including("everyone")), groups: groups)
        let explanation = try world.policySet().explain(try world.visitor())
        #expect(explanation.decision.text == "deny 1")
        #expect(explanation.findings.map(\.outcome) == [.cannotTell, .decides, .comesTooLate])
        #expect(explanation.findings[0].path.map(\.selector) == [.geo])
        let direct = self.world(
            ("deny", including("group g1")),
            (
                "allow",
                TextRules(
                    include: ["everyone"], exclude: ["group g2"], require: [])
            ), groups: groups)
        let findings = try direct.policySet().explain(try direct.visitor()).findings
        #expect(findings[0].outcome == .doesNotMatch)
        let path = findings[1].path
        #expect(path.map(\.list) == [.exclude, .include])
        #expect(path.map(\.position) == [0, 1])
        #expect(path.map(\.selector) == [.group, .ip])
        #expect(path.map(\.truth) == [.yes, .yes])
        #expect(path.map(\.group) == [GroupID(text: "g2"), nil])
    }
}
