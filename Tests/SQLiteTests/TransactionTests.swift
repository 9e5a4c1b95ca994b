import SQLite
import Testing

@Suite("Transactions")
struct TransactionTests {
    let connection: Connection

    init() throws {
        connection = try Connection(path: ":memory:", mode: .readWriteCreate)
        try connection.script(
            "CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
    }

    private func rows() throws -> [Int] { try connection.all("SELECT a FROM t ORDER BY a") { row in try row.int(0) } }

    private func insert(_ value: Int) throws(SQLiteError) {
        try connection.execute("INSERT INTO t (a) VALUES (?)", value)
    }

    @Test("a transaction keeps what it did when it returns and nothing when it throws")
    func transaction() throws {
        try connection.transaction { () throws(SQLiteError) in try insert(1) }
        #expect(throws: SQLiteError.self) {
            try connection.transaction { () throws(SQLiteError) in
                try insert(2)
                try insert(1)
            }
        }
        #expect(try rows() == [1])
        #expect(!connection.isInTransaction)
    }

    @Test("a savepoint that throws undoes itself alone")
    func savepoints() throws {
        try connection.transaction { () throws(SQLiteError) in
            try insert(1)
            #expect(throws: SQLiteError.self) {
                try connection.savepoint { () throws(SQLiteError) in
                    try insert(2)
                    try connection.savepoint { () throws(SQLiteError) in try insert(3) }
                    try insert(1)
                }
            }
            try connection.savepoint { () throws(SQLiteError) in try insert(4) }
        }
        #expect(try rows() == [1, 4])
    }

    @Test("a violated deferred key is seen before COMMIT")
    func deferredForeignKeys() throws {
        try connection.begin(.immediate)
        #expect(!connection.hasUnresolvedForeignKeys)
        try connection.execute("INSERT INTO t VALUES (1, 2)")
        #expect(connection.hasUnresolvedForeignKeys)
        #expect(throws: SQLiteError.self) { try connection.commit() }
        try connection.execute("INSERT INTO t VALUES (2, NULL)")
        #expect(!connection.hasUnresolvedForeignKeys)
        try connection.commit()
    }

    @Test("rolling back without a transaction does nothing")
    func idleRollback() { connection.rollback() }

    @Test("a snapshot stays while it is held")
    func snapshot() throws {
        let folder = TemporaryFolder()
        var options = Connection.Options()
        options.usesWriteAheadLog = true
        let writer = try Connection(path: folder.file("x"), mode: .readWriteCreate, options: options)
        try writer.script("CREATE TABLE t (a)")
        let reader = try Connection(path: folder.file("x"), mode: .readOnly)
        let count: SQL = "SELECT count(*) FROM t"
        try reader.begin(.deferred)
        #expect(try reader.first(count) { row in try row.int(0) } == 0)
        try writer.execute("INSERT INTO t VALUES (1)")
        #expect(try reader.first(count) { row in try row.int(0) } == 0)
        try reader.commit()
        #expect(try reader.first(count) { row in try row.int(0) } == 1)
    }

    @Test("changes of watched tables are counted, those of cascades and what is undone too, and no others")
    func watching() throws {
        var options = Connection.Options()
        options.watchedTables = ["part", "tree"]
        let connection = try Connection(path: ":memory:", mode: .readWriteCreate, options: options)
        try connection.script(
            """
            CREATE TABLE whole (id INTEGER PRIMARY KEY);
            CREATE TABLE part (id INTEGER PRIMARY KEY, whole INTEGER REFERENCES whole ON DELETE CASCADE);
            CREATE TABLE tree (a INTEGER, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
            CREATE TABLE other (a INTEGER);
            """)
        func moves(_ body: () throws(SQLiteError) -> Void) throws(SQLiteError) -> Bool {
            let before = connection.watchedChanges
            try body()
            return connection.watchedChanges != before
        }
        for _ in 1...2 {
            #expect(try !moves { () throws(SQLiteError) in try connection.execute("INSERT INTO whole VALUES (1)") })
            #expect(try !moves { () throws(SQLiteError) in try connection.execute("INSERT INTO other VALUES (1)") })
            #expect(try moves { () throws(SQLiteError) in try connection.execute("INSERT INTO part VALUES (1, 1)") })
            #expect(try moves { () throws(SQLiteError) in try connection.execute("INSERT INTO tree VALUES (1, 1)") })
            #expect(try !moves { () throws(SQLiteError) in _ = try connection.all("SELECT * FROM part") { _ in 0 } })
            #expect(try moves { () throws(SQLiteError) in try connection.execute("UPDATE tree SET b = 2") })
            #expect(try moves { () throws(SQLiteError) in try connection.execute("DELETE FROM tree") })
            #expect(try moves { () throws(SQLiteError) in try connection.execute("DELETE FROM whole") })
        }
        try connection.begin(.immediate)
        try connection.openSavepoint()
        #expect(try moves { () throws(SQLiteError) in try connection.undoSavepoint() })
        #expect(try moves { () throws(SQLiteError) in connection.rollback() })
    }
}
