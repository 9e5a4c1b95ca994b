package import Domain
package import Store

/// Whose connections have to follow from a change.
package enum Reconciliation: Sendable {
    case accounts([AccountID])
    case tree(of: OrganizationID)
}

extension Act {
    func reconcile(_ what: Reconciliation) throws(Failure) {}
    func guardDeparture(of account: AccountID, to organization: OrganizationID?) throws(Failure) {}
    func guardDeletion(of account: AccountID) throws(Failure) {}
    func guardDeletion(of organization: OrganizationID) throws(Failure) {}
    func guardMove(of organization: OrganizationID, to parent: OrganizationID?) throws(Failure) {}
}
