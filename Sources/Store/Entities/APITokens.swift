package import Domain
package import Primitives
package import SQLite

extension APIToken: Stored {
    package static let columns: SQL = """
        id, name, status, policies, condition, creator_email, not_before, expires_at, last_used_at, created_at,
        updated_at, version
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let status = Status(rawValue: try row.text(2)) else { throw row.malformed(2) }
        self.init(
            id: try row.identifier(0), name: try row.text(1), status: status, policies: try row.json(3),
            condition: try row.json(4), creatorEmail: row.optionalText(5), notBefore: row.optionalTimestamp(6),
            expiresAt: row.optionalTimestamp(7), lastUsedAt: row.optionalTimestamp(8), createdAt: try row.timestamp(9),
            updatedAt: try row.timestamp(10), version: try row.int(11))
    }
}

extension APIToken.Owner {
    /// The rows that belong to the owner. A token that a user made for an account is the account's.
    fileprivate var condition: Condition {
        switch self {
        case .account(let id): Condition(sql: "account_id = ?", bindings: [id])
        case .user(let id): Condition(sql: "user_id = ? AND account_id IS NULL", bindings: [id])
        }
    }
}

extension Reading {
    package func apiToken(_ id: APITokenID, of owner: APIToken.Owner) throws(Failure) -> APIToken? {
        let condition = Condition.all(of: [Condition(sql: "id = ?", bindings: [id]), owner.condition])
        return try all(
            APIToken.self, "SELECT \(APIToken.columns) FROM api_tokens WHERE \(condition.sql)",
            bindings: condition.bindings
        ).first
    }

    /// A token whoever owns it: for the token that was presented.
    package func apiToken(_ id: APITokenID) throws(Failure) -> APIToken? {
        try first(APIToken.self, "SELECT \(APIToken.columns) FROM api_tokens WHERE id = ?", id)
    }

    /// - Parameter instant: leaves out tokens that have expired by then; `nil` for all.
    package func apiTokens(
        of owner: APIToken.Owner, expiringAfter instant: Timestamp?, isDescending: Bool, _ page: PageRequest
    ) throws(Failure) -> Page<APIToken> {
        var condition = owner.condition
        if let instant {
            condition = .all(of: [
                condition, Condition(sql: "(expires_at IS NULL OR expires_at > ?)", bindings: [instant]),
            ])
        }
        let total = try count("SELECT count(*) FROM api_tokens WHERE \(condition.sql)", bindings: condition.bindings)
        let order: SQL = isDescending ? "created_at DESC, id DESC" : "created_at, id"
        let items = try all(
            APIToken.self,
            "SELECT \(APIToken.columns) FROM api_tokens WHERE \(condition.sql) ORDER BY \(order) LIMIT ? OFFSET ?",
            bindings: condition.bindings + [page.perPage, page.offset])
        return Page(items: items, total: total)
    }
}

extension WriteTransaction {
    /// - Parameter creator: the user who made a token of an account; the owner for a token of a user.
    package func insert(
        _ token: APIToken, of owner: APIToken.Owner, creator: UserID?, digest: [UInt8]
    ) throws(Failure) {
        let account: AccountID? = if case .account(let id) = owner { id } else { nil }
        let user: UserID? = if case .user(let id) = owner { id } else { creator }
        try execute(
            """
            INSERT INTO api_tokens (id, account_id, user_id, name, status, digest, policies, condition, creator_email,
                                    not_before, expires_at, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            token.id, account, user, token.name, token.status.rawValue, digest, token.policies, token.condition,
            token.creatorEmail, token.notBefore, token.expiresAt, token.createdAt, token.updatedAt)
    }

    package func update(_ token: APIToken) throws(Failure) {
        try execute(
            """
            UPDATE api_tokens
               SET name = ?, status = ?, policies = ?, condition = ?, not_before = ?, expires_at = ?, updated_at = ?,
                   version = version + 1
             WHERE id = ?
            """,
            token.name, token.status.rawValue, token.policies, token.condition, token.notBefore, token.expiresAt,
            token.updatedAt, token.id)
    }

    /// Gives the token another value; the old one is unknown from the commit on.
    package func replaceValue(of id: APITokenID, with digest: [UInt8], at now: Timestamp) throws(Failure) {
        try execute(
            "UPDATE api_tokens SET digest = ?, updated_at = ?, version = version + 1 WHERE id = ?", digest, now, id)
    }

    /// Replaces the evaluated form of a token's policies.
    package func grant(_ grants: [RightsGrant], to token: APITokenID) throws(Failure) {
        try execute("DELETE FROM api_token_grants WHERE token_id = ?", token)
        for grant in grants {
            let (scope, id) = grant.scope.columns
            for group in grant.permissions.groups {
                try execute(
                    """
                    INSERT OR IGNORE INTO api_token_grants (token_id, effect, permission_group, scope, scope_id)
                    VALUES (?, ?, ?, ?, ?)
                    """, token, grant.effect.rawValue, group.name, scope, id)
            }
        }
    }

    /// Replaces the addresses that a token may be used from.
    package func admit(allowed: [CIDR], denied: [CIDR], to token: APITokenID) throws(Failure) {
        try execute("DELETE FROM api_token_addresses WHERE token_id = ?", token)
        for (isAllow, networks) in [(true, allowed), (false, denied)] {
            for network in networks {
                try execute(
                    "INSERT OR IGNORE INTO api_token_addresses (token_id, is_allow, cidr) VALUES (?, ?, ?)", token,
                    isAllow, network.description)
            }
        }
    }

    package func deleteAPIToken(_ id: APITokenID) throws(Failure) {
        try execute("DELETE FROM api_tokens WHERE id = ?", id)
    }
}

extension RightsScope {
    /// Kind and id, as the table has them; no bytes stand for all that the owner may grant.
    fileprivate var columns: (scope: String, id: [UInt8]) {
        switch self {
        case .account(let id): ("account", id.bytes)
        case .everyAccount: ("account", [])
        case .organization(let id): ("organization", id.bytes)
        case .everyOrganization: ("organization", [])
        case .user(let id): ("user", id.bytes)
        }
    }
}
