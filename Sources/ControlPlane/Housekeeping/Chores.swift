import Domain
import Primitives
package import Store

/// What the server does by itself, a little at a time, so that no request has to wait for it.
extension Plane {
    /// One round. Each chore is a short transaction of its own; what is left over is done in the next round.
    ///
    /// - Returns: how much was done, for the log.
    package func doChores() async throws(Failure) -> ChoreReport {
        var report = ChoreReport()
        try await forgetOldRows(&report)
        try await forgetExpiredRows(&report)
        try await forgetProgramsOfThePast(&report)
        try await listNextKeys(&report)
        try await retireServiceTokens(&report)
        let now = clock.now
        report.liveSessions = try await store.background { (reader) throws(Failure) in
            try reader.liveSessions(at: now)
        }
        return report
    }

    /// Whether a durable write goes through now.
    package func canWrite() async -> Bool {
        do throws(Failure) {
            _ = try await store.writes.perform { (transaction) throws(Failure) in
                // Only adds: writes one cell of the audit chain's head as it is.
                transaction.onlyAdds()
                try transaction.writeNothing()
            }
            return true
        } catch { return false }
    }

    private func forgetOldRows(_ report: inout ChoreReport) async throws(Failure) {
        let now = clock.now
        report.auditRowsRemoved = try await forget { (transaction) throws(Failure) in
            try transaction.removeAuditRows(before: now - ChoreLimits.logRetention, atMost: ChoreLimits.batch)
        }
        report.answersForgotten = try await forget { (transaction) throws(Failure) in
            try transaction.forgetAnswers(before: now - .seconds(24 * 3600), atMost: ChoreLimits.batch)
        }
        report.policyTestsForgotten = try await forget { (transaction) throws(Failure) in
            try transaction.forgetPolicyTests(before: now - PolicyTest.retention, atMost: ChoreLimits.policyTests)
        }
        report.teamsReleased = try await forget { (transaction) throws(Failure) in
            try transaction.releaseTeams(at: now)
        }
        report.loginRowsRemoved = try await forget { (transaction) throws(Failure) in
            try transaction.removeAccessLogRows(before: now - ChoreLimits.logRetention, atMost: ChoreLimits.batch)
        }
    }

    private func forgetExpiredRows(_ report: inout ChoreReport) async throws(Failure) {
        let now = clock.now
        for table in ExpiringTable.allCases {
            // A busy hour leaves more than one batch behind.
            for _ in 1...ChoreLimits.batchesOfExpired {
                let count = try await forget { (transaction) throws(Failure) in
                    try transaction.forgetExpired(table, at: now, atMost: ChoreLimits.batch)
                }
                report.expiredRowsForgotten += count
                if count < ChoreLimits.batch { break }
            }
        }
    }

    /// Clients, codes and tokens of programs that act for people.
    private func forgetProgramsOfThePast(_ report: inout ChoreReport) async throws(Failure) {
        let now = clock.now
        report.expiredRowsForgotten += try await forget { (transaction) throws(Failure) in
            try transaction.removeExpiredManagedOAuth(at: now, atMost: ChoreLimits.batch)
        }
    }

    /// Removes what nothing depends on any more.
    private func forget(
        _ body: @escaping @Sendable (WriteTransaction) throws(Failure) -> Int
    ) async throws(Failure) -> Int {
        try await store.writes.perform { (transaction) throws(Failure) in
            // Only adds, as far as decisions go: rows of logs decide nothing, and whoever reads one of the others compares
            // its end with the clock, so that what is forgotten here admitted nobody before either.
            transaction.onlyAdds()
            return try body(transaction)
        }
    }

    /// Makes the next key of accounts whose rotation is a day away.
    private func listNextKeys(_ report: inout ChoreReport) async throws(Failure) {
        let now = clock.now
        let due = try await store.background { (reader) throws(Failure) in
            try reader.accountsWithKeysDue(within: KeyRotation.lead, at: now, atMost: ChoreLimits.rotations)
        }
        for account in due {
            let key = try await makeSigningKey()
            try await perform(.system(.update, AuditedResource(.keys, account.hex), in: account)) {
                (act) throws(Failure) in
                _ = try act.scheduleKey(key, of: account)
            }
            report.keysListed += 1
        }
    }

    private func retireServiceTokens(_ report: inout ChoreReport) async throws(Failure) {
        let now = clock.now
        let idle = try await store.background { (reader) throws(Failure) in
            try reader.idleServiceTokens(at: now, atMost: ChoreLimits.batch)
        }
        for token in idle {
            let resource = AuditedResource(.serviceToken, token.id.uuid)
            let action: AuditEvent.Action = token.isToBeDeleted ? .delete : .update
            try await perform(.system(action, resource, in: token.account)) { (act) throws(Failure) in
                _ = try act.retireServiceToken(token)
            }
            report.serviceTokensRetired += 1
        }
    }
}

/// How much one round of chores does at most, and what it keeps.
package enum ChoreLimits {
    /// How long rows of the audit log and of the log of logins are kept: eighteen months (contract 20 §23).
    package static let logRetention = Duration.seconds(548 * 86_400)
    static let batch = 1000
    static let batchesOfExpired = 20
    static let rotations = 4
    /// Each takes a row for every user with it.
    static let policyTests = 4
}

/// What a round of chores did.
package struct ChoreReport: Sendable, Equatable {
    package var auditRowsRemoved = 0
    package var answersForgotten = 0
    package var policyTestsForgotten = 0
    package var teamsReleased = 0
    /// From the log of logins.
    package var loginRowsRemoved = 0
    /// Sessions, tokens and what logins leave on their way.
    package var expiredRowsForgotten = 0
    package var keysListed = 0
    package var serviceTokensRetired = 0
    /// Sessions that have not expired, of all accounts.
    package var liveSessions = 0

    package var isEmpty: Bool {
        var rest = self
        rest.liveSessions = 0
        return rest == ChoreReport()
    }
}
