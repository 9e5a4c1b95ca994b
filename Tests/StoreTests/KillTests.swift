import Glibc
import SQLite
import Store
import Testing

/// What a process leaves behind that is killed, or runs out of disk, at any instant. The victims are child processes.
@Suite("Sudden ends", .serialized)
struct KillTests {
    private static let migrations = (1...12).map { number in
        Fixtures.migration(
            number, "table_\(number)",
            """
            CREATE TABLE t\(number) (a INTEGER PRIMARY KEY, b TEXT) STRICT;
            WITH RECURSIVE n (a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n WHERE a < 200)
            INSERT INTO t\(number) SELECT a, 'row ' || a FROM n;
            """)
    }

    @Test("a process killed while migrating is continued by the next start")
    func killedWhileMigrating() async throws {
        let folder = TemporaryFolder()
        for round in 0..<6 {
            let path = folder.file("\(round)-")
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                try KillTests.dieSoon(within: 40_000)
                for number in 0... {
                    try Database.open(
                        StoreOptions(path: "\(path)\(number)", for: .migrate), migrations: [KillTests.migrations[0]]
                    ).close()
                    try Database.open(
                        StoreOptions(path: "\(path)\(number)", for: .migrate), migrations: KillTests.migrations
                    )
                    .close()
                }
            }
        }
        let databases = folder.names.filter { $0.wholeMatch(of: /[0-9]+-[0-9]+/) != nil }
        for name in databases {
            let store = try Database.open(
                StoreOptions(path: folder.file(name), for: .serve(address: "next")), migrations: Self.migrations)
            #expect(store.check().isEmpty)
            let counts = try await store.background { reader throws(Failure) in
                (
                    try reader.value("SELECT count(*) FROM schema_migrations", as: Int.self),
                    try reader.value("SELECT count(*) FROM t12", as: Int.self)
                )
            }
            #expect(counts.0 == 12)
            #expect(counts.1 == 200)
            store.close()
        }
    }

    @Test("every acknowledged write survives a killed process")
    func killedWhileWriting() async throws {
        let folder = TemporaryFolder()
        let path = folder.file("db.sqlite")
        let acknowledged = folder.file("acknowledged")
        for _ in 0..<6 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, log = acknowledged as String] in
                var options = StoreOptions(path: path, for: .serve(address: "victim"))
                options.checkpoints.frames = 20
                options.checkpoints.framesToBlockWrites = 100
                let store = try Database.open(options, migrations: [Fixtures.first])
                let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
                try KillTests.dieSoon(within: 60_000)
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            while true {
                                let text = "\(UInt64.random(in: 0 ... .max))"
                                do throws(Failure) {
                                    try await store.writes.perform { transaction throws(Failure) in
                                        try transaction.insertNote(text)
                                    }
                                } catch { exit(3) }
                                let line = text + "\n"
                                _ = write(descriptor, line, line.utf8.count)
                            }
                        }
                    }
                }
            }
        }
        let store = try Database.open(
            StoreOptions(path: path, for: .serve(address: "next")), migrations: [Fixtures.first])
        #expect(store.check().isEmpty)
        let notes = Set(try await store.background { reader throws(Failure) in try reader.notes() })
        let lines = lines(of: acknowledged)
        #expect(!lines.isEmpty)
        #expect(lines.allSatisfy(notes.contains))
        store.close()
    }

    @Test("a disk that fails in the middle of a commit fails that group, and nothing acknowledged is lost")
    func failingDisk() async throws {
        let folder = TemporaryFolder()
        let path = folder.file("db.sqlite")
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            let store = try Database.open(
                StoreOptions(path: path, for: .serve(address: "victim")), migrations: [Fixtures.first])
            var limit = rlimit(rlim_cur: 400_000, rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            var stored = 0
            var failures = 0
            while failures < 3 {
                do throws(Failure) {
                    try await KillTests.insert("\(stored) \(failures)", store)
                    stored += 1
                } catch {
                    guard case .unavailable = error else { exit(4) }
                    failures += 1
                }
            }
            limit.rlim_cur = rlim_t.max
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            try await KillTests.insert("room again", store)
            let count = try await store.background { reader throws(Failure) in try reader.countNotes() }
            let isSound = store.check().isEmpty
            store.close()
            exit(stored > 0 && count == stored + 1 && isSound ? 0 : 5)
        }
    }

    private static func insert(_ text: String, _ store: Database) async throws(Failure) {
        try await store.writes.perform { transaction throws(Failure) in
            try transaction.execute("INSERT INTO notes (text, bytes) VALUES (?, randomblob(9000))", text)
        }
    }

    /// Kills this process after a random time.
    private static func dieSoon(within microseconds: UInt32) throws {
        var thread = pthread_t()
        let delay = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        delay.initialize(to: .random(in: 0..<microseconds))
        let code = pthread_create(
            &thread, nil,
            { delay in
                usleep(delay?.load(as: UInt32.self) ?? 0)
                kill(getpid(), SIGKILL)
                return nil
            }, delay)
        guard code == 0 else { exit(2) }
    }

    private func lines(of path: String) -> [String] {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer.prefix(count) }
        return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
}
