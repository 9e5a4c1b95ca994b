import SQLite
import Testing

@Suite("Backup, checks, limits")
struct MaintenanceTests {
    let folder = TemporaryFolder()

    private func database(rows: Int) throws -> Connection {
        var options = Connection.Options()
        options.usesWriteAheadLog = true
        options.synchronous = .off
        options.checkpointsAutomatically = false
        let connection = try Connection(path: folder.file("x"), mode: .readWriteCreate, options: options)
        try connection.script("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL) STRICT; CREATE INDEX i ON t (b)")
        try connection.transaction { () throws(SQLiteError) in
            for row in 0..<rows {
                try connection.execute("INSERT INTO t VALUES (?, ?)", row, String(repeating: "\(row) ", count: 50))
            }
        }
        return connection
    }

    @Test("a sound database has no findings")
    func sound() throws {
        let connection = try database(rows: 100)
        #expect(try connection.integrityCheck() == [])
        #expect(try connection.foreignKeyCheck() == [])
    }

    @Test("a damaged page is found")
    func damagedPage() throws {
        let connection = try database(rows: 2000)
        try connection.checkpoint(.truncate)
        connection.close()
        damage(folder.file("x"), at: 40 * 4096, count: 4096)
        let reopened = try Connection(path: folder.file("x"), mode: .readOnly)
        do throws(SQLiteError) {
            #expect(try reopened.integrityCheck() != [])
        } catch { #expect(error.isCorrupt) }
    }

    @Test("a row without its parent is found")
    func dangling() throws {
        var options = Connection.Options()
        options.enforcesForeignKeys = false
        let connection = try Connection(path: ":memory:", mode: .readWriteCreate, options: options)
        try connection.script(
            "CREATE TABLE p (a INTEGER PRIMARY KEY); CREATE TABLE c (a REFERENCES p); INSERT INTO c VALUES (5)")
        let found = try connection.foreignKeyCheck()
        #expect(found.map(\.table) == ["c"])
        #expect(found.map(\.row) == [1])
        #expect(found.map(\.parent) == ["p"])
    }

    @Test("a backup is the snapshot of its start, while others write")
    func backup() throws {
        let connection = try database(rows: 2000)
        let source = try Connection(path: folder.file("x"), mode: .readOnly)
        let target = try Connection(path: folder.file("copy"), mode: .readWriteCreate)
        var steps = 0
        try source.backUp(to: target, pagesPerStep: 16) { remaining, total in
            steps += 1
            #expect(remaining < total)
            do throws(SQLiteError) {
                try connection.execute("INSERT INTO t VALUES (?, 'later')", 10_000 + steps)
            } catch { Issue.record(error) }
        }
        #expect(steps > 5)
        #expect(try target.first("SELECT count(*) FROM t") { row in try row.int(0) } == 2000)
        #expect(try target.integrityCheck() == [])
        #expect(try connection.first("SELECT count(*) FROM t") { row in try row.int(0) } == 2000 + steps)
    }

    @Test("an unfinished backup can be dropped")
    func droppedBackup() throws {
        let source = try database(rows: 2000)
        let target = try Connection(path: folder.file("copy"), mode: .readWriteCreate)
        do {
            let backup = try Backup(from: source, to: target)
            let isComplete = try backup.step(pages: 1)
            let (remaining, total) = (backup.remaining, backup.total)
            #expect(!isComplete)
            #expect(remaining == total - 1)
        }
        try target.script("CREATE TABLE own (a)")
    }

    @Test("the length of the log is counted, and a checkpoint empties it")
    func checkpoint() throws {
        let connection = try database(rows: 500)
        #expect(connection.framesInLog > 10)
        let result = try connection.checkpoint(.passive)
        #expect(result.isComplete)
        #expect(result.framesInLog == connection.framesInLog)
        #expect(try connection.checkpoint(.truncate).framesInLog == 0)
    }

    @Test("a limit stops a statement, and the connection goes on")
    func limit() throws {
        let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
        let endless: SQL = "WITH RECURSIVE n (a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT count(*) FROM n"
        var asked = 0
        connection.limit(every: 100) {
            asked += 1
            return asked == 10
        }
        let error = #expect(throws: SQLiteError.self) { try connection.execute(endless) }
        #expect(error?.isInterrupted == true)
        connection.limit(nil)
        #expect(try connection.first("SELECT 1") { row in try row.int(0) } == 1)
    }

    @Test("another thread can interrupt a statement")
    func interrupt() async throws {
        let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
        let endless: SQL = "WITH RECURSIVE n (a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT count(*) FROM n"
        let interrupter = connection.interrupter
        var isAsked = false
        // The first progress report proves that the statement runs.
        connection.limit(every: 100) {
            if !isAsked { Task.detached { interrupter.interrupt() } }
            isAsked = true
            return false
        }
        let error = #expect(throws: SQLiteError.self) { try connection.execute(endless) }
        #expect(error?.isInterrupted == true)
    }

    @Test("a plan tells a search from a scan")
    func plan() throws {
        let connection = try database(rows: 1)
        #expect(try connection.plan(of: "SELECT a FROM t WHERE b = ?").contains { $0.hasPrefix("SEARCH") })
        #expect(try connection.plan(of: "SELECT a FROM t WHERE a + 1 = 2").contains { $0.hasPrefix("SCAN") })
    }
}
