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
        let now = clock.now
        report.auditRowsRemoved = try await store.writes.perform { (transaction) throws(Failure) in
            try transaction.removeAuditRows(before: now - ChoreLimits.auditRetention, atMost: ChoreLimits.batch)
        }
        report.answersForgotten = try await store.writes.perform { (transaction) throws(Failure) in
            try transaction.forgetAnswers(before: now - .seconds(24 * 3600), atMost: ChoreLimits.batch)
        }
        report.policyTestsForgotten = try await store.writes.perform { (transaction) throws(Failure) in
            try transaction.forgetPolicyTests(before: now - PolicyTest.retention, atMost: ChoreLimits.policyTests)
        }
        report.teamsReleased = try await store.writes.perform { (transaction) throws(Failure) in
            try transaction.releaseTeams(at: now)
        }
        report.loginsRemoved = try await store.writes.perform { (transaction) throws(Failure) in
            transaction.onlyAdds()
            return try transaction.removeExpiredLogins(at: now, atMost: ChoreLimits.batch)
        }
        report.loginsRemoved += try await store.writes.perform { (transaction) throws(Failure) in
            transaction.onlyAdds()
            return try transaction.removeExpiredManagedOAuth(at: now, atMost: ChoreLimits.batch)
        }
        let due = try await store.background { (reader) throws(Failure) in
            try reader.accountsWithKeysDue(at: now, atMost: ChoreLimits.rotations)
        }
        for account in due {
            try await rotateKeysBySchedule(of: account)
            report.keysRotated += 1
        }
        return report
    }

    /// Whether a durable write goes through now.
    package func canWrite() async -> Bool {
        do throws(Failure) {
            _ = try await store.writes.perform { (transaction) throws(Failure) in
                try transaction.writeNothing()
            }
            return true
        } catch { return false }
    }

    private func rotateKeysBySchedule(of account: AccountID) async throws(Failure) {
        let key = try await makeSigningKey()
        try await perform(.system(.update, AuditedResource(.keys, account.hex), in: account)) { (act) throws(Failure) in
            _ = try act.rotateKeys(to: key, of: account)
        }
    }
}

/// How much one round of chores does at most, and what it keeps.
private enum ChoreLimits {
    /// Eighteen months (contract 20 §23).
    static let auditRetention = Duration.seconds(548 * 86_400)
    static let batch = 1000
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
    package var keysRotated = 0
    /// Rows of sign-ins, sessions and tokens that were over.
    package var loginsRemoved = 0

    package var isEmpty: Bool { self == ChoreReport() }
}
