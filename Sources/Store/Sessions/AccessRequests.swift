package import Domain
package import Primitives
import SQLite

extension WriteTransaction {
    /// Adds a row to the log of logins.
    package func append(_ request: AccessRequest, of account: AccountID, at now: Timestamp) throws(Failure) {
        try execute(
            """
            INSERT INTO access_requests (id, account_id, at, action, allowed, app_id, app_domain, app_type, connection,
                                         idp_id, country, ip, ray, user_email, user_id, policy_id, reason, purpose,
                                         client_id, client_name)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            AccessRequestID(at: now), account, now, request.action.rawValue, request.isAllowed,
            request.application?.id, request.application?.domain ?? "", request.application?.type ?? "",
            request.connection, request.provider, request.country, request.address, request.ray, request.email,
            request.user, request.policy, request.reason, request.purpose, request.clientID, request.clientName)
        counts(request)
    }
}
