import Synchronization

/// A number of events that only grows.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)
    let prefix: [UInt8]

    init(prefix: [UInt8]) { self.prefix = prefix }

    package var value: UInt64 { count.load(ordering: .relaxed) }

    package func increment(by amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
}

package final class CounterFamily: MetricFamily {
    private let table: SeriesTable<Counter>

    init(_ table: SeriesTable<Counter>) { self.table = table }

    var definition: MetricDefinition { table.definition }

    /// The counter of these label values, in the order of the labels. Keep it: looking it up takes a lock, using it does not.
    package func with(_ values: [String]) -> Counter {
        table.handle(values) { Counter(prefix: MetricText.prefix(definition.name, $0)) }
    }

    /// The counter of a metric without labels.
    package var only: Counter { with([]) }

    func render(into text: inout MetricText) {
        text.header(definition)
        for series in table.all { text.sample(series.handle.prefix, series.handle.value) }
    }
}
