package import Domain
package import Federation
import Primitives

/// What a test of an identity provider found.
package struct ProviderFindings: Sendable {
    package let provider: IdentityProvider
    /// What went wrong, or `nil` when tokens could be validated now.
    package let failure: String?
    package let document: KeyDocument?
}

/// Asks an identity provider for everything a login needs from it.
package struct KeyProbe: IdentityProviderProbe {
    private let keys: KeyCache

    package init(keys: KeyCache) { self.keys = keys }

    package func failure(of provider: IdentityProvider) async -> String? { await findings(of: provider).failure }

    /// Asks now, whatever is cached.
    package func findings(of provider: IdentityProvider) async -> ProviderFindings {
        guard let profile = VerificationProfile(provider) else {
            // A one-time PIN or this server's own login asks nobody.
            return ProviderFindings(
                provider: provider, failure: provider.type.canLogIn ? nil : "type not supported for login",
                document: nil)
        }
        do throws(FetchFailure) {
            return ProviderFindings(provider: provider, failure: nil, document: try await keys.probe(profile.keys))
        } catch { return ProviderFindings(provider: provider, failure: error.explanation, document: nil) }
    }
}
