import JSON
import TestKit
import Testing

/// Contract 30 §9, as far as it exists without login, and the doubts around exemption.
@Suite("Enforcing the primary")
struct BridgeEnforcementTests {
    @Test(
        "no identity provider of any type can be added, and old ones can be changed",
        arguments: [
            "onetimepin", "azureAD", "saml", "centrify", "facebook", "github", "google-apps", "google", "linkedin",
            "oidc",
            "okta", "onelogin", "pingone", "yandex", "cloudflare",
        ])
    func identityProviders(type: String) async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        let path = "\(stage.accountAccess)/identity_providers"
        let old = await world.post(path, World.idpBody("old", type: type))
        #expect(old.status == 201)
        #expect(old.result["enforced_off"] == nil)
        await enforce(stage)
        for access in [stage.accountAccess, stage.sourceAccess] {
            let answer = await world.post("\(access)/identity_providers", World.idpBody("new", type: type))
            #expect(answer.status == 403 && answer.code == 21107)
        }
        let kept = await world.put("\(path)/\(old.id)", World.idpBody("renamed", type: type))
        #expect(kept.status == 200)
        #expect(kept.result["enforced_off"]?.boolValue == true)
        #expect(await world.patch(stage.primary, ["mode": "report"]).status == 200)
        #expect(await world.get("\(path)/\(old.id)").result["enforced_off"] == nil)
    }

    @Test("applications, policies and groups name the connection, the source or nothing")
    func references() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        let own = await world.idp("own", of: stage.account)
        let connection = await world.connection(of: stage.account)
        await enforce(stage)
        let app: ([String]) -> JSONValue = { idps in
            [
                "type": "self_hosted", "domain": "a.example.com", "allowed_idps": .array(idps.map(JSONValue.string)),
            ]
        }
        let refused = await world.post("\(stage.accountAccess)/apps", app([connection, own]))
        #expect(refused.code == 21107 && refused.pointers == ["/allowed_idps/1"])
        let launcher = app([own]).merged(with: ["type": "app_launcher", "domain": .null])
        #expect(await world.post("\(stage.accountAccess)/apps", launcher).code == 21107)
        #expect(await world.post("\(stage.accountAccess)/apps", app([])).status == 201)
        for kind in ["groups", "policies"] {
            let rules: (String, String) -> JSONValue = { list, idp in
                let base: JSONValue = ["name": "r", "decision": "allow", "include": [["email": ["email": "a@x.org"]]]]
                return base.merged(with: .object([list: [["login_method": ["id": .string(idp)]]]]))
            }
            let path = "\(stage.accountAccess)/\(kind)"
            #expect(await world.post(path, rules("include", own)).code == 21107)
            #expect(await world.post(path, rules("exclude", own)).status == 201)
            #expect(await world.post(path, rules("require", own)).status == 201)
            #expect(await world.post(path, rules("include", connection)).status == 201)
            #expect(await world.post(path, rules("include", stage.idp)).status == 201)
        }
        let atSource = await world.post(
            "\(stage.sourceAccess)/apps", app([stage.idp]).merged(with: ["domain": "b.example.com"]))
        #expect(atSource.status == 201)
    }

    @Test("break-glass lists hold five addresses, in their order, and PATCH replaces them")
    func breakGlass() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let five = (1...5).map { JSONValue.string("a\($0)@example.com") }
        let set = await stage.world.patch(stage.primary, ["break_glass_emails": .array(five.reversed())])
        #expect(set.result["break_glass_emails"] == .array(five.reversed()))
        #expect(
            await stage.world.patch(stage.primary, ["break_glass_emails": .array(five + ["b@example.com"])]).code
                == 21000)
        #expect(await stage.world.patch(stage.primary, ["break_glass_emails": ["no address"]]).code == 21000)
        #expect(
            await stage.world.patch(stage.primary, ["mode": "report"]).result["break_glass_emails"]
                == .array(five.reversed()))
        #expect(await stage.world.patch(stage.primary, ["break_glass_emails": []]).result["break_glass_emails"] == [])
    }

    @Test("an exempt account is not enforced; bridged on its own it stays exempt, with a connection")
    func exempt() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        let exempted = await world.patch(stage.primary, ["exempt_account_ids": [.string(stage.account)]])
        #expect(exempted.result["accounts_bridged"] == 1)
        await enforce(stage)
        #expect(await world.post("\(stage.accountAccess)/identity_providers", World.idpBody("own")).status == 201)
        let bridged = await world.post("\(stage.accountAccess)/idp_bridge")
        #expect(bridged.status == 201)
        #expect(bridged.text("status") == "exempt")
        #expect(!bridged.text("connection_id").isEmpty)
        #expect(await world.post("\(stage.accountAccess)/idp_bridge").status == 200)
        #expect(await world.post("\(stage.accountAccess)/identity_providers", World.idpBody("more")).status == 201)
        // Its own decision, so it may take it back although the mode is `enforce`.
        #expect(await world.delete("\(stage.accountAccess)/idp_bridge").status == 200)
        #expect(await world.connection(of: stage.account).isEmpty)
        let lifted = await world.patch(stage.primary, ["exempt_account_ids": []])
        #expect(lifted.result["accounts_bridged"] == 2)
        #expect(await world.post("\(stage.accountAccess)/identity_providers", World.idpBody("late")).code == 21107)
    }

    @Test("the order of the exempt list is of no importance")
    func orderOfExemptions() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let second = await stage.world.account("apac", in: stage.organization)
        let first = await stage.world.designate(
            stage.idp, of: stage.source, for: stage.organization, exempt: [stage.account, second])
        let before = try await stage.world.fingerprint()
        let again = await stage.world.designate(
            stage.idp, of: stage.source, for: stage.organization, exempt: [second, stage.account, second])
        #expect(again.result == first.result)
        #expect(try await stage.world.fingerprint() == before)
    }

    @Test("a nested designation governs its part, with exemptions of its own")
    func nested() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        let part = await world.organization("Part", below: stage.organization)
        let hub = await world.account("part hub", in: part, team: "part-hub")
        let leaf = await world.account("leaf", in: part, team: "leaf")
        let inner = await world.idp("Inner", of: hub)
        #expect(await world.designate(inner, of: hub, for: part, mode: "enforce", query: "?force=true").status == 200)
        let primaries = await world.get("/accounts/\(leaf)/access/identity_providers").items.filter {
            $0["primary"]?.boolValue == true
        }
        #expect(primaries.map { $0["source_idp_id"]?.stringValue } == [inner])
        #expect(await world.get("/accounts/\(leaf)/access/identity_providers").items.count == 2)
        let patched = await world.patch("/organizations/\(part)/primary_idp", ["exempt_account_ids": [.string(leaf)]])
        #expect(patched.status == 200)
        let left = await world.get("/accounts/\(leaf)/access/identity_providers").items
        #expect(left.map { $0["source_idp_id"]?.stringValue } == [stage.idp])
        // Nothing has drifted. At the inner hub, which is the source of its part, the connection to the outer primary is
        // another identity provider, but `other_idp_enabled` means one that "can log in" (contract 30 §8), and what is
        // enforced off cannot. It counts as soon as the mode is `report`.
        let summary = await world.get("/organizations/\(stage.organization)/idp_coverage").result["summary"]
        #expect(summary == ["accounts": 4, "bridged": 1, "source": 2, "exempt": 1, "missing": 0, "with_drift": 0])
        #expect(await world.patch("/organizations/\(part)/primary_idp", ["mode": "report"]).isSuccess)
        let measured = await world.get("/accounts/\(hub)/access/idp_coverage").result["drift"]
        #expect(measured?.arrayValue?.compactMap { $0["kind"]?.stringValue } == ["other_idp_enabled"])
    }

    @Test("ending a designation and making it again uses the same grant and share; a deleted share makes a new one")
    func again() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        #expect(await world.delete(stage.primary).status == 200)
        let second = await world.designate(stage.idp, of: stage.source, for: stage.organization)
        #expect(second.text("share_id") == stage.share && second.text("grant_id") == stage.grant)
        #expect(await world.delete(stage.primary).status == 200)
        #expect(await world.delete("/accounts/\(stage.source)/shares/\(stage.share)").status == 200)
        let third = await world.designate(stage.idp, of: stage.source, for: stage.organization)
        #expect(third.text("share_id") != stage.share && third.text("grant_id") == stage.grant)
        #expect(third.result["accounts_bridged"] == 2)
        #expect(await world.delete(stage.primary + "?delete_grant=true").status == 200)
        let fourth = await world.designate(stage.idp, of: stage.source, for: stage.organization)
        #expect(fourth.text("share_id") == third.text("share_id") && fourth.text("grant_id") != stage.grant)
    }

    @Test(
        "the old grant leaves the organization although it is in one share with the new one",
        arguments: [false, true], [false, true])
    func sharedShare(keepsPrevious: Bool, namesAccount: Bool) async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        let other = await world.account("apac", in: stage.organization)
        let second = await world.idp("Second", of: stage.source)
        let grant = await world.post("\(stage.sourceAccess)/idp_federation_grants", ["idp_id": .string(second)]).id
        let share = "/accounts/\(stage.source)/shares/\(stage.share)"
        let resource: JSONValue = [
            "resource_id": .string(grant), "resource_account_id": .string(stage.source),
            "resource_type": "idp-federation-grant", "meta": [:],
        ]
        #expect(await world.post("\(share)/resources", resource).isSuccess)
        if namesAccount {
            let recipient: JSONValue = ["recipient_account_id": .string(stage.account)]
            #expect(await world.post("\(share)/recipients", recipient).isSuccess)
        }
        func sources(_ account: String) async throws -> [String: String] {
            let rows = try await world.texts(
                """
                SELECT lower(hex(g.id)) || ' ' || lower(hex(c.id)) FROM connections c
                  JOIN federation_grants g ON g.id = c.grant_id WHERE c.account_id = x'\(account)'
                """)
            return Dictionary(uniqueKeysWithValues: rows.map { (String($0.prefix(32)), String($0.dropFirst(33))) })
        }
        let (old, new) = (stage.grant.filter { $0 != "-" }, grant.filter { $0 != "-" })
        let before = try await sources(stage.account)
        #expect(Set(before.keys) == [old, new])
        let designated = await world.post(
            stage.primary,
            [
                "account_id": .string(stage.source), "idp_id": .string(second),
                "keep_previous": .bool(keepsPrevious),
            ])
        #expect(designated.status == 200 && designated.text("share_id") == stage.share)
        let named = try await sources(stage.account)
        #expect(Set(named.keys) == (keepsPrevious || namesAccount ? [old, new] : [new]))
        #expect(named.allSatisfy { before[$0.key] == $0.value })
        #expect(Set(try await sources(other).keys) == (keepsPrevious ? [old, new] : [new]))
        #expect(await world.delete("\(stage.sourceAccess)/idp_federation_grants/\(stage.grant)").isSuccess)
        #expect(Set(try await sources(stage.account).keys) == [new])
    }

    private func enforce(_ stage: BridgeErrorTests.Stage) async {
        #expect(await stage.world.patch(stage.primary + "?force=true", ["mode": "enforce"]).status == 200)
    }
}

extension BridgeErrorTests.Stage {
    var primary: String { "/organizations/\(organization)/primary_idp" }
}
