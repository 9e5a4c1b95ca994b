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
        // What it was let into ends with it, and does not come back when it is enabled again.
        let ended: Int? = token.isEnabled ? nil : try transaction.endTokens(of: id)
        record(
            AuditEvent(
                .update, AuditedResource(.serviceToken, id.uuid), account: account,
                response: ended.map { EndedSessions(tokens: $0).document }))
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
        try remove(id, in: account)
    }

    private func remove(
        _ id: ServiceTokenID, in account: AccountID, because reason: String = ""
    ) throws(Failure) {
        let ended = try transaction.endTokens(of: id)
        try transaction.deleteServiceToken(id)
        record(
            AuditEvent(
                .delete, AuditedResource(.serviceToken, id.uuid), account: account, description: reason,
                response: EndedSessions(tokens: ended).document))
    }

    /// Disables or deletes a service token that nobody has used for longer than its account allows (contract 20 §4). One
    /// that a policy names is disabled where it could not be deleted by hand either.
    ///
    /// - Returns: false when it was used or changed meanwhile.
    package func retireServiceToken(_ idle: IdleServiceToken) throws(Failure) -> Bool {
        guard var token = try transaction.serviceToken(idle.id, in: idle.account), token.isEnabled,
            max(token.lastSeenAt ?? token.updatedAt, token.updatedAt) == idle.lastUse
        else { return false }
        let reason = "not used since \(idle.lastUse.rfc3339())"
        if idle.isToBeDeleted, try !transaction.isNamedInRules(idle.id) {
            try remove(idle.id, in: idle.account, because: reason)
            return true
        }
        token.isEnabled = false
        token.updatedAt = now
        try transaction.update(token)
        let ended = try transaction.endTokens(of: idle.id)
        record(
            AuditEvent(
                .update, AuditedResource(.serviceToken, idle.id.uuid), account: idle.account, description: reason,
                response: EndedSessions(tokens: ended).document))
        return true
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
