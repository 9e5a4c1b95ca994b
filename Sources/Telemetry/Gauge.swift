import Synchronization

/// A number that goes up and down, such as open connections.
package final class Gauge: Sendable {
    private let current = Atomic<Int64>(0)
    let prefix: [UInt8]

    init(prefix: [UInt8]) { self.prefix = prefix }

    package var value: Int64 { current.load(ordering: .relaxed) }

    package func set(_ value: Int64) { current.store(value, ordering: .relaxed) }

    package func add(_ amount: Int64) { current.wrappingAdd(amount, ordering: .relaxed) }
}

package final class GaugeFamily: MetricFamily {
    private let table: SeriesTable<Gauge>

    init(_ table: SeriesTable<Gauge>) { self.table = table }

    var definition: MetricDefinition { table.definition }

    /// The gauge of these label values; see ``CounterFamily/with(_:)``.
    package func with(_ values: [String]) -> Gauge {
        table.handle(values) { Gauge(prefix: MetricText.prefix(definition.name, $0)) }
    }

    package var only: Gauge { with([]) }

    func render(into text: inout MetricText) {
        text.header(definition)
        for series in table.all { text.sample(series.handle.prefix, series.handle.value) }
    }
}

/// A metric read on demand.
final class ObservedMetric: MetricFamily {
    let definition: MetricDefinition
    private let read: @Sendable () -> Double

    init(_ definition: MetricDefinition, _ read: @escaping @Sendable () -> Double) {
        self.definition = definition
        self.read = read
    }

    func render(into text: inout MetricText) {
        text.header(definition)
        text.sample(MetricText.prefix(definition.name, ""), read())
    }
}
