public import SQLite

/// Whatever queries can be asked of: a ``Reader``, or a ``WriteTransaction`` that sees its own changes.
///
/// Queries of entities are extensions of this protocol. These calls are those of `SQLite.Connection` with errors that
/// mean something to a use case.
@usableFromInline
package protocol Reading: AnyObject {
    var connection: Connection { get }
}

extension Reading {
    /// The first row, or `nil` without any.
    @inlinable
    package func first<T, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, decode: (borrowing Row) throws -> T
    ) throws(Failure) -> T? {
        do throws(SQLiteError) {
            return try connection.first(sql, repeat each bindings, decode: decode)
        } catch { throw Failure(error) }
    }

    /// All rows.
    @inlinable
    package func all<T, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, decode: (borrowing Row) throws -> T
    ) throws(Failure) -> [T] {
        do throws(SQLiteError) {
            return try connection.all(sql, repeat each bindings, decode: decode)
        } catch { throw Failure(error) }
    }

    /// Visits each row.
    @inlinable
    package func forEach<each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, body: (borrowing Row) throws -> Void
    ) throws(Failure) {
        do throws(SQLiteError) {
            try connection.forEach(sql, repeat each bindings, body: body)
        } catch { throw Failure(error) }
    }

    /// Visits rows until `body` answers `.stop`.
    @inlinable
    package func scan<each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, body: (borrowing Row) throws -> Visit
    ) throws(Failure) {
        do throws(SQLiteError) {
            try connection.scan(sql, repeat each bindings, body: body)
        } catch { throw Failure(error) }
    }

    /// Whether the query has a row.
    @inlinable
    package func exists<each B: Bindable>(_ sql: SQL, _ bindings: repeat each B) throws(Failure) -> Bool {
        try first(sql, repeat each bindings) { _ in true } ?? false
    }
}

/// Rows and columns whose types say how they are decoded.
extension Reading {
    @inlinable
    package func first<T: RowDecodable, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, as type: T.Type = T.self
    ) throws(Failure) -> T? {
        try first(sql, repeat each bindings) { row in try T(row) }
    }

    @inlinable
    package func all<T: RowDecodable, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, as type: T.Type = T.self
    ) throws(Failure) -> [T] {
        try all(sql, repeat each bindings) { row in try T(row) }
    }

    /// The first column of the first row; `nil` without a row.
    @inlinable
    package func value<T: ColumnValue, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, as type: T.Type = T.self
    ) throws(Failure) -> T? {
        try first(sql, repeat each bindings) { row in try T(row, 0) }
    }
}

/// Statements composed at run time.
extension Reading {
    @inlinable
    package func first<T>(
        _ sql: SQL, bindings: [any Bindable], decode: (borrowing Row) throws -> T
    ) throws(Failure) -> T? {
        do throws(SQLiteError) {
            return try connection.first(sql, bindings: bindings, decode: decode)
        } catch { throw Failure(error) }
    }

    @inlinable
    package func all<T>(
        _ sql: SQL, bindings: [any Bindable], decode: (borrowing Row) throws -> T
    ) throws(Failure) -> [T] {
        do throws(SQLiteError) {
            return try connection.all(sql, bindings: bindings, decode: decode)
        } catch { throw Failure(error) }
    }

    @inlinable
    package func forEach(
        _ sql: SQL, bindings: [any Bindable], body: (borrowing Row) throws -> Void
    ) throws(Failure) {
        do throws(SQLiteError) {
            try connection.forEach(sql, bindings: bindings, body: body)
        } catch { throw Failure(error) }
    }
}
