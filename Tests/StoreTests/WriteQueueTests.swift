import Glibc
import SQLite
import Store
import Synchronization
import Testing

@Suite("Writing in groups")
struct WriteQueueTests {
    /// What a use case throws.
    enum Refusal: StoreErrorConvertible, Equatable {
        case forbidden
        case store(StoreError)

        init(_ failure: StoreError) { self = .store(failure) }

        init(_ failure: Failure) {
            switch failure {
            case .unavailable(let cause), .broken(let cause): self = .store(cause)
            case .refused, .turnedAway, .inconsistent: self = .forbidden
            }
        }
    }

    @Test("a write is seen by every reader once it was acknowledged")
    func readYourWrites() async throws {
        let test = try TestStore()
        let reader = try test.store.makeReader()
        for count in 1...50 {
            try await test.insert("note \(count)")
            try reader.begin()
            #expect(try reader.countNotes() == count)
        }
        reader.close()
    }

    @Test("a unit answers with its value")
    func value() async throws {
        let test = try TestStore()
        let id = try await test.store.writes.perform { transaction throws(Failure) -> Int64 in
            try transaction.insertNote("one")
            return transaction.connection.lastInsertRowID
        }
        #expect(id == 1)
    }

    @Test("a unit that throws leaves nothing, in its own error type")
    func refusal() async throws {
        let test = try TestStore()
        await #expect(throws: Refusal.forbidden) {
            try await test.store.writes.perform { transaction throws(Refusal) in
                do throws(Failure) { try transaction.insertNote("gone") } catch { throw Refusal(error) }
                throw .forbidden
            }
        }
        let failure = await #expect(throws: Failure.self) {
            try await test.store.writes.perform { transaction throws(Failure) in
                try transaction.insertNote("gone too")
                try transaction.insertNote("gone too")
            }
        }
        #expect(failure?.violatedConstraint == "notes.text")
        #expect(try await test.store.background { reader throws(Failure) in try reader.notes() } == [])
    }

    @Test("within one group the failing units vanish alone, and each is answered")
    func mixedGroup() async throws {
        let test = try TestStore()
        let writes = test.store.writes
        let gate = Gate()
        let answered = Gate(count: 40)
        let answers = Answers()
        writes.enqueue({ _ throws(Failure) in gate.wait() }, completion: { (_: Result<Void, Failure>) in })
        for number in 0..<40 {
            writes.enqueue(
                { transaction throws(Failure) in
                    try transaction.insertNote("note \(number)")
                    // A conflict with what this unit itself wrote.
                    if number % 3 == 0 { try transaction.insertNote("note \(number)") }
                },
                completion: { (result: Result<Void, Failure>) in
                    answers.add(result)
                    answered.open()
                })
        }
        gate.open()
        answered.wait()
        let notes = try await test.store.background { reader throws(Failure) in try reader.notes() }
        #expect(Set(notes) == Set((0..<40).filter { $0 % 3 != 0 }.map { "note \($0)" }))
        #expect(answers.successes == notes.count)
        #expect(answers.count == 40)
        // The gate's unit was one transaction, at most with some of the forty, and the others were the next.
        #expect(test.store.generations[.commits] <= 2)
    }

    @Test("what attempt undoes does not hurt the rest of the unit")
    func attempt() async throws {
        let test = try TestStore()
        try await test.store.writes.perform { transaction throws(Failure) in
            try transaction.insertNote("before")
            let failure = #expect(throws: Failure.self) {
                try transaction.attempt { () throws(Failure) in
                    try transaction.insertNote("inside")
                    try transaction.attempt { () throws(Failure) in try transaction.insertNote("deeper") }
                    try transaction.insertNote("before")
                }
            }
            #expect(failure?.violatedConstraint == "notes.text")
            try transaction.attempt { () throws(Failure) in try transaction.insertNote("after") }
        }
        #expect(
            try await test.store.background { reader throws(Failure) in try reader.notes() } == ["before", "after"])
    }

    @Test("writers in parallel lose no update")
    func parallelWriters() async throws {
        let test = try TestStore()
        try await test.insert("0")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await test.store.writes.perform { transaction throws(Failure) in
                        let text: String? = try transaction.value("SELECT text FROM notes")
                        try transaction.execute("UPDATE notes SET text = ?", "\((text.flatMap(Int.init) ?? -1) + 1)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await test.store.background { reader throws(Failure) in try reader.notes() } == ["200"])
    }

    @Test("counters move with successful units only, before the answer")
    func generations() async throws {
        let test = try TestStore()
        let before = test.store.generations[.credentials]
        try await test.insert("no credential")
        #expect(test.store.generations[.credentials] == before)
        try await test.store.writes.perform { transaction throws(Failure) in transaction.touches(.credentials) }
        #expect(test.store.generations[.credentials] == before + 1)
        await #expect(throws: Failure.self) {
            try await test.store.writes.perform { transaction throws(Failure) in
                transaction.touches(.credentials)
                try transaction.insertNote("no credential")
            }
        }
        #expect(test.store.generations[.credentials] == before + 1)
        #expect(test.store.generations[.commits] == 3)
    }

    @Test("a violated deferred key fails the unit that violates it")
    func deferredForeignKey() async throws {
        let test = try TestStore(migrations: [
            Fixtures.first,
            Fixtures.migration(
                2, "d", "CREATE TABLE d (n INTEGER REFERENCES notes DEFERRABLE INITIALLY DEFERRED) STRICT;"),
        ])
        let failure = await #expect(throws: Failure.self) {
            try await test.store.writes.perform { transaction throws(Failure) in
                try transaction.execute("INSERT INTO d VALUES (?)", 99)
            }
        }
        #expect(failure?.violatedConstraint == "FOREIGN KEY")
        try await test.insert("fine")
        #expect(test.store.check().isEmpty)
    }

    @Test("a full database is unavailable, and takes writes again once there is room")
    func diskFull() async throws {
        let test = try TestStore()
        try await test.store.writes.perform { transaction throws(Failure) in
            try transaction.run("PRAGMA max_page_count = 60")
        }
        var stored = 0
        let failure = await #expect(throws: Failure.self) {
            while true {
                try await test.store.writes.perform { transaction throws(Failure) in
                    try transaction.execute(
                        "INSERT INTO notes (text, bytes) VALUES (?, zeroblob(20000))",
                        "\(UInt64.random(in: 0 ... .max))")
                }
                stored += 1
            }
        }
        guard case .unavailable(.unavailable(let cause)) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(cause.isFull)
        #expect(stored > 0)
        #expect(try await test.store.background { reader throws(Failure) in try reader.countNotes() } == stored)
        try await test.store.writes.perform { transaction throws(Failure) in
            try transaction.run("PRAGMA max_page_count = 6000")
        }
        try await test.insert("room")
        #expect(test.store.check().isEmpty)
    }

    @Test("a lock held elsewhere makes the group unavailable, not the queue")
    func busy() async throws {
        let test = try TestStore { $0.busyTimeout = .milliseconds(1) }
        let other = try Connection(path: test.path, mode: .readWrite)
        try other.begin(.immediate)
        let failure = await #expect(throws: Failure.self) { try await test.insert("late") }
        other.rollback()
        guard case .unavailable(.unavailable(let cause)) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(cause.isBusy)
        try await test.insert("in time")
    }

    @Test("a queue that is full refuses at once")
    func boundedQueue() async throws {
        let test = try TestStore { $0.largestWriteQueue = 2 }
        let gate = Gate()
        let isRunning = Gate()
        let answers = Answers()
        let all = Gate(count: 4)
        let enqueue = { (body: @escaping @Sendable (WriteTransaction) throws(Failure) -> Void) in
            test.store.writes.enqueue(body) { (result: Result<Void, Failure>) in
                answers.add(result)
                all.open()
            }
        }
        enqueue { _ throws(Failure) in
            isRunning.open()
            gate.wait()
        }
        isRunning.wait()
        for number in 0..<3 { enqueue { transaction throws(Failure) in try transaction.insertNote("\(number)") } }
        #expect(answers.count == 1)
        gate.open()
        all.wait()
        #expect(answers.successes == 3)
        #expect(try await test.store.background { reader throws(Failure) in try reader.notes() } == ["0", "1"])
    }

    @Test("closing finishes what waits and refuses what comes later")
    func close() async throws {
        let test = try TestStore()
        let answers = Answers()
        for number in 0..<100 {
            test.store.writes.enqueue(
                { transaction throws(Failure) in try transaction.insertNote("\(number)") },
                completion: { answers.add($0) })
        }
        test.store.close()
        test.store.close()
        #expect(answers.successes == 100)
        await #expect(throws: Failure.self) { try await test.insert("late") }
        await #expect(throws: Failure.self) {
            try await test.store.background { reader throws(Failure) in try reader.countNotes() }
        }
        #expect(!test.folder.names.contains("db.sqlite-wal"))
        let connection = try Connection(path: test.path, mode: .readOnly)
        #expect(try connection.first("SELECT count(*) FROM notes") { row in try row.int(0) } == 100)
    }

    @Test("the writer keeps the log short when the checkpointer may not")
    func checkpoints() async throws {
        let test = try TestStore {
            $0.checkpoints.frames = 1
            $0.checkpoints.framesToBlockWrites = 1
        }
        for number in 0..<300 { try await test.insert("note \(number)") }
        let frames = try await test.store.writes.perform { transaction throws(Failure) in
            transaction.connection.framesInLog
        }
        #expect(frames < 100)
    }

    @Test("a checkpoint on the side disturbs nobody")
    func sideCheckpoints() async throws {
        let test = try TestStore { $0.checkpoints.frames = 1 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<300 { group.addTask { try await test.insert("note \(number)") } }
            try await group.waitForAll()
        }
        #expect(try await test.store.background { reader throws(Failure) in try reader.countNotes() } == 300)
        #expect(test.store.check().isEmpty)
    }
}

/// What units were answered, in that order.
final class Answers: Sendable {
    private let results = Mutex<[Result<Void, Failure>]>([])

    func add(_ result: Result<Void, Failure>) { results.withLock { $0.append(result) } }

    var count: Int { results.withLock { $0.count } }
    var successes: Int { results.withLock { $0.count { (try? $0.get()) != nil } } }
}

/// Opens once enough were counted, and blocks threads until then.
final class Gate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let count: Int

    init(count: Int = 1) {
        self.count = count
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func open() { sem_post(semaphore) }
    func wait() { for _ in 0..<count { while sem_wait(semaphore) != 0 {} } }
}

extension WriteTransaction {
    func run(_ script: String) throws(Failure) {
        do throws(SQLiteError) { try connection.script(script) } catch { throw Failure(error) }
    }
}
