import Synchronization

/// Names one scheduled timer.
package struct TimerToken: Hashable, Sendable {
    let number: UInt64

    private static let last = Atomic<UInt64>(0)

    package static func unique() -> TimerToken {
        TimerToken(number: last.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}

extension Duration {
    /// Clamped to about 100 years, so that sums with a clock cannot overflow.
    package var wholeNanoseconds: Int64 {
        let limit: Int64 = 3_153_600_000
        let seconds = min(max(components.seconds, -limit), limit)
        return seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}

/// Timers of one loop: a binary heap by deadline. Removal only forgets the body; its heap entry is skipped when it surfaces.
package struct TimerQueue {
    private struct Entry {
        let deadline: Int64
        let token: TimerToken
    }

    private var heap: [Entry] = []
    private var bodies: [TimerToken: @Sendable () -> Void] = [:]

    package init() {}

    /// The earliest deadline, which may belong to a removed timer.
    package var nextDeadline: Int64? { bodies.isEmpty ? nil : heap.first?.deadline }

    package mutating func insert(_ token: TimerToken, at deadline: Int64, _ body: @escaping @Sendable () -> Void) {
        bodies[token] = body
        heap.append(Entry(deadline: deadline, token: token))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    package mutating func remove(_ token: TimerToken) {
        guard bodies.removeValue(forKey: token) != nil else { return }
        if bodies.isEmpty { heap.removeAll() }
        // Removed entries may pile up behind a distant deadline; rebuild when they outnumber the living.
        if heap.count > 64, heap.count > bodies.count * 4 {
            heap = heap.filter { bodies[$0.token] != nil }.sorted { $0.deadline < $1.deadline }
        }
    }

    /// Takes the next body due at `instant`, if any. The caller runs it after this access has ended, because it may schedule.
    package mutating func popDue(at instant: Int64) -> (@Sendable () -> Void)? {
        while let first = heap.first, first.deadline <= instant {
            removeFirst()
            if let body = bodies.removeValue(forKey: first.token) { return body }
        }
        return nil
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].deadline < heap[least].deadline { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
