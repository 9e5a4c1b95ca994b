public import SQLite

/// Why the store did not do what it was asked to.
@usableFromInline
package enum StoreError: Error, Hashable, Sendable {
    /// A unique rule was violated: `table.column, table.column`, or the name of an index over expressions. A violated
    /// foreign key reads `FOREIGN KEY`.
    case conflict(constraint: String)
    /// Disk full, busy past the deadline, input or output failed, shutting down: the same call may succeed later.
    case unavailable(SQLiteError)
    /// The file is damaged or holds a value it should not hold.
    case corrupt(SQLiteError)
    /// A mistake of the program: bad SQL, a violated check.
    case broken(SQLiteError)

    @usableFromInline
    package init(_ cause: SQLiteError) {
        if cause.isConstraint(.unique) {
            self = .conflict(constraint: cause.constraintText ?? cause.message)
        } else if cause.isConstraint(.foreignKey) {
            self = .conflict(constraint: "FOREIGN KEY")
        } else if cause.isCorrupt {
            self = .corrupt(cause)
        } else if cause.isTransient {
            self = .unavailable(cause)
        } else {
            self = .broken(cause)
        }
    }
}

/// An error type of a layer above that a failure of the store can become, so that a unit of work may refuse in its own
/// words.
package protocol StoreErrorConvertible: Error {
    init(_ failure: StoreError)
}

extension StoreError: StoreErrorConvertible {
    @usableFromInline
    package init(_ failure: StoreError) { self = failure }
}

extension SQLiteError {
    /// Nothing is wrong with the question or the file.
    fileprivate var isTransient: Bool {
        isFull || isBusy || isReadOnly || isInterrupted || isInputOutput || isOutOfMemory
    }

    /// The answer of a queue that takes nothing more: SQLITE_BUSY without asking SQLite.
    static func refused(_ reason: String) -> SQLiteError { SQLiteError(extendedCode: 5, message: reason) }
}

extension StoreError: SQLiteErrorCarrying {
    @usableFromInline
    package var sqliteError: SQLiteError? {
        switch self {
        case .conflict: nil
        case .unavailable(let cause), .corrupt(let cause), .broken(let cause): cause
        }
    }
}

extension StoreError: CustomStringConvertible {
    @usableFromInline
    package var description: String {
        switch self {
        case .conflict(let constraint): "conflict: \(constraint)"
        case .unavailable(let cause): "unavailable: \(cause)"
        case .corrupt(let cause): "corrupt: \(cause)"
        case .broken(let cause): "broken: \(cause)"
        }
    }
}

/// A system call that failed, by name, with the file it was about.
package struct SystemFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let call: String
    package let path: String
    /// `errno`.
    package let code: Int32

    package var description: String { "\(call) \(path): \(errorText(code))" }
}

/// Why a database was not opened.
package enum StoreOpenError: Error, Hashable, Sendable {
    /// There is no such file, and this purpose does not create one.
    case missing(path: String)
    /// A file, but no database of this program.
    case foreign(path: String)
    /// Another process serves it; the text names its process id and address.
    case alreadyServed(by: String)
    /// A migration was edited after it had been applied.
    case changedMigration(name: String)
    /// The database went through migrations this binary does not know.
    case newerDatabase(migration: String)
    /// A migration older than the newest applied one was never applied.
    case skippedMigration(name: String)
    case failedMigration(name: String, SQLiteError)
    case system(SystemFailure)
    case database(SQLiteError)
}

extension StoreOpenError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path): "\(path): no such database"
        case .foreign(let path): "\(path): not a database of this program"
        case .alreadyServed(let owner): "the database is already served by \(owner)"
        case .changedMigration(let name): "migration \(name) was changed after it had been applied"
        case .newerDatabase(let name): "the database is newer than this program: it knows migration \(name)"
        case .skippedMigration(let name): "migration \(name) is older than the database but was never applied"
        case .failedMigration(let name, let cause): "migration \(name) failed: \(cause)"
        case .system(let failure): failure.description
        case .database(let cause): cause.description
        }
    }
}
