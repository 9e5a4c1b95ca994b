import Crypto
package import Domain
package import Primitives
package import Store

/// An identity provider with the SCIM secret that is shown once.
package struct SavedIdentityProvider: Sendable {
    package let provider: IdentityProvider
    package let scimSecret: Secret<String>?
}

extension Act {
    /// The most that one account may hold.
    private static var identityProviderLimit: Int { 100 }

    package func createIdentityProvider(
        _ draft: IdentityProviderDraft, in account: AccountID
    ) throws(Failure) -> SavedIdentityProvider {
        if try enforcement(of: account) != nil {
            throw .refused(
                .bridgeEnforced, "the organization enforces its primary identity provider: no other can be added")
        }
        guard try transaction.identityProviderCount(of: account) < Self.identityProviderLimit else {
            throw .refused(.accessConflict, "an account holds at most \(Self.identityProviderLimit) identity providers")
        }
        if draft.type == .oneTimePIN,
            try transaction.identityProviders(of: account).contains(where: { $0.type == .oneTimePIN })
        {
            throw .refused(.accessConflict, "a onetimepin connection already exists", at: "/type")
        }
        let id = IdentityProviderID(at: now)
        let scimSecret = draft.isSCIMEnabled ? GeneratedSecret.hexadecimal() : nil
        let provider = IdentityProvider(
            id: id, account: account, type: draft.type, name: draft.name, config: draft.config,
            hasSecret: draft.secret != nil, scim: draft.scim, clientID: draft.clientID, issuer: draft.issuer,
            learntIssuer: nil, createdAt: now, updatedAt: now, version: 1)
        try transaction.insert(
            provider, sealedSecret: try seal(draft.secret, for: id), scimSecretDigest: scimSecret?.digest)
        record(AuditEvent(.create, AuditedResource(.identityProvider, id.uuid), account: account))
        return SavedIdentityProvider(provider: provider, scimSecret: scimSecret?.value)
    }

    package func replaceIdentityProvider(
        _ id: IdentityProviderID, with draft: IdentityProviderDraft, in account: AccountID
    ) throws(Failure) -> SavedIdentityProvider {
        var provider = try ownIdentityProvider(id, account)
        try check(provider)
        guard provider.type == draft.type else {
            throw .refused(.accessInvalidRequest, "type cannot change: create another identity provider", at: "/type")
        }
        let hadSCIM = try transaction.hasSCIMSecret(id)
        let scimSecret = draft.isSCIMEnabled && !hadSCIM ? GeneratedSecret.hexadecimal() : nil
        provider.name = draft.name
        provider.config = draft.config
        provider.hasSecret = provider.hasSecret || draft.secret != nil
        provider.scim = draft.scim
        provider.clientID = draft.clientID
        provider.issuer = draft.issuer
        provider.learntIssuer = nil
        provider.updatedAt = now
        try transaction.update(
            provider, sealedSecret: try seal(draft.secret, for: id), scimSecretDigest: scimSecret?.digest)
        provider.version += 1
        record(AuditEvent(.update, AuditedResource(.identityProvider, id.uuid), account: account))
        return SavedIdentityProvider(provider: provider, scimSecret: scimSecret?.value)
    }

    package func deleteIdentityProvider(_ id: IdentityProviderID, in account: AccountID) throws(Failure) {
        let provider = try ownIdentityProvider(id, account)
        try check(provider)
        if let grant = try transaction.grant(of: id) {
            guard try !transaction.isPrimary(grant.id) else {
                throw .refused(
                    .bridgeIsPrimary,
                    "this is the primary identity provider of an organization: designate another first")
            }
            throw .refused(.bridgeIdPHasGrant, "the identity provider is shared: delete grant \(grant.id.uuid) first")
        }
        guard try !transaction.isNamed(id) else {
            throw .refused(
                .accessConflict, "an application or a rule names this identity provider: remove it there first")
        }
        let ended = try transaction.endSessions(through: id)
        try transaction.endGrants(through: id)
        try transaction.deleteIdentityProvider(id)
        record(
            AuditEvent(
                .delete, AuditedResource(.identityProvider, id.uuid), account: account,
                response: EndedSessions(sessions: ended).document))
    }

    private func check(_ provider: IdentityProvider) throws(Failure) {
        try check { () throws(Failure) in
            try AccountLogins(of: provider.account, transaction, settings).tag(of: .own(provider))
        }
    }

    /// - Throws: 12136 for a connection, 12135 for an unknown id.
    private func ownIdentityProvider(_ id: IdentityProviderID, _ account: AccountID) throws(Failure) -> IdentityProvider
    {
        if let provider = try transaction.identityProvider(id, in: account) { return provider }
        guard try transaction.connection(id, in: account) == nil else {
            throw .refused(
                .accessReadOnly, "this is a read-only connection: change the identity provider in its source account")
        }
        throw .refused(.accessNotFound, "identity provider not found")
    }

    private func seal(_ secret: Secret<String>?, for id: IdentityProviderID) throws(Failure) -> [UInt8]? {
        guard let secret else { return nil }
        do throws(CryptoError) {
            return try plane.vault.seal(Array(secret.exposed().utf8), for: SealedIdPSecrets.purpose(of: id))
        } catch { throw .inconsistent("sealing failed: \(error)") }
    }
}
