import Domain
import JSON
import TestKit
import Testing

@Suite("The audit log and the bridge")
struct AuditChainTests {
    @Test("each mutation has its row in its own transaction")
    func rows() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        func kinds() async throws -> [String] {
            try await world.auditRows().map { "\($0.event.action.rawValue) \($0.event.resource.kind.rawValue)" }
        }
        let made = try await kinds()
        for row in [
            "create primary_idp", "create idp_federation_grant", "create share", "create access_identity_provider",
        ] {
            #expect(made.contains(row), "\(row)")
        }
        #expect(await world.delete("\(stage.accountAccess)/idp_bridge").status == 200)
        #expect(Array(try await kinds().suffix(2)) == ["delete access_identity_provider", "delete idp_bridge"])
        #expect(await world.post("\(stage.accountAccess)/idp_bridge").status == 201)
        #expect(Array(try await kinds().suffix(2)) == ["create access_identity_provider", "create idp_bridge"])
        let count = try await kinds().count
        // Nothing changes, so there is nothing to tell.
        #expect(await world.post("\(stage.accountAccess)/idp_bridge").status == 200)
        #expect(try await kinds().count == count)
    }

    /// What somebody with the database in their hands might do. Positions are unique, so rows that change places go out of
    /// each other's way first.
    private static let attacks: [[String]] = [
        ["UPDATE audit_log SET description = 'x' WHERE position = 3"],
        ["UPDATE audit_log SET action_result = 'failure' WHERE position = 3"],
        ["UPDATE audit_log SET request = NULL WHERE position = 3"],
        ["UPDATE audit_log SET actor_ip = '9.9.9.9' WHERE position = 3"],
        ["UPDATE audit_log SET action_type = 'view' WHERE position = 3"],
        ["UPDATE audit_log SET position = 1000 WHERE position = 3"],
        ["UPDATE audit_log SET position = -position WHERE position IN (3, 4)"],
        // Two neighbours change places, each with its own hash.
        [
            "UPDATE audit_log SET position = -position WHERE position IN (3, 4)",
            "UPDATE audit_log SET position = 7 + position WHERE position < 0",
        ],
        // One in the middle goes, and those behind it close the gap or do not.
        ["DELETE FROM audit_log WHERE position = 3"],
        [
            "DELETE FROM audit_log WHERE position = 3",
            "UPDATE audit_log SET position = -position WHERE position > 3",
            "UPDATE audit_log SET position = -position - 1 WHERE position < 0",
            "UPDATE audit_head SET position = position - 1",
        ],
        // The last row: nothing follows from it but the head.
        ["UPDATE audit_log SET description = 'x' WHERE position = (SELECT max(position) FROM audit_log)"],
        ["UPDATE audit_log SET hash = zeroblob(32) WHERE position = (SELECT max(position) FROM audit_log)"],
        ["DELETE FROM audit_log WHERE position = 1"],
    ]

    @Test("a row that was changed, removed or moved is found", arguments: attacks)
    func tampering(statements: [String]) async throws {
        let answer = try await integrity(after: statements)
        #expect(answer["intact"]?.boolValue == false)
        #expect(answer["first_broken_id"]?.stringValue != nil)
    }

    @Test(
        "rows that were cut off at the end are found, though no row is left to name",
        arguments: ["position > 3", "position = (SELECT max(position) FROM audit_log)"])
    func truncation(condition: String) async throws {
        let answer = try await integrity(after: ["DELETE FROM audit_log WHERE \(condition)"])
        #expect(answer["intact"]?.boolValue == false)
        #expect(answer["first_broken_id"]?.stringValue == nil)
    }

    /// The answer about a chain that was whole before these statements.
    private func integrity(after statements: [String]) async throws -> JSONValue {
        let stage = try await BridgeErrorTests.Stage()
        let path = "/organizations/\(stage.organization)/logs/audit/integrity"
        #expect(await stage.world.get(path).result["intact"]?.boolValue == true)
        let triggers = try await stage.world.texts(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_log'")
        for trigger in triggers { try await stage.world.execute("DROP TRIGGER \(trigger)") }
        for statement in statements { try await stage.world.execute(statement) }
        return await stage.world.get(path).result
    }
}
