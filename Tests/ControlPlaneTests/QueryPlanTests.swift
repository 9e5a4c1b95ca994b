import API
import HTTP
import JSON
import TestKit
import Testing

@Suite("Query plans")
struct QueryPlanTests {
    /// Scans that are meant, with their reason. Everything else that walks through a whole table is a mistake.
    private static let allowed: [(statement: String, reason: String)] = [
        ("FROM audit_log ORDER BY position", "integrity walks the whole chain, in the background"),
        ("audit_head", "one row"),
        ("WHERE (((1)))", "the list of whoever may see everything, in the order of an index"),
        ("WHERE ((((1))))", "the same for organizations"),
        ("SELECT 1 FROM users", "asks whether there is any; ends at the first"),
    ]

    @Test("no statement of the server walks through a table")
    func scans() async throws {
        let sequence = try await BridgeSequence(seed: 4711)
        try await sequence.run(250)
        #expect(sequence.problems.isEmpty)
        let world = sequence.world
        for account in sequence.model.accounts.prefix(3) {
            for route in Self.readable { _ = await world.get(route.replacing("{account_id}", with: account)) }
        }
        for organization in sequence.model.organizations.prefix(3) {
            for route in Self.readable { _ = await world.get(route.replacing("{organization_id}", with: organization)) }
        }
        var scans: [String] = []
        for (statement, plan) in try await world.statementPlans() where !Self.isTests(statement) {
            guard !Self.allowed.contains(where: { statement.contains($0.statement) }) else { continue }
            for line in plan where Self.isScan(line, of: statement) { scans.append("\(line)\n    in \(statement)") }
        }
        #expect(scans.isEmpty, "\(scans.joined(separator: "\n"))")
    }

    /// Lists and singletons that need no other identifier.
    private static var readable: [String] {
        var paths: [String] = []
        for group in AllRoutes.groups {
            for route in group.table where route.method == .get {
                let parameters = route.path.split(separator: "/").filter { $0.hasPrefix("{") }
                if parameters.count <= 1 { paths.append(route.path) }
            }
        }
        return paths
    }

    /// `SCAN name` of a table; not of a constant, a subquery or a list of values.
    private static func isScan(_ line: String, of statement: String) -> Bool {
        guard line.hasPrefix("SCAN ") else { return false }
        let name = line.dropFirst(5).prefix { $0 != " " }
        // Of statements: common tables, subqueries and lists of values.
        let inner = ["CONSTANT", "reach", "governed", "v", "idps", "owners", "below", "above", "page", "json_each", "(subquery"]
        return !inner.contains(String(name))
    }

    private static func isTests(_ statement: String) -> Bool {
        statement.contains("lower(hex(") || statement.contains("quote(") || statement.contains("sqlite_schema")
            || statement.hasPrefix("PRAGMA") || statement.hasPrefix("EXPLAIN") || statement.hasPrefix("BEGIN")
    }
}
