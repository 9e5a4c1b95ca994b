package import Primitives

/// Kinds of applications that this server knows. Other kinds of the public API are refused.
package enum ApplicationType: String, Sendable, CaseIterable {
    case selfHosted = "self_hosted"
    case saas, bookmark
    case appLauncher = "app_launcher"
    case mcp
    case mcpPortal = "mcp_portal"

    /// Users log in to it, so it has identity providers and sessions.
    package var hasLogin: Bool { self != .bookmark }
    /// It stands in front of hosts and paths.
    package var hasDestinations: Bool { self == .selfHosted || self == .mcp || self == .mcpPortal }
}

/// Something that users reach through Access, as it is stored and answered.
package struct Application: Sendable, Equatable {
    package let id: ApplicationID
    package let type: ApplicationType
    package let name: String
    package let domain: String?
    package let audience: Audience
    /// Every member without a property of its own.
    package let document: JSONText
    /// Set for SaaS applications.
    package let saas: SaaSClient?
    /// A JSON array of names.
    package let tags: JSONText
    /// In the order of preference; empty for all.
    package let allowedIdPs: [IdentityProviderID]
    /// Whether login goes straight to the one identity provider.
    package let isAutoRedirecting: Bool
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let version: Int

    package init(
        id: ApplicationID, type: ApplicationType, name: String, domain: String?, audience: Audience, document: JSONText,
        saas: SaaSClient?, tags: JSONText, allowedIdPs: [IdentityProviderID], isAutoRedirecting: Bool,
        createdAt: Timestamp,
        updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.type = type
        self.name = name
        self.domain = domain
        self.audience = audience
        self.document = document
        self.saas = saas
        self.tags = tags
        self.allowedIdPs = allowedIdPs
        self.isAutoRedirecting = isAutoRedirecting
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// `saas_app` of an application.
package struct SaaSClient: Sendable, Equatable {
    /// Set for OIDC, absent for SAML.
    package let clientID: SaaSClientID?
    /// `saas_app` without client id, secret and key.
    package let document: JSONText

    package init(clientID: SaaSClientID?, document: JSONText) {
        self.clientID = clientID
        self.document = document
    }
}

/// How a path names an application (contract 20 §8: `id` or `aud`).
package enum ApplicationKey: Sendable, Hashable {
    case id(ApplicationID)
    case audience(Audience)
}

/// What a caller asks for when creating or replacing an application. Well formed; what it names is not looked up yet.
package struct ApplicationDraft: Sendable, Equatable {
    package var type: ApplicationType
    /// Absent where it follows from what only the server knows, such as the App Launcher's host.
    package var name: String?
    package var domain: String?
    package var document: JSONText
    package var destinations: [PublicDestination]
    package var allowedIdPs: [IdentityProviderID]
    package var isAutoRedirecting: Bool
    package var tags: [String]
    package var customPages: [CustomPageID]
    package var policies: [ApplicationPolicyItem]
    package var saas: SaaSDraft?

    package init(
        type: ApplicationType, name: String?, domain: String?, document: JSONText, destinations: [PublicDestination],
        allowedIdPs: [IdentityProviderID], isAutoRedirecting: Bool, tags: [String], customPages: [CustomPageID],
        policies: [ApplicationPolicyItem], saas: SaaSDraft?
    ) {
        self.type = type
        self.name = name
        self.domain = domain
        self.document = document
        self.destinations = destinations
        self.allowedIdPs = allowedIdPs
        self.isAutoRedirecting = isAutoRedirecting
        self.tags = tags
        self.customPages = customPages
        self.policies = policies
        self.saas = saas
    }
}

/// `saas_app` as sent.
package struct SaaSDraft: Sendable, Equatable {
    package let isOIDC: Bool
    package let document: JSONText

    package init(isOIDC: Bool, document: JSONText) {
        self.isOIDC = isOIDC
        self.document = document
    }
}

/// One item of an application's `policies`.
package struct ApplicationPolicyItem: Sendable, Equatable {
    /// The policy it names; absent for a new inline policy.
    package let id: PolicyID?
    package let precedence: Int?
    /// Content, where the item brings some.
    package let draft: PolicyDraft?

    package init(id: PolicyID?, precedence: Int?, draft: PolicyDraft?) {
        self.id = id
        self.precedence = precedence
        self.draft = draft
    }
}
