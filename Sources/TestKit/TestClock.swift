package import Primitives
import Synchronization

/// A clock that moves by a millisecond each time it is read, and further when told to: creation order never ties.
package final class TestClock: WallClock {
    private let microseconds: Mutex<Int64>

    package init(_ start: Timestamp = Timestamp(seconds: 1_772_445_600)) { microseconds = Mutex(start.microseconds) }

    package var now: Timestamp {
        microseconds.withLock { microseconds in
            microseconds += 1000
            return Timestamp(microseconds: microseconds)
        }
    }

    package func advance(by duration: Duration) { microseconds.withLock { $0 += duration.wholeMicroseconds } }
}
