package import Domain
import Primitives
import SQLite

/// Where accounts, organizations and designations stand to each other.
extension Reading {
    package func organization(of account: AccountID) throws(Failure) -> OrganizationID? {
        try value("SELECT organization_id FROM accounts WHERE id = ?", account) { (row) throws(SQLiteError) in
            try row.optionalIdentifier(0) as OrganizationID?
        } ?? nil
    }

    /// The root of the tree that the account is in, or `nil` outside of all.
    package func root(of account: AccountID) throws(Failure) -> OrganizationID? {
        try value(
            "SELECT o.root_id FROM accounts a JOIN organizations o ON o.id = a.organization_id WHERE a.id = ?", account
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }

    package func root(of organization: OrganizationID) throws(Failure) -> OrganizationID? {
        try value("SELECT root_id FROM organizations WHERE id = ?", organization) { (row) throws(SQLiteError) in
            try row.identifier(0)
        }
    }

    /// The organizations that designated an identity provider of an account below `organization`.
    package func designations(hostedBelow organization: OrganizationID) throws(Failure) -> [OrganizationID] {
        try values(
            """
            SELECT p.organization_id FROM primary_idps p JOIN accounts a ON a.id = p.account_id
              JOIN organization_ancestors x ON x.organization_id = a.organization_id WHERE x.ancestor_id = ?
            """, organization
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }

    package func isPrimaryShare(_ share: ShareID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM primary_idps WHERE share_id = ? LIMIT 1", share)
    }

    package func isPrimaryRecipient(_ recipient: ShareRecipientID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM primary_idps WHERE recipient_id = ? LIMIT 1", recipient)
    }

    /// A share left over from an earlier designation of this account, whose grant has gone.
    package func emptyPrimaryShare(of account: AccountID) throws(Failure) -> ShareID? {
        try value(
            """
            SELECT s.id FROM shares s WHERE s.account_id = ? AND s.name = ?
               AND NOT EXISTS (SELECT 1 FROM share_resources r WHERE r.share_id = s.id AND r.status = 'active')
             ORDER BY s.id LIMIT 1
            """, account, PrimaryIdP.shareName
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }
}

extension WriteTransaction {
    /// Before a recipient goes: associations that another recipient of the share can carry are handed to it, so that they
    /// keep their identity; the rest go with it.
    package func moveAssociationsAway(from recipient: ShareRecipientID) throws(Failure) {
        try execute(
            """
            UPDATE share_associations AS x SET recipient_id = (
                SELECT r.id FROM share_recipients r JOIN accounts a ON a.id = x.account_id
                 WHERE r.share_id = x.share_id AND r.id <> x.recipient_id
                   AND (r.account_id = a.id OR r.organization_id IN (
                        SELECT t.ancestor_id FROM organization_ancestors t WHERE t.organization_id = a.organization_id))
                 ORDER BY r.account_id IS NULL, r.id LIMIT 1)
             WHERE x.recipient_id = ?1 AND EXISTS (
                SELECT 1 FROM share_recipients r JOIN accounts a ON a.id = x.account_id
                 WHERE r.share_id = x.share_id AND r.id <> x.recipient_id
                   AND (r.account_id = a.id OR r.organization_id IN (
                        SELECT t.ancestor_id FROM organization_ancestors t WHERE t.organization_id = a.organization_id)))
            """, recipient)
    }
}
