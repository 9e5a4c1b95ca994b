package import Domain
package import Primitives
package import SQLite

extension Share: Stored {
    package static let columns: SQL = """
        s.id, s.account_id, a.name, a.organization_id, s.name,
        EXISTS (SELECT 1 FROM share_recipients r WHERE r.share_id = s.id AND r.organization_id IS NOT NULL),
        s.created_at, s.updated_at, s.version
        """
    static let tables: SQL = "shares s JOIN accounts a ON a.id = s.account_id"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            id: try row.identifier(0), account: try row.identifier(1), accountName: try row.text(2),
            organization: try row.optionalIdentifier(3), name: try row.text(4), reachesOrganization: try row.bool(5),
            createdAt: try row.timestamp(6), updatedAt: try row.timestamp(7), version: try row.int(8))
    }
}

extension ShareResource: Stored {
    package static let columns: SQL = """
        r.id, r.share_id, r.resource_id, s.account_id, r.resource_version, r.meta, r.status, r.created_at, r.updated_at
        """
    static let tables: SQL = "share_resources r JOIN shares s ON s.id = r.share_id"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            id: try row.identifier(0), share: try row.identifier(1), grant: try row.identifier(2),
            account: try row.identifier(3), resourceVersion: try row.int(4), meta: try row.json(5),
            isActive: try row.text(6) == "active", createdAt: try row.timestamp(7), updatedAt: try row.timestamp(8))
    }
}

extension ShareAssociation: Stored {
    package static let columns: SQL = """
        x.id, x.account_id, x.recipient_id, r.organization_id, x.status, x.created_at, x.updated_at
        """
    static let tables: SQL = "share_associations x JOIN share_recipients r ON r.id = x.recipient_id"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            id: try row.identifier(0), account: try row.identifier(1), recipient: try row.identifier(2),
            organization: try row.optionalIdentifier(3), isAssociated: try row.text(4) == "associated",
            createdAt: try row.timestamp(5), updatedAt: try row.timestamp(6))
    }
}

/// Which shares a list is asked for.
package struct ShareFilter: Sendable {
    package enum Kind: Sendable { case sent, received }
    package enum TargetType: Sendable { case account, organization }

    package var kind: Kind
    package var targetType: TargetType?
    /// Shares that hold a resource of one of these types; empty for any.
    package var resourceTypes: [String]
    package var ordersByName: Bool
    package var isDescending: Bool

    package init(
        kind: Kind, targetType: TargetType?, resourceTypes: [String], ordersByName: Bool, isDescending: Bool
    ) {
        self.kind = kind
        self.targetType = targetType
        self.resourceTypes = resourceTypes
        self.ordersByName = ordersByName
        self.isDescending = isDescending
    }
}

extension Reading {
    /// A share that the account made; for an account that received it, one in which it is associated.
    package func share(_ id: ShareID, visibleTo account: AccountID) throws(Failure) -> Share? {
        try first(
            Share.self,
            """
            SELECT \(Share.columns) FROM \(Share.tables)
             WHERE s.id = ?1 AND (s.account_id = ?2 OR EXISTS (
                   SELECT 1 FROM share_associations x
                    WHERE x.share_id = s.id AND x.account_id = ?2 AND x.status = 'associated'))
            """, id, account)
    }

    package func share(_ id: ShareID, of account: AccountID) throws(Failure) -> Share? {
        try first(
            Share.self, "SELECT \(Share.columns) FROM \(Share.tables) WHERE s.id = ? AND s.account_id = ?", id, account)
    }

    package func shares(of account: AccountID, _ filter: ShareFilter, _ page: PageRequest) throws(Failure) -> Page<
        Share
    > {
        var condition: SQL =
            switch filter.kind {
            case .sent: "s.account_id = ?"
            case .received:
                """
                EXISTS (SELECT 1 FROM share_associations x
                         WHERE x.share_id = s.id AND x.account_id = ? AND x.status = 'associated')
                """
            }
        var bindings: [any Bindable] = [account]
        let organizationRecipient: SQL =
            "EXISTS (SELECT 1 FROM share_recipients t WHERE t.share_id = s.id AND t.organization_id IS NOT NULL)"
        switch filter.targetType {
        case .organization: condition = "\(condition) AND \(organizationRecipient)"
        case .account: condition = "\(condition) AND NOT \(organizationRecipient)"
        case nil: break
        }
        if !filter.resourceTypes.isEmpty {
            condition = """
                \(condition) AND EXISTS (SELECT 1 FROM share_resources t WHERE t.share_id = s.id
                                           AND t.resource_type IN (\(SQL.placeholders(filter.resourceTypes.count))))
                """
            bindings += filter.resourceTypes
        }
        let total = try count("SELECT count(*) FROM \(Share.tables) WHERE \(condition)", bindings: bindings)
        let order: SQL =
            switch (filter.ordersByName, filter.isDescending) {
            case (true, false): "s.name, s.id"
            case (true, true): "s.name DESC, s.id DESC"
            case (false, false): "s.created_at, s.id"
            case (false, true): "s.created_at DESC, s.id DESC"
            }
        let items = try all(
            Share.self,
            "SELECT \(Share.columns) FROM \(Share.tables) WHERE \(condition) ORDER BY \(order) LIMIT ? OFFSET ?",
            bindings: bindings + [page.perPage, page.offset])
        return Page(items: items, total: total)
    }

    package func shares(ownedBy accounts: [AccountID]) throws(Failure) -> [ShareID] {
        var shares: [ShareID] = []
        for account in accounts {
            shares += try values("SELECT id FROM shares WHERE account_id = ? ORDER BY id", account) {
                (row) throws(SQLiteError) in try row.identifier(0)
            }
        }
        return shares
    }

    package func resources(of share: ShareID) throws(Failure) -> [ShareResource] {
        try all(
            ShareResource.self,
            "SELECT \(ShareResource.columns) FROM \(ShareResource.tables) WHERE r.share_id = ? ORDER BY r.created_at, r.id",
            share)
    }

    package func resource(_ id: ShareResourceID, of share: ShareID) throws(Failure) -> ShareResource? {
        try first(
            ShareResource.self,
            "SELECT \(ShareResource.columns) FROM \(ShareResource.tables) WHERE r.id = ? AND r.share_id = ?", id, share)
    }

    /// Whether an active resource of some share names this grant.
    package func shareHolding(_ grant: GrantID) throws(Failure) -> ShareID? {
        try value(
            "SELECT share_id FROM share_resources WHERE resource_id = ? AND status = 'active' ORDER BY id LIMIT 1",
            grant
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }

    package func associations(of share: ShareID, _ page: PageRequest) throws(Failure) -> Page<ShareAssociation> {
        Page(
            items: try all(
                ShareAssociation.self,
                """
                SELECT \(ShareAssociation.columns) FROM \(ShareAssociation.tables) WHERE x.share_id = ?
                 ORDER BY x.created_at, x.id LIMIT ? OFFSET ?
                """, share, page.perPage, page.offset),
            total: try count("SELECT count(*) FROM share_associations WHERE share_id = ?", share))
    }

    /// The association with this id, or the one that stands for the account of a recipient with this id.
    package func association(_ id: ShareRecipientID, of share: ShareID) throws(Failure) -> ShareAssociation? {
        try first(
            ShareAssociation.self,
            """
            SELECT \(ShareAssociation.columns) FROM \(ShareAssociation.tables)
             WHERE x.share_id = ?2 AND (x.id = ?1 OR (x.recipient_id = ?1 AND r.account_id IS NOT NULL))
            """, id, share)
    }

    package func recipient(_ id: ShareRecipientID, of share: ShareID) throws(Failure) -> ShareTarget? {
        try value(
            "SELECT account_id, organization_id FROM share_recipients WHERE id = ? AND share_id = ?", id, share
        ) { (row) throws(SQLiteError) in
            if let account: AccountID = try row.optionalIdentifier(0) { return ShareTarget.account(account) }
            return .organization(try row.identifier(1))
        }
    }

    /// Whom a share is meant for, in order of creation.
    package func recipients(of share: ShareID) throws(Failure) -> [(id: ShareRecipientID, target: ShareTarget)] {
        try values(
            "SELECT id, account_id, organization_id FROM share_recipients WHERE share_id = ? ORDER BY created_at, id",
            share
        ) { (row) throws(SQLiteError) in
            let id: ShareRecipientID = try row.identifier(0)
            if let account: AccountID = try row.optionalIdentifier(1) { return (id, .account(account)) }
            return (id, .organization(try row.identifier(2)))
        }
    }

    package func recipient(for target: ShareTarget, of share: ShareID) throws(Failure) -> ShareRecipientID? {
        switch target {
        case .account(let id):
            try value("SELECT id FROM share_recipients WHERE share_id = ? AND account_id = ?", share, id) {
                (row) throws(SQLiteError) in try row.identifier(0)
            }
        case .organization(let id):
            try value("SELECT id FROM share_recipients WHERE share_id = ? AND organization_id = ?", share, id) {
                (row) throws(SQLiteError) in try row.identifier(0)
            }
        }
    }

    /// How many accounts are associated with each share, and how many no longer.
    package func recipientCounts(of share: ShareID) throws(Failure) -> (associated: Int, disassociated: Int) {
        try value(
            """
            SELECT count(*) FILTER (WHERE status = 'associated'), count(*) FILTER (WHERE status = 'disassociated')
              FROM share_associations WHERE share_id = ?
            """, share
        ) { (row) throws(SQLiteError) in (try row.int(0), try row.int(1)) } ?? (0, 0)
    }
}

extension WriteTransaction {
    package func insert(_ share: Share) throws(Failure) {
        try execute(
            "INSERT INTO shares (id, account_id, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)", share.id,
            share.account, share.name, share.createdAt, share.updatedAt)
    }

    package func rename(_ share: ShareID, to name: String, at now: Timestamp) throws(Failure) {
        try execute(
            "UPDATE shares SET name = ?, updated_at = ?, version = version + 1 WHERE id = ?", name, now, share)
    }

    /// A change of recipients or resources counts as a change of the share.
    package func touch(_ share: ShareID, at now: Timestamp) throws(Failure) {
        try execute("UPDATE shares SET updated_at = ?, version = version + 1 WHERE id = ?", now, share)
    }

    package func deleteShare(_ id: ShareID) throws(Failure) {
        try execute("DELETE FROM shares WHERE id = ?", id)
    }

    package func insert(_ resource: ShareResource) throws(Failure) {
        try execute(
            """
            INSERT INTO share_resources (id, share_id, resource_type, resource_id, meta, status, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, 'active', ?, ?)
            """,
            resource.id, resource.share, Share.grantType, resource.grant, resource.meta, resource.createdAt,
            resource.updatedAt)
    }

    package func update(_ resource: ShareResourceID, meta: JSONText, at now: Timestamp) throws(Failure) {
        try execute(
            """
            UPDATE share_resources SET meta = ?, resource_version = resource_version + 1, updated_at = ? WHERE id = ?
            """, meta, now, resource)
    }

    /// Puts a resource into another share of the same account.
    package func move(_ resource: ShareResourceID, to share: ShareID, at now: Timestamp) throws(Failure) {
        try execute("UPDATE share_resources SET share_id = ?, updated_at = ? WHERE id = ?", share, now, resource)
    }

    package func deleteResource(_ id: ShareResourceID) throws(Failure) {
        try execute("DELETE FROM share_resources WHERE id = ?", id)
    }

    package func insert(
        recipient id: ShareRecipientID, _ target: ShareTarget, of share: ShareID, at now: Timestamp
    ) throws(Failure) {
        let account: AccountID? = if case .account(let id) = target { id } else { nil }
        let organization: OrganizationID? = if case .organization(let id) = target { id } else { nil }
        try execute(
            """
            INSERT INTO share_recipients (id, share_id, account_id, organization_id, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """, id, share, account, organization, now, now)
    }

    package func deleteRecipient(_ id: ShareRecipientID) throws(Failure) {
        try execute("DELETE FROM share_recipients WHERE id = ?", id)
    }
}
