/// When and how long to wait before a request is made again.
package struct RetryPolicy: Sendable {
    /// Requests in all, the first included.
    package var attempts: Int
    /// The longest single wait, however long the server asks for.
    package var longestWait: Duration

    package init(attempts: Int = 5, longestWait: Duration = .seconds(30)) {
        self.attempts = attempts
        self.longestWait = longestWait
    }

    package static let never = RetryPolicy(attempts: 1)

    /// The wait before the next attempt, or `nil` when the answer is final: only 429, 503 and a running twin of the same
    /// idempotency key (21906) change by themselves.
    func wait(after refusal: APIRefusal, retryAfter: String?, attempt: Int) -> Duration? {
        guard attempt < attempts else { return nil }
        guard refusal.status == 429 || refusal.status == 503 || refusal.has(21906) else { return nil }
        if let seconds = retryAfter.flatMap({ Int($0) }) { return min(longestWait, .seconds(max(0, seconds))) }
        return backoff(attempt)
    }

    /// The wait after a connection that failed, where repeating is safe.
    func wait(afterFailure failure: TransportFailure, isRepeatable: Bool, attempt: Int) -> Duration? {
        // A server that is not there at all is reported at once: a person is waiting.
        guard attempt < min(attempts, 3), isRepeatable, !failure.neverSent else { return nil }
        return backoff(attempt)
    }

    private func backoff(_ attempt: Int) -> Duration {
        min(longestWait, .milliseconds(100 << min(attempt, 10)))
    }
}
