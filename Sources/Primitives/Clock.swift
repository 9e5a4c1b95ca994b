import Glibc

/// Where the current instant comes from. Everything with a lifetime is handed one, so that tests need no waiting.
package protocol WallClock: Sendable {
    var now: Timestamp { get }
}

/// The clock of the machine, held monotonic within the process by ``SystemClock/now``'s caller where that matters.
package struct SystemClock: WallClock {
    package init() {}

    package var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
