internal import CSQLite

/// One call, one statement: leased, bound, stepped and released.
///
/// Closures that decode rows are untyped in what they throw, because the compiler does not infer a typed error for a
/// closure; what leaves these calls is a ``SQLiteError`` all the same, see ``SQLiteError/init(decoding:)``.
extension Connection {
    /// Runs a statement to its end.
    ///
    /// - Returns: how many rows an INSERT, UPDATE or DELETE changed itself, without triggers and cascades; of no
    ///   meaning after other statements.
    @inlinable @discardableResult
    package func execute<each B: Bindable>(_ sql: SQL, _ bindings: repeat each B) throws(SQLiteError) -> Int {
        let statement = try lease(sql)
        defer { release(statement) }
        var index: Int32 = 0
        for binding in repeat each bindings {
            index += 1
            try binding.bind(to: statement, at: index)
        }
        try statement.expectBindings(index)
        while try statement.step() {}
        return changes
    }

    /// The first row, or `nil` without any.
    @inlinable
    package func first<T, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, decode: (borrowing Row) throws -> T
    ) throws(SQLiteError) -> T? {
        let statement = try lease(sql)
        defer { release(statement) }
        var index: Int32 = 0
        for binding in repeat each bindings {
            index += 1
            try binding.bind(to: statement, at: index)
        }
        try statement.expectBindings(index)
        return try statement.step() ? try statement.decode(Row(statement), decode) : nil
    }

    /// All rows.
    @inlinable
    package func all<T, each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, decode: (borrowing Row) throws -> T
    ) throws(SQLiteError) -> [T] {
        let statement = try lease(sql)
        defer { release(statement) }
        var index: Int32 = 0
        for binding in repeat each bindings {
            index += 1
            try binding.bind(to: statement, at: index)
        }
        try statement.expectBindings(index)
        return try statement.decodeAll(decode)
    }

    /// Visits each row.
    @inlinable
    package func forEach<each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, body: (borrowing Row) throws -> Void
    ) throws(SQLiteError) {
        try scan(sql, repeat each bindings) { row in
            try body(row)
            return .proceed
        }
    }

    /// Visits rows until `body` answers ``Visit/stop``.
    @inlinable
    package func scan<each B: Bindable>(
        _ sql: SQL, _ bindings: repeat each B, body: (borrowing Row) throws -> Visit
    ) throws(SQLiteError) {
        let statement = try lease(sql)
        defer { release(statement) }
        var index: Int32 = 0
        for binding in repeat each bindings {
            index += 1
            try binding.bind(to: statement, at: index)
        }
        try statement.expectBindings(index)
        let row = Row(statement)
        while try statement.step() {
            if try statement.decode(row, body) == .stop { return }
        }
    }
}

/// Whether a scan goes on.
@usableFromInline
package enum Visit: Sendable { case proceed, stop }

/// The same for statements composed at run time, whose number of values is not known before.
extension Connection {
    @discardableResult
    package func execute(_ sql: SQL, bindings: [any Bindable]) throws(SQLiteError) -> Int {
        let statement = try lease(sql, bindings)
        defer { release(statement) }
        while try statement.step() {}
        return changes
    }

    @inlinable
    package func first<T>(
        _ sql: SQL, bindings: [any Bindable], decode: (borrowing Row) throws -> T
    ) throws(SQLiteError) -> T? {
        let statement = try lease(sql, bindings)
        defer { release(statement) }
        return try statement.step() ? try statement.decode(Row(statement), decode) : nil
    }

    @inlinable
    package func all<T>(
        _ sql: SQL, bindings: [any Bindable], decode: (borrowing Row) throws -> T
    ) throws(SQLiteError) -> [T] {
        let statement = try lease(sql, bindings)
        defer { release(statement) }
        return try statement.decodeAll(decode)
    }

    @inlinable
    package func forEach(
        _ sql: SQL, bindings: [any Bindable], body: (borrowing Row) throws -> Void
    ) throws(SQLiteError) {
        let statement = try lease(sql, bindings)
        defer { release(statement) }
        let row = Row(statement)
        while try statement.step() { try statement.decode(row, body) }
    }

    @usableFromInline
    func lease(_ sql: SQL, _ bindings: [any Bindable]) throws(SQLiteError) -> Statement {
        let statement = try lease(sql)
        do throws(SQLiteError) {
            for (position, binding) in bindings.enumerated() {
                try binding.bind(to: statement, at: Int32(position + 1))
            }
            try statement.expectBindings(Int32(bindings.count))
        } catch {
            release(statement)
            throw error
        }
        return statement
    }
}

extension Statement {
    @inlinable
    func decode<T>(_ row: borrowing Row, _ body: (borrowing Row) throws -> T) throws(SQLiteError) -> T {
        do {
            return try body(row)
        } catch { throw SQLiteError(decoding: error) }
    }

    @inlinable
    func decodeAll<T>(_ decode: (borrowing Row) throws -> T) throws(SQLiteError) -> [T] {
        var values: [T] = []
        let row = Row(self)
        while try step() { values.append(try self.decode(row, decode)) }
        return values
    }
}

extension Connection {
    /// Runs any number of statements of a trusted text, such as a migration. They are not kept.
    ///
    /// - Throws: the error of the first that fails; those before it stay done unless a transaction is rolled back.
    package func script(_ text: String) throws(SQLiteError) {
        watchedChanges &+= 1
        let code = unsafe sqlite3_exec(try open(), text, nil, nil, nil)
        try check(code, SQL(trusted: text))
    }

    /// Rows changed by the latest INSERT, UPDATE or DELETE, without triggers and cascades.
    @usableFromInline
    package var changes: Int {
        guard let handle = unsafe handle else { return 0 }
        return Int(unsafe sqlite3_changes64(handle))
    }

    /// Rows changed since the connection was opened, triggers and cascades included.
    package var totalChanges: Int {
        guard let handle = unsafe handle else { return 0 }
        return Int(unsafe sqlite3_total_changes64(handle))
    }

    package var lastInsertRowID: Int64 {
        guard let handle = unsafe handle else { return 0 }
        return unsafe sqlite3_last_insert_rowid(handle)
    }
}
