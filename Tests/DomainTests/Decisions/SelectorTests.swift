import Domain
import Primitives
import Testing

/// Contract 20 §12, row by row: a rule, a visitor, and what is known then.
@Suite("Selectors")
struct SelectorTests {
    /// Everything a visitor can bring; a row changes what it is about, and `nil` takes a fact away.
    private static let facts: [String: [String]] = [
        "ip": ["10.1.2.3"], "email": ["Ann@X.org"], "idp": ["idp1", "src1"], "groups": ["staff", "Group@x.org"],
        "amr": ["mfa"], "acrs": ["c1"], "dept": ["ops", "eng"], "risk": ["low"], "country": ["PT"], "token": ["t1"],
        "cert": ["laptop"], "apps": ["a1"], "members": ["m1"], "yes": ["https://e.example"],
        "no": ["https://f.example"],
    ]

    struct Row: Sendable, CustomStringConvertible {
        let rule: String
        let changes: [String: [String]?]
        let outcome: PolicyFinding.Outcome
        var description: String { "\(rule) with \(changes)" }

        init(_ rule: String, _ changes: [String: [String]?], _ outcome: PolicyFinding.Outcome) {
            self.rule = rule
            self.changes = changes
            self.outcome = outcome
        }

        init(_ rule: String, _ outcome: PolicyFinding.Outcome) { self.init(rule, [:], outcome) }
    }

    static let rows: [Row] = [
        Row("everyone", .decides),
        Row("email ann@x.org", .decides),
        Row("email eve@x.org", .doesNotMatch),
        Row("email kim@x.org", ["email": ["\u{212A}im@x.org"]], .doesNotMatch),
        Row("domain x.org", .decides),
        Row("domain org", .doesNotMatch),
        Row("domain x.org", ["email": ["ann@sub.x.org"]], .doesNotMatch),
        Row("domain x.org", ["email": ["ann@x.org@y.org"]], .doesNotMatch),
        Row("domain x.org", ["email": ["x.org"]], .doesNotMatch),
        Row("emaillist l", .cannotTell),
        Row("ip 10.0.0.0/8", .decides),
        Row("ip 10.0.0.0/8", ["ip": ["11.0.0.1"]], .doesNotMatch),
        Row("ip 0.0.0.0/0", ["ip": ["2001:db8::1"]], .doesNotMatch),
        Row("ip 10.0.0.0/8", ["ip": ["::ffff:10.0.0.1"]], .decides),
        Row("iplist l", .cannotTell),
        Row("geo PT", .decides),
        Row("geo DE", .doesNotMatch),
        Row("geo PT", ["country": nil], .cannotTell),
        Row("login idp1", .decides),
        Row("login src1", .decides),
        Row("login idp2", .doesNotMatch),
        Row("amr mfa", .decides),
        Row("amr pwd", .doesNotMatch),
        Row("acr c1 idp1", .decides),
        Row("acr c1 idp2", .doesNotMatch),
        Row("acr c2 idp1", .doesNotMatch),
        Row("azure staff idp1", .decides),
        Row("azure staff src1", .decides),
        Row("azure staff idp2", .doesNotMatch),
        Row("azure Staff idp1", .doesNotMatch),
        Row("okta staff idp1", .decides),
        Row("okta staf idp1", .doesNotMatch),
        Row("google group@X.org idp1", .decides),
        Row("google other@x.org idp1", .doesNotMatch),
        Row("github", .cannotTell),
        Row("saml", .cannotTell),
        Row("oidc dept eng idp1", .decides),
        Row("oidc dept en idp1", .doesNotMatch),
        Row("oidc dept eng idp2", .doesNotMatch),
        Row("oidc team eng idp1", .doesNotMatch),
        Row("token t1", .decides),
        Row("token t2", .doesNotMatch),
        Row("token t1", ["token": nil], .doesNotMatch),
        Row("anytoken", .decides),
        Row("anytoken", ["token": nil], .doesNotMatch),
        Row("app a1", .decides),
        Row("app a2", .doesNotMatch),
        Row("cn laptop", .decides),
        Row("cn Laptop", .doesNotMatch),
        Row("cn laptop", ["cert": []], .doesNotMatch),
        Row("cert", ["cert": []], .decides),
        Row("cert", ["cert": nil], .doesNotMatch),
        Row("posture", .cannotTell),
        Row("risk low,high", .decides),
        Row("risk medium", .doesNotMatch),
        Row("external https://e.example", .decides),
        Row("external https://f.example", .doesNotMatch),
        Row("external https://g.example", .cannotTell),
        Row("member m1", .decides),
        Row("member m2", .doesNotMatch),
        Row("unreadable", .cannotTell),
        Row("group missing", .cannotTell),
    ]

    private func finding(_ row: Row, _ decision: String, excluding: Bool = false) throws -> PolicyFinding {
        var facts = Self.facts
        for (name, change) in row.changes { facts[name] = change }
        let rules = TextRules(
            include: [excluding ? "everyone" : row.rule], exclude: excluding ? [row.rule] : [], require: [])
        let world = TextWorld(
            policies: [TextPolicy(decision: decision, needsIsolation: false, rules: rules)], groups: [:], facts: facts)
        return try #require(try world.policySet().explain(try world.visitor()).findings.first)
    }

    @Test("say what the contract says", arguments: rows)
    func selector(_ row: Row) throws {
        #expect(try finding(row, "allow").outcome == row.outcome)
    }

    @Test("exclude when they are true and when nobody can tell", arguments: rows)
    func excluding(_ row: Row) throws {
        let outcome = try finding(row, "allow", excluding: true).outcome
        switch row.outcome {
        case .doesNotMatch: #expect(outcome == .decides)
        case .cannotTell: #expect(outcome == .cannotTell)
        default: #expect(outcome == .doesNotMatch)
        }
    }

    @Test("that ask for an identity cannot be told without one", arguments: rows)
    func anonymous(_ row: Row) throws {
        let outcome = try finding(row, "bypass").outcome
        let selector = try Rule(text: row.rule).selector
        if selector?.asksForIdentity == true {
            #expect(outcome == .cannotTell)
        } else {
            #expect(outcome == row.outcome)
        }
    }

    @Test("all have a row")
    func everySelectorIsHere() throws {
        let covered = Set(try Self.rows.compactMap { try Rule(text: $0.rule).selector })
        #expect(covered == Set(RuleSelector.allCases))
    }
}
