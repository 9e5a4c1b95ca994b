internal import CSQLite
package import Primitives

/// The row a statement stands on. It exists only while a query decodes it, so it can neither be copied nor kept.
///
/// Columns count from 0. Each accessor fails when the column is NULL and its name does not say `optional`; with STRICT
/// tables nothing else can differ. ``next()`` reads the columns one after the other.
@usableFromInline
package struct Row: ~Copyable {
    let statement: Statement

    @usableFromInline
    init(_ statement: Statement) { self.statement = statement }

    package func isNull(_ column: Int) -> Bool {
        unsafe sqlite3_column_type(statement.handle, Int32(column)) == SQLITE_NULL
    }

    package func int64(_ column: Int) throws(SQLiteError) -> Int64 {
        let value = unsafe sqlite3_column_int64(statement.handle, Int32(column))
        if value == 0, isNull(column) { throw unexpectedNull(column) }
        return value
    }

    package func int(_ column: Int) throws(SQLiteError) -> Int { Int(try int64(column)) }

    package func bool(_ column: Int) throws(SQLiteError) -> Bool { try int64(column) != 0 }

    package func text(_ column: Int) throws(SQLiteError) -> String {
        guard let text = optionalText(column) else { throw unexpectedNull(column) }
        return text
    }

    package func blob(_ column: Int) throws(SQLiteError) -> [UInt8] {
        guard let bytes = optionalBlob(column) else { throw unexpectedNull(column) }
        return bytes
    }

    package func timestamp(_ column: Int) throws(SQLiteError) -> Timestamp {
        Timestamp(microseconds: try int64(column))
    }

    /// - Throws: also when the blob is not 16 bytes long.
    package func identifier<Entity>(
        _ column: Int, _ entity: Entity.Type = Entity.self
    ) throws(SQLiteError) -> Identifier<Entity> {
        let words = try words(column)
        return Identifier(high: words.high, low: words.low)
    }

    private func words(_ column: Int) throws(SQLiteError) -> (high: UInt64, low: UInt64) {
        guard let bytes = unsafe sqlite3_column_blob(statement.handle, Int32(column)) else {
            throw isNull(column) ? unexpectedNull(column) : malformed(column)
        }
        guard unsafe sqlite3_column_bytes(statement.handle, Int32(column)) == 16 else { throw malformed(column) }
        return (
            UInt64(bigEndian: unsafe bytes.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    package func json(_ column: Int) throws(SQLiteError) -> JSONText { JSONText(trusted: try text(column)) }
}

extension Row {
    package func optionalInt64(_ column: Int) -> Int64? {
        let value = unsafe sqlite3_column_int64(statement.handle, Int32(column))
        return value == 0 && isNull(column) ? nil : value
    }

    package func optionalInt(_ column: Int) -> Int? { optionalInt64(column).map(Int.init) }

    package func optionalBool(_ column: Int) -> Bool? { optionalInt64(column).map { $0 != 0 } }

    package func optionalText(_ column: Int) -> String? {
        guard let bytes = unsafe sqlite3_column_text(statement.handle, Int32(column)) else { return nil }
        let count = Int(unsafe sqlite3_column_bytes(statement.handle, Int32(column)))
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    package func optionalBlob(_ column: Int) -> [UInt8]? {
        guard let bytes = unsafe sqlite3_column_blob(statement.handle, Int32(column)) else {
            // An empty blob is a null pointer as well.
            return isNull(column) ? nil : []
        }
        let count = Int(unsafe sqlite3_column_bytes(statement.handle, Int32(column)))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }

    package func optionalTimestamp(_ column: Int) -> Timestamp? {
        optionalInt64(column).map(Timestamp.init(microseconds:))
    }

    /// - Throws: when the blob is not 16 bytes long.
    package func optionalIdentifier<Entity>(
        _ column: Int, _ entity: Entity.Type = Entity.self
    ) throws(SQLiteError) -> Identifier<Entity>? {
        isNull(column) ? nil : try identifier(column, entity)
    }

    package func optionalJSON(_ column: Int) -> JSONText? { optionalText(column).map(JSONText.init(trusted:)) }
}

extension Row {
    /// The UTF-8 bytes of a text column, or the bytes of a blob, without a copy. NULL reads as no bytes.
    package func withTextBytes<Value, Failure: Error>(
        _ column: Int, _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // A blob is not converted by asking for it; a text is handed out as it is stored.
        let bytes = unsafe sqlite3_column_blob(statement.handle, Int32(column))
        let count = unsafe bytes == nil ? 0 : Int(sqlite3_column_bytes(statement.handle, Int32(column)))
        let buffer = unsafe UnsafeBufferPointer(start: bytes?.assumingMemoryBound(to: UInt8.self), count: count)
        return try body(unsafe buffer.span)
    }

    /// The error for a value that its column should not be able to hold.
    package func malformed(_ column: Int) -> SQLiteError {
        SQLiteError(extendedCode: SQLITE_CORRUPT, message: "malformed value of \(name(column))", sql: statement.sql)
    }

    private func unexpectedNull(_ column: Int) -> SQLiteError {
        SQLiteError(extendedCode: SQLITE_CORRUPT, message: "unexpected NULL of \(name(column))", sql: statement.sql)
    }

    private func name(_ column: Int) -> String {
        unsafe sqlite3_column_name(statement.handle, Int32(column)).map { unsafe String(cString: $0) }
            ?? "column \(column)"
    }
}
