package import Primitives
package import SQLite

/// A row type: the columns it reads, in the order its initializer takes them.
package protocol Stored {
    static var columns: SQL { get }
    init(_ row: borrowing Row) throws(SQLiteError)
}

/// Queries whose failures are already those of this layer.
extension Reading {
    /// The first row, or `nil`.
    package func first<T: Stored, each B: Bindable>(
        _ type: T.Type, _ sql: SQL, _ bindings: repeat each B
    ) throws(Failure) -> T? {
        do throws(SQLiteError) {
            return try connection.first(sql, repeat each bindings) { (row) throws(SQLiteError) in try T(row) }
        } catch { throw Failure(error) }
    }

    package func all<T: Stored, each B: Bindable>(
        _ type: T.Type, _ sql: SQL, _ bindings: repeat each B
    ) throws(Failure) -> [T] {
        do throws(SQLiteError) {
            return try connection.all(sql, repeat each bindings) { (row) throws(SQLiteError) in try T(row) }
        } catch { throw Failure(error) }
    }

    package func all<T: Stored>(_ type: T.Type, _ sql: SQL, bindings: [any Bindable]) throws(Failure) -> [T] {
        do throws(SQLiteError) {
            return try connection.all(sql, bindings: bindings) { (row) throws(SQLiteError) in try T(row) }
        } catch { throw Failure(error) }
    }

    /// The first row, decoded by a closure, for answers that are no entity.
    package func value<T, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, _ decode: (borrowing Row) throws(SQLiteError) -> T
    ) throws(Failure) -> T? {
        do throws(SQLiteError) {
            return try connection.first(sql, repeat each bindings, decode)
        } catch { throw Failure(error) }
    }

    package func values<T, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, _ decode: (borrowing Row) throws(SQLiteError) -> T
    ) throws(Failure) -> [T] {
        do throws(SQLiteError) {
            return try connection.all(sql, repeat each bindings, decode)
        } catch { throw Failure(error) }
    }

    package func values<T>(
        _ sql: SQL, bindings: [any Bindable], _ decode: (borrowing Row) throws(SQLiteError) -> T
    ) throws(Failure) -> [T] {
        do throws(SQLiteError) {
            return try connection.all(sql, bindings: bindings, decode)
        } catch { throw Failure(error) }
    }

    /// The single integer of a `SELECT count(…)`.
    package func count<each B: Bindable>(_ sql: SQL, _ bindings: repeat each B) throws(Failure) -> Int {
        try value(sql, repeat each bindings) { (row) throws(SQLiteError) in try row.int(0) } ?? 0
    }

    package func count(_ sql: SQL, bindings: [any Bindable]) throws(Failure) -> Int {
        try values(sql, bindings: bindings) { (row) throws(SQLiteError) in try row.int(0) }.first ?? 0
    }

    package func exists<each B: Bindable>(_ sql: SQL, _ bindings: repeat each B) throws(Failure) -> Bool {
        try value(sql, repeat each bindings) { (_) throws(SQLiteError) in true } ?? false
    }
}

extension WriteTransaction {
    /// Runs a statement that changes rows and says how many.
    @discardableResult
    package func execute<each B: Bindable>(_ sql: SQL, _ bindings: repeat each B) throws(Failure) -> Int {
        do throws(SQLiteError) {
            return try connection.execute(sql, repeat each bindings)
        } catch { throw Failure(error) }
    }

    @discardableResult
    package func execute(_ sql: SQL, bindings: [any Bindable]) throws(Failure) -> Int {
        do throws(SQLiteError) {
            return try connection.execute(sql, bindings: bindings)
        } catch { throw Failure(error) }
    }
}
