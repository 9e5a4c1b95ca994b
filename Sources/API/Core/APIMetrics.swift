package import Telemetry

/// What the REST API counts.
package final class APIMetrics: Sendable {
    private let requests: CounterFamily
    private let latency: Histogram
    package let registry: MetricsRegistry

    package init(_ registry: MetricsRegistry) {
        self.registry = registry
        requests = registry.counter("orgd_http_requests_total", help: "Requests by status.", labels: ["status"])
        latency = registry.histogram("orgd_http_request_seconds", help: "Time from the head of a request to its answer.").only
    }

    package func observe(status: Int, elapsed: Duration) {
        requests.with(["\(status)"]).increment()
        latency.observe(elapsed)
    }
}
