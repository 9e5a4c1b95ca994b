package import Domain
package import Primitives
package import SQLite

/// The accounts whose drift is looked at.
package enum DriftScope: Sendable {
    case account(AccountID)
    case tree(OrganizationID)
}

/// A drift with what tells it from another of the same kind.
package struct KnownDrift: Sendable, Hashable {
    package let account: AccountID
    package let kind: String
    package let subject: String

    package init(account: AccountID, kind: String, subject: String) {
        self.account = account
        self.kind = kind
        self.subject = subject
    }
}

/// Finds drift with one statement, whatever the number of accounts (contract 30 §8).
private struct DriftQuery {
    /// What joins come after: the governed accounts, or nothing where there is only one.
    let from: SQL
    let account, allowed, source, enforced: SQL
    /// What people can sign in through, as a table that is called `i`, and which of its rows are the account's.
    let idps, ofAccount: SQL

    /// Parameters: the account, the identity provider that it should use, the primary one itself, and whether it is enforced.
    ///
    /// Nearly every write in a governed account asks this, hence without the tables that SQLite would fill for `ofTree`:
    /// 13 µs instead of 35.
    static let ofOne: SQL = DriftQuery(
        from: "", account: "?1", allowed: "?2", source: "?3", enforced: "?4",
        idps: """
            (SELECT i.id, i.type, i.name, i.type IN (\(IdentityProviderType.loginTypesSQL)) AS can_log_in
               FROM identity_providers i WHERE i.account_id = ?1
             UNION ALL
             SELECT c.id, i.type, i.name, i.type IN (\(IdentityProviderType.loginTypesSQL)) FROM connections c
               CROSS JOIN federation_grants g ON g.id = c.grant_id CROSS JOIN identity_providers i ON i.id = g.idp_id
              WHERE c.account_id = ?1)
            """, ofAccount: "TRUE"
    ).rows

    /// Parameter: an organization. `idps` holds those of governed accounts alone.
    static let ofTree: SQL = """
        WITH governed AS MATERIALIZED (
            SELECT a.id AS account_id, p.grant_id AS grant_id, p.idp_id AS source_idp_id, c.id AS connection_id,
                   p.mode = 'enforce' AS is_enforced, a.id = p.account_id AS is_source,
                   coalesce(CASE WHEN a.id = p.account_id THEN p.idp_id END, c.id) AS allowed
              FROM \(GovernedAccount.tables)
             WHERE a.organization_id IN (SELECT t.organization_id FROM organization_ancestors t WHERE t.ancestor_id = ?1)
               AND NOT EXISTS (SELECT 1 FROM primary_idp_exemptions e
                                WHERE e.organization_id = p.organization_id AND e.account_id = a.id)),
        idps AS MATERIALIZED (
            SELECT i.id, i.account_id, i.type, i.name, i.type IN (\(IdentityProviderType.loginTypesSQL)) AS can_log_in
              FROM governed v CROSS JOIN identity_providers i ON i.account_id = v.account_id
            UNION ALL
            SELECT c.id, c.account_id, i.type, i.name, i.type IN (\(IdentityProviderType.loginTypesSQL))
              FROM governed v CROSS JOIN connections c ON c.account_id = v.account_id
              CROSS JOIN federation_grants g ON g.id = c.grant_id CROSS JOIN identity_providers i ON i.id = g.idp_id)
        SELECT v.account_id, 'not_bridged', 'account', x'', '', NULL, NULL FROM governed v
         WHERE v.connection_id IS NULL AND NOT v.is_source
        UNION ALL
        \(DriftQuery(
            from: "governed v CROSS JOIN", account: "v.account_id", allowed: "v.allowed", source: "v.source_idp_id",
            enforced: "v.is_enforced",
            idps: "idps", ofAccount: "i.account_id = v.account_id").rows)
        """

    /// Rows (account, kind, subject kind, subject id, name, identity provider, application), one an identity provider.
    ///
    /// Joins are in the order in which they are to be made: left to itself, SQLite begins with every rule on the server.
    private var rows: SQL {
        """
        SELECT \(account), CASE WHEN i.type = 'onetimepin' THEN 'one_time_pin_enabled' ELSE 'other_idp_enabled' END,
               'idp', i.id, i.name, i.id, NULL
          FROM \(from) \(idps) i WHERE \(ofAccount) AND i.can_log_in AND i.id IS NOT \(allowed)
           AND NOT \(enforced)
        UNION ALL
        SELECT \(account), 'app_allows_other_idp', 'app', app.id, app.name, n.idp_id, NULL
          FROM \(from) \(idps) i CROSS JOIN application_idps n ON n.idp_id = i.id
         CROSS JOIN applications app ON app.id = n.application_id
         WHERE \(ofAccount) AND i.id IS NOT \(allowed) AND app.account_id = \(account)
        UNION ALL
        SELECT \(account), 'app_allows_all_idps', 'app', app.id, app.name, NULL, NULL
          FROM \(from) applications app
         WHERE EXISTS (SELECT 1 FROM \(idps) i WHERE \(ofAccount) AND i.can_log_in AND i.id IS NOT \(allowed))
           AND app.account_id = \(account) AND app.type <> 'bookmark'
           AND NOT EXISTS (SELECT 1 FROM application_idps n WHERE n.application_id = app.id)
        UNION ALL
        SELECT \(account), 'policy_login_method_other', 'policy', p.id, p.name, r.target_id, p.application_id
          FROM \(from) rule_references r CROSS JOIN policies p ON p.id = r.owner_id AND p.decision = 'allow'
         WHERE r.account_id = \(account) AND r.selector = 'login_method' AND r.list = 'include'
           AND r.owner_kind = 'policy' AND r.target_id IS NOT \(allowed) AND r.target_id <> \(source)
           AND \(Self.exists("r.target_id"))
        UNION ALL
        SELECT \(account), 'policy_everyone', 'policy', p.id, p.name, NULL, p.application_id
          FROM \(from) policies p
         WHERE p.account_id = \(account) AND p.decision = 'allow'
           AND (EXISTS (SELECT 1 FROM rule_references r
                         WHERE r.owner_id = p.id AND r.list = 'include' AND r.selector = 'everyone')
             OR NOT EXISTS (SELECT 1 FROM rule_references r
                             WHERE r.owner_id = p.id AND r.list = 'include' AND r.selector <> 'login_method'))
        UNION ALL
        SELECT \(account), 'bypass_policy', 'policy', p.id, app.name, NULL, app.id
          FROM \(from) policies p CROSS JOIN application_policies l ON l.policy_id = p.id
         CROSS JOIN applications app ON app.id = l.application_id
         WHERE p.account_id = \(account) AND p.decision = 'bypass'
        UNION ALL
        SELECT \(account), 'dangling_reference', 'app', app.id, app.name, n.idp_id, NULL
          FROM \(from) applications app INDEXED BY applications_naming_idps
         CROSS JOIN application_idps n ON n.application_id = app.id
         WHERE app.account_id = \(account) AND app.allowed_idps <> '' AND NOT \(Self.exists("n.idp_id"))
        UNION ALL
        SELECT \(account), 'dangling_reference', r.owner_kind, r.owner_id,
               coalesce((SELECT name FROM policies p WHERE p.id = r.owner_id),
                        (SELECT name FROM groups g WHERE g.id = r.owner_id), ''),
               r.target_id, (SELECT application_id FROM policies p WHERE p.id = r.owner_id)
          FROM \(from) rule_references r
         WHERE r.account_id = \(account) AND r.selector = 'login_method' AND NOT \(Self.exists("r.target_id"))
        """
    }

    /// Whether anything on the server has the identity of an identity provider or connection.
    private static func exists(_ id: SQL) -> SQL {
        """
        (EXISTS (SELECT 1 FROM identity_providers i WHERE i.id = \(id))
         OR EXISTS (SELECT 1 FROM connections c WHERE c.id = \(id)))
        """
    }
}

extension Reading {
    /// Every drift in the scope, ordered by account, kind and subject. A constant number of statements.
    package func drifts(in scope: DriftScope) throws(Failure) -> [Drift] {
        switch scope {
        case .account(let id): try merged(rows(of: id))
        case .tree(let id):
            try merged(
                values(DriftQuery.ofTree, id) { (row) throws(SQLiteError) in
                    try DriftRow(row)
                })
        }
    }

    private func rows(of account: AccountID) throws(Failure) -> [DriftRow] {
        guard let governed = try governed(account) else { return [] }
        let isSource = governed.status == .source
        // A source that is exempt counts as exempt here.
        if governed.status == .exempt { return [] }
        if isSource, try isExempt(account, from: governed.organization) { return [] }
        let allowed = isSource ? governed.sourceIdentityProvider : governed.connection
        let rows = try values(
            DriftQuery.ofOne, account, allowed, governed.sourceIdentityProvider, governed.mode == .enforce
        ) {
            (row) throws(SQLiteError) in
            try DriftRow(row)
        }
        return governed.connection == nil && !isSource ? [DriftRow(notBridged: account)] + rows : rows
    }

    private func isExempt(_ account: AccountID, from organization: OrganizationID) throws(Failure) -> Bool {
        try exists(
            "SELECT 1 FROM primary_idp_exemptions WHERE organization_id = ? AND account_id = ?", organization, account)
    }

    private func merged(_ rows: [DriftRow]) -> [Drift] {
        if rows.isEmpty { return [] }
        var merged: [KnownDrift: Drift] = [:]
        for row in rows {
            let key = KnownDrift(
                account: row.account, kind: row.kind.rawValue,
                subject: row.subject.key + (row.kind == .bypassPolicy ? row.application?.uuid ?? "" : ""))
            let before = merged[key]?.identityProviders ?? []
            merged[key] = Drift(
                account: row.account, kind: row.kind, subject: row.subject, name: row.name,
                identityProviders: row.identityProvider.map { before.contains($0) ? before : before + [$0] } ?? before,
                application: row.application)
        }
        return merged.values.sorted {
            ($0.account, $0.kind.rawValue, $0.subject.key) < ($1.account, $1.kind.rawValue, $1.subject.key)
        }
    }

    /// The drift that was there at the last look.
    package func knownDrifts(of account: AccountID) throws(Failure) -> Set<KnownDrift> {
        Set(
            try values("SELECT kind, subject_id FROM idp_drift WHERE account_id = ?", account) {
                (row) throws(SQLiteError) in
                KnownDrift(account: account, kind: try row.text(0), subject: try row.text(1))
            })
    }
}

extension Reading {
    /// The same for every account below an organization.
    package func knownDrifts(below organization: OrganizationID) throws(Failure) -> [AccountID: Set<KnownDrift>] {
        let rows = try values(
            """
            SELECT d.account_id, d.kind, d.subject_id FROM organization_ancestors t
              JOIN accounts a ON a.organization_id = t.organization_id JOIN idp_drift d ON d.account_id = a.id
             WHERE t.ancestor_id = ?
            """, organization
        ) { (row) throws(SQLiteError) in
            KnownDrift(account: try row.identifier(0), kind: try row.text(1), subject: try row.text(2))
        }
        return Dictionary(grouping: rows, by: \.account).mapValues { Set($0) }
    }
}

extension WriteTransaction {
    package func remember(_ drift: KnownDrift, at now: Timestamp) throws(Failure) {
        try execute(
            "INSERT OR IGNORE INTO idp_drift (account_id, kind, subject_id, since) VALUES (?, ?, ?, ?)", drift.account,
            drift.kind, drift.subject, now)
    }

    package func forget(_ drift: KnownDrift) throws(Failure) {
        try execute(
            "DELETE FROM idp_drift WHERE account_id = ? AND kind = ? AND subject_id = ?", drift.account, drift.kind,
            drift.subject)
    }
}

extension IdentityProviderType {
    /// The types that can log in, as SQL literals; a test compares them with ``canLogIn``.
    package static let loginTypesSQL: SQL = """
        'onetimepin', 'azureAD', 'centrify', 'google-apps', 'google', 'oidc', 'okta', 'onelogin', 'pingone', 'cloudflare'
        """
}

private struct DriftRow {
    let account: AccountID
    let kind: DriftKind
    let subject: DriftSubject
    let name: String
    let identityProvider: IdentityProviderID?
    let application: ApplicationID?

    init(notBridged account: AccountID) {
        self.account = account
        kind = .notBridged
        subject = .account
        name = ""
        identityProvider = nil
        application = nil
    }

    init(_ row: borrowing Row) throws(SQLiteError) {
        account = try row.identifier(0)
        guard let kind = DriftKind(rawValue: try row.text(1)) else { throw row.malformed(1) }
        self.kind = kind
        subject =
            switch try row.text(2) {
            case "account": .account
            case "idp": .identityProvider(try row.identifier(3))
            case "app": .application(try row.identifier(3))
            case "policy": .policy(try row.identifier(3))
            case "group": .group(try row.identifier(3))
            default: throw row.malformed(2)
            }
        name = try row.text(4)
        identityProvider = try row.optionalIdentifier(5)
        application = try row.optionalIdentifier(6)
    }
}
