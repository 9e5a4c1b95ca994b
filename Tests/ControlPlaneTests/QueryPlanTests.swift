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
        ("FROM audit_head", "one row"), ("UPDATE audit_head", "one row"),
        ("WHERE (((1)))", "the list of one who may see every account or organization"),
        ("WHERE ((((1))))", "the list of one who may see every account or organization"),
        ("SELECT 1 FROM users", "asks whether there is any; ends at the first"),
        ("GROUP_CONCAT", "tests"),
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
    private static let readable: [String] = AllRoutes.groups.flatMap { $0.table }.filter { route in
        route.method == .get && route.path.split(separator: "/").filter { $0.hasPrefix("{") }.count <= 1
    }.map { $0.path }

    /// `SCAN name` of a table; not of a constant, a subquery or a list of values.
    private static func isScan(_ line: String, of statement: String) -> Bool {
        guard line.hasPrefix("SCAN ") else { return false }
        let name = line.dropFirst(5).prefix { $0 != " " }
        if name.hasPrefix("(subquery") { return false }
        let inner = ["CONSTANT", "reach", "governed", "idps", "owners", "below", "above", "page", "v", "json_each"]
        // A common table of that name, in a statement that has one.
        if name == "users", statement.contains("users(id) AS") { return false }
        return !inner.contains(String(name))
    }

    private static func isTests(_ statement: String) -> Bool {
        statement.contains("lower(hex(") || statement.contains("quote(") || statement.contains("sqlite_schema")
            || statement.hasPrefix("PRAGMA") || statement.hasPrefix("EXPLAIN") || statement.hasPrefix("BEGIN")
    }
}
