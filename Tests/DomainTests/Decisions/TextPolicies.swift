/// Policies, groups and visitors as plain texts, for an evaluator that shares no type with the engine.
///
/// A rule is a word and its arguments, such as `azure staff idp1`; a visitor is a table of facts.
struct TextRules: Equatable {
    var include: [String]
    var exclude: [String]
    var require: [String]
}

struct TextPolicy: Equatable {
    var decision: String
    var needsIsolation: Bool
    var rules: TextRules
}

struct TextWorld: Equatable, CustomStringConvertible {
    var policies: [TextPolicy]
    /// By name: `g0` to `g9`.
    var groups: [String: TextRules]
    var facts: [String: [String]]

    var description: String {
        (policies.enumerated().map { "p\($0) \($1)" } + groups.sorted { $0.key < $1.key }.map { "\($0) \($1)" }
            + facts.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }).joined(separator: "\n")
    }
}

extension TextWorld {
    /// Small worlds in which things coincide often.
    static func random(_ random: inout SeededGenerator) -> TextWorld {
        // Half of the worlds nest as writes allow, the others in any way, cycles and missing groups included.
        let isOrderly = Bool.random(using: &random)
        let count = Int.random(in: 0...9, using: &random)
        var groups: [String: TextRules] = [:]
        for index in 0..<count {
            let nested = isOrderly ? (index + 1)..<max(index + 1, min(index + 3, count)) : 0..<10
            groups["g\(index)"] = rules(nested, denseGroups: 3, &random)
        }
        let policies = (0..<Int.random(in: 0...8, using: &random)).map { _ in
            TextPolicy(
                decision: pick(["allow", "allow", "deny", "bypass", "non_identity"], &random),
                needsIsolation: Int.random(in: 0..<8, using: &random) == 0,
                rules: rules(0..<10, denseGroups: 3, &random))
        }
        return TextWorld(policies: policies, groups: groups, facts: facts(&random))
    }

    static let leaves = [
        "everyone", "email ann@x.org", "email Bob@Y.org", "domain x.org", "domain y.org", "ip 10.0.0.0/8",
        "ip 10.1.0.0/16", "ip 192.0.2.7/32", "ip 2001:db8::/32", "geo PT", "geo DE", "login idp1", "login idp2",
        "login src1", "amr mfa", "amr pwd", "acr c1 idp1", "acr c1 src1", "azure staff idp1", "azure staff idp2",
        "okta Staff idp1", "okta staff src1", "google Staff idp1", "oidc dept eng idp1", "oidc dept ops src1",
        "token t1", "token t2", "anytoken", "app a1", "cn laptop", "cert", "risk low,high", "risk unscored",
        "external https://e.example", "external https://f.example", "member m1", "emaillist l", "iplist l", "github",
        "saml", "posture", "unreadable",
    ]

    private static func rules(
        _ groups: Range<Int>, denseGroups: Int, _ random: inout SeededGenerator
    ) -> TextRules {
        func list(_ length: ClosedRange<Int>, _ random: inout SeededGenerator) -> [String] {
            (0..<Int.random(in: length, using: &random)).map { _ in
                if !groups.isEmpty, Int.random(in: 0..<denseGroups, using: &random) == 0 {
                    return "group g\(Int.random(in: groups, using: &random))"
                }
                return pick(leaves, &random)
            }
        }
        return TextRules(include: list(1...6, &random), exclude: list(0...1, &random), require: list(0...1, &random))
    }

    private static func facts(_ random: inout SeededGenerator) -> [String: [String]] {
        var facts = ["ip": [pick(["10.1.2.3", "10.9.0.1", "192.0.2.7", "2001:db8::5", "2001:db9::5"], &random)]]
        func maybe(_ name: String, _ values: [[String]], _ random: inout SeededGenerator) {
            if Bool.random(using: &random) { facts[name] = pick(values, &random) }
        }
        maybe("country", [["PT"], ["DE"]], &random)
        maybe("token", [["t1"], ["t2"]], &random)
        maybe("cert", [[], ["laptop"], ["Laptop"]], &random)
        maybe("apps", [["a1"], ["a2"]], &random)
        facts["risk"] = pick([["unscored"], ["low"], ["medium"]], &random)
        maybe("members", [["m1"], ["m2"]], &random)
        maybe("yes", [["https://e.example"], ["https://f.example"]], &random)
        maybe("no", [["https://e.example"], ["https://g.example"]], &random)
        guard Int.random(in: 0..<4, using: &random) > 0 else { return facts }
        facts["email"] = [pick(["ann@x.org", "ANN@X.ORG", "bob@y.org", "eve@sub.x.org", "x.org"], &random)]
        facts["idp"] = pick([["idp1"], ["idp2"], ["idp3", "src1"]], &random)
        facts["groups"] = pick([[], ["staff"], ["Staff", "ops"]], &random)
        facts["amr"] = pick([[], ["mfa", "pwd"], ["MFA"]], &random)
        facts["acrs"] = pick([[], ["c1"]], &random)
        facts["dept"] = pick([[], ["eng"], ["ops", "eng"], ["engine"]], &random)
        return facts
    }

    private static func pick<Value>(_ values: [Value], _ random: inout SeededGenerator) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }
}
