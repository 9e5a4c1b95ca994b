import Domain
import Store
import Telemetry

/// What the writer of the database does, as metrics.
final class DatabaseMetrics: StoreObserver {
    private let commits: Histogram
    private let units: Counter
    private let losses: Counter
    private let logins: CounterFamily

    init(_ registry: MetricsRegistry) {
        commits =
            registry.histogram("orgd_database_commit_seconds", help: "Time of a group commit, fsync included.").only
        units = registry.counter("orgd_database_writes_total", help: "Writes that became durable.").only
        losses =
            registry.counter("orgd_database_lost_writes_total", help: "Writes that a failed commit took along.").only
        logins = registry.counter(
            "orgd_access_requests_total",
            help: "Rows of the log of logins, by what was asked, whether it was allowed, and why not.",
            labels: ["action", "outcome", "reason"])
    }

    func committed(units count: Int, took duration: Duration) {
        commits.observe(duration)
        units.increment(by: UInt64(count))
    }

    /// Reasons are words of this server, so there are few series.
    func logged(_ requests: [AccessRequest]) {
        for request in requests {
            logins.with([request.action.rawValue, request.isAllowed ? "allowed" : "refused", request.reason])
                .increment()
        }
    }

    func lost(units count: Int) { losses.increment(by: UInt64(count)) }
}
