internal import CSQLite

/// What SQLite answered instead of doing as it was told.
@usableFromInline
package struct SQLiteError: Error, Hashable, Sendable {
    /// The extended result code (https://sqlite.org/rescode.html), such as 2067 for a violated unique rule.
    package let extendedCode: Int32
    package let message: String
    /// The statement that failed, where one did.
    package let sql: SQL?

    package init(extendedCode: Int32, message: String, sql: SQL? = nil) {
        self.extendedCode = extendedCode
        self.message = message
        self.sql = sql
    }

    /// The low byte of the extended code: the kind of failure.
    package var primaryCode: Int32 { extendedCode & 0xFF }
}

extension SQLiteError {
    /// The disk, or the allowed number of pages, is full.
    package var isFull: Bool { primaryCode == SQLITE_FULL }
    /// Another connection held a lock past the busy timeout.
    package var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }
    /// The file is damaged, is no database, or holds a value its column may not hold.
    package var isCorrupt: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }
    /// The file never was a database, or its first page is lost.
    package var isNotADatabase: Bool { primaryCode == SQLITE_NOTADB }
    package var isReadOnly: Bool { primaryCode == SQLITE_READONLY }
    package var isInterrupted: Bool { primaryCode == SQLITE_INTERRUPT }
    package var isInputOutput: Bool { primaryCode == SQLITE_IOERR || primaryCode == SQLITE_CANTOPEN }
    package var isOutOfMemory: Bool { primaryCode == SQLITE_NOMEM }
}

extension SQLiteError {
    /// The rules a table states.
    package enum Constraint: Sendable, Hashable {
        case unique, primaryKey, foreignKey, check, notNull, trigger, other
    }

    /// The kind of rule that was violated; `nil` for any other failure.
    package var constraint: Constraint? {
        guard primaryCode == SQLITE_CONSTRAINT else { return nil }
        return switch extendedCode >> 8 {
        case 8: .unique
        case 6, 10: .primaryKey
        case 3: .foreignKey
        case 1: .check
        case 5: .notNull
        case 7: .trigger
        default: .other
        }
    }

    /// A primary key and a row id are unique rules too.
    package func isConstraint(_ kind: Constraint) -> Bool {
        kind == constraint || (kind == .unique && constraint == .primaryKey)
    }

    /// What the violated rule covers: `table.column, table.column` of a unique rule, the index of one over expressions,
    /// the name or expression of a check, `table.column` of a not-null.
    package var constraintText: String? {
        guard constraint != nil, let colon = message.firstRange(of: " failed: ") else { return nil }
        let text = message[colon.upperBound...]
        guard text.hasPrefix("index '"), text.hasSuffix("'") else { return String(text) }
        return String(text.dropFirst(7).dropLast())
    }
}

extension SQLiteError: CustomStringConvertible {
    @usableFromInline
    package var description: String {
        "SQLite \(extendedCode): \(message)" + (sql.map { " in: \($0.text)" } ?? "")
    }
}

extension SQLiteError {
    /// A mistake of the program, found before SQLite was asked.
    static func misuse(_ message: String, _ sql: SQL? = nil) -> SQLiteError {
        SQLiteError(extendedCode: SQLITE_MISUSE, message: message, sql: sql)
    }
}

/// An error of a layer above that may have a failure of SQLite as its cause.
package protocol SQLiteErrorCarrying: Error {
    var sqliteError: SQLiteError? { get }
}

extension SQLiteError {
    /// What a closure threw while it decoded a row: its own SQLite failure, or else the news that the row makes no
    /// sense.
    @usableFromInline
    package init(decoding error: any Error) {
        self =
            switch error {
            case let error as SQLiteError: error
            case let error as any SQLiteErrorCarrying where error.sqliteError != nil:
                error.sqliteError ?? .misuse("no cause")
            default: SQLiteError(extendedCode: SQLITE_CORRUPT, message: "a row cannot be decoded: \(error)")
            }
    }
}
