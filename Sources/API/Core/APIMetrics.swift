package import Telemetry

/// What the REST API counts, for the process.
package final class APIMetrics: Sendable {
    fileprivate let requests: CounterFamily
    fileprivate let latency: HistogramFamily
    package let registry: MetricsRegistry

    package init(_ registry: MetricsRegistry) {
        self.registry = registry
        requests = registry.counter(
            "orgd_http_requests_total", help: "Requests by operation and status.", labels: ["route", "status"])
        latency = registry.histogram(
            "orgd_http_request_seconds", help: "Time from the head of a request to its answer, by operation.",
            labels: ["route"])
    }
}

/// The counters of one loop: found once, then incremented without a lookup by name.
///
/// Knows the operation of each request under way, because the server reports the end of a request by its ray alone.
final class LoopMetrics {
    private struct Series {
        let latency: Histogram
        var requests: [UInt16: Counter] = [:]
    }

    private let metrics: APIMetrics
    private var underWay: [UInt64: String] = [:]
    private var series: [String: Series] = [:]

    init(_ metrics: APIMetrics) { self.metrics = metrics }

    func began(_ ray: UInt64, _ operation: String) { underWay[ray] = operation }

    func ended(_ ray: UInt64, status: UInt16, elapsed: Duration) {
        let operation = underWay.removeValue(forKey: ray) ?? "none"
        var known = series[operation] ?? Series(latency: metrics.latency.with([operation]))
        known.latency.observe(elapsed)
        let counter = known.requests[status] ?? metrics.requests.with([operation, "\(status)"])
        counter.increment()
        if known.requests[status] == nil {
            known.requests[status] = counter
            series[operation] = known
        }
    }
}
