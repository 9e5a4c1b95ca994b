package import Domain
package import Primitives
import SQLite

/// An identity that a source account hands to a recipient.
package struct BridgeCode: Sendable {
    package let connection: IdentityProviderID
    /// `code_challenge` (RFC 7636, S256).
    package let challenge: String
    /// What passes the bridge, as JSON.
    package let identity: JSONText
    package let expiresAt: Timestamp

    package init(connection: IdentityProviderID, challenge: String, identity: JSONText, expiresAt: Timestamp) {
        self.connection = connection
        self.challenge = challenge
        self.identity = identity
        self.expiresAt = expiresAt
    }
}

/// A bridge as its source sees it: who may send people over it.
package struct BridgeEntry: Sendable {
    package let connection: IdentityProviderID
    package let recipient: AccountID
    package let source: AccountID
    package let provider: IdentityProviderID
    package let application: BridgeApplicationID
}

extension Reading {
    /// The bridge that a connection is, as long as it stands.
    package func bridgeEntry(grant: GrantID, recipient: AccountID) throws(Failure) -> BridgeEntry? {
        try value(
            """
            SELECT c.id, c.account_id, g.account_id, g.idp_id, b.id
              FROM connections c JOIN federation_grants g ON g.id = c.grant_id
              JOIN bridge_applications b ON b.grant_id = g.id
             WHERE c.grant_id = ? AND c.account_id = ?
            """, grant, recipient
        ) { (row) throws(SQLiteError) in
            BridgeEntry(
                connection: try row.identifier(0), recipient: try row.identifier(1), source: try row.identifier(2),
                provider: try row.identifier(3), application: try row.identifier(4))
        }
    }

    /// The account that a team name belongs to.
    package func account(ofTeam team: String) throws(Failure) -> AccountID? {
        try value("SELECT account_id FROM zero_trust_organizations WHERE team = ?", team) { (row) throws(SQLiteError) in
            try row.identifier(0)
        }
    }

    /// Whether a team name was given up less than thirty days ago.
    package func isRetired(team: String, at now: Timestamp) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM retired_teams WHERE team = ? AND until > ?", team, now)
    }
}

extension WriteTransaction {
    package func insert(_ code: BridgeCode, digest: [UInt8]) throws(Failure) {
        try execute(
            "INSERT INTO bridge_codes (digest, connection_id, challenge, identity, expires_at) VALUES (?, ?, ?, ?, ?)",
            digest, code.connection, code.challenge, code.identity, code.expiresAt)
    }

    /// Takes a code out: it works once.
    package func takeBridgeCode(_ digest: [UInt8]) throws(Failure) -> BridgeCode? {
        let found = try value(
            "SELECT connection_id, challenge, identity, expires_at FROM bridge_codes WHERE digest = ?", digest
        ) { (row) throws(SQLiteError) in
            BridgeCode(
                connection: try row.identifier(0), challenge: try row.text(1), identity: try row.json(2),
                expiresAt: try row.timestamp(3))
        }
        guard let found else { return nil }
        try execute("DELETE FROM bridge_codes WHERE digest = ?", digest)
        return found
    }
}
