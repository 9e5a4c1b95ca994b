import API
import ControlPlane
import HTTP
import JSON
import TestKit
import Testing

@Suite("Query plans")
struct QueryPlanTests {
    /// A scan that is meant: what is scanned in which statement, and why. Everything else that walks through a whole table is
    /// a mistake.
    private struct Meant: Sendable {
        let scan: String
        let statement: @Sendable (String) -> Bool
        let reason: String
    }

    private static let meant: [Meant] = [
        Meant(
            scan: "audit_log", statement: { $0.hasSuffix(" FROM audit_log ORDER BY position") },
            reason: "integrity walks the whole chain, in the background"),
        Meant(scan: "audit_head", statement: { $0 == "SELECT position, hash FROM audit_head" }, reason: "one row"),
        Meant(
            scan: "audit_head", statement: { $0 == "UPDATE audit_head SET position = ?, hash = ?" }, reason: "one row"),
        Meant(
            scan: "audit_head",
            statement: { $0 == "SELECT position, hash, first_position, first_previous_hash FROM audit_head" },
            reason: "one row"),
        Meant(
            scan: "a USING INDEX accounts_by_creation",
            statement: { $0.hasSuffix(" WHERE (((1))) ORDER BY a.created_at, a.id LIMIT ? OFFSET ?") },
            reason: "a page for one who may see every account, in the order of the index; ends at the last row shown"),
        Meant(
            scan: "a USING COVERING INDEX accounts_by_creation",
            statement: { $0 == "SELECT count(*) FROM accounts a WHERE (((1)))" },
            reason: "how many accounts there are, for one who may see every account"),
        Meant(
            scan: "o USING INDEX organizations_by_parent",
            statement: { $0.hasSuffix(" WHERE ((((1)))) ORDER BY o.created_at, o.id LIMIT ?") },
            reason: "organizations for one who may see all of them; there are few"),
        Meant(
            scan: "o USING COVERING INDEX organizations_by_root",
            statement: { $0 == "SELECT count(*) FROM organizations o WHERE (((1)))" },
            reason: "how many organizations there are, for one who may see all of them"),
        Meant(
            scan: "users USING COVERING INDEX users_by_email", statement: { $0 == "SELECT 1 FROM users LIMIT 1" },
            reason: "asks whether there is any; ends at the first"),
        Meant(
            scan: "audit_log",
            statement: { $0.contains("FROM (SELECT position, at FROM audit_log ORDER BY position LIMIT ?)") },
            reason: "the oldest rows, as many as a chore removes at once"),
        Meant(
            scan: "z USING INDEX zero_trust_organizations_retiring_tokens",
            statement: { $0.contains("INDEXED BY zero_trust_organizations_retiring_tokens") },
            reason: "an index that holds only the accounts that are asked for"),
        Meant(
            scan: "page",
            statement: { $0.contains("FROM (SELECT id, created_at FROM applications WHERE account_id = ?") },
            reason: "the applications of one page, found by an index"),
        Meant(
            scan: "v", statement: { $0.hasPrefix("WITH governed AS MATERIALIZED (") },
            reason: "the governed accounts of one tree, found by an index"),
        Meant(
            scan: "reach",
            statement: { $0.hasPrefix("SELECT DISTINCT g.id, reach.account_id FROM (SELECT r.share_id ") },
            reason: "what one account, tree or grant is reached by, found by an index"),
        Meant(
            scan: "json_each VIRTUAL TABLE INDEX 1:", statement: { $0.contains("FROM json_each(m.roles))") },
            reason: "the roles in one row"),
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
        world.clock.advance(by: .seconds(50 * 86_400))
        _ = try await world.plane.doChores()
        var scans: [String] = []
        for (statement, plan) in try await world.statementPlans() where !Self.isTests(statement) {
            for line in plan where Self.isMistake(line, in: statement) { scans.append("\(line)\n    in \(statement)") }
        }
        #expect(scans.isEmpty, "\(scans.joined(separator: "\n"))")
    }

    /// Lists and singletons that need no other identifier.
    private static let readable: [String] = AllRoutes.groups.flatMap { $0.table }.filter { route in
        route.method == .get && route.path.split(separator: "/").filter { $0.hasPrefix("{") }.count <= 1
    }.map { $0.path }

    /// A scan of a table that is not meant. What a subquery or a list of values yields is no table; the plan has lines of
    /// their own for how it was found.
    private static func isMistake(_ line: String, in statement: String) -> Bool {
        guard line.hasPrefix("SCAN ") else { return false }
        let scan = line.dropFirst(5)
        if scan.hasPrefix("(subquery") || scan == "CONSTANT ROW" { return false }
        let words = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return !meant.contains { $0.scan == scan && $0.statement(words) }
    }

    private static func isTests(_ statement: String) -> Bool {
        statement.hasPrefix(World.mark) || statement.hasPrefix("BEGIN")
    }
}
