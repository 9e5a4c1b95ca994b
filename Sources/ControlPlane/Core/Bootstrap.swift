import Crypto
import Domain
import JSON
package import Primitives
package import Store

extension Plane {
    /// Gives an empty database its first administrator: a user who holds every right, and a token of theirs.
    ///
    /// - Parameter token: the token's value, or `nil` to make one.
    /// - Returns: the value, or `nil` when there are users already and nothing was done.
    package func bootstrap(token: String?) async throws(Failure) -> Secret<String>? {
        let now = clock.now
        return try await store.writes.perform { (transaction) throws(Failure) -> Secret<String>? in
            guard try !transaction.hasUsers() else { return nil }
            let user = User(
                id: UserID(at: now), email: "admin@localhost", firstName: nil, lastName: nil, createdAt: now)
            try transaction.insert(user, isRoot: true)
            let secret: (value: Secret<String>, digest: [UInt8])
            if let token {
                secret = (Secret(token), SHA256.hash(Array(token.utf8)).bytes)
            } else {
                let generated = GeneratedSecret.apiToken(ofAccount: false)
                secret = (generated.value, generated.digest)
            }
            let scopes: [RightsScope] = [.everyAccount, .everyOrganization, .user(user.id)]
            let first = APIToken(
                id: APITokenID(at: now), name: "Bootstrap token", status: .active, policies: Self.policies(user.id),
                condition: .emptyObject, creatorEmail: user.email, notBefore: nil, expiresAt: nil, lastUsedAt: nil,
                createdAt: now, updatedAt: now, version: 1)
            try transaction.insert(first, of: .user(user.id), creator: user.id, digest: secret.digest)
            try transaction.grant(
                scopes.map { RightsGrant(effect: .allow, permissions: $0.meaningful, scope: $0) }, to: first.id)
            transaction.touches(.credentials)
            try transaction.append(
                AuditEvent(.create, AuditedResource(.apiToken, first.id.hex), description: "bootstrap"),
                isSuccess: true,
                status: 200,
                of: AuditedRequest(
                    actor: .system, method: "", uri: "", userAgent: "", address: "", ray: ""),
                at: now)
            return secret.value
        }
    }

    private static func policies(_ user: UserID) -> JSONText {
        var writer = JSONWriter()
        writer.beginArray()
        writer.beginObject()
        writer.member("id", hex: Identifier<TokenPolicy>(high: user.high, low: user.low))
        writer.member("effect", "allow")
        writer.key("permission_groups")
        writer.beginArray()
        for group in PermissionGroup.allCases {
            writer.beginObject()
            writer.member("id", group.id)
            writer.member("name", group.name)
            writer.endObject()
        }
        writer.endArray()
        writer.key("resources")
        writer.beginObject()
        for key in ["\(ResourceKey.account).*", "\(ResourceKey.organization).*", "\(ResourceKey.user).\(user.hex)"] {
            writer.key(key)
            writer.value("*")
        }
        writer.endObject()
        writer.endObject()
        writer.endArray()
        return writer.jsonText
    }
}
