package import Domain
import Primitives
package import Store

/// A login that somebody may confirm.
package struct PendingApproval: Sendable {
    package let request: ApprovalRequest
    package let application: GuardedApplication
    /// The person who looks has confirmed it already, and others have not.
    package let isConfirmed: Bool
}

extension LoginDesk {
    /// What waits for the word of a person, the oldest first.
    package func pendingApprovals(for email: String, at team: TeamSettings) throws(Failure) -> [PendingApproval] {
        var found: [PendingApproval] = []
        for request in try reader.pendingApprovals(of: team.account, at: now) {
            guard let application = try application(request.application, of: team.account),
                let policy = application.policies.policy(request.policy),
                policy.terms.isApprover(email, for: request.email)
            else { continue }
            let approvers = try reader.approvers(of: request.id)
            found.append(
                PendingApproval(
                    request: request, application: application, isConfirmed: approvers.contains(email.lowercased())))
        }
        return found
    }

    /// Whether an address is named as an approver by any policy of an account.
    package func isApprover(_ email: String, at team: TeamSettings) throws(Failure) -> Bool {
        for id in try reader.launcherApplications(of: team.account) {
            guard let application = try application(id, of: team.account) else { continue }
            if application.policies.policies.contains(where: { $0.terms.isApprover(email, for: "") }) { return true }
        }
        return false
    }

    /// Writes down what an approver says. Their word counts as long as the policy names them.
    ///
    /// - Returns: whether there was such a request.
    package func settle(
        _ id: ApprovalRequestID, approves: Bool, by identity: Identity, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> Bool {
        guard let request = try reader.approvalRequest(id, in: team.account, at: now), request.state == .pending,
            let application = try application(request.application, of: team.account),
            let policy = application.policies.policy(request.policy),
            policy.terms.isApprover(identity.email, for: request.email)
        else { return false }
        let (now, email, account) = (self.now, identity.email, team.account)
        let event = AuditEvent(
            .update, AuditedResource(.application, application.id.uuid), account: account,
            description: "\(approves ? "approves" : "refuses") the login of \(request.email)")
        let act = AuditedRequest(
            actor: Actor(kind: .user, id: nil, email: email, context: .dash, token: nil), method: "POST",
            uri: "/cdn-cgi/access/approvals", userAgent: "", address: browser.address.text, ray: browser.ray)
        let isSettled = try await add { (transaction) throws(Failure) in
            guard let current = try transaction.approvalRequest(id, in: account, at: now), current.state == .pending
            else { return false }
            if approves {
                try transaction.approve(id, by: email, at: now)
                if policy.terms.isApproved(by: try transaction.approvers(of: id), for: current.email) {
                    try transaction.settle(id, as: .granted, until: now + ApprovalRequest.lifetime)
                }
            } else {
                try transaction.settle(id, as: .refused, until: now + ApprovalRequest.lifetime)
            }
            _ = try transaction.append(event, isSuccess: true, status: 200, of: act, at: now)
            return true
        }
        try refresh()
        return isSettled
    }
}
