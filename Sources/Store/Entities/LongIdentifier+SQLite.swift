package import Domain
package import SQLite

/// A blob of 32 bytes.
extension LongIdentifier: Bindable {
    package func bind(to statement: Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(blob: bytes, at: index)
    }
}

extension Row {
    /// - Throws: also when the blob is not 32 bytes long.
    func longIdentifier<Entity>(_ column: Int) throws(SQLiteError) -> LongIdentifier<Entity> {
        let found = withTextBytes(column) { bytes in
            bytes.withUnsafeBufferPointer { LongIdentifier<Entity>(buffer: $0) }
        }
        guard let identifier = found else { throw malformed(column) }
        return identifier
    }

    func optionalLongIdentifier<Entity>(_ column: Int) throws(SQLiteError) -> LongIdentifier<Entity>? {
        isNull(column) ? nil : try longIdentifier(column)
    }
}
