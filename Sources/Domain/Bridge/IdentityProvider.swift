package import Primitives

/// An identity provider that an account configured itself.
package struct IdentityProvider: Sendable, Equatable {
    package let id: IdentityProviderID
    package let account: AccountID
    package let type: IdentityProviderType
    package var name: String
    /// The configuration without secrets, as the API shows it.
    package var config: JSONText
    package var hasSecret: Bool
    package var scim: JSONText
    package var clientID: String?
    /// The configured issuer, or the one that follows from the type.
    package var issuer: String?
    /// An issuer learnt from discovery or from the first valid token.
    package var learntIssuer: String?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package init(
        id: IdentityProviderID, account: AccountID, type: IdentityProviderType, name: String, config: JSONText,
        hasSecret: Bool, scim: JSONText, clientID: String?, issuer: String?, learntIssuer: String?,
        createdAt: Timestamp, updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.account = account
        self.type = type
        self.name = name
        self.config = config
        self.hasSecret = hasSecret
        self.scim = scim
        self.clientID = clientID
        self.issuer = issuer
        self.learntIssuer = learntIssuer
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// What a caller asks for when creating or replacing an identity provider.
package struct IdentityProviderDraft: Sendable {
    package let type: IdentityProviderType
    package let name: String
    package let config: JSONText
    /// Absent where the request left the secret as it is.
    package let secret: Secret<String>?
    package let scim: JSONText
    package let isSCIMEnabled: Bool
    package let clientID: String?
    package let issuer: String?

    package init(
        type: IdentityProviderType, name: String, config: JSONText, secret: Secret<String>?, scim: JSONText,
        isSCIMEnabled: Bool, clientID: String?, issuer: String?
    ) {
        self.type = type
        self.name = name
        self.config = config
        self.secret = secret
        self.scim = scim
        self.isSCIMEnabled = isSCIMEnabled
        self.clientID = clientID
        self.issuer = issuer
    }
}

/// The read-only stand-in, in a recipient account, for an identity provider of a source account.
package struct IdPConnection: Sendable, Equatable {
    package let id: IdentityProviderID
    package let account: AccountID
    package let grant: GrantID
    package let source: IdentityProvider
    /// Whether it leads to the primary IdP that governs the account.
    package let isPrimary: Bool
    package let createdAt: Timestamp

    package init(
        id: IdentityProviderID, account: AccountID, grant: GrantID, source: IdentityProvider, isPrimary: Bool,
        createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.grant = grant
        self.source = source
        self.isPrimary = isPrimary
        self.createdAt = createdAt
    }
}

/// What a list of an account's identity providers holds.
package enum ListedIdentityProvider: Sendable, Equatable {
    case own(IdentityProvider)
    case connected(IdPConnection)
}
