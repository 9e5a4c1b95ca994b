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

    @Test(
        "a row that was changed, removed, moved or cut off is found",
        arguments: [
            "UPDATE audit_log SET description = 'x' WHERE position = 3",
            "UPDATE audit_log SET action_result = 'failure' WHERE position = 3",
            "UPDATE audit_log SET request = NULL WHERE position = 3",
            "UPDATE audit_log SET actor_ip = '9.9.9.9' WHERE position = 3",
            "UPDATE audit_log SET action_type = 'view' WHERE position = 3",
            "DELETE FROM audit_log WHERE position = 3",
            "UPDATE audit_log SET position = 1000 WHERE position = 3",
            "UPDATE audit_log SET position = -position WHERE position IN (3, 4)",
            "DELETE FROM audit_log WHERE position > 3",
        ])
    func tampering(statement: String) async throws {
        let stage = try await BridgeErrorTests.Stage()
        let path = "/organizations/\(stage.organization)/logs/audit/integrity"
        #expect(await stage.world.get(path).result["intact"]?.boolValue == true)
        let triggers = try await stage.world.texts(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_log'")
        for trigger in triggers { try await stage.world.execute("DROP TRIGGER \(trigger)") }
        try await stage.world.execute(statement)
        let answer = await stage.world.get(path)
        #expect(answer.result["intact"]?.boolValue == false)
        let isCutOff = statement.hasSuffix("position > 3")
        #expect((answer.result["first_broken_id"]?.stringValue != nil) == !isCutOff)
    }
}
