package import Domain
package import Primitives
import SQLite

/// An application that names a connection in `allowed_idps`.
package struct NamingApplication: Sendable {
    package let application: ApplicationID
    package let name: String
    /// Whether the list holds anything else.
    package let namesOthers: Bool
    /// Whether the list holds another identity provider that exists and can log in.
    package let namesLiveOthers: Bool
}

/// What depends on a connection that is about to end (contract 30 §4).
extension Reading {
    package func applications(naming connection: IdentityProviderID) throws(Failure) -> [NamingApplication] {
        try values(
            """
            SELECT app.id, app.name,
                   EXISTS (SELECT 1 FROM application_idps o WHERE o.application_id = n.application_id AND o.idp_id <> n.idp_id),
                   EXISTS (SELECT 1 FROM application_idps o
                            WHERE o.application_id = n.application_id AND o.idp_id <> n.idp_id
                              AND (EXISTS (SELECT 1 FROM identity_providers i WHERE i.id = o.idp_id
                                                   AND i.type IN (\(IdentityProviderType.loginTypesSQL)))
                                   OR EXISTS (SELECT 1 FROM connections c
                                                JOIN federation_grants g ON g.id = c.grant_id
                                                JOIN identity_providers i ON i.id = g.idp_id
                                               WHERE c.id = o.idp_id
                                                 AND i.type IN (\(IdentityProviderType.loginTypesSQL)))))
              FROM application_idps n JOIN applications app ON app.id = n.application_id
             WHERE n.idp_id = ? ORDER BY app.created_at, app.id
            """, connection
        ) { (row) throws(SQLiteError) in
            NamingApplication(
                application: try row.identifier(0), name: try row.text(1), namesOthers: try row.bool(2),
                namesLiveOthers: try row.bool(3))
        }
    }

    /// Applications of the account that admit every identity provider, when this connection is the last that can log in.
    package func applicationsRelyingOnAnyIdP(
        of account: AccountID, except connection: IdentityProviderID
    ) throws(Failure) -> [(application: ApplicationID, name: String)] {
        let others = try count(
            """
            SELECT (SELECT count(*) FROM identity_providers i
                     WHERE i.account_id = ?1 AND i.type IN (\(IdentityProviderType.loginTypesSQL)))
                 + (SELECT count(*) FROM connections c JOIN federation_grants g ON g.id = c.grant_id
                      JOIN identity_providers i ON i.id = g.idp_id
                     WHERE c.account_id = ?1 AND c.id <> ?2 AND i.type IN (\(IdentityProviderType.loginTypesSQL)))
            """, account, connection)
        guard others == 0 else { return [] }
        return try values(
            """
            SELECT app.id, app.name FROM applications app
             WHERE app.account_id = ? AND app.type <> 'bookmark'
               AND NOT EXISTS (SELECT 1 FROM application_idps n WHERE n.application_id = app.id)
             ORDER BY app.created_at, app.id
            """, account
        ) { (row) throws(SQLiteError) in (application: try row.identifier(0), name: try row.text(1)) }
    }

    package func rules(naming connection: IdentityProviderID) throws(Failure) -> [BridgeEffects.DanglingRule] {
        try values(
            """
            SELECT DISTINCT account_id, owner_id, owner_kind FROM rule_references
             WHERE target_id = ? ORDER BY owner_id
            """, connection
        ) { (row) throws(SQLiteError) in
            BridgeEffects.DanglingRule(
                account: try row.identifier(0), owner: try row.identifier(1), isGroup: try row.text(2) == "group")
        }
    }
}

extension WriteTransaction {
    /// Takes an ended connection out of the list of an application that names others too.
    package func dropAllowedIdP(
        _ connection: IdentityProviderID, from application: ApplicationID, at now: Timestamp
    ) throws(Failure) {
        try execute(
            "DELETE FROM application_idps WHERE application_id = ? AND idp_id = ?", application, connection)
        try renewLists(of: application)
        try execute(
            "UPDATE applications SET updated_at = ?, version = version + 1 WHERE id = ?", now, application)
    }
}
