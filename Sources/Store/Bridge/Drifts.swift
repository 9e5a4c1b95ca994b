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

/// Finds drift with one statement a question, whatever the number of accounts (contract 30 §8).
private enum DriftQuery {
    /// Governed, non-exempt accounts with the identity provider that they should use.
    static func governed(_ filter: SQL) -> SQL {
        """
        WITH governed AS (
            SELECT a.id AS account_id, p.grant_id AS grant_id, p.idp_id AS source_idp_id, c.id AS connection_id,
                   p.mode = 'enforce' AS is_enforced, a.id = p.account_id AS is_source, coalesce(CASE WHEN a.id = p.account_id THEN p.idp_id END, c.id) AS allowed
              FROM \(GovernedAccount.tables)
             WHERE \(filter) AND NOT EXISTS (SELECT 1 FROM primary_idp_exemptions e
                                              WHERE e.organization_id = p.organization_id AND e.account_id = a.id)),
        idps AS (
            SELECT i.id, i.account_id, i.type, i.name, i.type IN (\(IdentityProviderType.loginTypesSQL)) AS can_log_in FROM identity_providers i
            UNION ALL
            SELECT c.id, c.account_id, i.type, i.name, i.type IN (\(IdentityProviderType.loginTypesSQL)) FROM connections c
              JOIN federation_grants g ON g.id = c.grant_id JOIN identity_providers i ON i.id = g.idp_id)
        """
    }

    static let one: SQL = "a.id = ?1"
    static let tree: SQL = """
        a.organization_id IN (SELECT t.organization_id FROM organization_ancestors t WHERE t.ancestor_id = ?1)
        """

    /// Rows (account, kind, subject kind, subject id, name, identity provider, application), one an identity provider.
    static let rows: SQL = """
        SELECT v.account_id, 'not_bridged', 'account', x'', '', NULL, NULL FROM governed v
         WHERE v.connection_id IS NULL AND NOT v.is_source
        UNION ALL
        SELECT v.account_id, CASE WHEN i.type = 'onetimepin' THEN 'one_time_pin_enabled' ELSE 'other_idp_enabled' END,
               'idp', i.id, i.name, i.id, NULL
          FROM governed v JOIN idps i ON i.account_id = v.account_id AND i.can_log_in AND i.id IS NOT v.allowed
         WHERE NOT v.is_enforced
        UNION ALL
        SELECT v.account_id, 'app_allows_other_idp', 'app', app.id, app.name, n.idp_id, NULL
          FROM governed v JOIN applications app ON app.account_id = v.account_id
          JOIN application_idps n ON n.application_id = app.id AND n.idp_id IS NOT v.allowed
          JOIN idps i ON i.id = n.idp_id AND i.account_id = v.account_id
        UNION ALL
        SELECT v.account_id, 'app_allows_all_idps', 'app', app.id, app.name, NULL, NULL
          FROM governed v JOIN applications app ON app.account_id = v.account_id AND app.type <> 'bookmark'
         WHERE NOT EXISTS (SELECT 1 FROM application_idps n WHERE n.application_id = app.id)
           AND EXISTS (SELECT 1 FROM idps i WHERE i.account_id = v.account_id AND i.can_log_in AND i.id IS NOT v.allowed)
        UNION ALL
        SELECT v.account_id, 'policy_login_method_other', 'policy', p.id, p.name, r.target_id, p.application_id
          FROM governed v JOIN rule_references r ON r.account_id = v.account_id AND r.selector = 'login_method'
           AND r.list = 'include' AND r.owner_kind = 'policy' AND r.target_id IS NOT v.allowed
           AND r.target_id <> v.source_idp_id
          JOIN idps i ON i.id = r.target_id
          JOIN policies p ON p.id = r.owner_id AND p.decision = 'allow'
        UNION ALL
        SELECT v.account_id, 'policy_everyone', 'policy', p.id, p.name, NULL, p.application_id
          FROM governed v JOIN policies p ON p.account_id = v.account_id AND p.decision = 'allow'
         WHERE EXISTS (SELECT 1 FROM rule_references r
                        WHERE r.owner_id = p.id AND r.list = 'include' AND r.selector = 'everyone')
            OR NOT EXISTS (SELECT 1 FROM rule_references r
                            WHERE r.owner_id = p.id AND r.list = 'include' AND r.selector <> 'login_method')
        UNION ALL
        SELECT v.account_id, 'bypass_policy', 'policy', p.id, app.name, NULL, app.id
          FROM governed v JOIN policies p ON p.account_id = v.account_id AND p.decision = 'bypass'
          JOIN application_policies l ON l.policy_id = p.id JOIN applications app ON app.id = l.application_id
        UNION ALL
        SELECT v.account_id, 'dangling_reference', 'app', app.id, app.name, n.idp_id, NULL
          FROM governed v JOIN applications app ON app.account_id = v.account_id
          JOIN application_idps n ON n.application_id = app.id
         WHERE NOT EXISTS (SELECT 1 FROM idps i WHERE i.id = n.idp_id)
        UNION ALL
        SELECT v.account_id, 'dangling_reference', r.owner_kind, r.owner_id,
               coalesce((SELECT name FROM policies p WHERE p.id = r.owner_id),
                        (SELECT name FROM groups g WHERE g.id = r.owner_id), ''),
               r.target_id, (SELECT application_id FROM policies p WHERE p.id = r.owner_id)
          FROM governed v JOIN rule_references r ON r.account_id = v.account_id AND r.selector = 'login_method'
         WHERE NOT EXISTS (SELECT 1 FROM idps i WHERE i.id = r.target_id)
        """
}

extension Reading {
    /// Every drift in the scope, ordered by account, kind and subject. A constant number of statements.
    package func drifts(in scope: DriftScope) throws(Failure) -> [Drift] {
        let rows: [DriftRow] =
            switch scope {
            case .account(let id):
                try values("\(DriftQuery.governed(DriftQuery.one)) \(DriftQuery.rows)", id) { (row) throws(SQLiteError) in
                    try DriftRow(row)
                }
            case .tree(let id):
                try values("\(DriftQuery.governed(DriftQuery.tree)) \(DriftQuery.rows)", id) { (row) throws(SQLiteError) in
                    try DriftRow(row)
                }
            }
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
            try values("SELECT kind, subject_id FROM idp_drift WHERE account_id = ?", account) { (row) throws(SQLiteError) in
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
