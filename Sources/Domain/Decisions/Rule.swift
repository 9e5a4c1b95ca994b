package import Primitives

/// One rule of a policy or group, ready to be judged (contract 20 §12). Texts that compare without regard to case are
/// lowercase already.
package enum Rule: Sendable, Equatable {
    case email(String)
    case emailDomain(String)
    case emailList(String)
    case everyone
    case group(GroupID)
    case ip(CIDR)
    case ipList(String)
    case geo(String)
    case loginMethod(IdentityProviderID)
    case authMethod(String)
    case authContext(acID: String, provider: IdentityProviderID)
    case azureGroup(String, provider: IdentityProviderID)
    case oktaGroup(String, provider: IdentityProviderID)
    case googleGroup(String, provider: IdentityProviderID)
    case githubOrganization
    case saml
    case oidc(claim: String, value: String, provider: IdentityProviderID)
    case serviceToken(ServiceTokenID)
    case anyValidServiceToken
    case linkedAppToken(ApplicationID)
    case commonName(String)
    case certificate
    case devicePosture
    case userRiskScore([String])
    case externalEvaluation(ExternalEvaluation)
    case accountMember(AccountID)
    /// A rule that this version cannot read: it can never be evaluated.
    case unreadable
}

/// The three lists of a policy or group: any of `include`, none of `exclude`, all of `require`.
package struct RuleSet: Sendable, Equatable {
    package let include: [Rule]
    package let exclude: [Rule]
    package let require: [Rule]

    package init(include: [Rule], exclude: [Rule] = [], require: [Rule] = []) {
        self.include = include
        self.exclude = exclude
        self.require = require
    }

    package func contains(where predicate: (Rule) -> Bool) -> Bool {
        include.contains(where: predicate) || exclude.contains(where: predicate) || require.contains(where: predicate)
    }

    /// The groups that its rules name.
    package var nestedGroups: Set<GroupID> {
        var groups: Set<GroupID> = []
        for list in [include, exclude, require] {
            for case .group(let id) in list { groups.insert(id) }
        }
        return groups
    }
}

/// A policy ready to be judged.
package struct JudgedPolicy: Sendable, Equatable {
    package let id: PolicyID
    package let name: String
    package let decision: PolicyDecision
    package let rules: RuleSet
    package let terms: PolicyTerms

    package init(id: PolicyID, name: String, decision: PolicyDecision, rules: RuleSet, terms: PolicyTerms) {
        self.id = id
        self.name = name
        self.decision = decision
        self.rules = rules
        self.terms = terms
    }
}

/// What a policy asks beyond its rules of those whom it admits.
package struct PolicyTerms: Sendable, Equatable {
    /// Overrides the application's; `nil` for the same.
    package let sessionDuration: DurationText?
    package let purpose: Purpose
    /// Each group must confirm; empty where nobody is asked.
    package let approvals: [ApprovalGroup]
    /// Denies, because no isolation exists here.
    package let isIsolationRequired: Bool

    package enum Purpose: Sendable, Equatable {
        case notAsked
        case asked(prompt: String?)
    }

    package init(
        sessionDuration: DurationText? = nil, purpose: Purpose = .notAsked, approvals: [ApprovalGroup] = [],
        isIsolationRequired: Bool = false
    ) {
        self.sessionDuration = sessionDuration
        self.purpose = purpose
        self.approvals = approvals
        self.isIsolationRequired = isIsolationRequired
    }
}

/// People of whom some must confirm a login.
package struct ApprovalGroup: Sendable, Equatable {
    package let needed: Int
    /// Lowercase.
    package let addresses: [String]

    package init(needed: Int, addresses: [String]) {
        self.needed = needed
        self.addresses = addresses
    }
}
