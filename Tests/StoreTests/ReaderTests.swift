import SQLite
import Store
import Testing

@Suite("Readers")
struct ReaderTests {
    @Test("a snapshot is shared until something is committed")
    func snapshot() async throws {
        let test = try TestStore()
        let reader = try test.store.makeReader()
        try reader.begin()
        #expect(try reader.countNotes() == 0)
        try reader.begin()
        #expect(reader.connection.isInTransaction)
        try await test.insert("one")
        #expect(try reader.countNotes() == 0)
        try reader.begin()
        #expect(try reader.countNotes() == 1)
        #expect(reader.generation == test.store.generations[.commits])
        reader.endBatch()
        #expect(!reader.connection.isInTransaction)
        reader.endBatch()
        #expect(try reader.countNotes() == 1)
        reader.close()
    }

    @Test("a reader cannot write")
    func readOnly() throws {
        let test = try TestStore()
        let reader = try test.store.makeReader()
        let error = #expect(throws: SQLiteError.self) { try reader.connection.execute("DELETE FROM notes") }
        #expect(error?.isReadOnly == true)
        reader.close()
    }

    @Test("errors say what they mean")
    func errors() throws {
        let test = try TestStore()
        let reader = try test.store.makeReader()
        guard
            case .broken(.broken) = #expect(
                throws: Failure.self, performing: { try reader.exists("SELECT * FROM none") })
        else {
            Issue.record("expected a broken query")
            return
        }
        let null = #expect(throws: Failure.self) { try reader.value("SELECT NULL", as: Int.self) }
        guard case .broken(.corrupt) = null else {
            Issue.record("expected a corrupt row")
            return
        }
        let nested = #expect(throws: Failure.self) {
            try reader.forEach("SELECT 1") { _ in _ = try reader.exists("SELECT * FROM none") }
        }
        guard case .broken(.broken) = nested else {
            Issue.record("expected the inner cause")
            return
        }
        reader.close()
    }

    @Test("queries composed at run time answer like literal ones")
    func dynamic() async throws {
        let test = try TestStore()
        for text in ["a", "b", "c"] { try await test.insert(text) }
        let reader = try test.store.makeReader()
        let sql: SQL = "SELECT text FROM notes WHERE text IN (\(.placeholders(2))) ORDER BY text"
        #expect(try reader.all(sql, bindings: ["a", "c"]) { row in try row.text(0) } == ["a", "c"])
        #expect(try reader.first(sql, bindings: ["b", "z"]) { row in try row.text(0) } == "b")
        var seen: [String] = []
        try reader.forEach(sql, bindings: ["b", "c"]) { row in seen.append(try row.text(0)) }
        #expect(seen == ["b", "c"])
        #expect(try reader.exists("SELECT 1 FROM notes WHERE text = ?", "a"))
        #expect(try !reader.exists("SELECT 1 FROM notes WHERE text = ?", "z"))
        try reader.scan("SELECT text FROM notes ORDER BY text") { row in
            seen.append(try row.text(0))
            return .stop
        }
        #expect(seen == ["b", "c", "a"])
        reader.close()
    }

    @Test("long reads see acknowledged writes and one snapshot each")
    func background() async throws {
        let test = try TestStore()
        for count in 1...20 {
            try await test.insert("\(count)")
            let counts = try await test.store.background { reader throws(Failure) in
                (try reader.countNotes(), try reader.countNotes())
            }
            #expect(counts == (count, count))
        }
    }
}
