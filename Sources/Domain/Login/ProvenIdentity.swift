package import Primitives

/// What an identity provider proved of a person, before any account has taken note of it. This, and nothing else,
/// passes a bridge (contract 30 §5).
package struct ProvenIdentity: Sendable, Equatable {
    /// `sub` at the identity provider.
    package let subject: String
    package let email: String
    package let name: String
    package let groups: [String]
    package let amr: [String]
    package let acrs: [String]
    /// Claims that the identity provider is configured to pass on, as a JSON object.
    package let oidcFields: JSONText
    /// Their texts.
    package let claims: [String: [String]]
    package let authenticatedAt: Timestamp

    package init(
        subject: String, email: String, name: String, groups: [String] = [], amr: [String] = [], acrs: [String] = [],
        oidcFields: JSONText = .emptyObject, claims: [String: [String]] = [:], authenticatedAt: Timestamp
    ) {
        self.subject = subject
        self.email = email
        self.name = name
        self.groups = groups
        self.amr = amr
        self.acrs = acrs
        self.oidcFields = oidcFields
        self.claims = claims
        self.authenticatedAt = authenticatedAt
    }
}

extension Identity {
    /// The identity of a person in an account that knows them as `user`.
    package init(_ proven: ProvenIdentity, user: AccessUserID, through provider: LoginProvider) {
        self.init(
            user: user, email: proven.email, name: proven.name, provider: provider, subject: proven.subject,
            groups: proven.groups, amr: proven.amr, acrs: proven.acrs, oidcFields: proven.oidcFields,
            claims: proven.claims, authenticatedAt: proven.authenticatedAt)
    }

    /// What of it passes a bridge.
    package var proven: ProvenIdentity {
        ProvenIdentity(
            subject: subject, email: email, name: name, groups: groups, amr: amr, acrs: acrs, oidcFields: oidcFields,
            claims: claims, authenticatedAt: authenticatedAt)
    }
}
