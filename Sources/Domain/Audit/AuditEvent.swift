package import Primitives

/// What happened to which resource: the part of an audit row that a use case knows. The rest comes from the request.
package struct AuditEvent: Sendable, Equatable {
    package enum Action: String, Sendable { case create, update, delete, view }

    package let action: Action
    package let resource: AuditedResource
    /// The account it happened in; absent for events of an organization or a user.
    package let account: AccountID?
    package let organization: OrganizationID?
    package let description: String
    /// Bodies without secrets, or `nil` where there is nothing to show.
    package let request: JSONText?
    package let response: JSONText?

    package init(
        _ action: Action, _ resource: AuditedResource, account: AccountID? = nil, organization: OrganizationID? = nil,
        description: String = "", request: JSONText? = nil, response: JSONText? = nil
    ) {
        self.action = action
        self.resource = resource
        self.account = account
        self.organization = organization
        self.description = description
        self.request = request
        self.response = response
    }
}

/// A resource in the words of the audit log.
package struct AuditedResource: Sendable, Equatable {
    /// Kinds of resources, with the product they are filed under.
    package enum Kind: String, Sendable, CaseIterable {
        case organization
        case organizationMember = "organization_member"
        case primaryIdP = "primary_idp"
        case idpDrift = "idp_drift"
        case account
        case accountMember = "account_member"
        case apiToken = "api_token"
        case zeroTrustOrganization = "access_organization"
        case identityProvider = "access_identity_provider"
        case federationGrant = "idp_federation_grant"
        case share
        case shareRecipient = "share_recipient"
        case shareResource = "share_resource"
        case bridge = "idp_bridge"
        case application = "access_application"
        case policy = "access_policy"
        case policyTest = "access_policy_test"
        case group = "access_group"
        case tag = "access_tag"
        case customPage = "access_custom_page"
        case serviceToken = "access_service_token"
        case keys = "access_keys"
        case accessUser = "access_user"
        case seats = "access_seats"
        case oauthClient = "access_oauth_client"
        case oauthGrant = "access_oauth_grant"
        case auditLog = "audit_log"
        case accessLog = "access_log"

        package var product: String {
            switch self {
            case .organization, .organizationMember: "organizations"
            case .primaryIdP, .idpDrift, .federationGrant, .bridge: "idp_bridge"
            case .account, .accountMember: "accounts"
            case .apiToken: "api_tokens"
            case .share, .shareRecipient, .shareResource: "resource_sharing"
            case .auditLog: "audit_logs"
            default: "access"
            }
        }
    }

    package let kind: Kind
    package let id: String

    package init(_ kind: Kind, _ id: String) {
        self.kind = kind
        self.id = id
    }
}
