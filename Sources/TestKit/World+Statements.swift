import API
import ControlPlane
import EventLoops
import SQLite
package import Store

/// What the server's connections have done, for tests of its queries.
extension World {
    /// Statements that long reads have executed so far.
    package func backgroundExecutions() async throws(Failure) -> UInt64 {
        try await plane.store.background { (reader) throws(Failure) in reader.connection.executions }
    }

    /// Every statement that a connection of this world has kept, with the plan that SQLite makes for it.
    package func statementPlans() async throws -> [(statement: String, plan: [String])] {
        var texts = Set(
            try await plane.store.background { (reader) throws(Failure) in
                reader.connection.preparedStatements.map(\.text)
            })
        texts.formUnion(
            try await plane.store.writes.perform { (transaction) throws(Failure) in
                transaction.connection.preparedStatements.map(\.text)
            })
        texts.formUnion(
            await withCheckedContinuation { (continuation: CheckedContinuation<[String], Never>) in
                handler.run { continuation.resume(returning: $0.reader.connection.preparedStatements.map(\.text)) }
            })
        let reader = try plane.store.makeReader()
        defer { reader.close() }
        return try texts.sorted().filter { !$0.hasPrefix("EXPLAIN") && !$0.hasPrefix("PRAGMA") }.map { text in
            (text, try reader.connection.plan(of: SQL(stringLiteral: text)))
        }
    }
}
