import EventLoops

/// An instant after which a call has failed, on the monotonic clock.
struct Deadline: Sendable {
    private let nanoseconds: Int64

    init(after duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let length = overflow ? Int64.max : scaled + attoseconds / 1_000_000_000
        let (instant, late) = EventLoop.readMonotonic().addingReportingOverflow(length)
        nanoseconds = late ? .max : instant
    }

    /// The time left.
    ///
    /// - Throws: ``HTTPClientError/timedOut(_:)`` with `phase` when there is none.
    func remaining(_ phase: HTTPClientError.Phase) throws(HTTPClientError) -> Duration {
        let left = nanoseconds - EventLoop.readMonotonic()
        guard left > 0 else { throw .timedOut(phase) }
        return .nanoseconds(left)
    }
}
