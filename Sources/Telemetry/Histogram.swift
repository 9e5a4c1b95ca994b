import Synchronization

/// The upper bounds of a histogram, fixed when it is registered. The bucket above the last bound always exists.
package struct HistogramBuckets: Sendable {
    /// Inclusive, ascending; nanoseconds or plain numbers.
    let bounds: [UInt64]
    /// How the bounds and the sum are written: durations in seconds.
    let isDuration: Bool

    package static func durations(_ bounds: [Duration]) -> HistogramBuckets {
        HistogramBuckets(bounds: bounds.map(Histogram.nanoseconds), isDuration: true)
    }

    package static func numbers(_ bounds: [UInt64]) -> HistogramBuckets {
        HistogramBuckets(bounds: bounds, isDuration: false)
    }

    private init(bounds: [UInt64], isDuration: Bool) {
        precondition(!bounds.isEmpty && zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds of a histogram ascend")
        self.bounds = bounds
        self.isDuration = isDuration
    }

    /// From 50 µs to 10 s: answers from memory as well as outbound calls.
    package static let latency = durations([
        .microseconds(50), .microseconds(100), .microseconds(250), .microseconds(500), .milliseconds(1),
        .microseconds(2500), .milliseconds(5), .milliseconds(10), .milliseconds(25), .milliseconds(100),
        .milliseconds(500), .seconds(1), .seconds(5), .seconds(10),
    ])

    func text(_ value: UInt64) -> String {
        isDuration ? MetricText.seconds(nanoseconds: value) : String(value)
    }
}

/// How values are distributed over fixed buckets.
///
/// Two atomic additions an observation. A page rendered in between may show a sum that is one observation behind the
/// count, which Prometheus tolerates.
package final class Histogram: @unchecked Sendable {
    private let buckets: HistogramBuckets
    /// One counter a bound and one above. The pointer never changes and its elements are atomic, hence Sendable.
    private let counts: UnsafeMutablePointer<Atomic<UInt64>>
    private let total = Atomic<UInt64>(0)
    /// Everything of a line before its number: one a bound, one for `+Inf`, the sum, the count.
    private let prefixes: [[UInt8]]

    init(_ name: String, _ labelText: String, _ buckets: HistogramBuckets) {
        self.buckets = buckets
        counts = .allocate(capacity: buckets.bounds.count + 1)
        for index in 0...buckets.bounds.count { (counts + index).initialize(to: Atomic(0)) }
        let separator = labelText.isEmpty ? "" : ","
        let bounds = buckets.bounds.map(buckets.text) + ["+Inf"]
        prefixes =
            bounds.map { MetricText.prefix(name + "_bucket", labelText + separator + "le=\"\($0)\"") }
            + [MetricText.prefix(name + "_sum", labelText), MetricText.prefix(name + "_count", labelText)]
    }

    deinit {
        counts.deinitialize(count: buckets.bounds.count + 1)
        counts.deallocate()
    }

    package func observe(_ duration: Duration) { observe(Self.nanoseconds(duration)) }

    /// A plain number; nanoseconds for a histogram of durations.
    package func observe(_ value: UInt64) {
        var index = 0
        while index < buckets.bounds.count, value > buckets.bounds[index] { index += 1 }
        counts[index].wrappingAdd(1, ordering: .relaxed)
        total.wrappingAdd(value, ordering: .relaxed)
    }

    /// All observations so far.
    package var count: UInt64 {
        (0...buckets.bounds.count).reduce(0) { $0 + counts[$1].load(ordering: .relaxed) }
    }

    func render(into text: inout MetricText) {
        let sum = total.load(ordering: .relaxed)
        var running: UInt64 = 0
        for index in 0...buckets.bounds.count {
            running += counts[index].load(ordering: .relaxed)
            text.sample(prefixes[index], running)
        }
        text.sample(prefixes[prefixes.count - 2], text: buckets.text(sum))
        text.sample(prefixes[prefixes.count - 1], running)
    }

    /// Negative durations, possible when a clock is set back, count as zero.
    static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (scaled, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : scaled &+ UInt64(attoseconds / 1_000_000_000)
    }
}

package final class HistogramFamily: MetricFamily {
    private let table: SeriesTable<Histogram>
    private let buckets: HistogramBuckets

    init(_ table: SeriesTable<Histogram>, _ buckets: HistogramBuckets) {
        self.table = table
        self.buckets = buckets
    }

    var definition: MetricDefinition { table.definition }

    /// The histogram of these label values; see ``CounterFamily/with(_:)``.
    package func with(_ values: [String]) -> Histogram {
        table.handle(values) { Histogram(definition.name, $0, buckets) }
    }

    package var only: Histogram { with([]) }

    func render(into text: inout MetricText) {
        text.header(definition)
        for series in table.all { series.handle.render(into: &text) }
    }
}
