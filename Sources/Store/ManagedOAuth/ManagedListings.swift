package import Domain
package import OAuth
package import Primitives
import SQLite

/// A client of managed OAuth as administrators see it.
package struct ListedClient: Sendable {
    package let clientID: String
    package let name: String
    package let kind: ManagedClient.Kind
    /// A JSON array.
    package let redirectURIs: JSONText
    package let createdAt: Timestamp
    package let lastUsedAt: Timestamp?
    /// Live ones at the application.
    package let grants: Int
}

/// A grant as administrators and the person see it.
package struct ListedGrant: Sendable {
    package let id: ManagedGrantID
    package let clientID: String
    package let clientName: String
    /// Absent for the control plane's own API.
    package let application: ApplicationID?
    package let applicationName: String?
    package let createdAt: Timestamp
    package let refreshedAt: Timestamp?
    package let expiresAt: Timestamp
}

/// A grant with the person who gave it.
package struct PersonalGrant: Sendable {
    package let user: AccessUserID
    package let email: String
    package let grant: ListedGrant
}

extension Reading {
    /// What all people of an account have allowed programs, the latest first.
    ///
    /// - Parameter search: part of the program's name, the person's address or the application's name; `nil` for all.
    package func managedGrants(
        in account: AccountID, matching search: String?, at now: Timestamp, _ page: PageRequest
    ) throws(Failure) -> Page<PersonalGrant> {
        let pattern = LikePattern.containing(search ?? "")
        let total = try count(
            """
            SELECT count(*) FROM oauth_grants g JOIN oauth_clients c ON c.id = g.client_id
              LEFT JOIN applications a ON a.id = g.application_id
             WHERE g.account_id = ?1 AND g.redeemed_at IS NOT NULL AND g.expires_at > ?2
               AND (c.name LIKE ?3 ESCAPE '\\' OR g.email LIKE ?3 ESCAPE '\\' OR a.name LIKE ?3 ESCAPE '\\')
            """, account, now, pattern)
        let items = try values(
            """
            SELECT g.id, c.client_id, c.name, a.id, a.name, g.created_at, g.refreshed_at, g.expires_at, g.user_id, g.email
              FROM oauth_grants g JOIN oauth_clients c ON c.id = g.client_id
              LEFT JOIN applications a ON a.id = g.application_id
             WHERE g.account_id = ?1 AND g.redeemed_at IS NOT NULL AND g.expires_at > ?2
               AND (c.name LIKE ?3 ESCAPE '\\' OR g.email LIKE ?3 ESCAPE '\\' OR a.name LIKE ?3 ESCAPE '\\')
             ORDER BY g.created_at DESC, g.id LIMIT ?4 OFFSET ?5
            """, account, now, pattern, page.perPage, page.offset
        ) { (row) throws(SQLiteError) in
            PersonalGrant(
                user: try row.identifier(8), email: try row.text(9),
                grant: ListedGrant(
                    id: try row.identifier(0), clientID: try row.text(1), clientName: try row.text(2),
                    application: try row.optionalIdentifier(3), applicationName: row.optionalText(4),
                    createdAt: try row.timestamp(5), refreshedAt: row.optionalTimestamp(6),
                    expiresAt: try row.timestamp(7)))
        }
        return Page(items: items, total: total)
    }

    /// The clients that registered for an application or have a grant at it, the latest first.
    package func managedClients(
        of application: ApplicationID, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> [ListedClient] {
        try values(
            """
            SELECT c.client_id, c.name, c.kind, c.redirect_uris, c.created_at, c.last_used_at,
                   (SELECT count(*) FROM oauth_grants g WHERE g.application_id = ?1 AND g.client_id = c.id
                       AND g.redeemed_at IS NOT NULL AND g.expires_at > ?3)
              FROM oauth_clients c
             WHERE c.account_id = ?2 AND c.expires_at > ?3
               AND (c.application_id = ?1 OR EXISTS (SELECT 1 FROM oauth_grants g WHERE g.application_id = ?1
                        AND g.client_id = c.id AND g.redeemed_at IS NOT NULL AND g.expires_at > ?3))
             ORDER BY c.created_at DESC, c.id LIMIT 10000
            """, application, account, now
        ) { (row) throws(SQLiteError) in
            guard let kind = ManagedClient.Kind(rawValue: try row.text(2)) else { throw row.malformed(2) }
            return ListedClient(
                clientID: try row.text(0), name: try row.text(1), kind: kind, redirectURIs: try row.json(3),
                createdAt: try row.timestamp(4), lastUsedAt: row.optionalTimestamp(5), grants: Int(try row.int64(6)))
        }
    }

    /// What a person has allowed programs, the latest first.
    package func managedGrants(
        of user: AccessUserID, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> [ListedGrant] {
        try values(
            """
            SELECT g.id, c.client_id, c.name, a.id, a.name, g.created_at, g.refreshed_at, g.expires_at
              FROM oauth_grants g JOIN oauth_clients c ON c.id = g.client_id
              LEFT JOIN applications a ON a.id = g.application_id
             WHERE g.user_id = ? AND g.account_id = ? AND g.redeemed_at IS NOT NULL AND g.expires_at > ?
             ORDER BY g.created_at DESC, g.id LIMIT 1000
            """, user, account, now
        ) { (row) throws(SQLiteError) in
            ListedGrant(
                id: try row.identifier(0), clientID: try row.text(1), clientName: try row.text(2),
                application: try row.optionalIdentifier(3), applicationName: row.optionalText(4),
                createdAt: try row.timestamp(5), refreshedAt: row.optionalTimestamp(6),
                expiresAt: try row.timestamp(7))
        }
    }

    /// Whether a client is used or registered anywhere beside an application.
    package func isUsed(_ client: ManagedClientID, beside application: ApplicationID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM oauth_grants WHERE client_id = ? AND application_id IS NOT ?", client, application)
    }
}
