import Synchronization

/// The metrics of a process, rendered in the Prometheus text format 0.0.4.
///
/// Registering the same metric twice returns the first; with another shape it is a mistake in the program and traps, as
/// do names outside the format's grammar.
package final class MetricsRegistry: Sendable {
    /// The content type of ``render()``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Series of one metric beyond this many share one whose label values are all `other`.
    package static let defaultSeriesLimit = 2000

    private let families = Mutex<[any MetricFamily]>([])

    package init() {}

    package func counter(
        _ name: String, help: String, labels: [String] = [], limit: Int = defaultSeriesLimit
    ) -> CounterFamily {
        register(name, labels) {
            CounterFamily(SeriesTable(.init(name: name, help: help, kind: .counter, labels: labels), limit))
        }
    }

    package func gauge(
        _ name: String, help: String, labels: [String] = [], limit: Int = defaultSeriesLimit
    ) -> GaugeFamily {
        register(name, labels) {
            GaugeFamily(SeriesTable(.init(name: name, help: help, kind: .gauge, labels: labels), limit))
        }
    }

    package func histogram(
        _ name: String, help: String, labels: [String] = [], buckets: HistogramBuckets = .latency,
        limit: Int = defaultSeriesLimit
    ) -> HistogramFamily {
        register(name, labels) {
            HistogramFamily(
                SeriesTable(.init(name: name, help: help, kind: .histogram, labels: labels), limit), buckets)
        }
    }

    /// A metric whose value is read when it is asked for, such as the size of a file.
    package func observe(
        _ name: String, help: String, kind: MetricKind = .gauge, read: @escaping @Sendable () -> Double
    ) {
        _ = register(name, []) { ObservedMetric(.init(name: name, help: help, kind: kind, labels: []), read) }
    }

    /// All metrics, in the order of registration.
    package func render() -> [UInt8] {
        var text = MetricText()
        for family in families.withLock({ $0 }) { family.render(into: &text) }
        return text.bytes
    }

    private func register<Family: MetricFamily>(_ name: String, _ labels: [String], _ make: () -> Family) -> Family {
        families.withLock { families in
            if let known = families.first(where: { $0.definition.name == name }) {
                guard let same = known as? Family, known.definition.labels == labels else {
                    preconditionFailure("\(name) is already registered with another shape")
                }
                return same
            }
            let family = make()
            families.append(family)
            return family
        }
    }
}

package enum MetricKind: String, Sendable { case counter, gauge, histogram }

/// What a metric is called and which labels its series carry.
struct MetricDefinition: Sendable {
    let name: String
    let help: String
    let kind: MetricKind
    let labels: [String]

    init(name: String, help: String, kind: MetricKind, labels: [String]) {
        precondition(Self.isName(name, colons: true), "\(name) is not a metric name")
        precondition(
            labels.allSatisfy { Self.isName($0, colons: false) && !$0.hasPrefix("__") && $0 != "le" },
            "\(name) has a label that is not a label name")
        precondition(Set(labels).count == labels.count, "\(name) repeats a label")
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
    }

    private static func isName(_ text: String, colons: Bool) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: colons && byte == UInt8(ascii: ":")
            }
        }
    }
}

/// A metric with all its series.
protocol MetricFamily: AnyObject, Sendable {
    var definition: MetricDefinition { get }
    func render(into text: inout MetricText)
}
