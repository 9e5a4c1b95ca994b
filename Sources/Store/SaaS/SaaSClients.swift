package import Domain
import SQLite

extension Reading {
    /// The application that is an OIDC client, with the SHA-256 of its secret.
    package func saasClient(
        _ client: SaaSClientID, in account: AccountID
    ) throws(Failure) -> (application: ApplicationID, secretDigest: [UInt8]?)? {
        try value(
            "SELECT id, saas_secret_digest FROM applications WHERE saas_client_id = ? AND account_id = ?", client,
            account
        ) { (row) throws(SQLiteError) in (try row.identifier(0), row.optionalBlob(1)) }
    }
}
