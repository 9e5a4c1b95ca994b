import Crypto
package import Domain
package import Primitives
package import Store

/// A mutation as the engine sees it: who, from which request, under which guarantees.
package struct Mutation: Sendable {
    package let principal: Principal
    package let request: AuditedRequest
    package let precondition: Precondition?
    package let idempotency: Idempotency?
    /// What a refusal is filed under, and the body of the request without secrets.
    package let subject: AuditEvent

    package init(
        principal: Principal, request: AuditedRequest, precondition: Precondition?, idempotency: Idempotency?,
        subject: AuditEvent
    ) {
        self.principal = principal
        self.request = request
        self.precondition = precondition
        self.idempotency = idempotency
        self.subject = subject
    }
}

/// `Idempotency-Key` of a request (contract 10 §12).
package struct Idempotency: Sendable, Equatable {
    /// SHA-256 over principal, method, path and key.
    package let digest: [UInt8]
    /// SHA-256 of the body.
    package let bodyDigest: [UInt8]

    package init(digest: [UInt8], bodyDigest: [UInt8]) {
        self.digest = digest
        self.bodyDigest = bodyDigest
    }
}

/// An answer in full, as it goes to the client and into the store of repeated requests.
package struct FinalAnswer: Sendable, Equatable {
    package var status: Int
    package var etag: String?
    package var location: String?
    package var body: [UInt8]
    package var isReplay: Bool
    /// The result as the audit log shows it: without secrets.
    package var audited: JSONText?

    package init(
        status: Int, etag: String? = nil, location: String? = nil, body: [UInt8], isReplay: Bool = false,
        audited: JSONText? = nil
    ) {
        self.status = status
        self.etag = etag
        self.location = location
        self.body = body
        self.isReplay = isReplay
        self.audited = audited
    }
}

extension Plane {
    /// Runs a use case in one transaction together with its audit rows and the answer kept for repetition.
    ///
    /// A refusal is an answer too: its changes are rolled back, and where it is one that auditors want to see (403, 409)
    /// a row with result `failure` is written instead.
    ///
    /// - Parameters:
    ///   - refused: turns a refusal into the answer for the client.
    ///   - body: the use case and the encoding of its answer; runs on the writer's thread.
    /// - Throws: ``Failure`` other than `.refused`: nothing was written.
    package func perform(
        _ mutation: Mutation, refused: @escaping @Sendable (Refusal) -> FinalAnswer,
        _ body: @escaping @Sendable (Act) throws(Failure) -> FinalAnswer
    ) async throws(Failure) -> FinalAnswer {
        try await store.writes.perform { [self] (transaction) throws(Failure) -> FinalAnswer in
            let now = clock.now
            if let idempotency = mutation.idempotency,
                let replay = try replay(of: idempotency, in: transaction, refused: refused)
            {
                // Only adds: a repetition writes nothing.
                transaction.onlyAdds()
                return replay
            }
            let answer: FinalAnswer
            let act = Act(
                transaction: transaction, plane: self, principal: mutation.principal, now: now,
                precondition: mutation.precondition)
            do throws(Failure) {
                answer = try transaction.attemptAll { () throws(Failure) -> FinalAnswer in
                    let answer = try body(act)
                    try act.noteDrift()
                    for event in act.events {
                        try transaction.append(
                            event.completed(from: mutation.subject, answer: answer), isSuccess: true,
                            status: answer.status, of: mutation.request, at: now)
                    }
                    return answer
                }
            } catch .refused(let refusal) {
                answer = refused(refusal)
                // Only adds: the use case was undone, what is left is a row of the audit log and the answer for repetition.
                transaction.onlyAdds()
                if !act.isPreview, refusal.httpStatus == 403 || refusal.httpStatus == 409 {
                    try transaction.append(
                        mutation.subject.describing(refusal), isSuccess: false, status: refusal.httpStatus,
                        of: mutation.request, at: now)
                }
            }
            if let idempotency = mutation.idempotency {
                try keep(answer, for: idempotency, in: transaction, at: now)
            }
            return answer
        }
    }

    /// Writes the audit row of a mutation that was refused before it reached its use case.
    package func recordRefusal(_ refusal: Refusal, of mutation: Mutation) async throws(Failure) {
        _ = try await store.writes.perform { [clock] (transaction) throws(Failure) in
            // Only adds: a row of the audit log.
            transaction.onlyAdds()
            try transaction.append(
                mutation.subject.describing(refusal), isSuccess: false, status: refusal.httpStatus,
                of: mutation.request,
                at: clock.now)
        }
    }

    /// Keeps the answer to a request that changed nothing, for its repetition.
    ///
    /// - Returns: the answer to give: that of another request under the same key, if it came first.
    package func keep(
        _ answer: FinalAnswer, for idempotency: Idempotency, refused: @escaping @Sendable (Refusal) -> FinalAnswer
    ) async throws(Failure) -> FinalAnswer {
        try await store.writes.perform { [self] (transaction) throws(Failure) -> FinalAnswer in
            // Only adds: an answer to a request that changed nothing.
            transaction.onlyAdds()
            if let first = try replay(of: idempotency, in: transaction, refused: refused) { return first }
            try keep(answer, for: idempotency, in: transaction, at: clock.now)
            return answer
        }
    }

    /// The answer that was kept under the key, a refusal where the body differs, or `nil` for a new key.
    package func replay(
        of idempotency: Idempotency, in reader: any Reading, refused: (Refusal) -> FinalAnswer
    ) throws(Failure) -> FinalAnswer? {
        guard let kept = try reader.keptAnswer(idempotency.digest) else { return nil }
        guard kept.bodyDigest == idempotency.bodyDigest else {
            return refused(
                Refusal(
                    .idempotencyMismatch, "this Idempotency-Key was used with another body: use a new key",
                    at: "#idempotency-key"))
        }
        do throws(CryptoError) {
            let body = try vault.open(kept.sealedBody, for: Self.purpose(of: idempotency))
            return FinalAnswer(
                status: kept.status, etag: kept.etag, location: kept.location, body: body, isReplay: true)
        } catch {
            throw .inconsistent("a kept answer does not open with this server's secret key")
        }
    }

    private func keep(
        _ answer: FinalAnswer, for idempotency: Idempotency, in transaction: WriteTransaction, at now: Timestamp
    ) throws(Failure) {
        let sealed: [UInt8]
        do throws(CryptoError) {
            sealed = try vault.seal(answer.body, for: Self.purpose(of: idempotency))
        } catch { throw .inconsistent("sealing failed: \(error)") }
        try transaction.keep(
            KeptAnswer(
                bodyDigest: idempotency.bodyDigest, status: answer.status, etag: answer.etag, location: answer.location,
                sealedBody: sealed),
            digest: idempotency.digest, at: now)
    }

    private static func purpose(of idempotency: Idempotency) -> String {
        "idempotency \(Hex.encode(idempotency.digest))"
    }
}

extension AuditEvent {
    /// Fills in the request's body and the answer where the use case gave none.
    fileprivate func completed(from subject: AuditEvent, answer: FinalAnswer) -> AuditEvent {
        AuditEvent(
            action, resource, account: account, organization: organization, description: description,
            request: request ?? subject.request, response: response ?? answer.audited)
    }

    fileprivate func describing(_ refusal: Refusal) -> AuditEvent {
        let problem = refusal.problems[0]
        return AuditEvent(
            action, resource, account: account, organization: organization,
            description: "\(problem.code.rawValue) \(problem.code.token)", request: request, response: nil)
    }
}
