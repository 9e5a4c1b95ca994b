package import Domain
import Primitives
package import Store

/// How an account is connected to the primary IdP that governs it.
package struct BridgeState: Sendable {
    package let governed: GovernedAccount
    package let identityProvider: IdentityProvider
    /// The team of the account, for its login page.
    package let team: String?
    package let wasBridged: Bool
}

extension Reading {
    /// - Throws: 21100 outside an organization, 21106 where no primary is designated.
    package func bridgeState(of account: AccountID, wasBridged: Bool) throws(Failure) -> BridgeState {
        guard let governed = try governed(account) else {
            guard try organization(of: account) != nil else {
                throw .refused(.bridgeNoOrganization, "the account is in no organization: move it into one first")
            }
            throw .refused(.bridgeNoPrimary, "no organization above the account has a primary identity provider")
        }
        guard let provider = try identityProvider(governed.sourceIdentityProvider, in: governed.sourceAccount) else {
            throw .inconsistent("a designation names an identity provider that is gone")
        }
        return BridgeState(
            governed: governed, identityProvider: provider, team: try team(of: account), wasBridged: wasBridged)
    }
}

extension Act {
    /// Connects one account to the governing primary, idempotently, with the right of that account alone.
    ///
    /// - Parameter draft: makes the Zero Trust organization of an account that has none yet.
    package func bridge(
        _ account: AccountID, asOnlyLogin isOnlyLogin: Bool,
        zeroTrust draft: (_ name: String, _ team: String) throws(Failure) -> ZeroTrustOrganizationDraft
    ) throws(Failure) -> BridgeState {
        let before = try transaction.bridgeState(of: account, wasBridged: true)
        if !before.governed.hasZeroTrust {
            try createZeroTrustOrganization(forAccount: account, named: before.governed.name, draft)
        }
        var changes = !before.governed.hasZeroTrust
        if before.governed.status != .source, before.governed.connection == nil {
            guard let primary = try transaction.primaryIdP(of: before.governed.organization) else {
                throw .inconsistent("an account is governed by a designation that is gone")
            }
            if try transaction.recipient(for: .account(account), of: primary.share) == nil {
                try transaction.insert(
                    recipient: ShareRecipientID(at: now), .account(account), of: primary.share, at: now)
                try transaction.touch(primary.share, at: now)
            }
            try reconcile(.accounts([account]))
            changes = true
        }
        let after = try transaction.bridgeState(of: account, wasBridged: before.governed.connection != nil)
        guard after.governed.status == .source || after.governed.connection != nil else {
            throw .inconsistent("the one-click bridge left the account without a connection")
        }
        if isOnlyLogin, let allowed = after.governed.allowed {
            changes = try setOnlyLogin(allowed, of: account) || changes
        }
        if changes {
            record(AuditEvent(.create, AuditedResource(.bridge, account.hex), account: account))
        }
        return after
    }

    /// Ends the account's connection to the governing primary.
    package func unbridge(_ account: AccountID) throws(Failure) {
        let state = try transaction.bridgeState(of: account, wasBridged: true)
        guard state.governed.status != .source else {
            throw .refused(.bridgeIsPrimary, "the account is the source of the primary identity provider")
        }
        guard !state.governed.isEnforced else {
            throw Failure(
                Refusal(
                    Problem(.bridgeEnforced, "the organization enforces its primary identity provider"), status: 409))
        }
        guard state.governed.connection != nil,
            let primary = try transaction.primaryIdP(of: state.governed.organization)
        else { throw .refused(.accessNotFound, "the account is not bridged") }
        if let own = try transaction.recipient(for: .account(account), of: primary.share) {
            try transaction.moveAssociationsAway(from: own)
            try transaction.deleteRecipient(own)
        }
        try transaction.exempt(account, from: primary.organization, at: now)
        try reconcile(.accounts([account]))
        guard try transaction.governed(account)?.connection == nil else {
            throw .refused(
                .accessConflict, "the account is still reached through another recipient of share \(primary.share.hex)")
        }
        record(AuditEvent(.delete, AuditedResource(.bridge, account.hex), account: account))
    }
}
