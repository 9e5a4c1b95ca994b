package import Primitives

/// A question to somebody else's service (`external_evaluation`).
package struct ExternalEvaluation: Sendable, Hashable {
    package let evaluateURL: String
    package let keysURL: String

    package init(evaluateURL: String, keysURL: String) {
        self.evaluateURL = evaluateURL
        self.keysURL = keysURL
    }
}

/// What came of a question. It is a fact of the session: requests are judged with it, and it is asked again only when the
/// person is admitted anew.
package struct EvaluationAnswer: Sendable, Equatable {
    /// `nil` where there was no good answer, so that the rule cannot be evaluated.
    package let isSuccess: Bool?
    /// An admission from here on asks again.
    package let asksAgainAt: Timestamp

    package init(isSuccess: Bool?, asksAgainAt: Timestamp) {
        self.isSuccess = isSuccess
        self.asksAgainAt = asksAgainAt
    }
}

extension PolicySet {
    /// Whether a rule asks something that nobody was asked in the session of this identity: it began before the rule was
    /// there. Another way through the team's sign-in asks.
    package func asksMore(than identity: Identity) -> Bool {
        !questions.isEmpty && questions.contains { identity.evaluations[$0] == nil }
    }

    /// Whether a rule cannot be evaluated because a service gave no good answer.
    package func lacksAnswer(about identity: Identity) -> Bool {
        questions.contains { identity.evaluations[$0]?.isSuccess == nil }
    }
}
