package import Primitives

/// Who somebody is, as an identity provider said at login: what policies look at and tokens carry.
package struct Identity: Sendable, Equatable {
    /// The account's own user for this address: `sub` of its tokens.
    package let user: AccessUserID
    /// As the identity provider wrote it.
    package let email: String
    package let name: String
    package let provider: LoginProvider
    /// `sub` at the identity provider.
    package let subject: String
    package let groups: [String]
    /// Authentication methods (RFC 8176).
    package let amr: [String]
    /// Authentication contexts: `acr`, and `acrs` of Entra.
    package let acrs: [String]
    /// Further claims that the identity provider is configured to pass on, as a JSON object.
    package let oidcFields: JSONText
    /// The same claims with their texts: one for a plain value, all for an array.
    package let claims: [String: [String]]
    /// When the person last proved who they are.
    package let authenticatedAt: Timestamp
    /// What was asked of other services in this session, answered or not (`external_evaluation`).
    package var evaluations: [ExternalEvaluation: EvaluationAnswer] = [:]

    package init(
        user: AccessUserID, email: String, name: String, provider: LoginProvider, subject: String, groups: [String],
        amr: [String], acrs: [String], oidcFields: JSONText, claims: [String: [String]], authenticatedAt: Timestamp
    ) {
        self.user = user
        self.email = email
        self.name = name
        self.provider = provider
        self.subject = subject
        self.groups = groups
        self.amr = amr
        self.acrs = acrs
        self.oidcFields = oidcFields
        self.claims = claims
        self.authenticatedAt = authenticatedAt
    }
}

/// The identity provider of a login as the account knows it.
package struct LoginProvider: Sendable, Equatable {
    /// The account's own, or its connection.
    package let id: IdentityProviderID
    package let type: IdentityProviderType
    /// Where the login came over a bridge: the provider itself and its account.
    package let source: BridgedSource?

    package init(id: IdentityProviderID, type: IdentityProviderType, source: BridgedSource?) {
        self.id = id
        self.type = type
        self.source = source
    }

    /// Whether a rule that names `provider` means this login: a bridged provider answers to its own id and to that of
    /// its source (contract 20 §12).
    package func answers(to provider: IdentityProviderID) -> Bool { id == provider || source?.provider == provider }
}

/// The far end of a bridge.
package struct BridgedSource: Sendable, Equatable {
    package let account: AccountID
    package let provider: IdentityProviderID

    package init(account: AccountID, provider: IdentityProviderID) {
        self.account = account
        self.provider = provider
    }
}
