package import Primitives

/// A value that a column can be read as.
@usableFromInline
package protocol ColumnValue {
    init(_ row: borrowing Row, _ column: Int) throws(SQLiteError)
}

extension Row {
    /// The column after the one read last, so that `Account(id: row.next(), name: row.next())` follows the SELECT list.
    package func next<Value: ColumnValue>(_ type: Value.Type = Value.self) throws(SQLiteError) -> Value {
        let column = Int(statement.position)
        statement.position += 1
        return try Value(self, column)
    }

    package func value<Value: ColumnValue>(
        _ column: Int, _ type: Value.Type = Value.self
    ) throws(SQLiteError) -> Value {
        try Value(self, column)
    }
}

/// A value decoded from a whole row; conforming types usually state their SELECT list beside it.
@usableFromInline
package protocol RowDecodable {
    init(_ row: borrowing Row) throws(SQLiteError)
}

extension Int: ColumnValue {
    @usableFromInline
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) { self = try row.int(column) }
}

extension Int64: ColumnValue {
    @usableFromInline
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) { self = try row.int64(column) }
}

extension Bool: ColumnValue {
    @usableFromInline
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) { self = try row.bool(column) }
}

extension String: ColumnValue {
    @usableFromInline
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) { self = try row.text(column) }
}

extension [UInt8]: ColumnValue {
    @usableFromInline
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) { self = try row.blob(column) }
}

extension Timestamp: ColumnValue {
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) { self = try row.timestamp(column) }
}

extension Identifier: ColumnValue {
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) { self = try row.identifier(column) }
}

extension JSONText: ColumnValue {
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) { self = try row.json(column) }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    @usableFromInline
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) {
        self = row.isNull(column) ? nil : try Wrapped(row, column)
    }
}

/// An enumeration of texts or numbers; a raw value without a case is damage.
extension ColumnValue where Self: RawRepresentable, RawValue: ColumnValue {
    @usableFromInline
    package init(_ row: borrowing Row, _ column: Int) throws(SQLiteError) {
        guard let value = Self(rawValue: try RawValue(row, column)) else { throw row.malformed(column) }
        self = value
    }
}
