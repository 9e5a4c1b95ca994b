package import Primitives

/// Which rows of the audit log somebody asks for (contract 20 §23).
package struct AuditQuery: Sendable {
    package let scope: AuditScope
    /// From here on.
    package let since: Timestamp
    /// Up to here, exclusive.
    package let before: Timestamp
    package let isDescending: Bool
    package let conditions: [AuditCondition]

    package init(
        scope: AuditScope, since: Timestamp, before: Timestamp, isDescending: Bool, conditions: [AuditCondition]
    ) {
        self.scope = scope
        self.since = since
        self.before = before
        self.isDescending = isDescending
        self.conditions = conditions
    }
}

/// Whose log it is.
package enum AuditScope: Sendable, Equatable {
    case account(AccountID)
    /// The organization's own rows and, where asked for, those of all accounts in it and below it.
    case organization(OrganizationID, includingAccounts: Bool)
}

/// A filter: the field is, or with `isNegated` is not, one of the values.
package struct AuditCondition: Sendable, Equatable {
    package enum Field: String, Sendable, CaseIterable {
        case id
        case auditLogID = "audit_log_id"
        case accountName = "account_name"
        case actionResult = "action_result"
        case actionType = "action_type"
        case actorContext = "actor_context"
        case actorEmail = "actor_email"
        case actorID = "actor_id"
        case actorAddress = "actor_ip_address"
        case actorTokenID = "actor_token_id"
        case actorTokenName = "actor_token_name"
        case actorType = "actor_type"
        case ray = "raw_cf_ray_id"
        case method = "raw_method"
        case statusCode = "raw_status_code"
        case uri = "raw_uri"
        case resourceID = "resource_id"
        case resourceProduct = "resource_product"
        case resourceScope = "resource_scope"
        case resourceType = "resource_type"
        case zoneID = "zone_id"
        case zoneName = "zone_name"

        /// Filters that say nothing in the log of an organization.
        package var isOfAccounts: Bool {
            switch self {
            case .accountName, .zoneID, .zoneName: true
            default: false
            }
        }
    }

    package let field: Field
    package let values: [String]
    package let isNegated: Bool

    package init(_ field: Field, _ values: [String], isNegated: Bool) {
        self.field = field
        self.values = values
        self.isNegated = isNegated
    }
}

/// Products of the audit log in the groups that a filter may name.
package enum ProductCategory: String, Sendable, CaseIterable {
    case accounts, organizations, access

    package var label: String {
        switch self {
        case .accounts: "Accounts"
        case .organizations: "Organizations"
        case .access: "Access"
        }
    }

    package var products: [(label: String, value: String)] {
        switch self {
        case .accounts: [("Accounts", "accounts"), ("API tokens", "api_tokens"), ("Audit logs", "audit_logs")]
        case .organizations: [("Organizations", "organizations")]
        case .access:
            [("Access", "access"), ("IdP bridge", "idp_bridge"), ("Resource sharing", "resource_sharing")]
        }
    }
}

extension AuditRow {
    /// The kind of thing that a row is filed under.
    package var scope: String {
        event.account != nil ? "accounts" : event.organization != nil ? "organizations" : "user"
    }
}
