package import Telemetry

/// What the REST API counts.
package final class APIMetrics: Sendable {
    private let requests: Metrics.CounterFamily
    private let latency: Metrics.HistogramHandle
    package let registry: Metrics

    package init(_ registry: Metrics) {
        self.registry = registry
        requests = registry.counter("orgd_http_requests_total", help: "Requests by status.", labels: ["status"])
        latency = registry.histogram("orgd_http_request_seconds", help: "Time from the head of a request to its answer.")
    }

    package func observe(status: Int, elapsed: Duration) {
        requests.with(["\(status)"]).increment()
        latency.observe(elapsed)
    }
}
