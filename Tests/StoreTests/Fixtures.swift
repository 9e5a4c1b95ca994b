import Crypto
import Primitives
import SQLite
import Store

/// Migrations of the tests' own, so that they do not depend on the product's schema.
enum Fixtures {
    static let first = migration(
        1, "notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, bytes BLOB) STRICT;")
    static let second = migration(2, "marks", "CREATE TABLE marks (note INTEGER NOT NULL REFERENCES notes) STRICT;")

    static func migration(_ number: Int, _ words: String, _ sql: String) -> Migration {
        let digits = String(number)
        return Migration(
            number: number, name: String(repeating: "0", count: 4 - digits.count) + digits + "_" + words,
            sha256: Hex.encode(SHA256.hash(sql).bytes), sql: sql)
    }
}

/// A store in a folder of its own.
struct TestStore {
    let folder = TemporaryFolder()
    let store: Database

    var path: String { folder.file("db.sqlite") }

    init(
        migrations: [Migration] = [Fixtures.first, Fixtures.second], adjust: (inout StoreOptions) -> Void = { _ in }
    ) throws {
        var options = StoreOptions(path: folder.file("db.sqlite"), for: .serve(address: "http://test"))
        // Nothing here tests power loss, and tests share a disk.
        options.synchronous = .off
        adjust(&options)
        store = try Database.open(options, migrations: migrations)
    }

    func insert(_ text: String) async throws {
        try await store.writes.perform { transaction throws(Failure) in try transaction.insertNote(text) }
    }
}

extension WriteTransaction {
    func insertNote(_ text: String) throws(Failure) { try execute("INSERT INTO notes (text) VALUES (?)", text) }
}

extension Reading {
    func notes() throws(Failure) -> [String] {
        try all("SELECT text FROM notes ORDER BY id") { row in try row.text(0) }
    }
    func countNotes() throws(Failure) -> Int { try value("SELECT count(*) FROM notes") ?? 0 }
}

extension Failure {
    /// The unique rule that a write violated; `nil` for every other failure.
    var violatedConstraint: String? {
        if case .broken(.conflict(let constraint)) = self { constraint } else { nil }
    }
}
