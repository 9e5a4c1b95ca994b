import Crypto
import Domain
import JSON
import Primitives
package import Store

/// What a policy asks of those whom it admits, before they go on (contract 20 §10): a reason, and the word of others.
extension LoginDesk {
    /// Bytes of a reason that are kept.
    package static let purposeLimit = 1024
    private static let purposeLifetime = Duration.seconds(600)

    /// Where somebody stands whom a policy admits on terms.
    struct Stop {
        let way: ApplicationReturn
        let identity: Identity
        let policy: JudgedPolicy?
        let purpose: ReturnTicket.StatedPurpose?
        let isNewLogin: Bool
    }

    /// - Returns: the page that comes first, or `nil` when nothing stands between the person and the application.
    func pause(
        _ stop: Stop, _ row: inout AccessRequest, in application: GuardedApplication, _ browser: Browser
    ) async throws(Failure) -> LoginOutcome.Next? {
        guard let policy = stop.policy else { return nil }
        if case .asked(let prompt) = policy.terms.purpose {
            guard let stated = stop.purpose else {
                return .purpose(
                    try question(stop, application, browser, lasting: Self.purposeLifetime), prompt: prompt)
            }
            row.purpose = stated.text
        }
        guard !policy.terms.approvals.isEmpty else { return nil }
        let known = try reader.approvalRequest(
            of: stop.identity.user, for: application.id, under: policy.id, at: now)
        switch known?.state {
        case .granted: return nil
        case .refused:
            row.reason = "approval_refused"
            let (final, account, now) = (row, application.account, self.now)
            try await add { (transaction) throws(Failure) in try transaction.append(final, of: account, at: now) }
            return .denied(
                Denial(application, email: stop.identity.email, stop.way, because: .approver))
        case .pending: break
        case nil: try await askForApproval(stop, policy, application)
        }
        return .awaitingApproval(try question(stop, application, browser, lasting: ApprovalRequest.lifetime))
    }

    private func question(
        _ stop: Stop, _ application: GuardedApplication, _ browser: Browser, lasting lifetime: Duration
    ) throws(Failure) -> LoginOutcome.Question {
        // A login that opens an application once is not new for an hour.
        let isOnceOnly = application.tokenLifetime(stop.policy) == .zero
        let ticket = ReturnTicket(
            stop.way, for: browser, isNewLogin: stop.isNewLogin, purpose: stop.purpose,
            until: now + (isOnceOnly ? min(lifetime, Self.purposeLifetime) : lifetime))
        do throws(CryptoError) {
            return LoginOutcome.Question(
                application: application, destination: stop.way, ticket: try ticket.sealed(by: plane.vault))
        } catch { throw .inconsistent("sealing failed: \(error)") }
    }

    private func askForApproval(
        _ stop: Stop, _ policy: JudgedPolicy, _ application: GuardedApplication
    ) async throws(Failure) {
        let now = self.now
        let request = ApprovalRequest(
            id: ApprovalRequestID(at: now), account: application.account, application: application.id,
            policy: policy.id, user: stop.identity.user, email: stop.identity.email,
            purpose: stop.purpose?.text ?? "", state: .pending, createdAt: now,
            expiresAt: now + ApprovalRequest.lifetime)
        let isNew = try await add { (transaction) throws(Failure) in
            guard
                try transaction.approvalRequest(
                    of: request.user, for: request.application, under: request.policy, at: now) == nil
            else { return false }
            try transaction.insert(request)
            return true
        }
        try refresh()
        guard isNew, let messenger = plane.messenger else { return }
        let address = plane.settings.teamOrigin(application.team.team) + "/cdn-cgi/access/approvals"
        let name = application.application.name.onOneLine
        let addressees = Set(policy.terms.approvals.flatMap(\.addresses)).subtracting([request.email.lowercased()])
        for approver in addressees.sorted() {
            messenger.post(
                Letter(
                    to: approver, subject: "\(request.email.onOneLine) asks to open \(name)",
                    body: """
                        \(request.email.onOneLine) asks to open \(name).

                        \(request.purpose.isEmpty ? "No reason was asked for." : "Reason: \(request.purpose)")

                        Approve or refuse within an hour:
                        \(address)

                        """))
        }
    }

    /// Takes somebody up again who was asked something.
    ///
    /// - Parameters:
    ///   - ticket: from the page.
    ///   - purpose: what they stated, where that was the question.
    package func resume(
        _ ticket: String, stating purpose: String?, session cookies: [String], at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> LoginOutcome.Next {
        guard let known = ReturnTicket(ticket, for: browser, vault: plane.vault, at: now),
            let (session, identity) = try self.session(cookies, at: team),
            let application = try application(known.destination.application, of: team.account)
        else {
            throw .turnedAway(
                .sessionInvalid,
                "This page is out of date, or your session has ended. Open the application again.")
        }
        var stated = known.purpose
        if let purpose {
            // What it is stated for is what would admit now.
            let visitor = try visitor(identity, browser, for: application)
            if case .allow(let policy) = application.policies.decision(for: visitor) {
                stated = ReturnTicket.StatedPurpose(policy: policy, text: purpose)
            }
        }
        return try await enter(
            known.destination, session, identity, at: team, browser, isNewLogin: known.isNewLogin, purpose: stated)
    }

    /// The address of the login page for somebody who wants to be somebody else.
    package func freshAddress(
        for way: ApplicationReturn, _ application: GuardedApplication
    ) async throws(Failure) -> String {
        let key = try await key(of: application.account)
        return try loginAddress(
            for: application, host: way.host, target: way.path, appSession: way.appSession, key: key) + "&prompt=login"
    }
}

extension String {
    /// Without anything that could begin a line of its own.
    var onOneLine: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
