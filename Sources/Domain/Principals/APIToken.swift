package import Primitives

/// A bearer credential of an account or a user, without its value: that is shown once and kept as a digest.
package struct APIToken: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable { case active, disabled }

    /// Who a token belongs to.
    package enum Owner: Sendable, Equatable {
        case account(AccountID)
        case user(UserID)
    }

    package let id: APITokenID
    package var name: String
    package var status: Status
    /// JSON array, as the API returns it.
    package var policies: JSONText
    /// JSON object, as the API returns it.
    package var condition: JSONText
    package let creatorEmail: String?
    package var notBefore: Timestamp?
    package var expiresAt: Timestamp?
    package let lastUsedAt: Timestamp?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package init(
        id: APITokenID, name: String, status: Status, policies: JSONText, condition: JSONText, creatorEmail: String?,
        notBefore: Timestamp?, expiresAt: Timestamp?, lastUsedAt: Timestamp?, createdAt: Timestamp,
        updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.policies = policies
        self.condition = condition
        self.creatorEmail = creatorEmail
        self.notBefore = notBefore
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// What a caller asks for when creating or replacing a token.
package struct APITokenDraft: Sendable, Equatable {
    package var name: String
    package var status: APIToken.Status
    package var policies: [TokenPolicy]
    /// As the API returns it.
    package var policyDocument: JSONText
    package var condition: JSONText
    package var allowedAddresses: [CIDR]
    package var deniedAddresses: [CIDR]
    package var notBefore: Timestamp?
    package var expiresAt: Timestamp?

    package init(
        name: String, status: APIToken.Status, policies: [TokenPolicy], policyDocument: JSONText, condition: JSONText,
        allowedAddresses: [CIDR], deniedAddresses: [CIDR], notBefore: Timestamp?, expiresAt: Timestamp?
    ) {
        self.name = name
        self.status = status
        self.policies = policies
        self.policyDocument = policyDocument
        self.condition = condition
        self.allowedAddresses = allowedAddresses
        self.deniedAddresses = deniedAddresses
        self.notBefore = notBefore
        self.expiresAt = expiresAt
    }
}

/// One policy of a token: an effect, rights, and what they are about.
package struct TokenPolicy: Sendable, Equatable {
    package let effect: RightsGrant.Effect
    package let groups: PermissionSet
    package let resources: [Resource]

    /// A resource with the key that named it.
    package struct Resource: Sendable, Equatable {
        package let key: String
        /// What the key names; `nil` for zones and buckets.
        package let named: RightsScope?
        /// What the policy is about; `nil` as well where it speaks of zones or buckets inside an account, which are
        /// accepted and have no effect here.
        package let scope: RightsScope?

        package init(key: String, named: RightsScope?, scope: RightsScope?) {
            self.key = key
            self.named = named
            self.scope = scope
        }
    }

    package init(effect: RightsGrant.Effect, groups: PermissionSet, resources: [Resource]) {
        self.effect = effect
        self.groups = groups
        self.resources = resources
    }
}

/// Resource keys of token policies (contract 10 §10).
package enum ResourceKey: Sendable, Equatable {
    case scope(RightsScope)
    /// Zones and buckets: accepted, and without effect here.
    case ignored

    package static let account = "com.cloudflare.api.account"
    package static let organization = "com.cloudflare.api.organization"
    package static let user = "com.cloudflare.api.user"

    /// - Returns: `nil` for a key that names nothing known.
    package init?(_ key: String) {
        if key.hasPrefix("com.cloudflare.edge.r2.") || key.hasPrefix("com.cloudflare.api.account.zone.") {
            self = .ignored
        } else if let rest = Self.rest(of: key, after: Self.account) {
            if rest == "*" {
                self = .scope(.everyAccount)
                return
            }
            guard let id = AccountID(hex: rest) else { return nil }
            self = .scope(.account(id))
        } else if let rest = Self.rest(of: key, after: Self.organization) {
            if rest == "*" {
                self = .scope(.everyOrganization)
                return
            }
            guard let id = OrganizationID(hex: rest) else { return nil }
            self = .scope(.organization(id))
        } else if let rest = Self.rest(of: key, after: Self.user) {
            guard let id = UserID(hex: rest) else { return nil }
            self = .scope(.user(id))
        } else {
            return nil
        }
    }

    private static func rest(of key: String, after prefix: String) -> Substring? {
        key.hasPrefix(prefix + ".") ? key.dropFirst(prefix.utf8.count + 1) : nil
    }
}

extension RightsScope {
    /// The rights that mean something on this part of the world.
    package var meaningful: PermissionSet {
        switch self {
        case .account, .everyAccount: .scope(.account)
        case .organization, .everyOrganization: PermissionSet.scope(.account).union(.scope(.organization))
        case .user: .scope(.user)
        }
    }
}
