import Domain
import JSON
import Primitives
import TestKit
import Testing

/// Contract 20 §23 and 30 §4: what happens to an account's connections stands in that account's own log.
@Suite("The audit log of recipients")
struct BridgeAuditTests {
    @Test("each account in which a connection appears or ends has a row of its own, by whoever caused it")
    func rows() async throws {
        let world = try await World()
        let organization = await world.organization("Acme")
        let source = await world.account("hub", in: organization, team: "hub")
        let accounts = [
            await world.account("emea", in: organization, team: "emea"), await world.account("apac", in: organization),
        ]
        let idp = await world.idp(of: source)
        let first = try await world.auditRows().count
        #expect(await world.designate(idp, of: source, for: organization).isSuccess)
        let created = try await connectionRows(of: world, since: first)
        #expect(Set(created.compactMap { $0.event.account?.hex }) == Set(accounts) && created.count == 2)
        #expect(created.allSatisfy { $0.event.action == .create && $0.request.actor.email == "admin@localhost" })
        // The whole request has one ray, whichever account a row belongs to.
        #expect(Set(created.map(\.request.ray)).count == 1)
        let shown = await world.connection(of: accounts[0])
        #expect(created.contains { $0.event.resource.id == shown && $0.event.account?.hex == accounts[0] })

        let second = try await world.auditRows().count
        #expect(await world.delete("/organizations/\(organization)/primary_idp").isSuccess)
        let ended = try await connectionRows(of: world, since: second)
        #expect(Set(ended.map(\.event.resource.id)) == Set(created.map(\.event.resource.id)))
        #expect(ended.allSatisfy { $0.event.action == .delete })
    }

    @Test("the row of an ended connection lists what dangles in its own account, and nothing of another")
    func dangling() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        let other = await world.account("apac", in: stage.organization, team: "apac")
        var apps: [String: String] = [:]
        for account in [stage.account, other] {
            let connection = await world.connection(of: account)
            apps[account] = await world.post(
                "/accounts/\(account)/access/apps",
                [
                    "type": "self_hosted", "domain": .string("\(account).example.com"),
                    "allowed_idps": [.string(connection)],
                ]
            ).id
        }
        let before = try await world.auditRows().count
        #expect(await world.delete("/organizations/\(stage.organization)/primary_idp").isSuccess)
        for row in try await connectionRows(of: world, since: before) {
            let account = try #require(row.event.account?.hex)
            let app = try #require(apps[account])
            #expect(row.event.response?.text == #"{"applications":["\#(app)"],"dangling_rules":[],"sessions_ended":0}"#)
        }
    }

    private func connectionRows(of world: World, since count: Int) async throws -> [AuditRow] {
        try await world.auditRows().dropFirst(count).filter {
            $0.event.resource.kind == .identityProvider && $0.event.description.hasPrefix("connection ")
        }
    }
}
