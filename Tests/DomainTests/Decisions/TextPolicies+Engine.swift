import Domain
import Primitives
import Testing

/// The same world in the engine's terms.
extension TextWorld {
    func policySet() throws -> PolicySet {
        PolicySet(
            policies: try policies.enumerated().map { index, policy in
                JudgedPolicy(
                    id: PolicyID(high: 0, low: UInt64(index)), name: "p\(index)",
                    decision: try #require(PolicyDecision(rawValue: policy.decision)), rules: try policy.rules.engine(),
                    terms: PolicyTerms(isIsolationRequired: policy.needsIsolation))
            },
            groups: Dictionary(
                uniqueKeysWithValues: try groups.map { (GroupID(text: $0.key), try $0.value.engine()) }))
    }

    func visitor() throws -> Visitor {
        var visitor = Visitor(
            address: try #require(IPAddress(facts["ip"]?.first ?? "")), country: facts["country"]?.first)
        visitor.serviceToken = facts["token"]?.first.map { ServiceTokenID(text: $0) }
        visitor.certificate = facts["cert"].map { ClientCertificate(commonName: $0.first) }
        visitor.linkedApplications = Set((facts["apps"] ?? []).map { ApplicationID(text: $0) })
        visitor.riskScore = facts["risk"]?.first ?? "unscored"
        visitor.memberships = Set((facts["members"] ?? []).map { AccountID(text: $0) })
        visitor.identity = try facts["email"]?.first.map { email in
            let providers = try #require(facts["idp"])
            let source =
                providers.count > 1
                ? BridgedSource(account: AccountID(text: "s"), provider: .init(text: providers[1])) : nil
            return Identity(
                user: AccessUserID(high: 1, low: 1), email: email, name: "",
                provider: LoginProvider(
                    id: IdentityProviderID(text: providers[0]), type: .oidc, source: source),
                subject: "s", groups: facts["groups"] ?? [], amr: facts["amr"] ?? [], acrs: facts["acrs"] ?? [],
                oidcFields: .emptyObject, claims: ["dept": facts["dept"] ?? []],
                authenticatedAt: Timestamp(microseconds: 0))
        }
        // A `no` stands where there is no `yes`, as the evaluator reads the facts.
        for (answer, isSuccess) in [("no", false), ("yes", true)] {
            for url in facts[answer] ?? [] {
                visitor.identity?.evaluations[ExternalEvaluation(url)] = EvaluationAnswer(
                    isSuccess: isSuccess, asksAgainAt: Timestamp(microseconds: 0))
            }
        }
        return visitor
    }
}

extension TextRules {
    func engine() throws -> RuleSet {
        RuleSet(
            include: try include.map(Rule.init(text:)), exclude: try exclude.map(Rule.init(text:)),
            require: try require.map(Rule.init(text:)))
    }
}

extension Rule {
    init(text: String) throws {
        let words = text.split(separator: " ").map(String.init)
        func id<Entity>(_ index: Int) -> Identifier<Entity> { Identifier(text: words[index]) }
        switch words[0] {
        case "everyone": self = .everyone
        case "group": self = .group(id(1))
        case "email": self = .email(words[1])
        case "domain": self = .emailDomain(words[1])
        case "ip": self = .ip(try #require(CIDR(words[1])))
        case "geo": self = .geo(words[1])
        case "login": self = .loginMethod(id(1))
        case "amr": self = .authMethod(words[1])
        case "acr": self = .authContext(acID: words[1], provider: id(2))
        case "azure": self = .azureGroup(words[1], provider: id(2))
        case "okta": self = .oktaGroup(words[1], provider: id(2))
        case "google": self = .googleGroup(words[1], provider: id(2))
        case "oidc": self = .oidc(claim: words[1], value: words[2], provider: id(3))
        case "token": self = .serviceToken(id(1))
        case "anytoken": self = .anyValidServiceToken
        case "app": self = .linkedAppToken(id(1))
        case "cn": self = .commonName(words[1])
        case "cert": self = .certificate
        case "risk": self = .userRiskScore(words[1].split(separator: ",").map(String.init))
        case "external": self = .externalEvaluation(ExternalEvaluation(words[1]))
        case "member": self = .accountMember(id(1))
        case "emaillist": self = .emailList(words[1])
        case "iplist": self = .ipList(words[1])
        case "github": self = .githubOrganization
        case "saml": self = .saml
        case "posture": self = .devicePosture
        case "unreadable": self = .unreadable
        default: throw UnknownWord(word: words[0])
        }
    }
}

struct UnknownWord: Error { let word: String }

extension ExternalEvaluation {
    init(_ url: String) { self.init(evaluateURL: url, keysURL: url) }
}

extension Identifier {
    /// The name itself, in its bytes.
    init(text: String) { self.init(high: 7, low: text.utf8.reduce(0) { $0 << 8 | UInt64($1) }) }
}

extension Decision {
    /// In the words of the naive evaluator.
    var text: String {
        switch self {
        case .bypass(let id): "bypass \(id.low)"
        case .service(let id): "non_identity \(id.low)"
        case .allow(let id): "allow \(id.low)"
        case .deny(let id): "deny \(id.low)"
        case .unmatched: "unmatched"
        }
    }
}
