import Domain

/// A value of a rule, as a form asks for it.
struct RuleField {
    enum Input {
        case text
        /// One of the account's resources, by its name.
        case target(RuleTargetKind)
    }

    let member: String
    let label: String
    var input = Input.text
    var hint: String?
    var isOptional = false
}

/// Selectors as people choose them.
extension RuleSelector {
    var title: String {
        switch self {
        case .email: "Email address"
        case .emailDomain: "Emails ending in"
        case .emailList: "Email list"
        case .everyone: "Everyone"
        case .group: "Group"
        case .ip: "IP address or range"
        case .ipList: "IP list"
        case .geo: "Country"
        case .loginMethod: "Signed in with"
        case .authMethod: "Authentication method"
        case .authContext: "Authentication context"
        case .azureAD: "Entra ID group"
        case .okta: "Okta group"
        case .gsuite: "Google Workspace group"
        case .githubOrganization: "GitHub organization"
        case .saml: "SAML attribute"
        case .oidc: "OIDC claim"
        case .serviceToken: "Service token"
        case .anyValidServiceToken: "Any valid service token"
        case .linkedAppToken: "Token of another application"
        case .commonName: "Common name of a certificate"
        case .certificate: "Any valid certificate"
        case .devicePosture: "Device posture check"
        case .userRiskScore: "Risk score"
        case .externalEvaluation: "External evaluation"
        case .accountMember: "Member of an account"
        }
    }

    /// The fields of a rule; `nil` where its value is no simple text, so that it is written as JSON.
    var formFields: [RuleField]? {
        let provider = RuleField(
            member: "identity_provider_id", label: "Identity provider", input: .target(.identityProvider))
        return switch self {
        case .everyone, .anyValidServiceToken, .certificate: []
        case .email: [RuleField(member: "email", label: "Address")]
        case .emailDomain: [RuleField(member: "domain", label: "Domain", hint: "Such as example.com.")]
        case .emailList, .ipList: [RuleField(member: "id", label: "List")]
        case .group: [RuleField(member: "id", label: "Group", input: .target(.group))]
        case .loginMethod: [RuleField(member: "id", label: "Identity provider", input: .target(.identityProvider))]
        case .ip: [RuleField(member: "ip", label: "Address or range", hint: "Such as 192.0.2.0/24.")]
        case .geo: [RuleField(member: "country_code", label: "Country", hint: "Two capitals, such as NL.")]
        case .authMethod: [RuleField(member: "auth_method", label: "Method", hint: "Such as mfa, hwk or otp.")]
        case .authContext:
            [
                RuleField(member: "id", label: "Context"), RuleField(member: "ac_id", label: "Context in the provider"),
                provider,
            ]
        case .azureAD: [RuleField(member: "id", label: "Group ID"), provider]
        case .okta: [RuleField(member: "name", label: "Group"), provider]
        case .gsuite: [RuleField(member: "email", label: "Address of the group"), provider]
        case .githubOrganization:
            [
                RuleField(member: "name", label: "Organization"),
                RuleField(member: "team", label: "Team (optional)", isOptional: true), provider,
            ]
        case .saml:
            [
                RuleField(member: "attribute_name", label: "Attribute"),
                RuleField(member: "attribute_value", label: "Value"),
                RuleField(
                    member: "identity_provider_id", label: "Identity provider", input: .target(.identityProvider),
                    isOptional: true),
            ]
        case .oidc:
            [
                RuleField(member: "claim_name", label: "Claim"), RuleField(member: "claim_value", label: "Value"),
                provider,
            ]
        case .serviceToken: [RuleField(member: "token_id", label: "Service token", input: .target(.serviceToken))]
        case .linkedAppToken: [RuleField(member: "app_uid", label: "Application", input: .target(.application))]
        case .commonName: [RuleField(member: "common_name", label: "Common name")]
        case .devicePosture: [RuleField(member: "integration_uid", label: "Check")]
        case .externalEvaluation:
            [
                RuleField(member: "evaluate_url", label: "Address that is asked"),
                RuleField(member: "keys_url", label: "Address of its keys"),
            ]
        case .accountMember: [RuleField(member: "account_id", label: "Account ID")]
        case .userRiskScore: nil
        }
    }
}

extension RuleReference.List {
    /// In the order in which people think of them.
    static let inOrder: [Self] = [.include, .require, .exclude]

    var title: String {
        switch self {
        case .include: "Include"
        case .require: "Require"
        case .exclude: "Exclude"
        }
    }

    var sentence: String {
        switch self {
        case .include: "One of these must hold."
        case .require: "All of these must hold as well."
        case .exclude: "None of these may hold."
        }
    }
}
