extension Rule {
    /// The selector that it was written with; `nil` for a rule that cannot be read.
    package var selector: RuleSelector? {
        switch self {
        case .email: .email
        case .emailDomain: .emailDomain
        case .emailList: .emailList
        case .everyone: .everyone
        case .group: .group
        case .ip: .ip
        case .ipList: .ipList
        case .geo: .geo
        case .loginMethod: .loginMethod
        case .authMethod: .authMethod
        case .authContext: .authContext
        case .azureGroup: .azureAD
        case .oktaGroup: .okta
        case .googleGroup: .gsuite
        case .githubOrganization: .githubOrganization
        case .saml: .saml
        case .oidc: .oidc
        case .serviceToken: .serviceToken
        case .anyValidServiceToken: .anyValidServiceToken
        case .linkedAppToken: .linkedAppToken
        case .commonName: .commonName
        case .certificate: .certificate
        case .devicePosture: .devicePosture
        case .userRiskScore: .userRiskScore
        case .externalEvaluation: .externalEvaluation
        case .accountMember: .accountMember
        case .unreadable: nil
        }
    }
}
