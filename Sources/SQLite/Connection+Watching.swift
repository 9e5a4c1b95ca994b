internal import CSQLite

extension Connection {
    /// Lets SQLite tell, while it prepares a statement, which tables that statement and its cascades write to.
    func watchTables(of handle: OpaquePointer) throws(SQLiteError) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try check(
            unsafe sqlite3_set_authorizer(
                handle,
                { context, action, table, _, _, _ in
                    guard action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE,
                        let context = unsafe context, let table = unsafe table
                    else { return SQLITE_OK }
                    let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
                    if unsafe connection.watchedTables.contains(String(cString: table)) {
                        connection.preparesWatchedWrite = true
                    }
                    return SQLITE_OK
                }, context))
    }
}
