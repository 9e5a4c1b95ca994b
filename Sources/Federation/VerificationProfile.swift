package import Domain
import HTTP
package import JOSE
import JSON
import Primitives

/// How tokens of one identity provider are judged: its configuration, reduced to what validation needs.
package struct VerificationProfile: Sendable, Equatable {
    /// The provider itself, also where an account knows it through a connection.
    package let provider: IdentityProviderID
    /// Absent while a generic provider names none and none was learnt yet.
    package let issuer: String?
    package let keys: KeySource
    /// The audience of its tokens.
    package let clientID: String?
    package let algorithms: Set<JWSAlgorithm>
    /// The claim that holds the address.
    package let emailClaim: String
    package let tenant: TenantRule?
    /// Further claims that are passed on.
    package let claims: [String]
}

/// A claim that must name the customer, where an issuer serves many.
package enum TenantRule: Sendable, Equatable {
    /// `hd` of Google Workspace.
    case hostedDomain(String)
    /// `tid` of Entra.
    case directory(String)
}

extension VerificationProfile {
    /// `nil` for a provider that issues no ID tokens.
    package init?(_ provider: IdentityProvider) {
        guard provider.type.isOpenIDConnect, let config = Self.object(provider.config.text) else { return nil }
        func text(_ name: String) -> String? { config[name]?.stringValue }
        func texts(_ name: String) -> [String]? { config[name]?.arrayValue?.compactMap(\.stringValue) }
        self.provider = provider.id
        issuer = provider.issuer ?? provider.learntIssuer
        clientID = provider.clientID
        emailClaim = text("email_claim_name") ?? "email"
        claims = texts("claims") ?? []
        let named = texts("id_token_signing_algs")?.compactMap { JWSAlgorithm(rawValue: $0) }
        algorithms = Set(named ?? JWSAlgorithm.allCases)
        switch provider.type {
        case .oidc:
            let origin = provider.issuer == nil ? text("auth_url").flatMap { WebAddress($0)?.origin } : nil
            keys = KeySource(.keySet(text("certs_url") ?? ""), issuer: provider.issuer, learnsIssuerFrom: origin)
            tenant = nil
        case .googleApps:
            keys = KeySource(.discovery, issuer: provider.issuer)
            tenant = text("apps_domain").map(TenantRule.hostedDomain)
        case .azureAD:
            keys = KeySource(.discovery, issuer: provider.issuer)
            tenant = text("directory_id").map(TenantRule.directory)
        default:
            keys = KeySource(.discovery, issuer: provider.issuer)
            tenant = nil
        }
    }

    private static func object(_ text: String) -> JSONObject? {
        do throws(JSONError) {
            return try JSONParser.parse(text).objectValue
        } catch { return nil }
    }
}
