import Domain
import JSON
import Primitives

/// Which claims of a person an application gets (contract 20 §9).
struct OIDCClaimRules: Sendable {
    struct Custom: Sendable {
        let name: String
        let isRequired: Bool
        /// The scope that it comes with; `nil` for every authorization.
        let scope: String?
        let source: String
        /// Other names at single identity providers, by their id.
        let sourceByProvider: [IdentityProviderID: String]
    }

    private let customs: [Custom]
    private let filter: Filter

    private enum Filter: Sendable {
        case everything
        case matching(LinearPattern)
        /// A filter that cannot be read lets nothing through.
        case nothing
    }

    /// Claims that a token's meaning hangs on: no application can rename something to them.
    private static let reserved: Set<String> = [
        "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "azp", "at_hash", "c_hash", "s_hash", "auth_time",
        "sid", "typ", "email", "email_verified",
    ]

    init(_ saas: JSONObject) {
        customs = (saas["custom_claims"]?.arrayValue ?? []).compactMap { item in
            guard let name = item["name"]?.stringValue, let source = item["source"]?["name"]?.stringValue else {
                return nil
            }
            var byProvider: [IdentityProviderID: String] = [:]
            for (id, value) in item["source"]?["name_by_idp"]?.objectValue ?? JSONObject() {
                if let id = IdentityProviderID(uuid: id) { byProvider[id] = value.stringValue }
            }
            return Custom(
                name: name, isRequired: item["required"]?.boolValue ?? false, scope: item["scope"]?.stringValue,
                source: source, sourceByProvider: byProvider)
        }
        if let text = saas["group_filter_regex"]?.stringValue, !text.isEmpty {
            filter = LinearPattern(text).map { .matching($0) } ?? .nothing
        } else {
            filter = .everything
        }
    }

    var names: [String] { customs.map(\.name).filter { !Self.reserved.contains($0) } }

    /// The claims of a person for a scope, without those that tokens have of their own.
    ///
    /// - Returns: the claims, and the name of a required one that is missing.
    func claims(of identity: Identity, for scopes: [String]) -> (claims: JSONObject, missing: String?) {
        var claims = JSONObject()
        if scopes.contains("email") {
            claims["email"] = .string(identity.email)
            // Addresses that a provider calls unverified never get this far.
            claims["email_verified"] = true
        }
        if scopes.contains("profile"), !identity.name.isEmpty { claims["name"] = .string(identity.name) }
        let groups = identity.groups.filter(passes)
        if scopes.contains("groups") { claims["groups"] = .array(groups.map { .string($0) }) }
        var missing: String?
        let fields = identity.oidcFields.object ?? JSONObject()
        for custom in customs where custom.scope.map({ scopes.contains($0) }) ?? true {
            guard let value = value(of: custom, identity, groups, fields) else {
                if custom.isRequired, missing == nil { missing = custom.name }
                continue
            }
            if !Self.reserved.contains(custom.name) { claims[custom.name] = value }
        }
        return (claims, missing)
    }

    private func passes(_ group: String) -> Bool {
        switch filter {
        case .everything: true
        case .matching(let pattern): pattern.matches(group)
        case .nothing: false
        }
    }

    /// What the identity provider said under the name that counts for it; empty values count as missing.
    private func value(
        of custom: Custom, _ identity: Identity, _ groups: [String], _ fields: JSONObject
    ) -> JSONValue? {
        let provider = identity.provider
        let source =
            custom.sourceByProvider[provider.id] ?? provider.source.flatMap { custom.sourceByProvider[$0.provider] }
            ?? custom.source
        switch fields[source] {
        case .none, .null: break
        case .string(let text) where text.isEmpty: return nil
        case .some(let value): return value
        }
        switch source {
        case "email": return .string(identity.email)
        case "name": return identity.name.isEmpty ? nil : .string(identity.name)
        case "groups": return groups.isEmpty ? nil : .array(groups.map { .string($0) })
        default: return nil
        }
    }
}
