import EventLoops
import Primitives
import Synchronization
import Testing

/// Collects values from several threads.
final class Journal<Value: Sendable>: Sendable {
    private let content = Mutex<[Value]>([])

    func append(_ value: Value) { content.withLock { $0.append(value) } }

    var values: [Value] { content.withLock { $0 } }
}

@Suite("Event loop")
struct EventLoopTests {
    private func withGroup<Result>(
        _ loops: Int = 1, _ body: (EventLoopGroup) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(loops: loops, name: "test")
        let result = try await body(group)
        // Joining blocks, so it happens on a thread of its own.
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            do {
                try HelperThread.detach(name: "join") {
                    group.shutdown()
                    continuation.resume()
                }
            } catch {
                continuation.resume()
            }
        }
        return result
    }

    @Test("work runs on the loop, in the order queued")
    func order() async throws {
        try await withGroup { group in
            let loop = group.loops[0]
            let journal = Journal<Int>()
            for number in 0..<1000 { loop.execute { journal.append(loop.isCurrent ? number : -1) } }
            await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
            #expect(journal.values == Array(0..<1000))
            #expect(!loop.isCurrent)
            #expect(EventLoop.current == nil)
        }
    }

    @Test("work given in a batch runs on every loop, those of nested batches too")
    func wakeUpsInBatches() async throws {
        try await withGroup(2) { group in
            let journal = Journal<Int>()
            EventLoop.batchingWakeUps {
                for (number, loop) in group.loops.enumerated() {
                    EventLoop.batchingWakeUps { loop.execute { journal.append(number) } }
                    loop.execute { journal.append(number) }
                }
            }
            for loop in group.loops {
                await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
            }
            #expect(journal.values.sorted() == [0, 0, 1, 1])
        }
    }

    /// Belongs to a loop and, through the hook that uses it, is held by it.
    private final class Resident: Sendable {
        let deaths: Journal<String>
        let loop: EventLoop

        init(_ deaths: Journal<String>, on loop: EventLoop) {
            self.deaths = deaths
            self.loop = loop
        }

        deinit { deaths.append(loop.name) }
    }

    @Test("a loop that has stopped lets go of what its hooks and timers hold, and goes itself")
    func release() async throws {
        let deaths = Journal<String>()
        weak var left: EventLoop?
        try await withGroup { group in
            let loop = group.loops[0]
            left = loop
            let (hooked, timed) = (Resident(deaths, on: loop), Resident(deaths, on: loop))
            loop.onBatchEnd { _ = hooked.loop }
            loop.schedule(after: .seconds(3600)) { _ = timed.loop }
            await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
            #expect(deaths.values.isEmpty)
        }
        #expect(deaths.values.count == 2)
        #expect(left == nil)
    }

    @Test("a task that prefers the loop runs there, also after it was suspended")
    func taskExecutor() async throws {
        try await withGroup(2) { group in
            for loop in group.loops {
                let here = await Task(executorPreference: loop) {
                    let before = loop.isCurrent
                    await Task.yield()
                    return before && loop.isCurrent && EventLoop.current === loop
                }.value
                #expect(here)
            }
        }
    }

    @Test("loops are handed out in turn")
    func turns() async throws {
        try await withGroup(3) { group in
            let names = (0..<6).map { _ in group.next().name }
            #expect(names == ["test-0", "test-1", "test-2", "test-0", "test-1", "test-2"])
        }
    }

    @Test("timers run in the order of their deadlines, cancelled ones not at all")
    func timers() async throws {
        try await withGroup { group in
            let loop = group.loops[0]
            let journal = Journal<Int>()
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                loop.execute {
                    loop.schedule(after: .milliseconds(20)) {
                        journal.append(3)
                        continuation.resume()
                    }
                    loop.schedule(after: .milliseconds(10)) { journal.append(2) }
                    let cancelled = loop.schedule(after: .milliseconds(1)) { journal.append(0) }
                    loop.schedule(after: .zero) { journal.append(1) }
                    loop.cancel(cancelled)
                }
            }
            #expect(journal.values == [1, 2, 3])
        }
    }

    @Test("many timers, most of them removed, come out in order")
    func manyTimers() {
        var queue = TimerQueue()
        let journal = Journal<Int>()
        for number in (0..<1000).map({ $0 * 619 % 1000 }) {
            let token = TimerToken.unique()
            queue.insert(token, at: Int64(number)) { journal.append(number) }
            if number % 7 != 0 { queue.remove(token) }
        }
        while let body = queue.popDue(at: 499) { body() }
        #expect(journal.values == Array(stride(from: 0, to: 500, by: 7)))
        #expect(queue.nextDeadline.map { $0 <= 504 } == true)
        while let body = queue.popDue(at: 1000) { body() }
        #expect(journal.values == Array(stride(from: 0, to: 1000, by: 7)))
        #expect(queue.nextDeadline == nil)
    }

    @Test("a cancelled sleep ends at once")
    func cancelledSleep() async throws {
        try await withGroup { group in
            let loop = group.loops[0]
            try await loop.sleep(for: .milliseconds(1))
            let task = Task(executorPreference: loop) { () -> Bool in
                do throws(CancellationError) {
                    try await loop.sleep(for: .seconds(3600))
                    return false
                } catch {
                    return true
                }
            }
            task.cancel()
            #expect(await task.value)
        }
    }

    @Test("a hook runs at the end of a turn, after the work queued in it")
    func batchEnd() async throws {
        try await withGroup { group in
            let loop = group.loops[0]
            let journal = Journal<String>()
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                loop.execute {
                    loop.onBatchEnd { journal.append("end") }
                    loop.execute { journal.append("work") }
                    loop.schedule(after: .milliseconds(1)) { continuation.resume() }
                }
            }
            #expect(journal.values.prefix(2) == ["work", "end"])
        }
    }

    @Test("a loop-bound value is made on its loop and handed out there")
    func loopBound() async throws {
        try await withGroup { group in
            let loop = group.loops[0]
            final class Counter { var count = 0 }
            let bound = LoopBound(on: loop) { Counter() }
            for _ in 0..<100 { bound.run { $0.count += 1 } }
            let count = await withCheckedContinuation { continuation in
                bound.run { continuation.resume(returning: $0.count) }
            }
            #expect(count == 100)
        }
    }

    @Test("work queued before shutdown still runs")
    func shutdown() async throws {
        let journal = Journal<Int>()
        try await withGroup { group in
            for number in 0..<100 { group.loops[0].execute { journal.append(number) } }
        }
        #expect(journal.values.count == 100)
    }
}
