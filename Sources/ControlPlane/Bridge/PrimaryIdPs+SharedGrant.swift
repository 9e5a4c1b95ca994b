import Domain
import Primitives
import Store

/// A designation that replaces another while both grants sit in one share.
extension Act {
    /// Stops sharing a grant with one recipient of a share that holds other grants, which stay as they are.
    ///
    /// A recipient gets every resource of its share, so the grant moves: to a share of its own with the other recipients,
    /// or out of every share where there are none.
    ///
    /// - Returns: the share it moved to. Connections and associations are still to be reconciled.
    func take(
        _ grant: GrantID, outOf id: ShareID, of account: AccountID, leaving recipient: ShareRecipientID
    ) throws(Failure) -> ShareID? {
        guard let share = try transaction.share(id, of: account),
            let resource = try transaction.resources(of: id).first(where: { $0.grant == grant && $0.isActive })
        else { return nil }
        try transaction.touch(id, at: now)
        let others = try transaction.recipients(of: id).filter { $0.id != recipient }
        guard !others.isEmpty else {
            try transaction.deleteResource(resource.id)
            record(event(.delete, AuditedResource(.shareResource, resource.id.hex), of: account))
            return nil
        }
        let own = ShareID(at: now)
        try transaction.insert(
            Share(
                id: own, account: account, accountName: "", organization: nil, name: share.name,
                reachesOrganization: false, createdAt: now, updatedAt: now, version: 1))
        record(event(.create, AuditedResource(.share, own.hex), of: account))
        try transaction.move(resource.id, to: own, at: now)
        record(event(.update, AuditedResource(.shareResource, resource.id.hex), of: account))
        for other in others {
            let copy = ShareRecipientID(at: now)
            try transaction.insert(recipient: copy, other.target, of: own, at: now)
            // Another organization may have designated the same identity provider through this recipient.
            try transaction.moveDesignation(of: grant, from: other.id, to: copy, of: own, at: now)
        }
        return own
    }

    private func event(_ action: AuditEvent.Action, _ resource: AuditedResource, of account: AccountID) -> AuditEvent {
        AuditEvent(action, resource, account: account, request: .emptyObject, response: .emptyObject)
    }
}
