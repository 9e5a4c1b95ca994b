import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Testing

@Suite("Entitlements")
struct EntitlementTests {
    private func app(_ oauth: JSONObject?) -> JSONValue {
        var body: JSONObject = ["type": "self_hosted", "name": "Wiki", "domain": "wiki.example.com"]
        if let oauth { body["oauth_configuration"] = .object(oauth) }
        return .object(body)
    }

    private func set(_ feature: Entitlement.Feature, to value: Int, in world: AccessWorld) async throws {
        let account = world.account
        let override = EntitlementOverride(feature: feature, value: value, editedAt: world.clock.now)
        try await world.plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.set(override, in: account)
        }
    }

    private func allocation(_ key: String, in world: AccessWorld) async -> JSONValue? {
        let rows = await world.get("entitlements").result.arrayValue ?? []
        return rows.first { $0["feature"]?["key"]?.stringValue == key }?["allocation"]
    }

    @Test("an account has everything until its plan says otherwise")
    func rows() async throws {
        let world = try await AccessWorld()
        #expect(await allocation("access.managed_oauth", in: world) == ["type": "bool", "value": true])
        try await set(.managedOAuth, to: 0, in: world)
        try await set(.accessSeats, to: 50, in: world)
        #expect(await allocation("access.managed_oauth", in: world) == ["type": "bool", "value": false])
        #expect(await allocation("access.seats", in: world) == ["type": "max_count", "value": 50])
        #expect(await allocation("access.idp_bridge", in: world) == ["type": "bool", "value": true])
    }

    @Test("managed OAuth cannot be switched on without the feature, by whatever way; what is on stays, and can be read")
    func managedOAuth() async throws {
        let world = try await AccessWorld()
        let on = await world.post("access/apps", app(["enabled": true]))
        #expect(on.status == 201)
        var plain: JSONObject = ["type": "self_hosted", "name": "Other", "domain": "other.example.com"]
        let off = await world.post("access/apps", .object(plain))
        try await set(.managedOAuth, to: 0, in: world)

        plain["oauth_configuration"] = ["enabled": true]
        for refused in [
            await world.put("access/apps/\(off.id)", .object(plain)),
            await world.post(
                "access/apps",
                [
                    "type": "self_hosted", "name": "New", "domain": "new.example.com",
                    "oauth_configuration": ["enabled": true],
                ]),
        ] {
            #expect(refused.status == 403 && refused.code == 21320, "\(refused.json)")
            #expect(refused.json["errors"]?[0]?["source"]?["pointer"] == "/oauth_configuration/enabled")
        }
        plain["oauth_configuration"] = ["enabled": false]
        #expect(await world.put("access/apps/\(off.id)", .object(plain)).status == 200)

        let known = await world.get("access/apps/\(on.id)")
        #expect(known.status == 200 && known.result["oauth_configuration"]?["enabled"] == true)
        #expect(await world.get("access/apps/\(on.id)/oauth_clients").status == 200)
        let kept = await world.put(
            "access/apps/\(on.id)", app(["enabled": true, "grant": ["access_token_lifetime": "5m"]]))
        #expect(kept.status == 200, "\(kept.json)")
        // To switch it off is a way with no return, until the plan has the feature again.
        #expect(await world.put("access/apps/\(on.id)", app(nil)).status == 200)
        #expect(await world.put("access/apps/\(on.id)", app(["enabled": true])).code == 21320)
        try await set(.managedOAuth, to: 1, in: world)
        #expect(await world.put("access/apps/\(on.id)", app(["enabled": true])).status == 200)
    }

    @Test("one account's plan is not another's")
    func scope() async throws {
        let world = try await AccessWorld()
        let override = EntitlementOverride(feature: .managedOAuth, value: 0, editedAt: world.clock.now)
        let other = world.other
        try await world.plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.set(override, in: other)
        }
        #expect(await world.post("access/apps", app(["enabled": true])).status == 201)
    }
}
