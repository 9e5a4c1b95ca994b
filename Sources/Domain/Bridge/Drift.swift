import Primitives

/// A way in which an account has moved away from its primary IdP (contract 30 §8).
package enum DriftKind: String, Sendable, CaseIterable {
    case notBridged = "not_bridged"
    case otherIdPEnabled = "other_idp_enabled"
    case oneTimePINEnabled = "one_time_pin_enabled"
    case appAllowsOtherIdP = "app_allows_other_idp"
    case appAllowsAllIdPs = "app_allows_all_idps"
    case policyLoginMethodOther = "policy_login_method_other"
    case policyEveryone = "policy_everyone"
    case bypassPolicy = "bypass_policy"
    case danglingReference = "dangling_reference"
}

/// What a drift is about.
package enum DriftSubject: Sendable, Hashable {
    case account
    case identityProvider(IdentityProviderID)
    case application(ApplicationID)
    case policy(PolicyID)
    case group(GroupID)

    /// Unique within the account and kind; empty for the account itself.
    package var key: String {
        switch self {
        case .account: ""
        case .identityProvider(let id): id.uuid
        case .application(let id): id.uuid
        case .policy(let id): id.uuid
        case .group(let id): id.uuid
        }
    }
}

/// One drift of one account.
package struct Drift: Sendable, Equatable {
    package let account: AccountID
    package let kind: DriftKind
    package let subject: DriftSubject
    package let name: String
    /// The identity providers that the subject names although it should not.
    package let identityProviders: [IdentityProviderID]
    /// For a policy of one application: that application.
    package let application: ApplicationID?

    package init(
        account: AccountID, kind: DriftKind, subject: DriftSubject, name: String,
        identityProviders: [IdentityProviderID], application: ApplicationID?
    ) {
        self.account = account
        self.kind = kind
        self.subject = subject
        self.name = name
        self.identityProviders = identityProviders
        self.application = application
    }
}
