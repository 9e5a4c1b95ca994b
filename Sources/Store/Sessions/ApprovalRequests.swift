package import Domain
package import Primitives
package import SQLite

extension ApprovalRequest: Stored {
    package static let columns: SQL = """
        id, account_id, application_id, policy_id, user_id, email, purpose, state, created_at, expires_at
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let state = State(rawValue: try row.text(7)) else { throw row.malformed(7) }
        self.init(
            id: try row.identifier(0), account: try row.identifier(1), application: try row.identifier(2),
            policy: try row.identifier(3), user: try row.identifier(4), email: try row.text(5),
            purpose: try row.text(6), state: state, createdAt: try row.timestamp(8), expiresAt: try row.timestamp(9))
    }
}

extension Reading {
    package func approvalRequest(
        _ id: ApprovalRequestID, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> ApprovalRequest? {
        try first(
            ApprovalRequest.self,
            """
            SELECT \(ApprovalRequest.columns) FROM approval_requests
             WHERE id = ? AND account_id = ? AND expires_at > ? AND expires_at <= ?
            """, id, account, now, ApprovalRequest.latestEnd(at: now))
    }

    /// The latest request of a person for an application, as long as it waits or its outcome holds.
    package func approvalRequest(
        of user: AccessUserID, for application: ApplicationID, under policy: PolicyID, at now: Timestamp
    ) throws(Failure) -> ApprovalRequest? {
        try first(
            ApprovalRequest.self,
            """
            SELECT \(ApprovalRequest.columns) FROM approval_requests
             WHERE user_id = ? AND application_id = ? AND policy_id = ? AND expires_at > ?
               AND expires_at <= ?
             ORDER BY created_at DESC LIMIT 1
            """, user, application, policy, now, ApprovalRequest.latestEnd(at: now))
    }

    /// What waits in an account, the oldest first.
    package func pendingApprovals(of account: AccountID, at now: Timestamp) throws(Failure) -> [ApprovalRequest] {
        try all(
            ApprovalRequest.self,
            """
            SELECT \(ApprovalRequest.columns) FROM approval_requests
             WHERE account_id = ? AND state = 'pending' AND expires_at > ? AND expires_at <= ?
             ORDER BY created_at LIMIT 500
            """, account, now, ApprovalRequest.latestEnd(at: now))
    }

    /// Who has confirmed a request, lowercase.
    package func approvers(of request: ApprovalRequestID) throws(Failure) -> Set<String> {
        Set(
            try values("SELECT email FROM approvals WHERE request_id = ?", request) { (row) throws(SQLiteError) in
                try row.text(0)
            })
    }
}

extension WriteTransaction {
    package func insert(_ request: ApprovalRequest) throws(Failure) {
        try execute(
            """
            INSERT INTO approval_requests (id, account_id, application_id, policy_id, user_id, email, purpose, state,
                                           created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, lower(?), ?, ?, ?, ?)
            """,
            request.id, request.account, request.application, request.policy, request.user, request.email,
            request.purpose, request.state.rawValue, request.createdAt, request.expiresAt)
    }

    /// Notes that somebody confirms. Twice by one person counts once.
    package func approve(_ request: ApprovalRequestID, by email: String, at now: Timestamp) throws(Failure) {
        try execute(
            "INSERT OR IGNORE INTO approvals (request_id, email, at) VALUES (?, lower(?), ?)", request, email, now)
    }

    /// Ends the waiting.
    package func settle(
        _ request: ApprovalRequestID, as state: ApprovalRequest.State, until end: Timestamp
    ) throws(Failure) {
        try execute(
            "UPDATE approval_requests SET state = ?, expires_at = ? WHERE id = ?", state.rawValue, end, request)
    }
}
