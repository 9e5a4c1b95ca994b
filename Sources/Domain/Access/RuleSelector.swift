package import Primitives

/// What a rule looks at: the one key of its object (contract 20 §12).
package enum RuleSelector: String, Sendable, CaseIterable {
    case email
    case emailDomain = "email_domain"
    case emailList = "email_list"
    case everyone
    case group
    case ip
    case ipList = "ip_list"
    case geo
    case loginMethod = "login_method"
    case authMethod = "auth_method"
    case authContext = "auth_context"
    case azureAD
    case okta, gsuite
    case githubOrganization = "github-organization"
    case saml, oidc
    case serviceToken = "service_token"
    case anyValidServiceToken = "any_valid_service_token"
    case linkedAppToken = "linked_app_token"
    case commonName = "common_name"
    case certificate
    case devicePosture = "device_posture"
    case userRiskScore = "user_risk_score"
    case externalEvaluation = "external_evaluation"
    case accountMember = "cloudflare_account_member"

    /// It asks who somebody is, which `bypass` and `non_identity` policies cannot. A group does where its rules do.
    package var asksForIdentity: Bool {
        switch self {
        case .email, .emailDomain, .emailList, .loginMethod, .authMethod, .authContext, .azureAD, .okta, .gsuite,
            .githubOrganization, .saml, .oidc, .userRiskScore, .externalEvaluation, .accountMember:
            true
        case .everyone, .group, .ip, .ipList, .geo, .serviceToken, .anyValidServiceToken, .linkedAppToken, .commonName,
            .certificate, .devicePosture:
            false
        }
    }

    /// The resource of the account that it names, and the member that holds the id.
    package var target: (kind: RuleTargetKind, member: String)? {
        switch self {
        case .group: (.group, "id")
        case .loginMethod: (.identityProvider, "id")
        case .authContext, .azureAD, .okta, .gsuite, .githubOrganization, .saml, .oidc:
            (.identityProvider, "identity_provider_id")
        case .serviceToken: (.serviceToken, "token_id")
        case .linkedAppToken: (.application, "app_uid")
        case .email, .emailDomain, .emailList, .everyone, .ip, .ipList, .geo, .authMethod, .anyValidServiceToken,
            .commonName, .certificate, .devicePosture, .userRiskScore, .externalEvaluation, .accountMember:
            nil
        }
    }
}

/// Resources that rules name by id.
package enum RuleTargetKind: Sendable, Hashable {
    case group, identityProvider, serviceToken, application

    package var title: String {
        switch self {
        case .group: "group"
        case .identityProvider: "identity provider"
        case .serviceToken: "service token"
        case .application: "application"
        }
    }
}

package enum RuleTargetTag {}
/// The id of whatever a rule names; its selector says what that is.
package typealias RuleTargetID = Identifier<RuleTargetTag>

/// One rule of a policy or group, reduced to what other resources need to know of it.
package struct RuleReference: Sendable, Equatable {
    package enum List: String, Sendable, CaseIterable { case include, exclude, require }

    package let list: List
    package let position: Int
    package let selector: RuleSelector
    package let target: RuleTargetID?

    package init(list: List, position: Int, selector: RuleSelector, target: RuleTargetID?) {
        self.list = list
        self.position = position
        self.selector = selector
        self.target = target
    }

    /// Where the rule names its target, as an RFC 6901 pointer below `place`.
    package func pointer(below place: String) -> String {
        "\(place)/\(list.rawValue)/\(position)/\(selector.rawValue)/\(selector.target?.member ?? "")"
    }
}
