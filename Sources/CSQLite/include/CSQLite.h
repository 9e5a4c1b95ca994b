// libsqlite3 for Swift: the header, and inline shims for what Swift cannot call (variadic functions, cast macros).
#pragma once
#include <sqlite3.h>

/// Once per process, before the first connection: one connection belongs to one thread, and no global statistics lock.
static inline int csqlite_configure(void) {
    int code = sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    if (code == SQLITE_OK) code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (code == SQLITE_OK) code = sqlite3_initialize();
    return code;
}

/// `sqlite3_db_config` of the settings that take one integer.
static inline int csqlite_set(sqlite3 *database, int setting, int value) {
    return sqlite3_db_config(database, setting, value, (int *)0);
}

/// Binds text that SQLite copies.
static inline int csqlite_bind_copied_text(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 n) {
    return sqlite3_bind_text64(statement, index, (const char *)bytes, n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Binds text that outlives the execution.
static inline int csqlite_bind_lasting_text(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 n) {
    return sqlite3_bind_text64(statement, index, (const char *)bytes, n, SQLITE_STATIC, SQLITE_UTF8);
}

/// Binds a blob that SQLite copies.
static inline int csqlite_bind_copied_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 n) {
    return sqlite3_bind_blob64(statement, index, bytes, n, SQLITE_TRANSIENT);
}

/// Binds a blob that outlives the execution.
static inline int csqlite_bind_lasting_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 n) {
    return sqlite3_bind_blob64(statement, index, bytes, n, SQLITE_STATIC);
}
