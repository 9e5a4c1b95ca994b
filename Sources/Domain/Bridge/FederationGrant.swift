package import Primitives

/// The permission to share one identity provider with other accounts.
package struct FederationGrant: Sendable, Equatable {
    package let id: GrantID
    package let account: AccountID
    package let identityProvider: IdentityProviderID
    package let createdAt: Timestamp

    package init(id: GrantID, account: AccountID, identityProvider: IdentityProviderID, createdAt: Timestamp) {
        self.id = id
        self.account = account
        self.identityProvider = identityProvider
        self.createdAt = createdAt
    }

    /// Grants that one account may hold (contract 30 §1).
    package static let limit = 5
}
