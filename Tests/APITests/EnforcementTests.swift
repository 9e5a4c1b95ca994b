import ControlPlane
import Domain
import JSON
import Primitives
import SQLite
import Store
import Testing

/// What an enforced primary IdP refuses among the Access resources (contract 30 §9).
@Suite("Enforcement in Access resources")
struct EnforcementTests {
    @Test("an application names the connection or nothing")
    func applications() async throws {
        let world = try await AccessWorld()
        let own = try await world.identityProvider()
        let connection = try await enforce(in: world)
        let app = { (idps: [IdentityProviderID]) in
            JSONValue.object([
                "type": "self_hosted", "domain": "a.example.com", "allowed_idps": .array(idps.map { .string($0.uuid) }),
            ])
        }
        let refused = await world.post("access/apps", app([connection, own]))
        #expect(refused.status == 403)
        #expect(refused.code == 21107)
        #expect(refused.pointers == ["/allowed_idps/1"])
        #expect(try await world.auditRows().last?.isSuccess == false)
        let created = await world.post("access/apps", app([connection]))
        #expect(created.status == 201)
        #expect(await world.put("access/apps/\(created.id)", app([own])).code == 21107)
        #expect(await world.put("access/apps/\(created.id)", app([])).status == 200)
    }

    @Test("rules may exclude another identity provider but not include it")
    func rules() async throws {
        let world = try await AccessWorld()
        let own = try await world.identityProvider()
        let connection = try await enforce(in: world)
        let rule = { (idp: IdentityProviderID) in JSONValue.object(["login_method": ["id": .string(idp.uuid)]]) }
        let group = { (include: [JSONValue], exclude: [JSONValue]) in
            JSONValue.object(["name": "g", "include": .array(include), "exclude": .array(exclude)])
        }
        let refused = await world.post("access/groups", group([rule(connection), rule(own)], []))
        #expect(refused.code == 21107)
        #expect(refused.pointers == ["/include/1/login_method/id"])
        #expect(await world.post("access/groups", group([rule(connection)], [rule(own)])).status == 201)
        let policy = group([rule(own)], []).merged(with: ["decision": "allow"])
        #expect(await world.post("access/policies", policy).code == 21107)
        let app = await world.post(
            "access/apps", ["type": "self_hosted", "domain": "a.example.com", "policies": [policy]])
        #expect(app.pointers == ["/policies/0/include/0/login_method/id"])
        #expect(await world.get("access/apps").result == [])
    }

    /// Makes an identity provider of the other account the enforced primary of an organization that holds both.
    ///
    /// - Returns: the connection in the account.
    private func enforce(in world: AccessWorld) async throws -> IdentityProviderID {
        let idp = try await world.identityProvider(in: world.other)
        let connection = IdentityProviderID(at: world.clock.now)
        let (account, source) = (world.account, world.other)
        _ = try await world.plane.store.writes.perform { (transaction: WriteTransaction) throws(Failure) in
            let organization = OrganizationID(at: Timestamp(seconds: 1))
            let grant = GrantID(at: Timestamp(seconds: 1))
            try transaction.execute(
                "INSERT INTO organizations (id, root_id, name, created_at, updated_at) VALUES (?, ?, 'o', 0, 0)",
                organization, organization)
            try transaction.execute("INSERT INTO organization_ancestors VALUES (?, ?, 0)", organization, organization)
            try transaction.execute("UPDATE accounts SET organization_id = ?", organization)
            try transaction.execute("INSERT INTO federation_grants VALUES (?, ?, ?, 0)", grant, source, idp)
            try transaction.execute("INSERT INTO connections VALUES (?, ?, ?, 0)", connection, grant, account)
            try transaction.execute(
                """
                INSERT INTO primary_idps (organization_id, account_id, idp_id, grant_id, share_id, recipient_id, mode,
                                          created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, 'enforce', 0, 0)
                """, organization, source, idp, grant, grant, grant)
            transaction.touches(.credentials)
        }
        return connection
    }
}
