package import Telemetry

/// What the REST API counts.
package final class APIMetrics: Sendable {
    private let requests: CounterFamily
    /// The counters of common statuses, found once.
    private let ok, created: Counter
    private let latency: Histogram
    package let registry: MetricsRegistry

    package init(_ registry: MetricsRegistry) {
        self.registry = registry
        requests = registry.counter("orgd_http_requests_total", help: "Requests by status.", labels: ["status"])
        ok = requests.with(["200"])
        created = requests.with(["201"])
        latency = registry.histogram("orgd_http_request_seconds", help: "Time from the head of a request to its answer.").only
    }

    package func observe(status: Int, elapsed: Duration) {
        switch status {
        case 200: ok.increment()
        case 201: created.increment()
        default: requests.with(["\(status)"]).increment()
        }
        latency.observe(elapsed)
    }
}
