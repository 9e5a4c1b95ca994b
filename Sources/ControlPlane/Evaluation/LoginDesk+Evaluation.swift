import Crypto
import Domain
import JSON
import Primitives
import Store

/// Questions to other services, asked when somebody is about to be admitted. Their answers become facts of the session: the
/// gate, managed OAuth and sign-in for SaaS applications judge with them and ask nobody.
extension LoginDesk {
    /// Services that are asked for one admission; rules about more cannot be evaluated.
    package static let mostQuestions = 8
    /// Nobody is asked again sooner, whatever the answer was.
    static let shortestAnswer = Duration.seconds(5)

    /// Whether ``ask(about:_:at:_:)`` has something to ask before `identity` is judged: a question that is new in this
    /// session, whose answer is old, or that was not answered with yes.
    func mustAsk(_ application: GuardedApplication, about identity: Identity) -> Bool {
        application.policies.questions.contains { isDue($0, identity) }
    }

    private func isDue(_ question: ExternalEvaluation, _ identity: Identity) -> Bool {
        identity.evaluations[question].map { $0.asksAgainAt <= now } ?? true
    }

    /// Asks what is due, all services at once, and keeps the answers with the session.
    ///
    /// - Returns: the session and identity as they are now. What was read before is old: read it again.
    /// - Throws: ``LoginFault`` `session_invalid` when the session has ended meanwhile.
    func ask(
        about session: Session, _ identity: Identity, at application: GuardedApplication, _ browser: Browser
    ) async throws(Failure) -> (session: Session, identity: Identity) {
        let due = application.policies.questions.filter { isDue($0, identity) }
        let key = try await key(of: application.account)
        let posed = try due.prefix(Self.mostQuestions).map { (question) throws(Failure) in
            try pose(question, about: session, identity, at: application, signed: key, browser)
        }
        var answers = await answers(to: posed, browser)
        for question in due.dropFirst(Self.mostQuestions) {
            answers[question] = EvaluationAnswer(isSuccess: nil, asksAgainAt: now + Self.shortestAnswer)
            noteEvaluationFault?(question, EvaluationFault(.tooMany, "rules ask too many services"), browser.ray)
        }
        let (nonce, account, final, now) = (session.nonce, session.account, answers, self.now)
        let kept = try await plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.keep(final, in: nonce, of: account, at: now)
        }
        try refresh()
        guard let kept, let current = Identity(document: kept.identity) else {
            throw .turnedAway(.sessionInvalid, "Your session has ended. Open the application again.")
        }
        return (kept, current)
    }

    private func answers(
        to posed: [PosedQuestion], _ browser: Browser
    ) async -> [ExternalEvaluation: EvaluationAnswer] {
        let evaluator = Evaluator(keys: plane.keys, clock: plane.clock)
        let outcomes = await withTaskGroup(
            of: (ExternalEvaluation, Result<Evaluator.Answer, EvaluationFault>).self
        ) { group in
            for question in posed {
                group.addTask {
                    do throws(EvaluationFault) {
                        return (question.question, .success(try await evaluator.ask(question)))
                    } catch { return (question.question, .failure(error)) }
                }
            }
            var outcomes: [(ExternalEvaluation, Result<Evaluator.Answer, EvaluationFault>)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        let soon = now + Self.shortestAnswer
        var answers: [ExternalEvaluation: EvaluationAnswer] = [:]
        for (question, outcome) in outcomes {
            switch outcome {
            case .success(let answer):
                // A no is for now: who was told what is missing comes back as soon as it is there.
                answers[question] = EvaluationAnswer(
                    isSuccess: answer.isSuccess, asksAgainAt: answer.isSuccess ? max(answer.expiresAt, soon) : soon)
            case .failure(let fault):
                answers[question] = EvaluationAnswer(isSuccess: nil, asksAgainAt: soon)
                noteEvaluationFault?(question, fault, browser.ray)
            }
        }
        return answers
    }

    /// A token about somebody, for one service and one answer. No application takes it for one of its own: its type and its
    /// audience are others.
    private func pose(
        _ question: ExternalEvaluation, about session: Session, _ identity: Identity,
        at application: GuardedApplication, signed key: TeamKey, _ browser: Browser
    ) throws(Failure) -> PosedQuestion {
        let nonce = RandomToken.base64URL(bytes: 24)
        let now = self.now
        let report = IdentityReport(
            account: application.account, address: browser.address, country: browser.country, certificate: nil)
        var writer = JSONWriter(reserving: 2048)
        writer.beginObject()
        writer.member("type", "external_evaluation")
        writer.member("iss", plane.settings.teamOrigin(application.team.team))
        writer.key("aud")
        writer.beginArray()
        writer.value(question.evaluateURL)
        writer.endArray()
        writer.member("iat", now.seconds)
        writer.member("nbf", now.seconds)
        writer.member("exp", (now + .seconds(60)).seconds)
        writer.member("nonce", nonce)
        writer.key("identity")
        report.write(
            Acquaintance(
                holder: .person(session), identity: identity, application: application, issuedAt: session.createdAt),
            serviceName: "", to: &writer)
        writer.endObject()
        return PosedQuestion(question: question, token: try key.sign(payload: writer.bytes), nonce: nonce)
    }
}

extension WriteTransaction {
    /// Adds answers to what a session knows. Two admissions at once both keep theirs.
    ///
    /// - Returns: the session as it is then; `nil` for one that has ended.
    fileprivate func keep(
        _ answers: [ExternalEvaluation: EvaluationAnswer], in nonce: SessionNonce, of account: AccountID,
        at now: Timestamp
    ) throws(Failure) -> Session? {
        guard let session = try session(nonce, in: account, at: now),
            var identity = Identity(document: session.identity)
        else { return nil }
        let known = identity.evaluations
        identity.evaluations.merge(answers) { $1 }
        let isChange = answers.contains { question, answer in
            known[question].map { $0.isSuccess != answer.isSuccess } ?? false
        }
        // Without the first answer the gate lets nobody in; another answer than before has to reach it.
        if !isChange { self.onlyAdds() }
        try update(nonce, of: session.user, identity: identity.document)
        return try self.session(nonce, in: account, at: now)
    }
}
