import Crypto
package import Domain
package import Primitives
package import Store

/// Applications that an account may have (contract 10 §13).
private let maxApplications = 1000

/// An application as a write leaves it, with its policies and the secret that is shown once.
package struct SavedApplication: Sendable {
    package let application: Application
    package let policies: [AttachedPolicy]
    package let secret: Secret<String>?
}

extension Act {
    package func createApplication(
        _ draft: ApplicationDraft, as chosen: ApplicationID? = nil, in account: AccountID
    ) throws(Failure) -> SavedApplication {
        if let chosen, try transaction.hasApplication(chosen) {
            throw .refused(.accessConflict, "application already exists")
        }
        guard try transaction.hasRoomForApplication(maxApplications, in: account) else {
            throw .refused(.accessConflict, "the account has \(maxApplications) applications, which is the limit")
        }
        try check(draft, replacing: nil, in: account)
        try checkEntitlement(from: nil, to: draft.document, in: account)
        if draft.type == .appLauncher, try transaction.appLauncher(of: account) != nil {
            throw .refused(.accessConflict, "application already exists: an account has one App Launcher", at: "/type")
        }
        let row = try row(draft, id: chosen ?? ApplicationID(at: now), in: account)
        // A name and no secret: as it begins with the time, new ones share a page of their index.
        let audience = Audience(startingLike: row.id)
        try transaction.insert(row, audience: audience, in: account, at: now)
        try saveParts(of: draft, row.id, in: account, isNew: true)
        let secret = draft.saas?.isOIDC == true ? try issueSaaSClient(for: row.id, keeping: nil) : nil
        record(
            AuditEvent(.create, AuditedResource(.application, row.id.uuid), account: account),
            mayDrift: try mayDrift(draft, in: account))
        // What is as plain as it was sent needs no second look.
        guard draft.policies.isEmpty, draft.tags.isEmpty, draft.saas == nil else {
            return try saved(.id(row.id), secret: secret, in: account)
        }
        let application = Application(
            id: row.id, type: row.type, name: row.name, domain: row.domain, audience: audience, document: row.document,
            saas: nil, tags: .emptyArray, allowedIdPs: draft.allowedIdPs, isAutoRedirecting: row.isAutoRedirecting,
            createdAt: now, updatedAt: now, version: 1)
        return SavedApplication(application: application, policies: [], secret: nil)
    }

    /// Whether a new application can be drift: only by what it names, or by admitting all of several identity providers.
    private func mayDrift(_ draft: ApplicationDraft, in account: AccountID) throws(Failure) -> Bool {
        guard draft.policies.isEmpty, draft.allowedIdPs.isEmpty else { return true }
        return try transaction.facts(of: account)?.hasOtherLogin ?? false
    }

    package func replaceApplication(
        _ key: ApplicationKey, with draft: ApplicationDraft, in account: AccountID
    ) throws(Failure) -> SavedApplication {
        let old = try application(key, in: account)
        try check(version: old.version)
        try check(draft, replacing: old, in: account)
        try checkEntitlement(from: old.document, to: draft.document, in: account)
        try transaction.update(try row(draft, id: old.id, in: account), at: now)
        try saveParts(of: draft, old.id, in: account)
        try endGrantsWithoutOAuth(of: old.id, from: old.document, to: draft.document)
        var secret: Secret<String>?
        if let saas = draft.saas {
            if saas.isOIDC, old.saas?.clientID == nil { secret = try issueSaaSClient(for: old.id, keeping: nil) }
            if !saas.isOIDC { try transaction.removeSaaSClient(of: old.id) }
        }
        record(AuditEvent(.update, AuditedResource(.application, old.id.uuid), account: account))
        return try saved(.id(old.id), secret: secret, in: account)
    }

    package func deleteApplication(_ key: ApplicationKey, in account: AccountID) throws(Failure) -> ApplicationID {
        let application = try application(key, in: account)
        try check(version: application.version)
        guard try !transaction.isNamedInRules(application.id) else {
            throw .refused(.accessConflict, "a policy or group names this application: remove it there first")
        }
        try transaction.deleteApplication(application.id)
        record(AuditEvent(.delete, AuditedResource(.application, application.id.uuid), account: account))
        return application.id
    }

    /// Issues a new client secret of an OIDC SaaS application; the old one ends at once.
    package func rotateClientSecret(of key: ApplicationKey, in account: AccountID) throws(Failure) -> SavedApplication {
        let application = try application(key, in: account)
        try check(version: application.version)
        guard let clientID = application.saas?.clientID else {
            throw .refused(.accessInvalidRequest, "only OIDC SaaS applications have a client secret", at: "")
        }
        let secret = try issueSaaSClient(for: application.id, keeping: clientID)
        try transaction.touch(application.id, at: now)
        record(
            AuditEvent(
                .update, AuditedResource(.application, application.id.uuid), account: account,
                description: "rotate client secret"))
        return try saved(.id(application.id), secret: secret, in: account)
    }

    /// Stores another document of an application, one in which a few settings differ.
    package func setDocument(
        _ document: JSONText, of application: Application, in account: AccountID
    ) throws(Failure) -> Int {
        try check(version: application.version)
        try checkEntitlement(from: application.document, to: document, in: account)
        try transaction.setDocument(document, of: application.id, at: now)
        try endGrantsWithoutOAuth(of: application.id, from: application.document, to: document)
        record(
            AuditEvent(
                .update, AuditedResource(.application, application.id.uuid), account: account, description: "settings"))
        return application.version + 1
    }

    /// Managed OAuth is switched on where the account's plan has it. Where it is on already it stays: what people have allowed
    /// is not ended by a plan (contract 60 §8).
    private func checkEntitlement(from old: JSONText?, to new: JSONText, in account: AccountID) throws(Failure) {
        guard new.hasManagedOAuth, old?.hasManagedOAuth != true else { return }
        guard try transaction.hasFeature(.managedOAuth, in: account) else {
            throw .refused(
                .entitlementExceeded, "the account's plan does not have access.managed_oauth",
                at: "/oauth_configuration/enabled")
        }
    }

    /// Programs stay out for good when managed OAuth is switched off: to switch it on again brings none of them back.
    private func endGrantsWithoutOAuth(
        of application: ApplicationID, from old: JSONText, to new: JSONText
    ) throws(Failure) {
        guard old.hasManagedOAuth, !new.hasManagedOAuth else { return }
        try transaction.endGrants(of: application)
    }

    package func application(_ key: ApplicationKey, in account: AccountID) throws(Failure) -> Application {
        guard let application = try transaction.application(key, in: account) else {
            throw .refused(.accessNotFound, "application not found")
        }
        return application
    }

    private func saved(
        _ key: ApplicationKey, secret: Secret<String>?, in account: AccountID
    ) throws(Failure) -> SavedApplication {
        let application = try application(key, in: account)
        return SavedApplication(
            application: application, policies: try transaction.policies(of: application.id), secret: secret)
    }
}

extension Act {
    private func row(
        _ draft: ApplicationDraft, id: ApplicationID, in account: AccountID
    ) throws(Failure) -> ApplicationRow {
        var (name, domain) = (draft.name, draft.domain)
        if draft.type == .appLauncher {
            guard let organization = try transaction.zeroTrustOrganization(of: account) else {
                throw .refused(.zeroTrustNotEnabled)
            }
            domain = "\(organization.team).\(settings.accessDomain)"
            name = name ?? "App Launcher"
        }
        return ApplicationRow(
            id: id, type: draft.type, name: name ?? domain ?? "", domain: domain, document: draft.document,
            isAutoRedirecting: draft.isAutoRedirecting, saasDocument: draft.saas?.document)
    }

    private func saveParts(
        of draft: ApplicationDraft, _ id: ApplicationID, in account: AccountID, isNew: Bool = false
    ) throws(Failure) {
        try transaction.setDestinations(draft.destinations, of: id, isNew: isNew)
        try transaction.setAllowedIdPs(draft.allowedIdPs, of: id, isNew: isNew)
        try transaction.setTags(draft.tags, of: id, in: account, isNew: isNew)
        if isNew, draft.policies.isEmpty { return }
        try savePolicies(draft.policies, of: id, in: account)
    }

    /// Looks up everything that a draft names, and refuses all that is wrong at once; conflicts come after.
    private func check(
        _ draft: ApplicationDraft, replacing old: Application?, in account: AccountID
    ) throws(Failure) {
        var problems: [Problem] = []
        for tag in draft.tags where try !transaction.hasTag(tag, in: account) {
            problems.append(
                Problem(
                    .accessInvalidRequest,
                    "tags contain a tag that does not exist, tags must be created before assigning to an application",
                    at: "/tags"))
            break
        }
        for (position, idp) in draft.allowedIdPs.enumerated() {
            // What the application names already may stay after it has ended: dropping it could admit everyone.
            if old?.allowedIdPs.contains(idp) == true { continue }
            if try transaction.hasIdentityProvider(idp, in: account) { continue }
            problems.append(
                Problem(.accessInvalidRequest, "the identity provider does not exist", at: "/allowed_idps/\(position)"))
        }
        for (position, page) in draft.customPages.enumerated()
        where try transaction.customPage(page, in: account) == nil {
            problems.append(
                Problem(.accessInvalidRequest, "the custom page does not exist", at: "/custom_pages/\(position)"))
        }
        try refuse(problems)
        try enforcement(of: account)?.check(allowedIdPs: draft.allowedIdPs, at: "/allowed_idps")
        for destination in draft.destinations {
            guard let owner = try transaction.owner(of: destination), owner != old?.id else { continue }
            // The name of an application in another account stays unsaid.
            let isOwn = try transaction.application(.id(owner), in: account) != nil
            throw .refused(
                .accessConflict, isOwn ? "application already exists" : "destination belongs to another application",
                at: "/destinations")
        }
    }

    private func issueSaaSClient(
        for id: ApplicationID, keeping clientID: SaaSClientID?
    ) throws(Failure) -> Secret<String> {
        let secret = GeneratedSecret.hexadecimal()
        guard let fresh = SaaSClientID(bytes: RandomBytes.generate(32)) else { throw .inconsistent("no random bytes") }
        try transaction.setSaaSClient(clientID ?? fresh, secretDigest: secret.digest, of: id)
        return secret.value
    }
}
