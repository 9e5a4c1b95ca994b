import Crypto
import Domain
import Federation
import HTTP
import JSON
import Primitives
import Store

/// Being a client of one identity provider: where to go, and how to prove who asks.
struct RelyingParty: Sendable {
    let provider: IdentityProvider
    let clientID: String
    let secret: Secret<String>?
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let scopes: [String]
    let usesPKCE: Bool
    let prompt: String?
    /// What makes it ask again who somebody is. Google knows no `login`, but lets people choose.
    let freshPrompt: String
    let takesLoginHint: Bool
    /// Google Workspace: the domain whose accounts are offered.
    let hostedDomain: String?
    let prefersSecretInBody: Bool
    /// Claims that are passed on.
    let claims: [String]
    let emailClaim: String
}

extension LoginDesk {
    /// Reads the configuration of an account's own identity provider, and its discovery document where it has one.
    ///
    /// - Throws: ``LoginFault`` `idp_unreachable` when that cannot be had.
    func relyingParty(_ id: IdentityProviderID, of account: AccountID) async throws(Failure) -> RelyingParty {
        guard let provider = try reader.identityProvider(id, in: account),
            let profile = VerificationProfile(provider), let clientID = provider.clientID
        else { throw .inconsistent("an identity provider without a client id was offered") }
        let secret = try self.secret(of: provider)
        let discovery = try await discovery(of: profile)
        let config = provider.config.object ?? JSONObject()
        let authorize = config["auth_url"]?.stringValue ?? discovery?.authorizationEndpoint
        let token = config["token_url"]?.stringValue ?? discovery?.tokenEndpoint
        guard let authorize, let token, WebAddress(authorize)?.isAcceptable == true,
            WebAddress(token)?.isAcceptable == true
        else {
            throw .turnedAway(
                .idpError, "The identity provider does not say where to sign in. Tell the administrator of this account.")
        }
        var scopes = config["scopes"]?.arrayValue?.compactMap(\.stringValue) ?? ["openid", "email", "profile"]
        if !scopes.contains("openid") { scopes.insert("openid", at: 0) }
        if provider.type == .okta, !scopes.contains("groups") { scopes.append("groups") }
        let methods = discovery?.tokenAuthMethods ?? []
        return RelyingParty(
            provider: provider, clientID: clientID, secret: secret, authorizationEndpoint: authorize,
            tokenEndpoint: token, scopes: scopes,
            usesPKCE: provider.type != .oidc || secret == nil || config["pkce_enabled"]?.boolValue == true,
            prompt: config["prompt"]?.stringValue,
            freshPrompt: provider.type == .google || provider.type == .googleApps ? "select_account" : "login",
            takesLoginHint: provider.type != .googleApps || config["use_login_hint"]?.boolValue == true,
            hostedDomain: config["apps_domain"]?.stringValue,
            prefersSecretInBody: methods.contains("client_secret_post") && !methods.contains("client_secret_basic"),
            claims: profile.claims, emailClaim: profile.emailClaim)
    }

    private func secret(of provider: IdentityProvider) throws(Failure) -> Secret<String>? {
        guard let sealed = try reader.sealedSecret(of: provider.id) else { return nil }
        do throws(CryptoError) {
            let bytes = try plane.vault.open(sealed, for: SealedIdPSecrets.purpose(of: provider.id))
            return Secret(String(decoding: bytes, as: UTF8.self))
        } catch { throw .inconsistent("a client secret does not open with this server's secret key") }
    }

    /// The discovery document behind the keys; `nil` for a provider that is configured by its URLs and has none.
    private func discovery(of profile: VerificationProfile) async throws(Failure) -> Discovery? {
        for _ in 1...3 {
            switch plane.keys.lookup(profile.keys, of: profile.provider, at: now) {
            case .found(let held): return held.discovery
            case .waiting(let pending): await pending.arrival()
            case .unreachable:
                // The login may go well all the same where the configuration names every address.
                guard profile.keys.location == .discovery else { return nil }
                throw .turnedAway(
                    .idpUnreachable, "The identity provider cannot be reached. Try again in a minute.")
            }
        }
        return nil
    }
}

/// Client secrets at rest.
enum SealedIdPSecrets {
    static func purpose(of id: IdentityProviderID) -> String { "idp \(id.uuid)" }
}
