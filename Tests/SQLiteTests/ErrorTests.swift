import SQLite
import Testing

@Suite("Errors")
struct ErrorTests {
    let connection: Connection

    init() throws {
        connection = try Connection(path: ":memory:", mode: .readWriteCreate)
        try connection.script(
            """
            CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (name <> 'bad')) STRICT;
            CREATE TABLE children (
                id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parents, position INTEGER NOT NULL,
                UNIQUE (parent, position)
            ) STRICT;
            CREATE TABLE labels (name TEXT NOT NULL) STRICT;
            CREATE UNIQUE INDEX labels_by_folded_name ON labels (lower(name));
            INSERT INTO labels VALUES ('first');
            INSERT INTO parents VALUES (1, 'first');
            INSERT INTO children VALUES (1, 1, 7);
            """)
    }

    private func failure(_ sql: SQL) -> SQLiteError? {
        #expect(throws: SQLiteError.self) { try connection.execute(sql) }
    }

    @Test("a violated unique rule names its columns")
    func unique() {
        let one = failure("INSERT INTO parents VALUES (2, 'first')")
        #expect(one?.isConstraint(.unique) == true)
        #expect(one?.extendedCode == 2067)
        #expect(one?.primaryCode == 19)
        #expect(one?.constraintText == "parents.name")
        #expect(
            failure("INSERT INTO children VALUES (2, 1, 7)")?.constraintText == "children.parent, children.position")
    }

    @Test("a violated index over expressions is named itself")
    func uniqueIndex() {
        let error = failure("INSERT INTO labels VALUES ('FIRST')")
        #expect(error?.isConstraint(.unique) == true)
        #expect(error?.constraintText == "labels_by_folded_name")
    }

    @Test("a primary key is a unique rule")
    func primaryKey() {
        let error = failure("INSERT INTO parents VALUES (1, 'other')")
        #expect(error?.constraint == .primaryKey)
        #expect(error?.isConstraint(.unique) == true)
        #expect(error?.constraintText == "parents.id")
    }

    @Test("other rules are told apart")
    func otherConstraints() {
        #expect(failure("INSERT INTO children VALUES (2, 9, 1)")?.constraint == .foreignKey)
        #expect(failure("INSERT INTO parents VALUES (2, 'bad')")?.constraint == .check)
        #expect(failure("INSERT INTO parents VALUES (2, NULL)")?.constraint == .notNull)
        #expect(failure("INSERT INTO parents VALUES (2, NULL)")?.constraintText == "parents.name")
        #expect(failure("INSERT INTO parents VALUES (2, x'00')")?.isConstraint(.unique) == false)
    }

    @Test("bad SQL carries its text and the reason")
    func syntax() {
        let error = failure("SELEKT 1")
        #expect(error?.primaryCode == 1)
        #expect(error?.sql == "SELEKT 1")
        #expect(error?.message.contains("SELEKT") == true)
        #expect(error?.constraint == nil)
    }

    @Test("a double-quoted word is never a text")
    func doubleQuotes() { #expect(failure("SELECT \"no such column\"") != nil) }

    @Test("a missing file is not created by opening it to read")
    func missing() {
        let folder = TemporaryFolder()
        for mode in [Connection.Mode.readOnly, .readWrite] {
            let error = #expect(throws: SQLiteError.self) {
                _ = try Connection(path: folder.file("none.sqlite"), mode: mode)
            }
            #expect(error?.isInputOutput == true)
        }
        #expect(folder.names.isEmpty)
    }

    @Test("a file that is no database is corrupt")
    func notADatabase() throws {
        let folder = TemporaryFolder()
        _ = try Connection(path: folder.file("x"), mode: .readWriteCreate).script("CREATE TABLE t (a)")
        damage(folder.file("x"), at: 0, count: 100)
        let error = #expect(throws: SQLiteError.self) {
            let connection = try Connection(path: folder.file("x"), mode: .readOnly)
            try connection.execute("SELECT * FROM t")
        }
        #expect(error?.isCorrupt == true)
    }

    @Test("a read-only connection refuses to write")
    func readOnly() throws {
        let folder = TemporaryFolder()
        let writer = try Connection(path: folder.file("x"), mode: .readWriteCreate)
        try writer.script("CREATE TABLE t (a)")
        let reader = try Connection(path: folder.file("x"), mode: .readOnly)
        let error = #expect(throws: SQLiteError.self) { try reader.execute("INSERT INTO t VALUES (1)") }
        #expect(error?.isReadOnly == true)
    }

    @Test("a path that looks like a URI is a path")
    func uriPath() throws {
        let error = #expect(throws: SQLiteError.self) {
            _ = try Connection(path: "file:/no/such/folder/x?mode=memory", mode: .readWriteCreate)
        }
        #expect(error?.isInputOutput == true)
    }

    @Test("a held lock is busy once the timeout is over")
    func busy() throws {
        let folder = TemporaryFolder()
        var options = Connection.Options()
        options.busyTimeout = .milliseconds(1)
        let one = try Connection(path: folder.file("x"), mode: .readWriteCreate, options: options)
        let other = try Connection(path: folder.file("x"), mode: .readWriteCreate, options: options)
        try one.begin(.immediate)
        let error = #expect(throws: SQLiteError.self) { try other.begin(.immediate) }
        #expect(error?.isBusy == true)
        one.rollback()
        try other.begin(.immediate)
        other.rollback()
    }

    @Test("a full database is full, and writes again once there is room")
    func full() throws {
        try connection.script("CREATE TABLE blobs (bytes BLOB NOT NULL) STRICT; PRAGMA max_page_count = 20")
        let error = #expect(throws: SQLiteError.self) {
            while true { try connection.execute("INSERT INTO blobs VALUES (zeroblob(8192))") }
        }
        #expect(error?.isFull == true)
        try connection.script("PRAGMA max_page_count = 2000")
        try connection.execute("INSERT INTO blobs VALUES (zeroblob(8192))")
    }
}
