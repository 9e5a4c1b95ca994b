package import Domain
import Primitives
package import Store

/// What an account, and the primary IdP that governs it, add to the answers about its identity providers.
package struct AccountLogins: Sendable {
    /// The callback of the account's team; absent without one.
    package let redirectURL: String?
    private let governed: GovernedAccount?

    package init(of account: AccountID, _ reader: any Reading, _ settings: Settings) throws(Failure) {
        redirectURL = try reader.team(of: account).map { settings.teamOrigin($0) + "/cdn-cgi/access/callback" }
        governed = try reader.governed(account)
    }

    /// Whether an enforced primary IdP keeps people from signing in through this identity provider.
    package func isEnforcedOff(_ id: IdentityProviderID) -> Bool {
        guard let governed, governed.isEnforced else { return false }
        return governed.allowed != id
    }

    /// Moves with everything that the answer shows: the team's name, the designation and its mode too.
    package func tag(of item: ListedIdentityProvider) -> EntityTag {
        var shown: [String] = []
        switch item {
        case .own(let provider):
            if isEnforcedOff(provider.id) { shown.append("enforced_off") }
            if provider.type.showsRedirectURL, let redirectURL { shown.append(redirectURL) }
            return EntityTag(version: provider.version, with: shown)
        case .connected(let connection):
            if connection.isPrimary { shown.append("primary") }
            if isEnforcedOff(connection.id) { shown.append("enforced_off") }
            if let redirectURL { shown.append(redirectURL) }
            return EntityTag(version: connection.source.version, with: shown)
        }
    }
}
