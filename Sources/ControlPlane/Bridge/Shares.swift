package import Domain
package import Primitives
package import Store

/// A share as a caller describes it.
package struct ShareDraft: Sendable {
    package struct Resource: Sendable {
        package let type: String
        package let id: GrantID
        package let account: AccountID
        package let meta: JSONText

        package init(type: String, id: GrantID, account: AccountID, meta: JSONText) {
            self.type = type
            self.id = id
            self.account = account
            self.meta = meta
        }
    }

    package let name: String
    package let resources: [Resource]
    /// `nil` stands for the organization of the source account.
    package let recipients: [ShareTarget?]

    package init(name: String, resources: [Resource], recipients: [ShareTarget?]) {
        self.name = name
        self.resources = resources
        self.recipients = recipients
    }
}

extension Act {
    package func createShare(_ draft: ShareDraft, in account: AccountID) throws(Failure) -> ShareID {
        let id = ShareID(at: now)
        try transaction.insert(
            Share(
                id: id, account: account, accountName: "", organization: nil, name: draft.name,
                reachesOrganization: false, createdAt: now, updatedAt: now, version: 1))
        for (index, resource) in draft.resources.enumerated() {
            try insert(resource, into: id, of: account, at: "/resources/\(index)")
        }
        for (index, target) in draft.recipients.enumerated() {
            try insert(target, into: id, of: account, at: "/recipients/\(index)")
        }
        record(AuditEvent(.create, AuditedResource(.share, id.hex), account: account))
        try reconcile(.share(id))
        return id
    }

    package func renameShare(_ id: ShareID, to name: String, in account: AccountID) throws(Failure) {
        let share = try ownShare(id, account)
        try check(version: share.version)
        try transaction.rename(id, to: name, at: now)
        record(AuditEvent(.update, AuditedResource(.share, id.hex), account: account))
    }

    /// Ends the share for all its recipients.
    package func deleteShare(_ id: ShareID, in account: AccountID) throws(Failure) {
        let share = try ownShare(id, account)
        try check(version: share.version)
        try refuseWhilePrimary(id)
        let grants = try transaction.grantsIn(id)
        try transaction.deleteShare(id)
        record(AuditEvent(.delete, AuditedResource(.share, id.hex), account: account))
        for grant in grants { try reconcile(.grant(grant)) }
    }

    package func addRecipient(
        _ target: ShareTarget?, to id: ShareID, in account: AccountID
    ) throws(Failure) -> ShareRecipientID {
        _ = try ownShare(id, account)
        let recipient = try insert(target, into: id, of: account, at: "")
        try transaction.touch(id, at: now)
        record(AuditEvent(.create, AuditedResource(.shareRecipient, recipient.hex), account: account))
        try reconcile(.share(id))
        return recipient
    }

    package func removeRecipient(
        _ recipient: ShareRecipientID, from id: ShareID, in account: AccountID
    ) throws(Failure) -> ShareAssociation? {
        _ = try ownShare(id, account)
        let association = try transaction.association(recipient, of: id)
        let target: ShareRecipientID
        if try transaction.recipient(recipient, of: id) != nil {
            target = recipient
        } else if let association {
            guard association.organization == nil else {
                throw .refused(
                    .shareConflict,
                    "the account is reached through organization recipient \(association.recipient.hex): remove that one"
                )
            }
            target = association.recipient
        } else {
            throw .refused(.accessNotFound, "recipient not found")
        }
        guard try !transaction.isPrimaryRecipient(target) else {
            throw .refused(
                .bridgeIsPrimary,
                "this recipient carries an organization's primary identity provider: end the designation first")
        }
        try transaction.moveAssociationsAway(from: target)
        try transaction.deleteRecipient(target)
        try transaction.touch(id, at: now)
        record(AuditEvent(.delete, AuditedResource(.shareRecipient, target.hex), account: account))
        try reconcile(.share(id))
        return association
    }

    package func addResource(
        _ resource: ShareDraft.Resource, to id: ShareID, in account: AccountID
    ) throws(Failure) -> ShareResourceID {
        _ = try ownShare(id, account)
        let added = try insert(resource, into: id, of: account, at: "")
        try transaction.touch(id, at: now)
        record(AuditEvent(.create, AuditedResource(.shareResource, added.hex), account: account))
        try reconcile(.grant(resource.id))
        return added
    }

    package func updateResource(
        _ resource: ShareResourceID, meta: JSONText, in id: ShareID, of account: AccountID
    ) throws(Failure) {
        _ = try ownShare(id, account)
        guard try transaction.resource(resource, of: id) != nil else {
            throw .refused(.accessNotFound, "share resource not found")
        }
        try transaction.update(resource, meta: meta, at: now)
        record(AuditEvent(.update, AuditedResource(.shareResource, resource.hex), account: account))
    }

    package func removeResource(_ resource: ShareResourceID, from id: ShareID, in account: AccountID) throws(Failure) {
        _ = try ownShare(id, account)
        guard let found = try transaction.resource(resource, of: id) else {
            throw .refused(.accessNotFound, "share resource not found")
        }
        if try transaction.isPrimary(found.grant) { try refuseWhilePrimary(id) }
        try transaction.deleteResource(resource)
        try transaction.touch(id, at: now)
        record(AuditEvent(.delete, AuditedResource(.shareResource, resource.hex), account: account))
        try reconcile(.grant(found.grant))
    }

    private func ownShare(_ id: ShareID, _ account: AccountID) throws(Failure) -> Share {
        guard let share = try transaction.share(id, of: account) else {
            throw .refused(.accessNotFound, "share not found")
        }
        return share
    }

    private func refuseWhilePrimary(_ id: ShareID) throws(Failure) {
        guard try !transaction.isPrimaryShare(id) else {
            throw .refused(
                .bridgeIsPrimary,
                "this share carries an organization's primary identity provider: end the designation first")
        }
    }

    @discardableResult
    private func insert(
        _ resource: ShareDraft.Resource, into share: ShareID, of account: AccountID, at pointer: String
    ) throws(Failure) -> ShareResourceID {
        guard resource.type == Share.grantType else {
            throw .refused(
                .shareInvalid, "resource type \(resource.type) has no effect here: use \(Share.grantType)",
                at: pointer + "/resource_type")
        }
        guard resource.account == account, try transaction.grant(resource.id, in: account) != nil else {
            throw .refused(.accessNotFound, "grant not found in this account", at: pointer + "/resource_id")
        }
        guard try transaction.shareHolding(resource.id) == nil else {
            throw .refused(.shareConflict, "the grant is in a share already", at: pointer + "/resource_id")
        }
        let id = ShareResourceID(at: now)
        try transaction.insert(
            ShareResource(
                id: id, share: share, grant: resource.id, account: account, resourceVersion: 1, meta: resource.meta,
                isActive: true, createdAt: now, updatedAt: now))
        return id
    }

    @discardableResult
    private func insert(
        _ named: ShareTarget?, into share: ShareID, of account: AccountID, at pointer: String
    ) throws(Failure) -> ShareRecipientID {
        guard let root = try transaction.root(of: account) else {
            throw .refused(
                .shareOtherOrganization, "the account is in no organization, so it has nobody to share with",
                at: pointer)
        }
        let target: ShareTarget
        if let named {
            target = named
        } else {
            guard let own = try transaction.organization(of: account) else {
                throw .refused(.shareOtherOrganization, "the account is in no organization", at: pointer)
            }
            target = .organization(own)
        }
        let recipientRoot: OrganizationID?
        switch target {
        case .account(let id):
            guard id != account else {
                throw .refused(
                    .shareInvalid, "the source account cannot be a recipient", at: pointer + "/recipient_account_id")
            }
            recipientRoot = try transaction.root(of: id)
        case .organization(let id): recipientRoot = try transaction.root(of: id)
        }
        guard recipientRoot == root else {
            throw .refused(
                .shareOtherOrganization, "the recipient is not in the organization of the source account", at: pointer)
        }
        guard try transaction.recipient(for: target, of: share) == nil else {
            throw .refused(.shareConflict, "the recipient is listed already", at: pointer)
        }
        let id = ShareRecipientID(at: now)
        try transaction.insert(recipient: id, target, of: share, at: now)
        return id
    }
}
