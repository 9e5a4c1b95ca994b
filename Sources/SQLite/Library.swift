internal import CSQLite

/// The settings of libsqlite3 that hold for the whole process.
enum Library {
    /// Configures the library at the first use; the result of that one attempt.
    static let status: Int32 = csqlite_configure()

    /// Fails when the library could not be configured, because the process used it before in another way.
    static func configure() throws(SQLiteError) {
        guard status == SQLITE_OK else {
            throw SQLiteError(extendedCode: status, message: "the SQLite library refused its configuration")
        }
    }
}
