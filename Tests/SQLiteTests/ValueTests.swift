import Primitives
import SQLite
import Testing

@Suite("Values bound and read back")
struct ValueTests {
    let connection: Connection

    init() throws { connection = try Connection(path: ":memory:", mode: .readWriteCreate) }

    private func roundTrip<Value: Bindable & ColumnValue>(_ value: Value) throws -> Value? {
        try connection.first("SELECT ?", value) { row in try row.next() }
    }

    @Test("integers keep all 64 bits", arguments: [0, 1, -1, Int64.max, Int64.min, 1 << 31, -(1 << 31)])
    func integers(_ value: Int64) throws {
        #expect(try roundTrip(value) == value)
        #expect(try roundTrip(Int(value)) == Int(value))
    }

    @Test("booleans are 0 and 1")
    func booleans() throws {
        #expect(try roundTrip(true) == true)
        #expect(try roundTrip(false) == false)
        #expect(try connection.first("SELECT ? + ?", true, false) { row in try row.int(0) } == 1)
    }

    @Test(
        "texts keep every byte",
        arguments: [
            "", "a", "sixteen bytes ok", "Zürich 日本 🏔", "with a \0 inside", String(repeating: "long ", count: 20_000),
        ])
    func texts(_ value: String) throws {
        #expect(try roundTrip(value) == value)
        #expect(try roundTrip(JSONText(trusted: value)) == JSONText(trusted: value))
        #expect(try connection.first("SELECT typeof(?)", value) { row in try row.text(0) } == "text")
    }

    @Test("blobs keep every byte", arguments: [0, 1, 15, 16, 17, 4096, 16_384, 16_385, 100_000])
    func blobs(_ count: Int) throws {
        let value = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try roundTrip(value) == value)
        let slice = ([1] + value + [2])[1..<count + 1]
        #expect(try connection.first("SELECT ?", slice) { row in try row.blob(0) } == value)
        #expect(try connection.first("SELECT typeof(?)", value) { row in try row.text(0) } == "blob")
    }

    @Test("values that fill the arena many times over arrive whole")
    func manyLargeValues() throws {
        let texts = (0..<8).map { String(repeating: "\($0)", count: 3000) }
        let read = try connection.first(
            "SELECT ?, ?, ?, ?, ?, ?, ?, ?", bindings: texts.map { $0 as any Bindable }
        ) { row in try (0..<8).map { column in try row.text(column) } }
        #expect(read == texts)
    }

    @Test("an identifier is a blob of 16 bytes in the order of its bytes")
    func identifiers() throws {
        let id = Identifier<ValueTests>(high: 0x0001_0203_0405_0607, low: 0x8899_AABB_CCDD_EEFF)
        #expect(try roundTrip(id) == id)
        #expect(
            try connection.first("SELECT hex(?)", id) { row in try row.text(0) } == "00010203040506078899AABBCCDDEEFF")
        let read = try connection.first("SELECT ?", id) { row in try row.identifier(0, ValueTests.self) }
        #expect(read == id)
    }

    @Test("identifiers still bind when the arena is full")
    func identifiersBesideLargeText() throws {
        let id = Identifier<ValueTests>(high: 1, low: 2)
        let filler = [UInt8](repeating: 7, count: 16_384)
        let read = try connection.first("SELECT ?, ?", filler, id) { row in try row.identifier(1, ValueTests.self) }
        #expect(read == id)
    }

    @Test("instants are integers of microseconds", arguments: [0, -1, 1_770_000_000_123_456])
    func timestamps(_ microseconds: Int64) throws {
        let instant = Timestamp(microseconds: microseconds)
        #expect(try roundTrip(instant) == instant)
        #expect(try connection.first("SELECT ?", instant) { row in try row.int64(0) } == microseconds)
    }

    enum Colour: String, Bindable, ColumnValue { case red, green }

    @Test("an enumeration is its raw value, and an unknown one is damage")
    func enumerations() throws {
        #expect(try roundTrip(Colour.green) == .green)
        #expect(throws: SQLiteError.self) { try connection.first("SELECT 'blue'") { row in try row.next(Colour.self) } }
    }

    @Test("nil is NULL, for every type")
    func null() throws {
        #expect(try connection.first("SELECT ? IS NULL", nil as Int?) { row in try row.bool(0) } == true)
        let findings = try connection.first("SELECT NULL") { row in
            [
                row.isNull(0), row.optionalInt64(0) == nil, row.optionalInt(0) == nil, row.optionalBool(0) == nil,
                row.optionalText(0) == nil, row.optionalBlob(0) == nil, row.optionalTimestamp(0) == nil,
                row.optionalJSON(0) == nil, try row.optionalIdentifier(0, ValueTests.self) == nil,
                try row.value(0, String?.self) == nil,
            ]
        }
        #expect(findings == Array(repeating: true, count: 10))
    }

    @Test("present values read through optional accessors too")
    func presentOptionals() throws {
        let findings = try connection.first("SELECT 0, '', x'', 7") { row in
            [
                row.optionalInt64(0) == 0, row.optionalBool(0) == false, row.optionalText(1) == "",
                row.optionalBlob(2) == [], row.optionalTimestamp(3) == Timestamp(microseconds: 7),
                try row.value(3, Int?.self) == 7, !row.isNull(0),
            ]
        }
        #expect(findings == Array(repeating: true, count: 7))
    }

    @Test("a NULL where none may be is an error that names the column")
    func unexpectedNull() throws {
        let reads: [(borrowing Row) throws -> Void] = [
            { row in _ = try row.int64(0) }, { row in _ = try row.int(0) }, { row in _ = try row.bool(0) },
            { row in _ = try row.text(0) }, { row in _ = try row.blob(0) }, { row in _ = try row.timestamp(0) },
            { row in _ = try row.json(0) }, { row in _ = try row.identifier(0, ValueTests.self) },
        ]
        for read in reads {
            let error = #expect(throws: SQLiteError.self) {
                try connection.first("SELECT NULL AS colour", decode: read)
            }
            #expect(error?.isCorrupt == true)
            #expect(error?.message.contains("colour") == true)
        }
    }

    @Test("a blob of another length is no identifier", arguments: [0, 1, 15, 17, 32])
    func malformedIdentifier(_ count: Int) throws {
        let error = #expect(throws: SQLiteError.self) {
            try connection.first("SELECT zeroblob(?)", count) { row in try row.identifier(0, ValueTests.self) }
        }
        #expect(error?.isCorrupt == true)
    }

    @Test("text bytes are lent without a copy")
    func lentBytes() throws {
        let counts = try connection.first("SELECT 'Zürich', '', NULL, x'00ff'") { row in
            (0..<4).map { column in row.withTextBytes(column) { bytes in bytes.count } }
        }
        #expect(counts == [7, 0, 0, 2])
        let first = try connection.first("SELECT 'Zürich'") { row in row.withTextBytes(0) { bytes in bytes[0] } }
        #expect(first == UInt8(ascii: "Z"))
    }

    struct Pair: RowDecodable, Equatable {
        let number: Int
        let name: String?

        init(_ row: borrowing Row) throws(SQLiteError) {
            number = try row.next()
            name = try row.next()
        }
    }

    @Test("a value decoded column after column starts anew at each row")
    func sequentialColumns() throws {
        let pairs = try connection.all("SELECT column1, column2 FROM (VALUES (1, 'one'), (2, NULL))") { row in
            try Pair(row)
        }
        #expect(pairs.map(\.number) == [1, 2])
        #expect(pairs.map(\.name) == ["one", nil])
    }
}
