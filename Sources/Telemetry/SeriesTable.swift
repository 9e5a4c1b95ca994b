import Synchronization

/// The series of one metric by their label values. The lock is taken when a handle is looked up or the page is rendered,
/// never when a handle is used.
final class SeriesTable<Handle: AnyObject & Sendable>: Sendable {
    struct Series: Sendable {
        /// `route="/healthz",status="200"`, escaped; empty without labels.
        let labelText: String
        let handle: Handle
    }

    private struct State {
        var positions: [[String]: Int] = [:]
        var series: [Series] = []
    }

    let definition: MetricDefinition
    private let limit: Int
    private let state = Mutex(State())

    init(_ definition: MetricDefinition, _ limit: Int) {
        self.definition = definition
        self.limit = limit
    }

    var all: [Series] { state.withLock { $0.series } }

    func handle(_ values: [String], _ make: (_ labelText: String) -> Handle) -> Handle {
        precondition(
            values.count == definition.labels.count,
            "\(definition.name) has \(definition.labels.count) labels and was given \(values.count) values")
        return state.withLock { state in
            if let position = state.positions[values] { return state.series[position].handle }
            // A label that turns out to be unbounded must not eat the memory of the server.
            let kept = state.series.count < limit ? values : values.map { _ in "other" }
            if let position = state.positions[kept] { return state.series[position].handle }
            let labelText = MetricText.labels(definition.labels, kept)
            let handle = make(labelText)
            state.positions[kept] = state.series.count
            state.series.append(Series(labelText: labelText, handle: handle))
            return handle
        }
    }
}
