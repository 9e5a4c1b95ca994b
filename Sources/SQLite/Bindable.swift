package import Primitives

/// A value that can take the place of a `?`.
@usableFromInline
package protocol Bindable: Sendable {
    /// Binds `self` to the parameter `index`, counted from 1.
    func bind(to statement: Statement, at index: Int32) throws(SQLiteError)
}

extension Int: Bindable {
    @inlinable
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(Int64(self), at: index)
    }
}

extension Int64: Bindable {
    @inlinable
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(self, at: index)
    }
}

/// 0 or 1.
extension Bool: Bindable {
    @inlinable
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(self ? 1 : 0, at: index)
    }
}

extension String: Bindable {
    @inlinable
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(text: self, at: index)
    }
}

/// A blob.
extension [UInt8]: Bindable {
    @inlinable
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(blob: self, at: index)
    }
}

/// A blob.
extension ArraySlice: Bindable where Element == UInt8 {
    @inlinable
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(blob: self, at: index)
    }
}

/// `nil` is NULL.
extension Optional: Bindable where Wrapped: Bindable {
    @inlinable
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        switch self {
        case nil: try statement.bindNull(at: index)
        case let value?: try value.bind(to: statement, at: index)
        }
    }
}

/// An integer: microseconds since 1970.
extension Timestamp: Bindable {
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(microseconds, at: index)
    }
}

/// A blob of 16 bytes, whose order is that of the identifiers.
extension Identifier: Bindable {
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(high: high, low: low, at: index)
    }
}

/// The text of the document.
extension JSONText: Bindable {
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(text: text, at: index)
    }
}

/// An enumeration of texts or numbers is bound as its raw value.
extension Bindable where Self: RawRepresentable, RawValue: Bindable {
    @inlinable
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try rawValue.bind(to: statement, at: index)
    }
}
