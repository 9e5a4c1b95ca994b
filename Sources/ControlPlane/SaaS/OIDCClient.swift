import Crypto
package import Domain
import JSON
import OAuth
import Primitives
package import Store

/// A SaaS application as the OIDC client that it is (contract 20 §9, 40 §9).
package struct OIDCClient: Sendable {
    package let id: SaaSClientID
    package let application: GuardedApplication
    /// `https://<auth_domain>/cdn-cgi/access/sso/oidc/<client_id>`
    package let issuer: String
    let secretDigest: [UInt8]?
    package let redirectURIs: [String]
    /// `grant_types` as configured.
    let grants: Set<String>
    /// What the application may ask for, in order.
    let scopes: [String]
    let accessTokenLifetime: Duration
    let refreshLifetime: Duration
    /// Whether a client that proves itself by PKCE alone is served.
    let isPublic: Bool
    let claimRules: OIDCClaimRules
    private let returnsIDToken: Bool
    private let returnsAccessToken: Bool

    init(
        _ id: SaaSClientID, _ application: GuardedApplication, secretDigest: [UInt8]?, issuer: String,
        _ saas: JSONObject
    ) {
        func texts(_ name: String) -> [String] { saas[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        self.id = id
        self.application = application
        self.issuer = issuer
        self.secretDigest = secretDigest
        redirectURIs = texts("redirect_uris")
        grants = Set(texts("grant_types"))
        scopes = texts("scopes")
        accessTokenLifetime = saas["access_token_lifetime"]?.duration ?? .seconds(300)
        refreshLifetime = Self.days(saas["refresh_token_options"]?["lifetime"]?.stringValue) ?? .seconds(86_400)
        isPublic = saas["allow_pkce_without_client_secret"]?.boolValue ?? false
        claimRules = OIDCClaimRules(saas)
        let options = saas["hybrid_and_implicit_options"]
        returnsIDToken = options?["return_id_token_from_authorization_endpoint"]?.boolValue ?? false
        returnsAccessToken = options?["return_access_token_from_authorization_endpoint"]?.boolValue ?? false
    }

    /// Minutes, hours or days.
    private static func days(_ text: String?) -> Duration? {
        guard let text else { return nil }
        guard text.utf8.last == UInt8(ascii: "d") else { return DurationText(text)?.duration }
        return Int64(text.dropLast()).map { .seconds($0 * 86_400) }
    }

    // MARK: What it may do

    var hasCodes: Bool {
        grants.contains("authorization_code") || grants.contains("authorization_code_with_pkce")
            || grants.contains("hybrid")
    }
    var hasRefresh: Bool { grants.contains("refresh_tokens") }

    /// Whether an authorization for a code is refused without `code_challenge`.
    var requiresPKCE: Bool {
        grants.contains("authorization_code_with_pkce") && !grants.contains("authorization_code")
    }

    /// Hybrid and implicit answers hold only what the application's options say they may.
    var responseTypes: [ResponseType] {
        var types: [ResponseType] = []
        if grants.contains("authorization_code") || grants.contains("authorization_code_with_pkce") {
            types.append(ResponseType(code: true, idToken: false, accessToken: false))
        }
        if grants.contains("hybrid") {
            if returnsIDToken { types.append(ResponseType(code: true, idToken: true, accessToken: false)) }
            if returnsAccessToken { types.append(ResponseType(code: true, idToken: false, accessToken: true)) }
            if returnsIDToken, returnsAccessToken {
                types.append(ResponseType(code: true, idToken: true, accessToken: true))
            }
        }
        if grants.contains("implicit"), returnsIDToken {
            types.append(ResponseType(code: false, idToken: true, accessToken: false))
            if returnsAccessToken { types.append(ResponseType(code: false, idToken: true, accessToken: true)) }
        }
        return types
    }

    var grantTypes: [String] {
        (hasCodes ? ["authorization_code"] : []) + (hasRefresh ? ["refresh_token"] : [])
            + (grants.contains("implicit") ? ["implicit"] : [])
    }

    var authMethods: [ClientAuthMethod] { isPublic ? [.basic, .post, .none] : [.basic, .post] }

    /// `offline_access` is understood where there are refresh tokens, which come with every code then.
    var offeredScopes: [String] { hasRefresh ? scopes + ["offline_access"] : scopes }
}

extension LoginDesk {
    /// The client that a team's address names; `nil` for an unknown one.
    package func oidcClient(_ text: some StringProtocol, at team: TeamSettings) throws(Failure) -> OIDCClient? {
        guard let id = SaaSClientID(hex: String(text)),
            let (found, secret) = try reader.saasClient(id, in: team.account),
            let application = try application(found, of: team.account), let saas = application.application.saas,
            let document = saas.document.object
        else { return nil }
        return OIDCClient(
            id, application, secretDigest: secret, issuer: Self.oidcIssuer(id, at: team, plane.settings), document)
    }

    static func oidcIssuer(_ client: SaaSClientID, at team: TeamSettings, _ settings: Settings) -> String {
        "\(settings.teamOrigin(team.team))/cdn-cgi/access/sso/oidc/\(client.hex)"
    }
}
