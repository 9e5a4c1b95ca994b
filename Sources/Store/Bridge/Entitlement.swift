package import Domain
package import Primitives
import SQLite

/// A connection that must exist, or does: a grant and an account.
package struct ConnectionPair: Sendable, Hashable {
    package let grant: GrantID
    package let account: AccountID

    package init(grant: GrantID, account: AccountID) {
        self.grant = grant
        self.account = account
    }
}

/// An association of a share with an account, as the recipients demand it.
package struct AssociationPair: Sendable, Hashable {
    package let share: ShareID
    package let account: AccountID
    package let recipient: ShareRecipientID
}

/// The part of the world whose connections are worked out anew.
package enum BridgeScope: Sendable, Equatable {
    case accounts([AccountID])
    /// Every account of an organization and of those below it.
    case tree(OrganizationID)
    case grant(GrantID)
    case share(ShareID)
}

/// *entitled(g, a)* of contract 30 §10, as SQL over three tables: what recipients reach, by account or by organization,
/// within the organization tree of the source, the source itself excluded.
///
/// An account that a designation exempts is not reached through that designation's organization recipient; a recipient
/// that names the account itself still counts.
private enum Reach {
    /// Rows (share_id, account_id, recipient_id, directness) with an extra condition on `a` or `r`.
    static func rows(where condition: SQL) -> SQL {
        """
        SELECT r.share_id AS share_id, a.id AS account_id, r.id AS recipient_id, 0 AS distance
          FROM share_recipients r
          JOIN accounts a ON a.id = r.account_id
          JOIN organizations ao ON ao.id = a.organization_id
          JOIN shares s ON s.id = r.share_id
          JOIN accounts src ON src.id = s.account_id
          JOIN organizations so ON so.id = src.organization_id
         WHERE so.root_id = ao.root_id AND a.id <> s.account_id AND \(condition)
        UNION ALL
        SELECT r.share_id, a.id, r.id, 1 + x.distance
          FROM accounts a
          JOIN organization_ancestors x ON x.organization_id = a.organization_id
          JOIN share_recipients r ON r.organization_id = x.ancestor_id
          JOIN organizations ao ON ao.id = a.organization_id
          JOIN shares s ON s.id = r.share_id
          JOIN accounts src ON src.id = s.account_id
          JOIN organizations so ON so.id = src.organization_id
         WHERE so.root_id = ao.root_id AND a.id <> s.account_id
           AND NOT EXISTS (SELECT 1 FROM primary_idps p
                             JOIN primary_idp_exemptions e ON e.organization_id = p.organization_id
                            WHERE p.recipient_id = r.id AND e.account_id = a.id)
           AND \(condition)
        """
    }

    static let inTree: SQL = """
        a.organization_id IN (SELECT t.organization_id FROM organization_ancestors t WHERE t.ancestor_id = ?1)
        """
    static let ofGrant: SQL = """
        r.share_id IN (SELECT t.share_id FROM share_resources t WHERE t.resource_id = ?1 AND t.status = 'active')
        """
}

extension Reading {
    /// The connections that must exist in the scope.
    package func entitledConnections(in scope: BridgeScope) throws(Failure) -> Set<ConnectionPair> {
        switch scope {
        case .accounts(let accounts):
            var pairs: Set<ConnectionPair> = []
            for account in accounts {
                pairs.formUnion(try entitled(where: "a.id = ?1", account))
            }
            return pairs
        case .tree(let organization): return try entitled(where: Reach.inTree, organization)
        case .grant(let grant):
            return try entitled(where: Reach.ofGrant, grant).filter { $0.grant == grant }
        case .share(let share): return try entitledThroughGrants(of: share)
        }
    }

    private func entitled<B: Bindable>(where condition: SQL, _ binding: B) throws(Failure) -> Set<ConnectionPair> {
        Set(
            try values(
                """
                SELECT DISTINCT g.id, reach.account_id FROM (\(Reach.rows(where: condition))) reach
                  JOIN share_resources t ON t.share_id = reach.share_id AND t.status = 'active'
                  JOIN federation_grants g ON g.id = t.resource_id
                """, binding
            ) { (row) throws(SQLiteError) in
                ConnectionPair(grant: try row.identifier(0), account: try row.identifier(1))
            })
    }

    /// A grant may be in another share too, so the grants of the share are looked at, not the share.
    private func entitledThroughGrants(of share: ShareID) throws(Failure) -> Set<ConnectionPair> {
        var pairs: Set<ConnectionPair> = []
        for grant in try grantsIn(share) { pairs.formUnion(try entitledConnections(in: .grant(grant))) }
        return pairs
    }

    /// The grants that the share's resources name, deleted ones excluded.
    package func grantsIn(_ share: ShareID) throws(Failure) -> [GrantID] {
        try values(
            """
            SELECT g.id FROM share_resources t JOIN federation_grants g ON g.id = t.resource_id
             WHERE t.share_id = ? AND t.status = 'active'
            """, share
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }

    /// The connections that exist in the scope, with their ids.
    package func existingConnections(
        in scope: BridgeScope
    ) throws(Failure) -> [ConnectionPair: IdentityProviderID] {
        var found: [ConnectionPair: IdentityProviderID] = [:]
        func collect<B: Bindable>(_ condition: SQL, _ binding: B) throws(Failure) {
            let rows = try values(
                "SELECT c.grant_id, c.account_id, c.id FROM connections c JOIN accounts a ON a.id = c.account_id WHERE \(condition)",
                binding
            ) { (row) throws(SQLiteError) in
                (
                    ConnectionPair(grant: try row.identifier(0), account: try row.identifier(1)),
                    try row.identifier(2) as IdentityProviderID
                )
            }
            for (pair, id) in rows { found[pair] = id }
        }
        switch scope {
        case .accounts(let accounts): for account in accounts { try collect("c.account_id = ?1", account) }
        case .tree(let organization): try collect(Reach.inTree, organization)
        case .grant(let grant): try collect("c.grant_id = ?1", grant)
        case .share(let share): for grant in try grantsIn(share) { try collect("c.grant_id = ?1", grant) }
        }
        return found
    }

    /// The associations that the recipients demand: one a share and account, the nearest recipient first.
    package func demandedAssociations(in scope: BridgeScope) throws(Failure) -> [AssociationPair] {
        func demanded<B: Bindable>(_ condition: SQL, _ binding: B) throws(Failure) -> [AssociationPair] {
            try values(
                """
                SELECT share_id, account_id, recipient_id, min(distance) FROM (\(Reach.rows(where: condition)))
                 GROUP BY share_id, account_id
                """, binding
            ) { (row) throws(SQLiteError) in
                AssociationPair(
                    share: try row.identifier(0), account: try row.identifier(1), recipient: try row.identifier(2))
            }
        }
        switch scope {
        case .accounts(let accounts):
            var pairs: [AssociationPair] = []
            for account in accounts { pairs += try demanded("a.id = ?1", account) }
            return pairs
        case .tree(let organization): return try demanded(Reach.inTree, organization)
        case .grant: return []
        case .share(let share): return try demanded("r.share_id = ?1", share)
        }
    }

    /// Associations as they stand: id, recipient and whether they are in force.
    package func existingAssociations(
        in scope: BridgeScope
    ) throws(Failure) -> [(id: ShareRecipientID, pair: AssociationPair, isAssociated: Bool)] {
        func existing<B: Bindable>(
            _ condition: SQL, _ binding: B
        ) throws(Failure) -> [(id: ShareRecipientID, pair: AssociationPair, isAssociated: Bool)] {
            try values(
                """
                SELECT x.id, x.share_id, x.account_id, x.recipient_id, x.status
                  FROM share_associations x JOIN accounts a ON a.id = x.account_id WHERE \(condition)
                """, binding
            ) { (row) throws(SQLiteError) in
                (
                    id: try row.identifier(0),
                    pair: AssociationPair(
                        share: try row.identifier(1), account: try row.identifier(2), recipient: try row.identifier(3)),
                    isAssociated: try row.text(4) == "associated"
                )
            }
        }
        switch scope {
        case .accounts(let accounts):
            var rows: [(id: ShareRecipientID, pair: AssociationPair, isAssociated: Bool)] = []
            for account in accounts { rows += try existing("x.account_id = ?1", account) }
            return rows
        case .tree(let organization): return try existing(Reach.inTree, organization)
        case .grant: return []
        case .share(let share): return try existing("x.share_id = ?1", share)
        }
    }
}

extension WriteTransaction {
    package func insertConnection(
        _ id: IdentityProviderID, _ pair: ConnectionPair, at now: Timestamp
    ) throws(Failure) {
        touches(.identity)
        try execute(
            "INSERT INTO connections (id, grant_id, account_id, created_at) VALUES (?, ?, ?, ?)", id, pair.grant,
            pair.account, now)
    }

    /// Ends a connection; that there was one is remembered.
    package func deleteConnection(_ id: IdentityProviderID) throws(Failure) {
        touches(.identity)
        try execute(
            """
            INSERT INTO ended_connections (account_id, idp_id, connection_id)
            SELECT c.account_id, g.idp_id, c.id FROM connections c JOIN federation_grants g ON g.id = c.grant_id
             WHERE c.id = ?
                ON CONFLICT (account_id, idp_id) DO UPDATE SET connection_id = excluded.connection_id
            """, id)
        try execute("DELETE FROM connections WHERE id = ?", id)
    }

    package func associate(_ pair: AssociationPair, id: ShareRecipientID, at now: Timestamp) throws(Failure) {
        try execute(
            """
            INSERT INTO share_associations (id, share_id, account_id, recipient_id, status, created_at, updated_at)
            VALUES (?, ?, ?, ?, 'associated', ?, ?)
                ON CONFLICT (share_id, account_id)
                DO UPDATE SET recipient_id = excluded.recipient_id, status = 'associated', updated_at = excluded.updated_at
            """, id, pair.share, pair.account, pair.recipient, now, now)
    }

    package func disassociate(_ id: ShareRecipientID, at now: Timestamp) throws(Failure) {
        try execute("UPDATE share_associations SET status = 'disassociated', updated_at = ? WHERE id = ?", now, id)
    }
}
