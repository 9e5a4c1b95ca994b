/* SQLite without anything around it: microseconds for a point read of 1 kB and for a durable insert, alone and by 64.
   cc -O2 -o sqlite_loop sqlite_loop.c -lsqlite3; ./sqlite_loop FILE */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *database;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static void run(const char *sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(database));
        exit(1);
    }
}

static long long next_id = 1;

static void insert(sqlite3_stmt *statement, const char *text) {
    sqlite3_bind_int64(statement, 1, next_id++);
    sqlite3_bind_text(statement, 2, text, 1000, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) exit(1);
    sqlite3_reset(statement);
}

int main(int argc, char **argv) {
    if (argc != 2 || sqlite3_open(argv[1], &database) != SQLITE_OK) return 2;
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE t (id INTEGER PRIMARY KEY, document TEXT NOT NULL)");
    char text[1001];
    memset(text, 'x', sizeof text);
    sqlite3_stmt *write, *read;
    sqlite3_prepare_v2(database, "INSERT INTO t VALUES (?, ?)", -1, &write, NULL);
    sqlite3_prepare_v2(database, "SELECT document FROM t WHERE id = ?", -1, &read, NULL);
    run("BEGIN");
    for (int n = 0; n < 10000; n++) insert(write, text);
    run("COMMIT");

    double begin = now();
    unsigned seed = 1;
    const int reads = 200000;
    long total = 0;
    for (int n = 0; n < reads; n++) {
        seed = seed * 1664525u + 1013904223u;
        sqlite3_bind_int64(read, 1, 1 + seed % 10000);
        if (sqlite3_step(read) != SQLITE_ROW) return 1;
        total += ((const char *)sqlite3_column_text(read, 0))[0];
        sqlite3_reset(read);
    }
    printf("read %.2f\n", (now() - begin) / reads);

    begin = now();
    for (int n = 0; n < 1000; n++) insert(write, text);
    printf("insert %.1f\n", (now() - begin) / 1000);

    begin = now();
    for (int group = 0; group < 200; group++) {
        run("BEGIN");
        for (int n = 0; n < 64; n++) insert(write, text);
        run("COMMIT");
    }
    printf("grouped %.1f\n", (now() - begin) / (200 * 64));
    return total == 0;
}
