// Threads that wait for sockets: loops as task executors, timers, signals, listening and connecting sockets, name
// resolution.
//
// Invariants: what is registered with a loop is touched on its thread alone; every descriptor is owned and closed once;
// nothing blocks a loop. Read `EventLoop` first, then `LoopBound`.

import CLinux
import Glibc
package import Primitives

/// One thread, one epoll set, one executor. A connection and all it touches belong to one loop, so nothing on the request
/// path takes a lock.
///
/// A turn: run queued work, run due timers, run the batch-end hooks, sleep in `epoll_wait`, read the clocks, dispatch the
/// events. `Task(executorPreference: loop)` runs a task's nonisolated parts here.
package final class EventLoop: TaskExecutor, Sendable {
    /// Also the name of the thread.
    package let name: String
    private let epoll: CInt
    private let wakeup: CInt
    private let remote = Lock(Remote())
    private let local = Local()

    /// Work from other threads.
    private struct Remote {
        var work: [Work] = []
        /// A wake-up was signalled and not yet seen; until then further work needs no system call.
        var isWaking = false
        var isStopping = false
    }

    private enum Work {
        case job(UnownedJob)
        case body(@Sendable () -> Void)
    }

    /// What only the loop's own thread touches.
    ///
    /// `@unchecked Sendable`: every access is behind `isCurrent` or inside `run()`, so on one thread.
    private final class Local: @unchecked Sendable {
        var work: [Work] = []
        var running: [Work] = []
        var timers = TimerQueue()
        var batchEnd: [@Sendable () -> Void] = []
        var slots: [Slot] = []
        var monotonic = clinux_monotonic()
        var now = Timestamp(microseconds: clinux_realtime_microseconds())
        var isStopping = false
    }

    /// What is registered for one descriptor number. The generation makes a late event for a reused number recognisable.
    private struct Slot {
        var generation: UInt32 = 0
        var handler: (any EventHandler)?
    }

    private static let wakeupToken = UInt64.max

    init(name: String) throws(SystemError) {
        self.name = name
        epoll = try checked(clinux_epoll_create())
        wakeup = try checked(clinux_eventfd())
        _ = try checked(clinux_epoll_add(epoll, wakeup, Self.wakeupToken))
    }

    deinit {
        close(wakeup)
        close(epoll)
    }

    // MARK: Where am I

    /// Whether the caller runs on this loop's thread.
    package var isCurrent: Bool {
        unsafe clinux_current_loop() == Unmanaged.passUnretained(self).toOpaque()
    }

    /// The loop of the calling thread.
    package static var current: EventLoop? {
        guard let pointer = unsafe clinux_current_loop() else { return nil }
        return unsafe Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
    }

    // MARK: Time

    /// The wall clock, read once a turn on the loop itself; read afresh elsewhere.
    package var now: Timestamp {
        isCurrent ? local.now : Timestamp(microseconds: clinux_realtime_microseconds())
    }

    /// Nanoseconds on the monotonic clock, read once a turn on the loop itself; read afresh elsewhere.
    package var monotonic: Int64 { isCurrent ? local.monotonic : clinux_monotonic() }

    /// Nanoseconds on the monotonic clock, read now.
    package static func readMonotonic() -> Int64 { clinux_monotonic() }

    // MARK: Work

    package func enqueue(_ job: consuming ExecutorJob) {
        submit(.job(UnownedJob(job)))
    }

    /// Runs `body` on the loop, after the work already queued there. Never runs it inside the call.
    package func execute(_ body: @escaping @Sendable () -> Void) {
        submit(.body(body))
    }

    private func submit(_ work: Work) {
        if isCurrent {
            local.work.append(work)
            return
        }
        let mustWake = remote.withLock { remote in
            remote.work.append(work)
            defer { remote.isWaking = true }
            return !remote.isWaking
        }
        if mustWake, !WakeBatch.takes(self) { wake() }
    }

    func wake() { _ = clinux_eventfd_signal(wakeup) }

    /// Adds a hook that runs at the end of every turn, before the loop sleeps. Hooks stay until the loop stops.
    package func onBatchEnd(_ body: @escaping @Sendable () -> Void) {
        if isCurrent {
            local.batchEnd.append(body)
        } else {
            execute { self.local.batchEnd.append(body) }
        }
    }

    // MARK: Timers

    /// Runs `body` on the loop once `delay` has passed, unless cancelled before.
    @discardableResult
    package func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> TimerToken {
        let token = TimerToken.unique()
        let deadline = clinux_monotonic() &+ delay.wholeNanoseconds
        if isCurrent {
            local.timers.insert(token, at: deadline, body)
        } else {
            execute { self.local.timers.insert(token, at: deadline, body) }
        }
        return token
    }

    /// Forgets a timer; one that has run or is unknown is ignored.
    package func cancel(_ token: TimerToken) {
        if isCurrent {
            local.timers.remove(token)
        } else {
            execute { self.local.timers.remove(token) }
        }
    }

    // MARK: Events

    /// Reports edges of `descriptor` to `handler` until `deregister`. On the loop's thread only.
    ///
    /// The loop keeps the handler alive. Edge-triggered: the handler reads and writes until the kernel has no more.
    package func register(_ descriptor: borrowing Descriptor, _ handler: any EventHandler) throws(SystemError) {
        precondition(isCurrent, "a descriptor is registered on the thread of its loop")
        let index = Int(descriptor.number)
        while local.slots.count <= index { local.slots.append(Slot()) }
        local.slots[index].generation &+= 1
        let token = UInt64(local.slots[index].generation) << 32 | UInt64(index)
        _ = try checked(clinux_epoll_add(epoll, descriptor.number, token))
        local.slots[index].handler = handler
    }

    /// Ends the reports for `descriptor`; call it before closing. On the loop's thread only.
    package func deregister(_ descriptor: borrowing Descriptor) {
        precondition(isCurrent, "a descriptor is deregistered on the thread of its loop")
        let index = Int(descriptor.number)
        guard index >= 0, index < local.slots.count, local.slots[index].handler != nil else { return }
        local.slots[index].handler = nil
        local.slots[index].generation &+= 1
        _ = clinux_epoll_remove(epoll, descriptor.number)
    }

    // MARK: The thread

    /// Runs turns until `stop()`; then the work already queued, and returns.
    func run() {
        unsafe clinux_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
        defer { clinux_set_current_loop(nil) }
        var events = [clinux_event](repeating: clinux_event(), count: Int(CLINUX_MAX_EVENTS))
        while true {
            runWork()
            while let body = local.timers.popDue(at: local.monotonic) { body() }
            for hook in local.batchEnd { hook() }
            if local.isStopping, local.work.isEmpty { break }
            let count = unsafe clinux_epoll_wait(epoll, &events, CLINUX_MAX_EVENTS, sleepMilliseconds())
            precondition(count >= 0, "epoll_wait failed: \(SystemError(code: -count))")
            local.monotonic = clinux_monotonic()
            local.now = Timestamp(microseconds: clinux_realtime_microseconds())
            for index in 0..<Int(count) { dispatch(events[index]) }
        }
        // Hooks, timers and handlers hold values that belong to this loop, and those hold the loop: without letting go, neither
        // they nor their descriptors would ever be released.
        local.slots = []
        local.batchEnd = []
        local.timers = TimerQueue()
    }

    func stop() {
        let mustWake = remote.withLock { remote in
            remote.isStopping = true
            defer { remote.isWaking = true }
            return !remote.isWaking
        }
        if mustWake { wake() }
    }

    /// Runs what is queued, and what that queues in turn a few times, so that short chains end within the batch while
    /// endless ones do not starve the sockets.
    private func runWork() {
        for _ in 0..<8 where !local.work.isEmpty {
            swap(&local.work, &local.running)
            let running = local.running
            for work in running {
                switch work {
                case .job(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
                case .body(let body): body()
                }
            }
            local.running.removeAll(keepingCapacity: true)
        }
    }

    private func sleepMilliseconds() -> CInt {
        guard local.work.isEmpty else { return 0 }
        guard let next = local.timers.nextDeadline else { return -1 }
        // Rounded up: waking before the deadline would only spin.
        return CInt(clamping: max(0, (next - clinux_monotonic() + 999_999) / 1_000_000))
    }

    private func dispatch(_ event: clinux_event) {
        guard event.token != Self.wakeupToken else {
            takeRemoteWork()
            return
        }
        let index = Int(truncatingIfNeeded: event.token & 0xFFFF_FFFF)
        let generation = UInt32(truncatingIfNeeded: event.token >> 32)
        guard local.slots[index].generation == generation, let handler = local.slots[index].handler else { return }
        handler.ready(Readiness(rawValue: event.bits))
    }

    private func takeRemoteWork() {
        // The eventfd is edge-triggered: every signal is a new edge, so its counter need not be read.
        remote.withLock { remote in
            if local.work.isEmpty {
                swap(&local.work, &remote.work)
            } else {
                local.work.append(contentsOf: remote.work)
                remote.work.removeAll(keepingCapacity: true)
            }
            remote.isWaking = false
            local.isStopping = remote.isStopping
        }
    }
}

/// Receives the edges of one descriptor, on the thread of its loop.
package protocol EventHandler: AnyObject {
    func ready(_ events: Readiness)
}

/// Which edges occurred.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static var readable: Self { Self(rawValue: clinux_readable) }
    package static var writable: Self { Self(rawValue: clinux_writable) }
    /// The peer ended its half of the stream.
    package static var halfClosed: Self { Self(rawValue: clinux_half_closed) }
    /// The connection is broken or both halves have ended.
    package static var failed: Self { Self(rawValue: clinux_failed) }
}
