/// The kinds of identity providers that an account can hold (contract 20 §5).
package enum IdentityProviderType: String, Sendable, CaseIterable {
    case oneTimePIN = "onetimepin"
    case azureAD, saml, centrify, facebook, github
    case googleApps = "google-apps"
    case google, linkedin, oidc, okta, onelogin, pingone, yandex
    /// This server's own member accounts.
    case cloudflare

    /// Whether people can sign in through it here; the others are stored and shown.
    package var canLogIn: Bool {
        switch self {
        case .saml, .facebook, .github, .linkedin, .yandex: false
        default: true
        }
    }

    /// Whether its configuration shows the callback of the account's team (contract 20 §5).
    package var showsRedirectURL: Bool { self == .oneTimePIN || self == .cloudflare }

    /// Whether it issues ID tokens.
    package var isOpenIDConnect: Bool {
        switch self {
        case .oidc, .okta, .azureAD, .google, .googleApps, .onelogin, .pingone, .centrify: true
        default: false
        }
    }

    /// Whether other accounts may connect to it (contract 30 §2).
    package var isFederable: Bool {
        switch self {
        case .oneTimePIN, .cloudflare: false
        default: true
        }
    }

    /// The types for which `canLogIn` holds, as SQL needs them.
    package static let loginTypes = allCases.filter(\.canLogIn).map(\.rawValue)
}
