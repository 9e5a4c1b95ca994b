package import Domain
package import JSON
import Primitives

/// Stored rules, which were normalized when they were written, as rules that can be judged (contract 20 §12).
extension RuleSet {
    package init(_ document: JSONObject) {
        self.init(
            include: Self.rules(document, .include), exclude: Self.rules(document, .exclude),
            require: Self.rules(document, .require))
    }

    private static func rules(_ document: JSONObject, _ list: RuleReference.List) -> [Rule] {
        switch document[list.rawValue] {
        case nil, .null: []
        case .array(let rules): rules.map(Rule.init)
        // Something is asked here, and nobody can tell what.
        case .some: [.unreadable]
        }
    }
}

extension Rule {
    /// ``unreadable`` for whatever this version does not know.
    package init(_ rule: JSONValue) {
        guard let object = rule.objectValue, object.count == 1, let (key, content) = object.first(where: { _ in true }),
            let selector = RuleSelector(rawValue: key), let compiled = Rule(selector, content)
        else {
            self = .unreadable
            return
        }
        self = compiled
    }

    private init?(_ selector: RuleSelector, _ content: JSONValue) {
        let members = RuleMembers(content)
        switch selector {
        case .email: self.init(members.text("email")) { .email($0.lowercasedASCII) }
        case .emailDomain: self.init(members.text("domain")) { .emailDomain($0.lowercasedASCII) }
        case .emailList: self.init(members.text("id"), Rule.emailList)
        case .everyone: self = .everyone
        case .group: self.init(members.id("id"), Rule.group)
        case .ip: self.init(members.text("ip").flatMap { CIDR($0) }, Rule.ip)
        case .ipList: self.init(members.text("id"), Rule.ipList)
        case .geo: self.init(members.text("country_code"), Rule.geo)
        case .loginMethod: self.init(members.id("id"), Rule.loginMethod)
        case .authMethod: self.init(members.text("auth_method"), Rule.authMethod)
        case .authContext:
            self.init(members.text("ac_id"), members.provider) { .authContext(acID: $0, provider: $1) }
        case .azureAD: self.init(members.text("id"), members.provider) { .azureGroup($0, provider: $1) }
        case .okta: self.init(members.text("name"), members.provider) { .oktaGroup($0, provider: $1) }
        case .gsuite:
            self.init(members.text("email"), members.provider) { .googleGroup($0.lowercasedASCII, provider: $1) }
        case .githubOrganization: self = .githubOrganization
        case .saml: self = .saml
        case .oidc:
            guard let value = members.text("claim_value") else { return nil }
            self.init(members.text("claim_name"), members.provider) { .oidc(claim: $0, value: value, provider: $1) }
        case .serviceToken: self.init(members.id("token_id"), Rule.serviceToken)
        case .anyValidServiceToken: self = .anyValidServiceToken
        case .linkedAppToken: self.init(members.id("app_uid"), Rule.linkedAppToken)
        case .commonName: self.init(members.text("common_name"), Rule.commonName)
        case .certificate: self = .certificate
        case .devicePosture: self = .devicePosture
        case .userRiskScore: self.init(members.texts("user_risk_score"), Rule.userRiskScore)
        case .externalEvaluation:
            self.init(members.text("evaluate_url"), members.text("keys_url")) {
                .externalEvaluation(ExternalEvaluation(evaluateURL: $0, keysURL: $1))
            }
        case .accountMember: self.init(members.text("account_id").flatMap { AccountID(hex: $0) }, Rule.accountMember)
        }
    }

    private init?<Member>(_ member: Member?, _ make: (Member) -> Rule) {
        guard let member else { return nil }
        self = make(member)
    }

    private init?<First, Second>(_ first: First?, _ second: Second?, _ make: (First, Second) -> Rule) {
        guard let first, let second else { return nil }
        self = make(first, second)
    }
}

/// The members of a selector's object.
private struct RuleMembers {
    private let content: JSONValue

    init(_ content: JSONValue) { self.content = content }

    func text(_ name: String) -> String? { content[name]?.stringValue }

    func id<Entity>(_ name: String) -> Identifier<Entity>? { text(name).flatMap { Identifier(uuid: $0) } }

    /// `nil` when one of them is no text.
    func texts(_ name: String) -> [String]? {
        guard let values = content[name]?.arrayValue else { return nil }
        let texts = values.compactMap(\.stringValue)
        return texts.count == values.count ? texts : nil
    }

    var provider: IdentityProviderID? { id("identity_provider_id") }
}
