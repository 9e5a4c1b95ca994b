package import Primitives
import Synchronization

/// A clock that moves by a step each time it is read, so that the order of creation never ties, and further when told to.
package final class ManualClock: WallClock {
    private let microseconds: Mutex<Int64>
    private let step: Int64

    /// - Parameter step: microseconds for each reading.
    package init(startingAt start: Timestamp = Timestamp(seconds: 1_772_000_000), step: Int64 = 1000) {
        microseconds = Mutex(start.microseconds)
        self.step = step
    }

    package var now: Timestamp {
        microseconds.withLock { microseconds in
            microseconds += step
            return Timestamp(microseconds: microseconds)
        }
    }

    package func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        microseconds.withLock { $0 += seconds * 1_000_000 + attoseconds / 1_000_000_000_000 }
    }
}
