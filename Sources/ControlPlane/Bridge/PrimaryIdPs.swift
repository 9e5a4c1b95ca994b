package import Domain
import Primitives
package import Store

/// A designation with the numbers that its answer shows.
package struct DesignatedPrimary: Sendable {
    package let primary: PrimaryIdP
    package let bridgeApplication: BridgeApplicationID?
    package let accountsTotal: Int
    package let accountsBridged: Int
}

/// A partial change of a designation.
package struct PrimaryIdPChange: Sendable {
    package let mode: PrimaryMode?
    package let exempt: [AccountID]?
    package let breakGlass: [String]?

    package init(mode: PrimaryMode?, exempt: [AccountID]?, breakGlass: [String]?) {
        self.mode = mode
        self.exempt = exempt
        self.breakGlass = breakGlass
    }
}

extension Reading {
    package func designatedPrimary(of organization: OrganizationID) throws(Failure) -> DesignatedPrimary {
        guard let primary = try primaryIdP(of: organization) else {
            throw .refused(.organizationNotFound, "no primary IdP")
        }
        let counts = try bridgeCounts(of: organization)
        return DesignatedPrimary(
            primary: primary, bridgeApplication: try bridgeApplication(of: primary.grant), accountsTotal: counts.total,
            accountsBridged: counts.bridged)
    }
}

/// One call that makes an identity provider the primary of an organization (contract 30 §6).
extension Act {
    /// Grant, share, recipient, connections and designation in one transaction; doing it again changes nothing.
    ///
    /// - Parameter isForced: skips the check that an administrator came in through the primary lately.
    package func designatePrimary(
        _ draft: PrimaryIdPDraft, for organization: OrganizationID, isForced: Bool
    ) throws(Failure) -> DesignatedPrimary {
        try checkDraft(draft, for: organization)
        let previous = try transaction.primaryIdP(of: organization)
        if draft.mode == .enforce, previous?.mode != .enforce || previous?.identityProvider != draft.identityProvider {
            try checkEnforceable(draft.identityProvider, for: organization, isForced: isForced)
        }
        let grant: FederationGrant =
            if let known = try transaction.grant(of: draft.identityProvider) { known } else {
                try createGrant(for: draft.identityProvider, in: draft.account)
            }
        let (share, recipient) = try primaryShare(of: grant, for: organization)
        let primary = PrimaryIdP(
            organization: organization, account: draft.account, identityProvider: draft.identityProvider,
            grant: grant.id, share: share, recipient: recipient, mode: draft.mode,
            exempt: Set(draft.exempt).sorted(), breakGlass: draft.breakGlass, createdAt: previous?.createdAt ?? now,
            updatedAt: now, version: 1)
        let forgotten = try transaction.forgetDepartedExemptions(of: organization)
        guard forgotten > 0 || previous.map({ !$0.isSame(as: primary) }) ?? true else {
            return try transaction.designatedPrimary(of: organization)
        }
        try transaction.store(primary)
        var splitOff: ShareID?
        if let previous, !draft.keepsPrevious {
            if previous.recipient != recipient {
                try transaction.moveAssociationsAway(from: previous.recipient)
                try transaction.deleteRecipient(previous.recipient)
            } else if previous.grant != grant.id {
                splitOff = try take(previous.grant, outOf: share, of: primary.account, leaving: recipient)
            }
        }
        // Creates what the new designation demands before it ends what the old one left: no account is without a primary
        // in between.
        try reconcile(.tree(organization))
        // Both shares may have other recipients, who may be elsewhere: a share that was there already now holds this grant
        // for them too.
        try reconcile(.share(share))
        if let splitOff { try reconcile(.share(splitOff)) }
        record(
            AuditEvent(
                previous == nil ? .create : .update, AuditedResource(.primaryIdP, organization.hex),
                account: draft.account, organization: organization))
        return try transaction.designatedPrimary(of: organization)
    }

    package func changePrimary(
        of organization: OrganizationID, _ change: PrimaryIdPChange, isForced: Bool
    ) throws(Failure) -> DesignatedPrimary {
        guard var primary = try transaction.primaryIdP(of: organization) else {
            throw .refused(.organizationNotFound, "no primary IdP")
        }
        try check(version: primary.version)
        let before = primary
        var forgotten = 0
        if let exempt = change.exempt {
            try checkExempt(exempt, of: organization)
            primary.exempt = Set(exempt).sorted()
            forgotten = try transaction.forgetDepartedExemptions(of: organization)
        }
        if let breakGlass = change.breakGlass { primary.breakGlass = breakGlass }
        if let mode = change.mode, mode != primary.mode {
            if mode == .enforce {
                try checkEnforceable(primary.identityProvider, for: organization, isForced: isForced)
            }
            primary.mode = mode
        }
        guard forgotten > 0 || !before.isSame(as: primary) else {
            return try transaction.designatedPrimary(of: organization)
        }
        primary.updatedAt = now
        try transaction.store(primary)
        if before.exempt != primary.exempt { try reconcile(.tree(organization)) }
        notesDrift(below: organization)
        record(
            AuditEvent(
                .update, AuditedResource(.primaryIdP, organization.hex), account: primary.account,
                organization: organization))
        return try transaction.designatedPrimary(of: organization)
    }

    /// Ends the designation. The grant stays unless asked for otherwise.
    package func endPrimary(of organization: OrganizationID, deletingGrant: Bool) throws(Failure) {
        guard let primary = try transaction.primaryIdP(of: organization) else {
            throw .refused(.organizationNotFound, "no primary IdP")
        }
        try check(version: primary.version)
        try transaction.deletePrimary(of: organization)
        try transaction.moveAssociationsAway(from: primary.recipient)
        try transaction.deleteRecipient(primary.recipient)
        record(
            AuditEvent(
                .delete, AuditedResource(.primaryIdP, organization.hex), account: primary.account,
                organization: organization))
        try reconcile(.share(primary.share))
        if deletingGrant {
            guard try !transaction.isPrimary(primary.grant) else {
                throw .refused(.bridgeIsPrimary, "another organization designates the same identity provider")
            }
            if let grant = try transaction.grant(primary.grant, in: primary.account) { try remove(grant) }
        }
        notesDrift(below: organization)
    }

    private func checkDraft(_ draft: PrimaryIdPDraft, for organization: OrganizationID) throws(Failure) {
        guard let home = try transaction.organization(of: draft.account),
            try transaction.chain(of: home).contains(organization)
        else { throw .refused(.accountNotFound, "account not found in this organization", at: "/account_id") }
        guard let provider = try transaction.identityProvider(draft.identityProvider, in: draft.account) else {
            if try transaction.hasIdentityProvider(draft.identityProvider, in: draft.account) {
                throw .refused(
                    .bridgeNotFederable, "a connection cannot be the primary: bridges do not chain", at: "/idp_id")
            }
            throw .refused(.accessNotFound, "identity provider not found in the account", at: "/idp_id")
        }
        guard provider.type.isFederable, provider.type.canLogIn else {
            throw .refused(
                .bridgeNotFederable, "type \(provider.type.rawValue) cannot be shared with people who sign in",
                at: "/idp_id")
        }
        try checkExempt(draft.exempt, of: organization)
    }

    private func checkExempt(_ accounts: [AccountID], of organization: OrganizationID) throws(Failure) {
        var problems: [Problem] = []
        for (index, account) in accounts.enumerated() {
            let home = try transaction.organization(of: account)
            let chain = try home.map { (id) throws(Failure) in try transaction.chain(of: id) } ?? []
            if !chain.contains(organization) {
                problems.append(
                    Problem(
                        .organizationInvalid, "the account is not in this organization",
                        at: "/exempt_account_ids/\(index)"))
            }
        }
        guard problems.isEmpty else { throw .refused(Refusal(problems)) }
    }

    /// Enforcing must leave the administrators a way in: one of them came in through the primary within 30 days.
    private func checkEnforceable(
        _ provider: IdentityProviderID, for organization: OrganizationID, isForced: Bool
    ) throws(Failure) {
        guard !isForced else { return }
        let since = now - .seconds(30 * 86_400)
        guard try transaction.administratorCameIn(through: provider, to: organization, since: since) else {
            throw .refused(
                .bridgeEnforced,
                "no administrator of the organization came in through this identity provider within 30 days: sign in with it once, or repeat with ?force=true",
                at: "/mode")
        }
    }

    /// The share that carries the designation: the one that holds the grant, or a new one, with the organization among its
    /// recipients.
    private func primaryShare(
        of grant: FederationGrant, for organization: OrganizationID
    ) throws(Failure) -> (ShareID, ShareRecipientID) {
        let share: ShareID
        if let holding = try transaction.shareHolding(grant.id) {
            share = holding
        } else if let named = try transaction.emptyPrimaryShare(of: grant.account) {
            share = named
            try insertPrimaryResource(grant, into: share)
        } else {
            share = ShareID(at: now)
            try transaction.insert(
                Share(
                    id: share, account: grant.account, accountName: "", organization: nil, name: PrimaryIdP.shareName,
                    reachesOrganization: false, createdAt: now, updatedAt: now, version: 1))
            try insertPrimaryResource(grant, into: share)
            record(
                AuditEvent(
                    .create, AuditedResource(.share, share.hex), account: grant.account, request: .emptyObject,
                    response: .emptyObject))
        }
        if let known = try transaction.recipient(for: .organization(organization), of: share) { return (share, known) }
        let recipient = ShareRecipientID(at: now)
        try transaction.insert(recipient: recipient, .organization(organization), of: share, at: now)
        try transaction.touch(share, at: now)
        return (share, recipient)
    }

    private func insertPrimaryResource(_ grant: FederationGrant, into share: ShareID) throws(Failure) {
        try transaction.insert(
            ShareResource(
                id: ShareResourceID(at: now), share: share, grant: grant.id, account: grant.account, resourceVersion: 1,
                meta: .emptyObject, isActive: true, createdAt: now, updatedAt: now))
    }
}

extension PrimaryIdP {
    /// Whether storing `other` instead would change nothing.
    fileprivate func isSame(as other: PrimaryIdP) -> Bool {
        identityProvider == other.identityProvider && account == other.account && grant == other.grant
            && share == other.share && recipient == other.recipient && mode == other.mode && exempt == other.exempt
            && breakGlass == other.breakGlass
    }
}

extension Act {
    /// Designating also takes the right to change identity providers of the source account.
    package func requireIdentityWrite(on account: AccountID) throws(Failure) {
        guard let place = try transaction.place(of: account) else {
            throw .refused(.accountNotFound, "account not found in this organization", at: "/account_id")
        }
        let rights = principal.rights(on: .account(account, within: place.organizations))
        guard rights.contains(.identityWrite) else {
            throw .refused(
                .authenticationError,
                "the credential lacks \"\(PermissionGroup.identityWrite.name)\" on the source account")
        }
    }
}

extension Plane {
    /// Asks an identity provider before it is enforced: one that does not answer would lock everybody out.
    ///
    /// - Throws: 21107 when it cannot serve a login right now.
    package func requireWorking(_ provider: IdentityProviderID, in account: AccountID) async throws(Failure) {
        guard let probe else { return }
        let found = try await store.background { (reader) throws(Failure) in
            try reader.identityProvider(provider, in: account)
        }
        guard let found, let reason = await probe.failure(of: found) else { return }
        throw .refused(.bridgeEnforced, "the identity provider fails its test: \(reason)", at: "/idp_id")
    }
}
