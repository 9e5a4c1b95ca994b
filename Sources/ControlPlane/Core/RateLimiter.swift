package import Domain
package import Primitives
import Synchronization

/// Slows down those who guess credentials, and those who ask too often (contract 10 §13).
package final class RateLimiter: Sendable {
    private struct State {
        var failures: [IPAddress: Window] = [:]
        var buckets: [[UInt8]: Bucket] = [:]
    }

    /// Failures of an address in the minute that began at `start`; `blockedUntil` once there were too many.
    private struct Window {
        var start: Timestamp
        var count: Int
        var blockedUntil: Timestamp?
    }

    private struct Bucket {
        var tokens: Double
        var filledAt: Timestamp
    }

    private let state = Mutex(State())
    /// Whether any address is blocked: lets the common case pass without the lock.
    private let anyBlocked = Atomic<Bool>(false)
    private let failuresPerMinute: Int
    private let requestsPerSecond: Int
    private let capacity = 100_000
    private static let pause = Duration.seconds(60)

    /// - Parameters: failed authentications a minute and address, requests a second and credential; 0 switches off.
    package init(failuresPerMinute: Int, requestsPerSecond: Int) {
        self.failuresPerMinute = failuresPerMinute
        self.requestsPerSecond = requestsPerSecond
    }

    /// - Throws: 21907 while the address is blocked.
    package func admit(_ address: IPAddress, at now: Timestamp) throws(Refusal) {
        guard anyBlocked.load(ordering: .relaxed) else { return }
        let isBlocked = state.withLock { state in
            guard let until = state.failures[address]?.blockedUntil else { return false }
            if until.isAhead(of: now, byAtMost: Self.pause) { return true }
            state.failures[address] = nil
            anyBlocked.store(state.failures.values.contains { $0.blockedUntil != nil }, ordering: .relaxed)
            return false
        }
        if isBlocked { throw Refusal(.rateLimited, "too many failed authentications from this address: wait a minute") }
    }

    package func noteFailure(from address: IPAddress, at now: Timestamp) {
        guard failuresPerMinute > 0 else { return }
        state.withLock { state in
            var window = state.failures[address] ?? Window(start: now, count: 0)
            if !window.start.isWithin(.seconds(60), before: now) { window = Window(start: now, count: 0) }
            window.count += 1
            if window.count >= failuresPerMinute {
                window.blockedUntil = now + Self.pause
                anyBlocked.store(true, ordering: .relaxed)
            }
            if state.failures.count >= capacity {
                state.failures = state.failures.filter { $0.value.blockedUntil != nil }
            }
            state.failures[address] = window
        }
    }

    /// - Throws: 21907 when the credential has used up its requests of this second.
    package func spend(_ credential: [UInt8], at now: Timestamp) throws(Refusal) {
        guard requestsPerSecond > 0 else { return }
        let isAdmitted = state.withLock { state in
            let limit = Double(requestsPerSecond)
            var bucket = state.buckets[credential] ?? Bucket(tokens: limit, filledAt: now)
            let elapsed = Double(max(0, (now - bucket.filledAt).wholeMicroseconds)) / 1e6
            bucket.tokens = min(limit, bucket.tokens + elapsed * limit)
            bucket.filledAt = now
            let isAdmitted = bucket.tokens >= 1
            if isAdmitted { bucket.tokens -= 1 }
            if state.buckets.count >= capacity { state.buckets.removeAll(keepingCapacity: true) }
            state.buckets[credential] = bucket
            return isAdmitted
        }
        if !isAdmitted { throw Refusal(.rateLimited, "more than \(requestsPerSecond) requests a second: slow down") }
    }
}
