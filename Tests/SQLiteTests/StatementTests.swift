import SQLite
import Testing

@Suite("Statements")
struct StatementTests {
    let connection: Connection

    init() throws {
        connection = try Connection(path: ":memory:", mode: .readWriteCreate)
        try connection.script("CREATE TABLE numbers (value INTEGER NOT NULL) STRICT")
        for value in 1...5 { try connection.execute("INSERT INTO numbers VALUES (?)", value) }
    }

    private struct Refusal: Error {}

    @Test("one text is prepared once")
    func reuse() throws {
        let before = connection.preparedStatements.count
        for value in 1...20 { _ = try connection.first("SELECT ? + 1", value) { row in try row.int(0) } }
        #expect(connection.preparedStatements.count == before + 1)
        #expect(connection.preparedStatements.contains("SELECT ? + 1"))
    }

    @Test("composed SQL is the SQL it reads as")
    func composition() throws {
        let table: SQL = "numbers"
        let composed: SQL = "SELECT count(*) FROM \(table) WHERE value > ?"
        #expect(composed == "SELECT count(*) FROM numbers WHERE value > ?")
        #expect(composed.hashValue == ("SELECT count(*) FROM numbers WHERE value > ?" as SQL).hashValue)
        #expect(try connection.first(composed, 2) { row in try row.int(0) } == 3)
        let clauses: [SQL] = ["value > ?", "value < ?"]
        let filtered: SQL = "SELECT value FROM numbers WHERE \(clauses.joined(separator: " AND ")) ORDER BY value"
        #expect(try connection.all(filtered, bindings: [1, 4]) { row in try row.int(0) } == [2, 3])
        #expect(SQL.placeholders(3) == "?, ?, ?")
    }

    @Test("a query may run inside its own decoding")
    func nested() throws {
        let query: SQL = "SELECT value FROM numbers WHERE value >= ? ORDER BY value"
        var sums: [Int] = []
        try connection.forEach(query, 3) { row in
            let start = try row.int(0)
            sums.append(try connection.all(query, start) { row in try row.int(0) }.reduce(0, +))
        }
        #expect(sums == [12, 9, 5])
        #expect(connection.busyStatements == 0)
    }

    @Test("nested texts do not overwrite each other's bound bytes")
    func nestedBindings() throws {
        let names = try connection.all("SELECT ? FROM numbers", "outer") { row in
            _ = try connection.first("SELECT ?", "inner and longer") { row in try row.text(0) }
            return try row.text(0)
        }
        #expect(names == Array(repeating: "outer", count: 5))
    }

    @Test("no call leaves a statement in the middle")
    func nothingIsStuck() throws {
        _ = try connection.first("SELECT value FROM numbers") { row in try row.int(0) }
        #expect(connection.busyStatements == 0)
        #expect(throws: SQLiteError.self) {
            try connection.forEach("SELECT value FROM numbers") { _ in throw Refusal() }
        }
        #expect(throws: SQLiteError.self) {
            try connection.all("SELECT value, NULL FROM numbers") { row in try row.int(1) }
        }
        #expect(connection.busyStatements == 0)
        var seen = 0
        try connection.scan("SELECT value FROM numbers") { _ in
            seen += 1
            return seen == 2 ? .stop : .proceed
        }
        #expect(seen == 2)
        #expect(connection.busyStatements == 0)
    }

    @Test("a missing or surplus value is refused before anything runs")
    func bindingCount() throws {
        #expect(throws: SQLiteError.self) { try connection.execute("DELETE FROM numbers WHERE value = ?") }
        #expect(throws: SQLiteError.self) { try connection.execute("DELETE FROM numbers", 1) }
        #expect(throws: SQLiteError.self) {
            try connection.execute("DELETE FROM numbers WHERE value = ?", bindings: [])
        }
        #expect(try connection.first("SELECT count(*) FROM numbers") { row in try row.int(0) } == 5)
        #expect(connection.busyStatements == 0)
    }

    @Test("exactly one statement is taken", arguments: ["", "  ", "-- nothing", "SELECT 1; SELECT 2"] as [SQL])
    func notOneStatement(_ sql: SQL) {
        #expect(throws: SQLiteError.self) { try connection.execute(sql) }
    }

    @Test("a trailing semicolon is no second statement")
    func trailingSemicolon() throws { try connection.execute("SELECT 1 ;\n ") }

    @Test("changes and row ids are those of the latest statement")
    func changes() throws {
        #expect(try connection.execute("UPDATE numbers SET value = value + 10 WHERE value > ?", 3) == 2)
        #expect(try connection.execute("DELETE FROM numbers WHERE value = ?", 99) == 0)
        try connection.execute("INSERT INTO numbers VALUES (?)", 6)
        #expect(connection.lastInsertRowID == 6)
    }

    @Test("the number of kept statements is bounded, and dropped ones are prepared again")
    func bounded() throws {
        var options = Connection.Options()
        options.preparedStatements = 8
        let connection = try Connection(path: ":memory:", mode: .readWriteCreate, options: options)
        for count in 1...100 {
            let sql: SQL = "SELECT \(.placeholders(count))"
            let sum = try connection.first(sql, bindings: (1...count).map { $0 as any Bindable }) { row in
                try row.int(count - 1)
            }
            #expect(sum == count)
            #expect(connection.preparedStatements.count <= 8)
        }
        #expect(try connection.first("SELECT ?", 4) { row in try row.int(0) } == 4)
    }

    @Test("statements survive a change of the schema")
    func schemaChange() throws {
        let query: SQL = "SELECT count(*) FROM numbers"
        #expect(try connection.first(query) { row in try row.int(0) } == 5)
        try connection.script("ALTER TABLE numbers ADD COLUMN note TEXT")
        #expect(try connection.first(query) { row in try row.int(0) } == 5)
    }

    @Test("a closed connection fails instead of crashing")
    func closed() throws {
        connection.close()
        #expect(throws: SQLiteError.self) { try connection.execute("SELECT 1") }
        #expect(throws: SQLiteError.self) { try connection.script("SELECT 1") }
        #expect(!connection.isInTransaction)
        connection.interrupt()
        connection.close()
    }
}
