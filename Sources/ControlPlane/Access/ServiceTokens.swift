import Crypto
package import Domain
package import Primitives
package import Store

/// A service token with the secret that is shown once.
package struct IssuedServiceToken: Sendable {
    package let token: ServiceToken
    package let secret: Secret<String>?
}

extension Act {
    /// Creates a service token and its secret.
    package func issueServiceToken(
        _ draft: ServiceTokenDraft, in account: AccountID
    ) throws(Failure) -> IssuedServiceToken {
        let secret = GeneratedSecret.serviceToken()
        let token = ServiceToken(
            id: ServiceTokenID(at: now), name: draft.name, clientID: randomIdentifier(),
            secretVersion: draft.secretVersion, lifetime: draft.lifetime, isEnabled: draft.isEnabled,
            expiresAt: draft.lifetime.end(from: now), lastSeenAt: nil, createdAt: now, updatedAt: now, version: 1)
        try transaction.insert(token, secretDigest: secret.digest, in: account)
        record(AuditEvent(.create, AuditedResource(.serviceToken, token.id.uuid), account: account))
        return IssuedServiceToken(token: token, secret: secret.value)
    }

    /// Replaces a service token's members: a new duration counts from now, a higher secret version rotates.
    package func renewServiceToken(
        _ id: ServiceTokenID, as draft: ServiceTokenDraft, in account: AccountID
    ) throws(Failure) -> IssuedServiceToken {
        var token = try serviceToken(id, in: account)
        let rotates = draft.secretVersion > token.secretVersion
        token.name = draft.name
        token.lifetime = draft.lifetime
        token.isEnabled = draft.isEnabled
        token.expiresAt = draft.lifetime.end(from: now)
        token.updatedAt = now
        try transaction.update(token)
        token.version += 1
        record(AuditEvent(.update, AuditedResource(.serviceToken, id.uuid), account: account))
        guard rotates else { return IssuedServiceToken(token: token, secret: nil) }
        return try rotate(&token, to: draft.secretVersion, graceEnd: draft.previousSecretExpiresAt)
    }

    /// Adds a year from now.
    package func refreshServiceToken(_ id: ServiceTokenID, in account: AccountID) throws(Failure) -> ServiceToken {
        var token = try serviceToken(id, in: account)
        if token.expiresAt != nil { token.expiresAt = now + .seconds(365 * 86_400) }
        token.updatedAt = now
        try transaction.update(token)
        token.version += 1
        record(AuditEvent(.update, AuditedResource(.serviceToken, id.uuid), account: account, description: "refresh"))
        return token
    }

    /// Issues a new secret. The old one ends now, or at `graceEnd`.
    package func rotateServiceToken(
        _ id: ServiceTokenID, graceEnd: Timestamp?, in account: AccountID
    ) throws(Failure) -> IssuedServiceToken {
        var token = try serviceToken(id, in: account)
        record(AuditEvent(.update, AuditedResource(.serviceToken, id.uuid), account: account, description: "rotate"))
        return try rotate(&token, to: token.secretVersion + 1, graceEnd: graceEnd)
    }

    package func deleteServiceToken(_ id: ServiceTokenID, in account: AccountID) throws(Failure) {
        _ = try serviceToken(id, in: account)
        guard try !transaction.isNamedInRules(id) else {
            throw .refused(.accessConflict, "a policy or group names this service token: remove it there first")
        }
        try transaction.deleteServiceToken(id)
        record(AuditEvent(.delete, AuditedResource(.serviceToken, id.uuid), account: account))
    }

    private func serviceToken(_ id: ServiceTokenID, in account: AccountID) throws(Failure) -> ServiceToken {
        guard let token = try transaction.serviceToken(id, in: account) else {
            throw .refused(.accessNotFound, "service token not found")
        }
        try check(version: token.version)
        return token
    }

    private func rotate(
        _ token: inout ServiceToken, to version: Int, graceEnd: Timestamp?
    ) throws(Failure) -> IssuedServiceToken {
        let secret = GeneratedSecret.serviceToken()
        try transaction.replaceSecret(
            of: token.id, with: secret.digest, version: version, graceEnd: graceEnd ?? now, at: now)
        token.secretVersion = version
        token.updatedAt = now
        token.version += 1
        return IssuedServiceToken(token: token, secret: secret.value)
    }
}
