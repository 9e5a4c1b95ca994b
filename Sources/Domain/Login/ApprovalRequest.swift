package import Primitives

package enum ApprovalRequestTag {}
package typealias ApprovalRequestID = Identifier<ApprovalRequestTag>

/// A login that waits until others confirm it (contract 20 §10).
package struct ApprovalRequest: Sendable, Equatable {
    package enum State: String, Sendable { case pending, granted, refused }

    package let id: ApprovalRequestID
    package let account: AccountID
    package let application: ApplicationID
    package let policy: PolicyID
    package let user: AccessUserID
    /// Of the person who waits, lowercase.
    package let email: String
    package let purpose: String
    package let state: State
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    /// How long a request waits, and how long its outcome holds.
    package static let lifetime = Duration.seconds(3600)

    /// The end of what begins now. Whatever ends later began under a clock that was set back since, and does not count.
    package static func latestEnd(at now: Timestamp) -> Timestamp { now + lifetime + Timestamp.clockSkew }

    package init(
        id: ApprovalRequestID, account: AccountID, application: ApplicationID, policy: PolicyID, user: AccessUserID,
        email: String, purpose: String, state: State, createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.application = application
        self.policy = policy
        self.user = user
        self.email = email
        self.purpose = purpose
        self.state = state
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

extension ApprovalGroup {
    /// Whether enough of this group have confirmed. Nobody confirms what they ask for themselves.
    package func isSatisfied(by approvers: Set<String>, for applicant: String) -> Bool {
        Set(addresses).intersection(approvers).subtracting([applicant.lowercased()]).count >= needed
    }
}

extension PolicyTerms {
    /// Whether an address may confirm logins of `applicant`.
    package func isApprover(_ email: String, for applicant: String) -> Bool {
        let email = email.lowercased()
        return email != applicant.lowercased() && approvals.contains { $0.addresses.contains(email) }
    }

    /// Whether every group has confirmed.
    package func isApproved(by approvers: Set<String>, for applicant: String) -> Bool {
        approvals.allSatisfy { $0.isSatisfied(by: approvers, for: applicant) }
    }
}
