import Primitives
import Testing

@testable import Telemetry

@Suite("Metrics")
struct MetricsTests {
    private static func text(_ registry: MetricsRegistry) -> String {
        String(decoding: registry.render(), as: UTF8.self)
    }

    @Test("counters and gauges render in the text format")
    func simple() {
        let registry = MetricsRegistry()
        let requests = registry.counter("orgd_http_requests_total", help: "Requests.", labels: ["route", "status"])
        requests.with(["/a", "200"]).increment()
        requests.with(["/a", "200"]).increment(by: 2)
        requests.with(["/b", "404"]).increment(by: 0)
        registry.gauge("orgd_connections", help: "Open connections.").only.add(-2)
        registry.observe("orgd_ratio", help: "A ratio.") { 0.25 }
        #expect(
            Self.text(registry) == """
                # HELP orgd_http_requests_total Requests.
                # TYPE orgd_http_requests_total counter
                orgd_http_requests_total{route="/a",status="200"} 3
                orgd_http_requests_total{route="/b",status="404"} 0
                # HELP orgd_connections Open connections.
                # TYPE orgd_connections gauge
                orgd_connections -2
                # HELP orgd_ratio A ratio.
                # TYPE orgd_ratio gauge
                orgd_ratio 0.25

                """)
    }

    @Test("a histogram is cumulative and ends in +Inf, sum and count")
    func histogram() {
        let registry = MetricsRegistry()
        let family = registry.histogram(
            "orgd_seconds", help: "Durations.", labels: ["route"],
            buckets: .durations([.microseconds(250), .milliseconds(1), .seconds(2)]))
        let histogram = family.with(["/"])
        for duration in [Duration.zero, .microseconds(250), .microseconds(251), .seconds(2), .seconds(3), .seconds(-1)]
        {
            histogram.observe(duration)
        }
        #expect(
            Self.text(registry) == """
                # HELP orgd_seconds Durations.
                # TYPE orgd_seconds histogram
                orgd_seconds_bucket{route="/",le="0.00025"} 3
                orgd_seconds_bucket{route="/",le="0.001"} 4
                orgd_seconds_bucket{route="/",le="2"} 5
                orgd_seconds_bucket{route="/",le="+Inf"} 6
                orgd_seconds_sum{route="/"} 5.000501
                orgd_seconds_count{route="/"} 6

                """)
        #expect(histogram.count == 6)
    }

    @Test("a histogram of numbers has whole bounds")
    func numbers() {
        let registry = MetricsRegistry()
        let histogram = registry.histogram("group_size", help: "Units.", buckets: .numbers([1, 8])).only
        histogram.observe(1)
        histogram.observe(9)
        #expect(
            Self.text(registry).contains(
                "group_size_bucket{le=\"8\"} 1\ngroup_size_bucket{le=\"+Inf\"} 2\ngroup_size_sum 10\n"))
    }

    @Test("labels and help are escaped")
    func escaping() {
        let registry = MetricsRegistry()
        registry.counter("a_total", help: "back\\slash\nand \"quote\"", labels: ["x"]).with(["a\\b\"c\nd"]).increment()
        #expect(
            Self.text(registry) == """
                # HELP a_total back\\\\slash\\nand "quote"
                # TYPE a_total counter
                a_total{x="a\\\\b\\"c\\nd"} 1

                """)
    }

    @Test("label values beyond the limit share one series")
    func bounded() {
        let registry = MetricsRegistry()
        let family = registry.counter("a_total", help: "", labels: ["x"], limit: 2)
        for value in ["1", "2", "3", "4", "1"] { family.with([value]).increment() }
        #expect(Self.text(registry).hasSuffix("a_total{x=\"1\"} 2\na_total{x=\"2\"} 1\na_total{x=\"other\"} 2\n"))
    }

    @Test("registering again returns the same metric")
    func again() {
        let registry = MetricsRegistry()
        registry.counter("a_total", help: "A.", labels: ["x"]).with(["1"]).increment()
        registry.counter("a_total", help: "A.", labels: ["x"]).with(["1"]).increment()
        #expect(Self.text(registry) == "# HELP a_total A.\n# TYPE a_total counter\na_total{x=\"1\"} 2\n")
    }

    @Test("additions from many tasks are all counted")
    func concurrent() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("a_total", help: "").only
        let histogram = registry.histogram("b", help: "").only
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.increment()
                        histogram.observe(.milliseconds(3))
                    }
                }
            }
        }
        #expect(counter.value == 8000)
        #expect(histogram.count == 8000)
    }

    @Test("the process describes itself")
    func process() {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry, startedAt: Timestamp(seconds: 1000))
        let lines = Self.text(registry).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.first == "process_start_time_seconds 1000.0")
        for line in lines { #expect(Double(line.split(separator: " ")[1]).map { $0 > 0 } == true, "\(line)") }
    }
}
