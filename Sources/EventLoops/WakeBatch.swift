import CLinux

/// The loops that a thread has given work to and has yet to wake.
///
/// Whoever answers many at once would otherwise wake a loop for the first answer, lose the processor to it, and wake it
/// again for the second.
final class WakeBatch {
    private var loops: [EventLoop] = []

    /// Whether the calling thread collects its wake-ups, and `loop` is now one of them.
    static func takes(_ loop: EventLoop) -> Bool {
        guard let pointer = unsafe clinux_wake_batch() else { return false }
        unsafe Unmanaged<WakeBatch>.fromOpaque(pointer).takeUnretainedValue().loops.append(loop)
        return true
    }

    fileprivate func wakeAll() { for loop in loops { loop.wake() } }
}

extension EventLoop {
    /// Runs `body`, and wakes the loops that it gives work to once it has returned. Calls nest as one.
    package static func batchingWakeUps(_ body: () -> Void) {
        guard unsafe clinux_wake_batch() == nil else { return body() }
        let batch = WakeBatch()
        unsafe clinux_set_wake_batch(Unmanaged.passUnretained(batch).toOpaque())
        body()
        clinux_set_wake_batch(nil)
        batch.wakeAll()
    }
}
