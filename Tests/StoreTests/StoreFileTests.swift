import Glibc
import SQLite
import Store
import Testing

@Suite("The files of a store")
struct StoreFileTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test("folder and files are the owner's alone")
    func permissions() async throws {
        let folder = TemporaryFolder()
        let nested = folder.file("one")
        defer {
            for name in ["/two/db.sqlite", "/two/db.sqlite.lock"] { unlink(nested + name) }
            rmdir(nested + "/two")
            rmdir(nested)
        }
        let store = try Database.open(
            StoreOptions(path: nested + "/two/db.sqlite", for: .serve(address: "a")), migrations: [Fixtures.first])
        try await store.writes.perform { transaction throws(Failure) in try transaction.insertNote("a") }
        #expect(mode(nested) == 0o700)
        #expect(mode(nested + "/two") == 0o700)
        for name in ["db.sqlite", "db.sqlite-wal", "db.sqlite-shm", "db.sqlite.lock"] {
            #expect(mode(nested + "/two/" + name) == 0o600, "\(name)")
        }
        store.close()
    }

    @Test("a folder that cannot be made is named")
    func impossibleFolder() throws {
        let failure = #expect(throws: StoreOpenError.self) {
            try Database.open(StoreOptions(path: "/proc/none/db.sqlite", for: .migrate), migrations: [])
        }
        guard case .system(let cause) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(cause.call == "mkdir")
    }

    @Test("a second server on the same database is told who the first is")
    func secondServer() throws {
        let test = try TestStore()
        let link = test.folder.file("link.sqlite")
        #expect(symlink(test.path, link) == 0)
        for path in [test.path, link] {
            let failure = #expect(throws: StoreOpenError.self) {
                try Database.open(StoreOptions(path: path, for: .serve(address: "http://other")), migrations: [])
            }
            #expect(failure == .alreadyServed(by: "process \(getpid()), http://test"))
        }
        test.store.announce(address: "http://127.0.0.1:4711")
        let failure = #expect(throws: StoreOpenError.self) {
            try Database.open(StoreOptions(path: test.path, for: .migrate), migrations: [])
        }
        #expect(failure == .alreadyServed(by: "process \(getpid()), http://127.0.0.1:4711"))
        test.store.close()
        let next = try Database.open(
            StoreOptions(path: test.path, for: .serve(address: "next")), migrations: [Fixtures.first, Fixtures.second])
        next.close()
    }

    @Test("inspecting works beside a server, and writes nothing")
    func inspect() async throws {
        let test = try TestStore()
        try await test.insert("one")
        let inspected = try Database.open(
            StoreOptions(path: test.path, for: .inspect), migrations: [Fixtures.first, Fixtures.second])
        #expect(try await inspected.background { reader throws(Failure) in try reader.notes() } == ["one"])
        #expect(inspected.check().isEmpty)
        let failure = await #expect(throws: Failure.self) {
            try await inspected.writes.perform { transaction throws(Failure) in try transaction.insertNote("two") }
        }
        guard case .unavailable(.unavailable(let cause)) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(cause.isReadOnly)
        inspected.close()
        try await test.insert("three")
        test.store.close()
    }

    @Test("pending migrations are reported, not applied, by inspecting")
    func pending() throws {
        let test = try TestStore(migrations: [Fixtures.first])
        let inspected = try Database.open(
            StoreOptions(path: test.path, for: .inspect), migrations: [Fixtures.first, Fixtures.second])
        #expect(inspected.check() == [.pendingMigration(name: "0002_marks")])
        inspected.close()
        test.store.close()
    }

    @Test("a backup taken while writers are busy is consistent and complete")
    func backup() async throws {
        let test = try TestStore()
        try await test.insert("before")
        let copy = test.folder.file("backup.sqlite")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await test.store.writes.perform { transaction throws(Failure) in
                        // Always two rows in one unit, so a torn copy would hold an odd number.
                        try transaction.insertNote("a\(number)")
                        try transaction.insertNote("b\(number)")
                    }
                }
            }
            for _ in 0..<3 { group.addTask { try test.store.backup(to: copy) } }
            try await group.waitForAll()
        }
        let connection = try Connection(path: copy, mode: .readOnly)
        let count = try connection.first("SELECT count(*) FROM notes") { row in try row.int(0) }
        #expect(count.map { $0 % 2 } == 1)
        #expect(try connection.integrityCheck() == [])
        connection.close()
        #expect(mode(copy) == 0o600)
        #expect(!test.folder.names.contains { $0.contains("partial") })
        let reopened = try Database.open(
            StoreOptions(path: copy, for: .serve(address: "copy")), migrations: [Fixtures.first, Fixtures.second])
        try await reopened.writes.perform { transaction throws(Failure) in try transaction.insertNote("later") }
        reopened.close()
        test.store.close()
    }

    @Test("a backup never replaces the database itself")
    func backupOntoItself() throws {
        let test = try TestStore()
        let link = test.folder.file("link")
        #expect(symlink(test.path, link) == 0)
        #expect(throws: BackupError.sameFile) { try test.store.backup(to: test.path) }
        #expect(throws: BackupError.sameFile) { try test.store.backup(to: link) }
        #expect(throws: BackupError.self) { try test.store.backup(to: "/proc/none/copy") }
        test.store.close()
    }

    @Test("a check finds a damaged page")
    func damagedPage() async throws {
        let test = try TestStore()
        try await test.store.writes.perform { transaction throws(Failure) in
            for number in 0..<3000 { try transaction.insertNote("a note with some length, number \(number)") }
        }
        test.store.close()
        damage(test.path, at: 20 * 4096, count: 4096)
        let inspected = try Database.open(
            StoreOptions(path: test.path, for: .inspect), migrations: [Fixtures.first, Fixtures.second])
        #expect(inspected.check().contains { if case .damaged = $0 { true } else { false } })
        inspected.close()
    }
}
