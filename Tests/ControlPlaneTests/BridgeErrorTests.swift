import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// Every code of contract 30 §12, with its status and its row in the audit log.
@Suite("Refusals of the bridge")
struct BridgeErrorTests {
    /// An organization with a source account, a recipient and a designated primary.
    struct Stage {
        let world: World
        let organization, source, account, idp, grant, share: String

        init(failing: String? = nil, mode: String = "report") async throws {
            world = try await World(failing: failing)
            organization = await world.organization("Acme")
            source = await world.account("hub", in: organization, team: "hub")
            account = await world.account("emea", in: organization, team: "emea")
            idp = await world.idp(of: source)
            let designated = await world.designate(idp, of: source, for: organization, mode: mode, query: "?force=true")
            (grant, share) = (designated.text("grant_id"), designated.text("share_id"))
        }

        var sourceAccess: String { "/accounts/\(source)/access" }
        var accountAccess: String { "/accounts/\(account)/access" }
    }

    /// A refusal with this status and code, and a row of result `failure` for 403 and 409.
    private func expect(
        _ answer: World.Answer, _ status: Int, _ code: Int, _ world: World, at pointer: String? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(answer.status == status, "\(answer.text)", sourceLocation: location)
        #expect(answer.code == code, sourceLocation: location)
        if let pointer { #expect(answer.pointers == [pointer], sourceLocation: location) }
        guard status == 403 || status == 409 else { return }
        let row = try await world.auditRows().last
        #expect(row?.isSuccess == false, sourceLocation: location)
        #expect(row?.status == status, sourceLocation: location)
        #expect(row?.event.description.hasPrefix("\(code) ") == true, sourceLocation: location)
    }

    @Test("creating and deleting grants")
    func grants() async throws {
        let stage = try await Stage()
        let world = stage.world
        let grants = { (access: String, idp: String) in
            await world.post("\(access)/idp_federation_grants", ["idp_id": .string(idp)])
        }
        let unknown = "00000000-0000-7000-8000-000000000000"
        try await expect(await grants(stage.sourceAccess, unknown), 404, 12135, world, at: "/idp_id")
        let alone = await world.account("alone", team: "alone")
        let lonely = await world.idp(of: alone)
        try await expect(await grants("/accounts/\(alone)/access", lonely), 409, 21100, world)
        for type in ["onetimepin", "cloudflare"] {
            let pin = await world.idp(type, of: stage.source, type: type)
            try await expect(await grants(stage.sourceAccess, pin), 409, 21101, world, at: "/idp_id")
        }
        let connection = await world.connection(of: stage.account)
        try await expect(await grants(stage.accountAccess, connection), 409, 21101, world, at: "/idp_id")
        try await expect(await grants(stage.sourceAccess, stage.idp), 409, 21103, world, at: "/idp_id")
        for number in 2...5 {
            let more = await world.idp("Okta \(number)", of: stage.source)
            #expect(await grants(stage.sourceAccess, more).status == 201)
        }
        let sixth = await world.idp("Okta 6", of: stage.source)
        try await expect(await grants(stage.sourceAccess, sixth), 409, 21102, world)
        try await expect(
            await world.delete("\(stage.sourceAccess)/idp_federation_grants/\(stage.grant)"), 409, 21105, world)
        try await expect(
            await world.delete("\(stage.sourceAccess)/idp_federation_grants/\(unknown)"), 404, 12135, world)
    }

    @Test("sharing")
    func shares() async throws {
        let stage = try await Stage()
        let world = stage.world
        let other = await world.idp("Second", of: stage.source)
        let grant = await world.post("\(stage.sourceAccess)/idp_federation_grants", ["idp_id": .string(other)]).id
        let resource: (String) -> JSONValue = { id in
            [
                "resource_id": .string(id), "resource_account_id": .string(stage.source),
                "resource_type": "idp-federation-grant", "meta": [:],
            ]
        }
        let create: (JSONValue, JSONValue) async -> World.Answer = { resource, recipient in
            await world.post(
                "/accounts/\(stage.source)/shares",
                ["name": "s", "resources": [resource], "recipients": [recipient]])
        }
        let outside = await world.account("outside")
        let elsewhere = await world.organization("Elsewhere")
        let here: JSONValue = ["recipient_account_id": .string(stage.account)]
        let both = here.merged(with: ["organization_id": .string(stage.organization)])
        try await expect(await create(resource(grant), both), 400, 21200, world)
        let ruleset = resource(grant).merged(with: ["resource_type": "custom-ruleset"])
        try await expect(await create(ruleset, here), 400, 21200, world, at: "/resources/0/resource_type")
        try await expect(
            await create(resource(grant), ["recipient_account_id": .string(stage.source)]), 400, 21200, world)
        for recipient: JSONValue in [
            ["recipient_account_id": .string(outside)], ["organization_id": .string(elsewhere)],
            ["organization_id": .string(String(repeating: "0", count: 32))],
        ] {
            try await expect(await create(resource(grant), recipient), 409, 21201, world)
        }
        try await expect(await create(resource(stage.grant), here), 409, 21202, world, at: "/resources/0/resource_id")
        let share = await create(resource(grant), here)
        #expect(share.status == 200)
        let recipients = "/accounts/\(stage.source)/shares/\(share.id)/recipients"
        try await expect(await world.post(recipients, here), 409, 21202, world)
        let primary = "/accounts/\(stage.source)/shares/\(stage.share)"
        try await expect(await world.delete(primary), 409, 21105, world)
        let held = await world.get("\(primary)/resources").items.first?["id"]?.stringValue ?? ""
        try await expect(await world.delete("\(primary)/resources/\(held)"), 409, 21105, world)
        let associated = await world.get("\(primary)/recipients").items.first?["id"]?.stringValue ?? ""
        try await expect(await world.delete("\(primary)/recipients/\(associated)"), 409, 21202, world)
    }

    @Test("identity providers and connections")
    func identityProviders() async throws {
        let stage = try await Stage()
        let world = stage.world
        let connection = await world.connection(of: stage.account)
        let path = "\(stage.accountAccess)/identity_providers/\(connection)"
        try await expect(await world.put(path, World.idpBody("mine")), 403, 12136, world)
        try await expect(await world.delete(path), 403, 12136, world)
        let source = "\(stage.sourceAccess)/identity_providers/\(stage.idp)"
        try await expect(await world.delete(source), 409, 21105, world)
        #expect(await world.delete("/organizations/\(stage.organization)/primary_idp").status == 200)
        try await expect(await world.delete(source), 409, 21104, world)
        #expect(await world.delete("\(stage.sourceAccess)/idp_federation_grants/\(stage.grant)").status == 200)
        let app = await world.post(
            "\(stage.sourceAccess)/apps",
            ["type": "self_hosted", "domain": "a.example.com", "allowed_idps": [.string(stage.idp)]])
        try await expect(await world.delete(source), 409, 12132, world)
        #expect(await world.delete("\(stage.sourceAccess)/apps/\(app.id)").isSuccess)
        #expect(await world.delete(source).status == 202)
    }

    @Test("moving and deleting accounts")
    func accounts() async throws {
        let stage = try await Stage()
        let world = stage.world
        let elsewhere = await world.organization("Elsewhere")
        for destination: JSONValue in ["", .string(elsewhere)] {
            let body: JSONValue = ["destination_organization_id": destination]
            try await expect(await world.post("/accounts/\(stage.source)/move", body), 409, 21105, world)
        }
        try await expect(await world.delete("/accounts/\(stage.source)"), 409, 21105, world)
        #expect(await world.delete("/organizations/\(stage.organization)/primary_idp").status == 200)
        try await expect(await world.delete("/accounts/\(stage.source)"), 409, 21012, world)
        #expect(
            await world.post("/accounts/\(stage.source)/move", ["destination_organization_id": ""]).status == 200)
        #expect(await world.get("\(stage.sourceAccess)/idp_federation_grants").items.isEmpty)
        #expect(await world.delete("/accounts/\(stage.source)").status == 200)
    }

    @Test("designating a primary")
    func primary() async throws {
        let stage = try await Stage()
        let world = stage.world
        let outside = await world.account("outside", team: "outside")
        let foreign = await world.idp(of: outside)
        let path = "/organizations/\(stage.organization)/primary_idp"
        try await expect(await world.designate(foreign, of: outside, for: stage.organization), 404, 21011, world)
        try await expect(
            await world.designate("00000000-0000-7000-8000-000000000000", of: stage.source, for: stage.organization),
            404,
            12135, world, at: "/idp_id")
        for type in ["onetimepin", "saml"] {
            let idp = await world.idp(type, of: stage.source, type: type)
            try await expect(await world.designate(idp, of: stage.source, for: stage.organization), 409, 21101, world)
        }
        let connection = await world.connection(of: stage.account)
        try await expect(
            await world.designate(connection, of: stage.account, for: stage.organization), 409, 21101, world)
        try await expect(
            await world.designate(stage.idp, of: stage.source, for: stage.organization, exempt: [outside]), 400, 21000,
            world,
            at: "/exempt_account_ids/0")
        try await expect(await world.patch(path, ["mode": "enforce"]), 403, 21107, world, at: "/mode")
        try await expect(
            await world.designate(stage.idp, of: stage.source, for: stage.organization, mode: "enforce"), 403, 21107,
            world)
        let empty = await world.organization("Empty")
        for method: HTTP.Method in [.get, .delete, .patch] {
            let answer = await world.call(method, "/organizations/\(empty)/primary_idp", method == .patch ? [:] : nil)
            try await expect(answer, 404, 21001, world)
        }
        try await expect(
            await world.call(.patch, path, ["break_glass_emails": .array((1...6).map { .string("a\($0)@x.org") })]),
            400, 21000, world)
    }

    @Test("a login of an administrator within thirty days opens the way to enforcement")
    func evidence() async throws {
        let stage = try await Stage()
        let world = stage.world
        let path = "/organizations/\(stage.organization)/primary_idp"
        let idp = stage.idp.filter { $0 != "-" }
        let enforce: JSONValue = ["mode": "enforce"]
        try await world.execute(
            "INSERT INTO idp_logins VALUES (x'\(idp)', 'admin@localhost', \(world.clock.now.microseconds))")
        world.clock.advance(by: .seconds(31 * 86_400))
        #expect(await world.patch(path, enforce).code == 21107)
        try await world.execute("UPDATE idp_logins SET at = \(world.clock.now.microseconds)")
        #expect(await world.patch(path, enforce).status == 200)
    }

    @Test("an identity provider that fails its test cannot be enforced, not even by force, and that is audited")
    func failingProbe() async throws {
        let stage = try await Stage(failing: "no keys")
        try await expect(
            await stage.world.patch("/organizations/\(stage.organization)/primary_idp?force=true", ["mode": "enforce"]),
            403,
            21107, stage.world, at: "/idp_id")
        try await expect(
            await stage.world.designate(
                stage.idp, of: stage.source, for: stage.organization, mode: "enforce", query: "?force=true"), 403,
            21107,
            stage.world)
    }

    @Test("the one-click bridge")
    func oneClick() async throws {
        let stage = try await Stage()
        let world = stage.world
        let alone = await world.account("alone")
        try await expect(await world.post("/accounts/\(alone)/access/idp_bridge"), 409, 21100, world)
        let empty = await world.organization("Empty")
        let idle = await world.account("idle", in: empty)
        try await expect(await world.post("/accounts/\(idle)/access/idp_bridge"), 409, 21106, world)
        try await expect(await world.delete("\(stage.sourceAccess)/idp_bridge"), 409, 21105, world)
        let path = "/organizations/\(stage.organization)/primary_idp?force=true"
        #expect(await world.patch(path, ["mode": "enforce"]).status == 200)
        try await expect(await world.delete("\(stage.accountAccess)/idp_bridge"), 409, 21107, world)
        #expect(await world.patch(path, ["mode": "report"]).status == 200)
        #expect(await world.delete("\(stage.accountAccess)/idp_bridge").status == 200)
        try await expect(await world.delete("\(stage.accountAccess)/idp_bridge"), 404, 12135, world)
    }

    @Test("a refused preview leaves no trace")
    func refusedPreview() async throws {
        let stage = try await Stage()
        let before = try await stage.world.fingerprint()
        let answer = await stage.world.delete("/accounts/\(stage.source)?preview=true")
        #expect(answer.code == 21105)
        #expect(try await stage.world.fingerprint() == before)
    }
}
