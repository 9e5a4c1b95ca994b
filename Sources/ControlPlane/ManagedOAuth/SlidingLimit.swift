package import Primitives
import Synchronization

/// So many events of one origin in any span of a length. Bounded: when too many origins are known at once, the idle ones
/// are forgotten.
package final class SlidingLimit<Key: Hashable & Sendable>: Sendable {
    private let limit: Int
    private let span: Duration
    private let events = Mutex<[Key: [Timestamp]]>([:])
    private static var capacity: Int { 10_000 }

    package init(_ limit: Int, in span: Duration) {
        self.limit = limit
        self.span = span
    }

    /// Counts an event.
    ///
    /// - Returns: how long to wait, when it is one too many; `nil` when it may happen.
    package func spend(_ key: Key, at now: Timestamp) -> Duration? {
        events.withLock { events in
            let start = now - span
            var recent = (events[key] ?? []).filter { $0.isWithin(span, before: now) }
            guard recent.count < limit else { return recent.first.map { max($0 + span - now, .seconds(1)) } }
            recent.append(now)
            if events.count >= Self.capacity, events[key] == nil {
                events = events.filter { $0.value.last.map { $0 > start } ?? false }
                // Everybody is busy: to count nobody for a moment is better than to turn everybody away.
                if events.count >= Self.capacity { events.removeAll() }
            }
            events[key] = recent
            return nil
        }
    }
}
