public import SQLite

/// A read-only connection that belongs to one thread, usually to one event loop.
///
/// All reads between ``begin()`` and ``endBatch()`` share a read transaction, which saves a pair of lock calls per
/// query. A reader never shows less than what was acknowledged before `begin()`.
@usableFromInline
package final class Reader: Reading {
    @usableFromInline package let connection: Connection
    private let generations: Generations

    /// The commit counter when the current snapshot was taken: it holds at least that many commits.
    package private(set) var generation: UInt64 = 0

    init(_ connection: Connection, _ generations: Generations) {
        self.connection = connection
        self.generations = generations
    }

    /// Makes sure that reads from now on see every acknowledged write. Keeps the current snapshot while nothing was
    /// committed. Call it once before the reads of a request.
    package func begin() throws(Failure) {
        // Read before the snapshot is taken, so a commit in between makes the next call look again.
        let current = generations[.commits]
        if connection.isInTransaction {
            guard current != generation else { return }
            end()
        }
        do throws(SQLiteError) {
            try connection.begin(.deferred)
        } catch { throw Failure(error) }
        generation = current
    }

    /// Gives the snapshot up. Call it before the loop sleeps: a forgotten snapshot keeps checkpoints from finishing.
    package func endBatch() {
        if connection.isInTransaction { end() }
    }

    /// Closes the connection; the reader answers no more.
    package func close() {
        endBatch()
        connection.close()
    }

    private func end() {
        do throws(SQLiteError) {
            try connection.commit()
        } catch { connection.rollback() }
    }
}
