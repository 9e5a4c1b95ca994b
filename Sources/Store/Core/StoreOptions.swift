package import Primitives
package import SQLite

/// How a store is opened.
package struct StoreOptions: Sendable {
    /// What the file is opened for.
    package enum Purpose: Sendable {
        /// Serves it alone: takes the lock, creates what is missing, applies pending migrations. The address is told to
        /// whoever tries the same.
        case serve(address: String)
        /// Takes the lock and applies pending migrations.
        case migrate
        /// Only reads: beside a running server too, without changing anything.
        case inspect
    }

    package struct Checkpoints: Sendable {
        /// Frames (of 4 kB) added to the log that make it worth a checkpoint on the side.
        package var frames = 4_000
        /// Length of the log from which on the writer itself checkpoints.
        package var framesToBlockWrites = 50_000

        package init() {}
    }

    package var path: String
    package var purpose: Purpose
    package var synchronous = Connection.Synchronous.full
    package var busyTimeout = Duration.seconds(5)
    package var checkpoints = Checkpoints()
    package var writerCacheBytes = 4 << 20
    package var readerCacheBytes = 2 << 20
    package var readerMappedBytes = 256 << 20
    /// Units that may wait for the writer.
    package var largestWriteQueue = 4096
    /// Long reads that may wait.
    package var largestBackgroundQueue = 256
    /// Stamps applied migrations.
    package var clock: any WallClock
    package var observer: (any StoreObserver)?
    /// Runs what it is given: the hand-out of a group's answers, on the writer's thread. Lets whoever wakes threads for
    /// them wake each once.
    package var delivery: @Sendable (() -> Void) -> Void = { $0() }

    package init(path: String, for purpose: Purpose, clock: any WallClock = SystemClock()) {
        self.path = path
        self.purpose = purpose
        self.clock = clock
    }

    var writing: Connection.Options {
        var options = Connection.Options()
        options.busyTimeout = busyTimeout
        options.cacheBytes = writerCacheBytes
        options.synchronous = synchronous
        options.checkpointsAutomatically = false
        return options
    }

    var reading: Connection.Options {
        var options = Connection.Options()
        options.busyTimeout = busyTimeout
        options.cacheBytes = readerCacheBytes
        options.mappedBytes = readerMappedBytes
        return options
    }
}
