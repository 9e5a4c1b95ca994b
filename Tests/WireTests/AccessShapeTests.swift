import Domain
import JSON
import Primitives
import Testing
import Wire

@Suite("Access shapes")
struct AccessShapeTests {
    @Test(
        "group filters take what can be matched in linear time",
        arguments: [
            ("^team-[a-z]+$", true), ("(a|b)*c{1,3}", true), ("(?:x)?\\d", true), ("[]x]", true), ("[^\\]]", true),
            ("", true),
            ("a{3}", true), ("a{2,}", true), ("é+", true),
            ("(a)\\1", false), ("(?=a)", false), ("(?!a)", false), ("(?<n>a)", false), ("a**", false), ("a+?", false),
            ("*a", false), ("(a", false), ("a)", false), ("[a", false), ("a{3,2}", false), ("a{101}", false),
            ("a{", false),
            ("\\", false), ("\\p", false), ("(?", false),
        ])
    func groupFilters(text: String, isValid: Bool) {
        #expect(GroupFilter.isValid(text) == isValid)
    }

    @Test("group filters have limits on length and depth")
    func groupFilterLimits() {
        #expect(GroupFilter.isValid(String(repeating: "a", count: 512)))
        #expect(!GroupFilter.isValid(String(repeating: "a", count: 513)))
        #expect(!GroupFilter.isValid(String(repeating: "(", count: 200) + String(repeating: ")", count: 200)))
    }

    @Test(
        "refresh lifetimes count minutes, hours or days",
        arguments: [
            ("2m", true), ("30d", true), ("1h", true), ("1m", false), ("0d", false), ("60s", false), ("d", false),
            ("+2d", false), ("1.5h", false),
        ])
    func refreshLifetimes(text: String, isValid: Bool) {
        #expect(SaaSShape.isRefreshLifetime(text) == isValid)
    }

    @Test(
        "every selector accepts an example of itself and refuses its members with the wrong type",
        arguments: RuleSelector.allCases)
    func selectors(selector: RuleSelector) throws {
        let rule = try #require(Self.examples[selector])
        var problems: [FieldProblem] = []
        let normalized = RuleSelector.ruleShape.normalize([selector.rawValue: rule].value, at: "/include/0", &problems)
        #expect(problems.isEmpty)
        #expect(normalized == [selector.rawValue: rule].value)
        for field in selector.fields where field.need == .required {
            var broken = rule.objectValue ?? JSONObject()
            broken[field.name] = 7
            problems = []
            _ = RuleSelector.ruleShape.normalize(
                [selector.rawValue: .object(broken)].value, at: "/include/0", &problems)
            #expect(problems.map(\.pointer) == ["/include/0/\(selector.rawValue)/\(field.name)"])
            broken[field.name] = nil
            problems = []
            _ = RuleSelector.ruleShape.normalize(
                [selector.rawValue: .object(broken)].value, at: "/include/0", &problems)
            #expect(problems.map(\.sentence) == ["is required"])
        }
    }

    @Test("references carry list, position and target", arguments: RuleSelector.allCases)
    func references(selector: RuleSelector) throws {
        let rule: JSONValue = [selector.rawValue: try #require(Self.examples[selector])].value
        let object: JSONObject = ["include": [["everyone": [:]], rule], "exclude": [rule], "require": []]
        let references = RuleLists.references(in: object)
        #expect(references.map(\.list) == [.include, .include, .exclude])
        #expect(references.map(\.position) == [0, 1, 0])
        #expect(references.dropFirst().allSatisfy { $0.selector == selector })
        let expected = selector.target == nil ? nil : RuleTargetID(uuid: Self.id)
        #expect(references.dropFirst().allSatisfy { $0.target == expected })
    }

    private static let id = "00000000-0000-4000-8000-000000000001"
    private static let idp: JSONValue = .string(id)
    private static let examples: [RuleSelector: JSONValue] = [
        .email: ["email": "a@x.org"], .emailDomain: ["domain": "x.org"], .emailList: ["id": "list"], .everyone: [:],
        .group: ["id": idp], .ip: ["ip": "10.0.0.0/8"], .ipList: ["id": "list"], .geo: ["country_code": "PT"],
        .loginMethod: ["id": idp], .authMethod: ["auth_method": "mfa"],
        .authContext: ["id": "x", "ac_id": "c1", "identity_provider_id": idp],
        .azureAD: ["id": "g", "identity_provider_id": idp], .okta: ["name": "g", "identity_provider_id": idp],
        .gsuite: ["email": "g@x.org", "identity_provider_id": idp],
        .githubOrganization: ["name": "o", "team": "t", "identity_provider_id": idp],
        .saml: ["attribute_name": "a", "attribute_value": "v", "identity_provider_id": idp],
        .oidc: ["claim_name": "c", "claim_value": "v", "identity_provider_id": idp], .serviceToken: ["token_id": idp],
        .anyValidServiceToken: [:], .linkedAppToken: ["app_uid": idp], .commonName: ["common_name": "cn"],
        .certificate: [:],
        .devicePosture: ["integration_uid": "i", "account_id": "00000000000000000000000000000001"],
        .userRiskScore: ["user_risk_score": ["low", "unscored"]],
        .externalEvaluation: ["evaluate_url": "https://x.org/e", "keys_url": "https://x.org/k"],
        .accountMember: ["account_id": "00000000000000000000000000000001"],
    ]
}

extension [String: JSONValue] {
    fileprivate var value: JSONValue {
        var object = JSONObject()
        for (key, value) in self { object[key] = value }
        return .object(object)
    }
}
