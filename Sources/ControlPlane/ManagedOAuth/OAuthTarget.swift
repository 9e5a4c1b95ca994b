package import Domain
import OAuth
import Store

/// What a client may act at for a person: an application, or the control plane's own API.
package enum OAuthTarget: Sendable {
    case application(GuardedApplication)
    case api(APITarget)

    /// `nil` for the API.
    package var application: ApplicationID? {
        guarded?.id
    }

    package var team: TeamSettings {
        switch self {
        case .application(let application): application.team
        case .api(let api): api.team
        }
    }

    var account: AccountID { team.account }

    var isAPI: Bool { if case .api = self { true } else { false } }

    /// `nil` for the API.
    var guarded: GuardedApplication? {
        if case .application(let application) = self { application } else { nil }
    }

    /// As people are told.
    package var name: String {
        switch self {
        case .application(let application): application.application.name
        case .api: APITarget.name
        }
    }

    /// `nil` for an application with managed OAuth off.
    package var rules: ManagedOAuthRules? {
        switch self {
        case .application(let application): application.managedOAuth
        case .api: .api
        }
    }

    /// How long a grant lasts that `policy` admitted; zero where sessions have no length.
    func grantLifetime(_ policy: JudgedPolicy?, _ rules: ManagedOAuthRules) -> Duration {
        switch self {
        case .application(let application): application.grantLifetime(policy, rules)
        case .api: rules.sessionDuration ?? .seconds(24 * 3600)
        }
    }

    /// Whether sessions have no length that `policy` admits.
    func asksEachTime(_ policy: JudgedPolicy?) -> Bool {
        switch self {
        case .application(let application): application.tokenLifetime(policy) == .zero
        case .api: false
        }
    }
}

/// The control plane's own API, for people who sign in through the primary identity provider of an organization.
///
/// They may do there what they may do with an ID token of that provider: what their memberships in the organization's tree
/// give them. Like that, it is judged at every request.
package struct APITarget: Sendable {
    package static let name = "the control plane's API"
    /// Below the public URL.
    package static let path = "/client/v4"

    package let team: TeamSettings
    /// The organizations of each designated provider, on the whole server.
    let organizations: [IdentityProviderID: [OrganizationID]]
}

extension ManagedOAuthRules {
    /// Those of the API: any client on the person's own machine.
    static let api = ManagedOAuthRules(
        admitsUnknownClients: true, redirects: .init(allowsLocalhost: true, allowsLoopback: true, entries: []),
        accessTokenLifetime: .seconds(900), sessionDuration: .seconds(24 * 3600))
}
