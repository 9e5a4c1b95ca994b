package import Domain
import Primitives
package import Store

extension Reading {
    /// Policies of an account and drafts, ready to be judged in this order.
    ///
    /// - Throws: 12130 for an id that the account does not have.
    package func policySet(
        existing: [PolicyID?], drafts: [PolicyDraft?], in account: AccountID
    ) throws(Failure) -> PolicySet {
        var judged: [JudgedPolicy] = []
        for (position, item) in zip(existing, drafts).enumerated() {
            if let draft = item.1 {
                // It has no id and needs none: nobody asks which policy decided.
                let id = PolicyID(high: 0, low: UInt64(position))
                judged.append(
                    try JudgedPolicy(id: id, name: draft.name, decision: draft.decision, document: draft.document))
            } else if let id = item.0, let policy = try policy(id, in: account) {
                judged.append(try JudgedPolicy(policy))
            } else {
                throw .refused(.accessInvalidRequest, "the policy does not exist", at: "/policies/\(position)")
            }
        }
        guard judged.contains(where: { !$0.rules.nestedGroups.isEmpty }) else {
            return PolicySet(policies: judged, groups: [:])
        }
        return PolicySet(policies: judged, groups: try compiled(try groupRules(of: account)))
    }
}

extension Act {
    /// Begins a test, whose users are judged afterwards.
    package func beginPolicyTest(
        _ id: PolicyTestID, of drafts: [PolicyDraft?], in account: AccountID
    ) throws(Failure) {
        for (position, draft) in drafts.enumerated() {
            guard let draft else { continue }
            try refuse(
                try problems(in: draft.references, keeping: [], at: "/policies/\(position)", in: account))
        }
        try transaction.insertPolicyTest(id, in: account, at: now)
        record(AuditEvent(.create, AuditedResource(.policyTest, id.uuid), account: account))
    }
}

extension Plane {
    /// Judges every user of an account, a batch at a time: each batch is a short read off the loops and a short write.
    package func runPolicyTest(
        _ id: PolicyTestID, _ policies: PolicySet, in account: AccountID
    ) async throws(Failure) {
        var last: TestSubject?
        repeat {
            let start = last
            let batch = try await store.background { (reader) throws(Failure) in
                try reader.judgedSubjects(of: account, after: start, by: policies)
            }
            last = batch.last
            guard last != nil else { break }
            let results = batch.results
            try await store.writes.perform { (transaction) throws(Failure) in
                try transaction.insert(results, of: id)
            }
        } while true
        let now = clock.now
        try await store.writes.perform { (transaction) throws(Failure) in
            try transaction.finishPolicyTest(id, at: now)
        }
    }
}

private struct JudgedBatch: Sendable {
    let last: TestSubject?
    let results: [(user: AccessUserID, status: PolicyTestResult.Status)]
}

extension Reading {
    fileprivate func judgedSubjects(
        of account: AccountID, after last: TestSubject?, by policies: PolicySet
    ) throws(Failure) -> JudgedBatch {
        let subjects = try testSubjects(of: account, after: last, atMost: 500)
        let results = try subjects.map { (subject) throws(Failure) in
            (user: subject.user, status: try status(of: subject, by: policies))
        }
        return JudgedBatch(last: subjects.last, results: results)
    }

    /// Whoever has never come cannot be judged. Nothing is known of a request: rules about it cannot be evaluated.
    private func status(
        of subject: TestSubject, by policies: PolicySet
    ) throws(Failure) -> PolicyTestResult.Status {
        guard let identity = subject.identity.flatMap(Identity.init(document:)) else { return .error }
        var visitor = Visitor(identity: identity, address: nil)
        if policies.looksAtMemberships { visitor.memberships = try memberships(of: identity.email) }
        return policies.decision(for: visitor).isAdmission ? .approved : .blocked
    }
}
