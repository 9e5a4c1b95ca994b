package import Domain
package import JSON
import Primitives

/// Rules on the wire (contract 20 §12): every selector with the members of its object.
extension RuleSelector {
    package var fields: [Field] {
        switch self {
        case .email: [Field("email", .email, .required)]
        case .emailDomain: [Field("domain", Self.mailDomain, .required)]
        case .emailList, .ipList: [Field("id", .text(1...64), .required)]
        case .everyone, .anyValidServiceToken, .certificate: []
        case .group, .loginMethod: [Field("id", .uuid, .required)]
        case .ip: [Field("ip", Self.network, .required)]
        case .geo: [Field("country_code", .country, .required)]
        case .authMethod: [Field("auth_method", .text(1...64), .required)]
        case .authContext:
            [
                Field("id", .text(1...255), .required), Field("ac_id", .text(1...255), .required),
                Field("identity_provider_id", .uuid, .required),
            ]
        case .azureAD: [Field("id", .text(1...255), .required), Field("identity_provider_id", .uuid, .required)]
        case .okta: [Field("name", .text(1...255), .required), Field("identity_provider_id", .uuid, .required)]
        case .gsuite: [Field("email", .email, .required), Field("identity_provider_id", .uuid, .required)]
        case .githubOrganization:
            [
                Field("name", .text(1...255), .required), Field("team", .text(1...255)),
                Field("identity_provider_id", .uuid, .required),
            ]
        case .saml:
            [
                Field("attribute_name", .text(1...255), .required),
                Field("attribute_value", .text(0...1024), .required),
                Field("identity_provider_id", .uuid),
            ]
        case .oidc:
            [
                Field("claim_name", .text(1...255), .required), Field("claim_value", .text(0...1024), .required),
                Field("identity_provider_id", .uuid, .required),
            ]
        case .serviceToken: [Field("token_id", .uuid, .required)]
        case .linkedAppToken: [Field("app_uid", .uuid, .required)]
        case .commonName: [Field("common_name", .text(1...255), .required)]
        case .devicePosture: [Field("integration_uid", .text(1...64), .required), Field("account_id", .hexIdentifier)]
        case .userRiskScore:
            [Field("user_risk_score", .array(.oneOf(["low", "medium", "high", "unscored"]), count: 1...4), .required)]
        case .externalEvaluation: [Field("evaluate_url", .url, .required), Field("keys_url", .url, .required)]
        case .accountMember: [Field("account_id", .hexIdentifier, .required)]
        }
    }

    private static let mailDomain = Shape.rewritten("a mail domain such as example.com") { text in
        let domain = (text.hasPrefix("@") ? String(text.dropFirst()) : text).lowercased()
        return domain.isHostName ? domain : nil
    }

    private static let network = Shape.rewritten("an IPv4 or IPv6 address or CIDR") { CIDR($0)?.description }

    /// ``fields`` of every selector, built once.
    private static let tables: [String: (selector: RuleSelector, fields: [Field])] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, ($0, $0.fields)) })

    /// One rule: an object with exactly one key, which names a selector.
    package static let ruleShape = Shape.custom(
        { value, pointer, problems in
            guard let object = value.objectValue, object.count == 1,
                let (key, content) = object.first(where: { _ in true })
            else {
                problems.append(FieldProblem(pointer, "must be an object with exactly one selector"))
                return .null
            }
            guard let (selector, fields) = tables[key] else {
                problems.append(FieldProblem(pointer, "holds the unknown selector \(key.prefix(64))"))
                return .null
            }
            let place = "\(pointer)/\(selector.rawValue)"
            guard let members = content.objectValue else {
                problems.append(FieldProblem(place, "must be an object"))
                return .null
            }
            var rule = JSONObject()
            rule[selector.rawValue] = .object(fields.normalize(members, at: place, &problems))
            return .object(rule)
        }, "a rule with one selector")
}

/// The three lists of rules that policies and groups have in common.
package enum RuleLists {
    package static let fields: [Field] = [
        Field("include", .array(RuleSelector.ruleShape, count: 1...1000), .required),
        Field("exclude", .array(RuleSelector.ruleShape, count: 0...1000), default: []),
        Field("require", .array(RuleSelector.ruleShape, count: 0...1000), default: []),
    ]

    /// What the rules of a normalized body name, list by list.
    package static func references(in object: JSONObject) -> [RuleReference] {
        RuleReference.List.allCases.flatMap { list in
            (object[list.rawValue]?.arrayValue ?? []).enumerated().compactMap { position, rule in
                reference(rule, list, position)
            }
        }
    }

    private static func reference(_ rule: JSONValue, _ list: RuleReference.List, _ position: Int) -> RuleReference? {
        guard let (key, content) = rule.objectValue?.first(where: { _ in true }),
            let selector = RuleSelector(rawValue: key)
        else { return nil }
        let target = selector.target.flatMap { content[$0.member]?.stringValue }.flatMap { RuleTargetID(uuid: $0) }
        return RuleReference(list: list, position: position, selector: selector, target: target)
    }
}
