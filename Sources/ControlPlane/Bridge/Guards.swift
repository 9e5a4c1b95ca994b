package import Domain
import Primitives
package import Store

/// What the bridge has to say before accounts and organizations move or go (contract 30 §4).
extension Act {
    /// Before an account moves to an organization, or out of all with `nil`.
    ///
    /// Within one tree nothing ends by itself. Leaving the tree ends an account's own grants; an account that hosts a
    /// designated primary may not leave.
    package func guardDeparture(of account: AccountID, to organization: OrganizationID?) throws(Failure) {
        let before = try transaction.root(of: account)
        let after = try organization.flatMap { (id) throws(Failure) in try transaction.root(of: id) }
        for host in try transaction.primaryIdPs(hostedBy: account) {
            // The designating organization must still be above the account.
            let chain = try organization.map { (id) throws(Failure) in try transaction.chain(of: id) } ?? []
            guard chain.contains(host) else {
                throw .refused(
                    .bridgeIsPrimary,
                    "the account holds the primary identity provider of an organization: designate another first")
            }
        }
        guard before != after else { return }
        for grant in try transaction.grants(of: account) { try remove(grant) }
    }

    /// Before an account is deleted.
    package func guardDeletion(of account: AccountID) throws(Failure) {
        guard try !transaction.hostsPrimary(account) else {
            throw .refused(
                .bridgeIsPrimary,
                "the account holds the primary identity provider of an organization: designate another first")
        }
        guard try transaction.grants(of: account).isEmpty else {
            throw .refused(.accountInUse, "the account shares an identity provider: delete its grants first")
        }
        var effects = BridgeEffects()
        for connection in try transaction.connections(of: account) { try end(connection.id, of: account, &effects) }
        effects.otherSessions = try transaction.endSessions(in: account)
        note(effects)
    }

    /// Before an organization is deleted: it is empty by then, so only its own designation is left.
    package func guardDeletion(of organization: OrganizationID) throws(Failure) {
        try transaction.deletePrimary(of: organization)
    }

    /// Before an organization moves below another one. Roots cannot change for designations inside the moved part, and a
    /// designation above it must not lose its host.
    package func guardMove(of organization: OrganizationID, to parent: OrganizationID) throws(Failure) {
        let chain = try transaction.chain(of: parent)
        for host in try transaction.designations(hostedBelow: organization) {
            let isInside = try transaction.chain(of: host).contains(organization)
            guard isInside || chain.contains(host) else {
                throw .refused(
                    .bridgeIsPrimary,
                    "an account below holds the primary identity provider of an organization that it would leave")
            }
        }
    }

    /// Ends a grant with everything that hangs on it.
    func remove(_ grant: FederationGrant) throws(Failure) {
        var effects = BridgeEffects()
        for (pair, id) in try transaction.existingConnections(in: .grant(grant.id)).sorted(by: { $0.value < $1.value })
        {
            try end(id, of: pair.account, &effects)
        }
        try transaction.deleteGrant(grant.id, at: now)
        note(effects)
        record(AuditEvent(.delete, AuditedResource(.federationGrant, grant.id.uuid), account: grant.account))
    }
}
