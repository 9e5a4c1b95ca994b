package import Primitives

/// A run of policies over every user of an account (contract 20 §13).
package struct PolicyTest: Sendable, Equatable {
    package let id: PolicyTestID
    package let totalUsers: Int
    package let approved: Int
    package let blocked: Int
    /// Users who never logged in, so that nobody knows what to judge.
    package let errored: Int
    package let createdAt: Timestamp
    package let finishedAt: Timestamp?

    package init(
        id: PolicyTestID, totalUsers: Int, approved: Int, blocked: Int, errored: Int, createdAt: Timestamp,
        finishedAt: Timestamp?
    ) {
        self.id = id
        self.totalUsers = totalUsers
        self.approved = approved
        self.blocked = blocked
        self.errored = errored
        self.createdAt = createdAt
        self.finishedAt = finishedAt
    }

    package enum Status: String, Sendable {
        case processing, complete
        case exceededTime = "exceeded time"
    }

    /// How long a run may take; one that is not done by then never will be.
    package static let patience = Duration.seconds(300)
    /// How long results are kept.
    package static let retention = Duration.seconds(7 * 86_400)
    /// Tests that an account may have at a time.
    package static let maxPerAccount = 50

    package var processed: Int { approved + blocked + errored }

    package func status(at now: Timestamp) -> Status {
        if finishedAt != nil { return .complete }
        return createdAt + Self.patience < now ? .exceededTime : .processing
    }

    /// What share of `whole` a number is, in whole percent, rounded down; of nothing, nothing.
    package static func percent(_ part: Int, of whole: Int) -> Int { whole == 0 ? 0 : part * 100 / whole }
}

/// What the policies of a test say to one user.
package struct PolicyTestResult: Sendable, Equatable {
    package let user: AccessUserID
    package let email: String
    package let name: String
    package let status: Status

    package enum Status: String, Sendable, CaseIterable { case approved, blocked, error }

    package init(user: AccessUserID, email: String, name: String, status: Status) {
        self.user = user
        self.email = email
        self.name = name
        self.status = status
    }
}

extension Decision {
    package var isAdmission: Bool {
        switch self {
        case .bypass, .service, .allow: true
        case .deny, .unmatched: false
        }
    }

    /// The policy that decided.
    package var policy: PolicyID? {
        switch self {
        case .bypass(let id), .service(let id), .allow(let id), .deny(let id): id
        case .unmatched: nil
        }
    }
}
