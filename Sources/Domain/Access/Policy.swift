package import Primitives

/// What a policy does with a request that it matches.
package enum PolicyDecision: String, Sendable, CaseIterable {
    case allow, deny
    case nonIdentity = "non_identity"
    case bypass

    /// Decided before anybody logs in, so its rules cannot ask who somebody is.
    package var precedesIdentity: Bool { self == .nonIdentity || self == .bypass }
}

/// Who may use an application, and on which terms.
package struct Policy: Sendable, Equatable {
    package let id: PolicyID
    package let name: String
    package let decision: PolicyDecision
    /// Rules and every other member without a property of its own.
    package let document: JSONText
    /// False for a policy that lives in one application.
    package let isReusable: Bool
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let version: Int

    package init(
        id: PolicyID, name: String, decision: PolicyDecision, document: JSONText, isReusable: Bool,
        createdAt: Timestamp,
        updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.name = name
        self.decision = decision
        self.document = document
        self.isReusable = isReusable
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// A reusable policy with the number of applications that use it.
package struct CountedPolicy: Sendable, Equatable {
    package let policy: Policy
    package let appCount: Int

    package init(policy: Policy, appCount: Int) {
        self.policy = policy
        self.appCount = appCount
    }
}

/// A policy in its place within an application.
package struct AttachedPolicy: Sendable, Equatable {
    package let application: ApplicationID
    package let precedence: Int
    package let policy: Policy

    package init(application: ApplicationID, precedence: Int, policy: Policy) {
        self.application = application
        self.precedence = precedence
        self.policy = policy
    }
}

/// What a caller asks for when creating or replacing a policy.
package struct PolicyDraft: Sendable, Equatable {
    package let name: String
    package let decision: PolicyDecision
    package let document: JSONText
    package let references: [RuleReference]
    /// Where it goes in an application; of no meaning for reusable policies.
    package let precedence: Int?

    package init(
        name: String, decision: PolicyDecision, document: JSONText, references: [RuleReference], precedence: Int?
    ) {
        self.name = name
        self.decision = decision
        self.document = document
        self.references = references
        self.precedence = precedence
    }
}
