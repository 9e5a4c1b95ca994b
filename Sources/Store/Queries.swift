package import SQLite

/// A row type with the columns that it reads, in the order in which its initializer takes them.
package protocol Stored: RowDecodable {
    static var columns: SQL { get }
}

extension Reading {
    /// The first row, or `nil`.
    package func first<T: Stored, each B: Bindable>(
        _ type: T.Type, _ sql: SQL, _ bindings: repeat each B
    ) throws(Failure) -> T? {
        try first(sql, repeat each bindings, as: type)
    }

    package func all<T: Stored, each B: Bindable>(
        _ type: T.Type, _ sql: SQL, _ bindings: repeat each B
    ) throws(Failure) -> [T] {
        try all(sql, repeat each bindings, as: type)
    }

    package func all<T: Stored>(_ type: T.Type, _ sql: SQL, bindings: [any Bindable]) throws(Failure) -> [T] {
        try all(sql, bindings: bindings) { row in try T(row) }
    }

    /// The first row, decoded by a closure, for answers that are no entity.
    package func value<T, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, decode: (borrowing Row) throws(SQLiteError) -> T
    ) throws(Failure) -> T? {
        try first(sql, repeat each bindings) { row in try decode(row) }
    }

    package func values<T, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, decode: (borrowing Row) throws(SQLiteError) -> T
    ) throws(Failure) -> [T] {
        try all(sql, repeat each bindings) { row in try decode(row) }
    }

    package func values<T>(
        _ sql: SQL, bindings: [any Bindable], decode: (borrowing Row) throws(SQLiteError) -> T
    ) throws(Failure) -> [T] {
        try all(sql, bindings: bindings) { row in try decode(row) }
    }

    /// The single integer of a `SELECT count(…)`.
    package func count<each B: Bindable>(_ sql: SQL, _ bindings: repeat each B) throws(Failure) -> Int {
        try value(sql, repeat each bindings, as: Int.self) ?? 0
    }

    package func count(_ sql: SQL, bindings: [any Bindable]) throws(Failure) -> Int {
        try values(sql, bindings: bindings) { (row) throws(SQLiteError) in try row.int(0) }.first ?? 0
    }
}
