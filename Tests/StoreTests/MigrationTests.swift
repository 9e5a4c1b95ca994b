import Glibc
import Primitives
import SQLite
import Store
import Testing

@Suite("Migrations")
struct MigrationTests {
    let folder = TemporaryFolder()

    private func open(
        _ migrations: [Migration], for purpose: StoreOptions.Purpose = .serve(address: "http://test")
    ) throws(StoreOpenError) -> Database {
        try Database.open(StoreOptions(path: folder.file("db.sqlite"), for: purpose), migrations: migrations)
    }

    @Test("an empty database goes through all of them, without a copy")
    func fresh() throws {
        let store = try open([Fixtures.second, Fixtures.first])
        #expect(store.applied.map(\.number) == [1, 2])
        #expect(store.check().isEmpty)
        store.close()
        #expect(folder.names == ["db.sqlite", "db.sqlite.lock"])
        let status = try Database.migrationStatus(
            path: folder.file("db.sqlite"), migrations: [Fixtures.first, Fixtures.second])
        #expect(status.pending.isEmpty)
        #expect(status.applied.map(\.name) == ["0001_notes", "0002_marks"])
    }

    @Test("the record holds number, digest and time")
    func record() throws {
        struct Stopped: WallClock { let now = Timestamp(seconds: 1_770_000_000) }
        let options = StoreOptions(path: folder.file("db.sqlite"), for: .migrate, clock: Stopped())
        try Database.open(options, migrations: [Fixtures.first]).close()
        let connection = try Connection(path: folder.file("db.sqlite"), mode: .readOnly)
        let record = try connection.first("SELECT number, sha256, applied_at FROM schema_migrations") { row in
            (try row.int(0), try row.text(1), try row.timestamp(2))
        }
        #expect(record?.0 == 1)
        #expect(record?.1 == Fixtures.first.sha256)
        #expect(record?.2 == Timestamp(seconds: 1_770_000_000))
    }

    @Test("an upgrade keeps the rows, and a copy of the state before it")
    func upgrade() async throws {
        let old = try open([Fixtures.first])
        try await old.writes.perform { transaction throws(Failure) in try transaction.insertNote("kept") }
        old.close()
        let new = try open([Fixtures.first, Fixtures.second])
        #expect(new.applied.map(\.number) == [2])
        #expect(try await new.background { reader throws(Failure) in try reader.notes() } == ["kept"])
        new.close()
        let copy = try Connection(path: folder.file("db.sqlite.before-0002"), mode: .readOnly)
        #expect(try copy.first("SELECT text FROM notes") { row in try row.text(0) } == "kept")
        #expect(try copy.first("SELECT max(number) FROM schema_migrations") { row in try row.int(0) } == 1)
        #expect(try copy.integrityCheck() == [])
        let again = try open([Fixtures.first, Fixtures.second])
        #expect(again.applied.isEmpty)
        again.close()
    }

    @Test("a migration that was edited after it was applied stops the start by name")
    func changed() throws {
        try open([Fixtures.first]).close()
        let edited = Fixtures.migration(1, "notes", Fixtures.first.sql + " -- edited")
        #expect(throws: StoreOpenError.changedMigration(name: "0001_notes")) { try open([edited]) }
    }

    @Test("a database newer than the program is refused by name")
    func newer() throws {
        try open([Fixtures.first, Fixtures.second]).close()
        #expect(throws: StoreOpenError.newerDatabase(migration: "0002_marks")) { try open([Fixtures.first]) }
        let inspected = try open([Fixtures.first], for: .inspect)
        #expect(inspected.check() == [.unusable(.newerDatabase(migration: "0002_marks"))])
        inspected.close()
    }

    @Test("a migration below the newest applied one is refused by name")
    func skipped() throws {
        try open([Fixtures.second, Fixtures.migration(3, "x", "CREATE TABLE x (a)")].map { $0 }).close()
        #expect(throws: StoreOpenError.skippedMigration(name: "0001_notes")) {
            try open([Fixtures.first, Fixtures.second, Fixtures.migration(3, "x", "CREATE TABLE x (a)")])
        }
    }

    @Test(
        "a failing migration is named and leaves nothing of itself",
        arguments: [
            "CREATE TABLE half (a); CREATE TABLE notes (a);",
            "CREATE TABLE half (a); COMMIT;",
            "CREATE TABLE half (a REFERENCES notes); INSERT INTO half VALUES (77);",
            "CREATE TABLE half (a); nonsense;",
        ])
    func failing(_ sql: String) throws {
        try open([Fixtures.first]).close()
        let failure = #expect(throws: StoreOpenError.self) {
            try open([Fixtures.first, Fixtures.migration(2, "bad", sql)])
        }
        guard case .failedMigration(let name, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(name == "0002_bad")
        let status = try Database.migrationStatus(path: folder.file("db.sqlite"), migrations: [Fixtures.first])
        #expect(status.applied.count == 1)
        if !sql.contains("COMMIT") {
            let connection = try Connection(path: folder.file("db.sqlite"), mode: .readOnly)
            #expect(try connection.first("SELECT 1 FROM sqlite_schema WHERE name = 'half'") { _ in true } == nil)
        }
    }

    @Test("a table may be rebuilt without its references being followed")
    func rebuild() async throws {
        let old = try open([Fixtures.first, Fixtures.second])
        try await old.writes.perform { transaction throws(Failure) in
            try transaction.insertNote("kept")
            try transaction.execute("INSERT INTO marks VALUES (1)")
        }
        old.close()
        let rebuild = Fixtures.migration(
            3, "rebuild",
            """
            CREATE TABLE new (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, bytes BLOB, size INTEGER) STRICT;
            INSERT INTO new SELECT id, text, bytes, 0 FROM notes;
            DROP TABLE notes;
            ALTER TABLE new RENAME TO notes;
            """)
        let new = try open([Fixtures.first, Fixtures.second, rebuild])
        #expect(new.check().isEmpty)
        #expect(try await new.background { reader throws(Failure) in try reader.exists("SELECT 1 FROM marks") })
        new.close()
    }

    @Test("a database of something else is left alone")
    func foreign() throws {
        let connection = try Connection(path: folder.file("db.sqlite"), mode: .readWriteCreate)
        try connection.script("CREATE TABLE theirs (a)")
        connection.close()
        let failure = #expect(throws: StoreOpenError.self) { try open([Fixtures.first]) }
        guard case .foreign = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        damage(folder.file("db.sqlite"), at: 0, count: 4096)
        guard case .foreign = #expect(throws: StoreOpenError.self, performing: { try open([Fixtures.first]) }) else {
            Issue.record("a file that is no database was taken")
            return
        }
    }

    @Test("the status of a missing database lists everything, and creates nothing")
    func missing() throws {
        let status = try Database.migrationStatus(path: folder.file("db.sqlite"), migrations: [Fixtures.first])
        #expect(status.pending == [Fixtures.first])
        #expect(throws: StoreOpenError.missing(path: folder.file("db.sqlite"))) {
            try open([Fixtures.first], for: .inspect)
        }
        #expect(folder.names.isEmpty)
    }
}
