package import Primitives

/// A set of resources that an account lends to others (contract 20 §7).
package struct Share: Sendable, Equatable {
    package let id: ShareID
    package let account: AccountID
    package let accountName: String
    package let organization: OrganizationID?
    package var name: String
    /// Whether some recipient is an organization.
    package let reachesOrganization: Bool
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package init(
        id: ShareID, account: AccountID, accountName: String, organization: OrganizationID?, name: String,
        reachesOrganization: Bool, createdAt: Timestamp, updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.account = account
        self.accountName = accountName
        self.organization = organization
        self.name = name
        self.reachesOrganization = reachesOrganization
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }

    /// The one resource type that has an effect here.
    package static let grantType = "idp-federation-grant"
    /// The types that the public API knows.
    package static let resourceTypes = [
        "custom-ruleset", "gateway-policy", "gateway-destination-ip", "gateway-block-page-settings",
        "gateway-extended-email-matching", grantType, "trust-grant",
    ]
}

/// A resource of a share.
package struct ShareResource: Sendable, Equatable {
    package let id: ShareResourceID
    package let share: ShareID
    package let grant: GrantID
    package let account: AccountID
    package let resourceVersion: Int
    package let meta: JSONText
    package let isActive: Bool
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(
        id: ShareResourceID, share: ShareID, grant: GrantID, account: AccountID, resourceVersion: Int, meta: JSONText,
        isActive: Bool, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.share = share
        self.grant = grant
        self.account = account
        self.resourceVersion = resourceVersion
        self.meta = meta
        self.isActive = isActive
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// Whom a share is meant for.
package enum ShareTarget: Sendable, Hashable {
    case account(AccountID)
    /// The organization and everything below it, now and later; the source account excluded.
    case organization(OrganizationID)
}

/// An account that a share reaches or has reached, and through which recipient.
package struct ShareAssociation: Sendable, Equatable {
    package let id: ShareRecipientID
    package let account: AccountID
    package let recipient: ShareRecipientID
    /// Set when the account is reached as part of an organization.
    package let organization: OrganizationID?
    package let isAssociated: Bool
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(
        id: ShareRecipientID, account: AccountID, recipient: ShareRecipientID, organization: OrganizationID?,
        isAssociated: Bool, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.recipient = recipient
        self.organization = organization
        self.isAssociated = isAssociated
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
