import Crypto
package import Domain
package import Primitives
package import Store

/// A token with the value that is shown once.
package struct IssuedAPIToken: Sendable {
    package let token: APIToken
    package let value: Secret<String>
}

extension Act {
    /// Creates a token and its value.
    package func createAPIToken(_ draft: APITokenDraft, of owner: APIToken.Owner) throws(Failure) -> IssuedAPIToken {
        let grants = try checkedGrants(of: draft, owner)
        let value = GeneratedSecret.apiToken(of: owner)
        let token = APIToken(
            id: APITokenID(at: now), name: draft.name, status: .active, policies: draft.policyDocument,
            condition: draft.condition, creatorEmail: principal.email, notBefore: draft.notBefore,
            expiresAt: draft.expiresAt, lastUsedAt: nil, createdAt: now, updatedAt: now, version: 1)
        try transaction.insert(token, of: owner, creator: principal.user, digest: value.digest)
        try transaction.grant(grants, to: token.id)
        try transaction.admit(allowed: draft.allowedAddresses, denied: draft.deniedAddresses, to: token.id)
        transaction.touches(.credentials)
        record(AuditEvent(.create, AuditedResource(.apiToken, token.id.hex), account: owner.account))
        return IssuedAPIToken(token: token, value: value.value)
    }

    package func replaceAPIToken(
        _ id: APITokenID, of owner: APIToken.Owner, with draft: APITokenDraft
    ) throws(Failure) -> APIToken {
        var token = try checkedToken(id, of: owner)
        let grants = try checkedGrants(of: draft, owner)
        token.name = draft.name
        token.status = draft.status
        token.policies = draft.policyDocument
        token.condition = draft.condition
        token.notBefore = draft.notBefore
        token.expiresAt = draft.expiresAt
        token.updatedAt = now
        try transaction.update(token)
        token.version += 1
        try transaction.grant(grants, to: id)
        try transaction.admit(allowed: draft.allowedAddresses, denied: draft.deniedAddresses, to: id)
        transaction.touches(.credentials)
        record(AuditEvent(.update, AuditedResource(.apiToken, id.hex), account: owner.account))
        return token
    }

    /// Issues another value; the old one is worth nothing from the commit on.
    ///
    /// Who learns the value holds the token's rights, so the rule against escalation applies as for a new one.
    package func rollAPIToken(_ id: APITokenID, of owner: APIToken.Owner) throws(Failure) -> IssuedAPIToken {
        var token = try checkedToken(id, of: owner)
        let grants = try transaction.grants(ofToken: id)
        let denied = grants.filter { $0.effect == .deny }
        for grant in grants where grant.effect == .allow {
            guard try escalation.holds(grant.permissions.withImplied, on: grant.scope, without: denied) else {
                throw .refused(.tokenEscalation, "the token holds more than the credential that would learn its value")
            }
        }
        let value = GeneratedSecret.apiToken(of: owner)
        try transaction.replaceValue(of: id, with: value.digest, at: now)
        token.updatedAt = now
        token.version += 1
        transaction.touches(.credentials)
        record(
            AuditEvent(.update, AuditedResource(.apiToken, id.hex), account: owner.account, description: "roll"))
        return IssuedAPIToken(token: token, value: value.value)
    }

    package func deleteAPIToken(_ id: APITokenID, of owner: APIToken.Owner) throws(Failure) {
        _ = try checkedToken(id, of: owner)
        try transaction.deleteAPIToken(id)
        transaction.touches(.credentials)
        record(AuditEvent(.delete, AuditedResource(.apiToken, id.hex), account: owner.account))
    }

    private func checkedToken(_ id: APITokenID, of owner: APIToken.Owner) throws(Failure) -> APIToken {
        guard let token = try transaction.apiToken(id, of: owner) else {
            throw .refused(owner.missing, "API token not found")
        }
        try check(version: token.version)
        return token
    }
}

extension APIToken.Owner {
    package var account: AccountID? { if case .account(let id) = self { id } else { nil } }

    /// What an unknown token of this owner is answered with.
    package var missing: ErrorCode { .accountNotFound }
}

extension GeneratedSecret {
    fileprivate static func apiToken(of owner: APIToken.Owner) -> GeneratedSecret {
        apiToken(ofAccount: owner.account != nil)
    }
}
