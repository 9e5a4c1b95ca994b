import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// Contract 30 §8: what counts as drift, and what its fix does.
@Suite("Drift")
struct DriftTests {
    @Test("every kind appears, its fix makes it go and admits nobody new")
    func everyKind() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        let scene = try await Scene(stage)
        try await world.execute(
            "INSERT INTO idp_logins VALUES (x'\(stage.idp.filter { $0 != "-" })', 'admin@localhost', \(world.clock.now.microseconds))"
        )
        var kinds: Set<String> = []
        var rounds = 0
        var last = "the beginning"
        while let drift = try await scene.next() {
            rounds += 1
            try #require(rounds < 60, "no end after \(last)")
            let kind = drift["kind"]?.stringValue ?? ""
            kinds.insert(kind)
            let fix = try #require(drift["fix"], "\(drift) has no fix")
            let before = await scene.admitted()
            let path = fix["path"]?.stringValue?.dropFirst("/client/v4".count) ?? ""
            let method: HTTP.Method =
                switch fix["method"]?.stringValue {
                case "POST": .post
                case "PUT": .put
                case "PATCH": .patch
                default: .delete
                }
            let answer = await world.call(method, String(path), method == .delete ? nil : fix["body"])
            #expect(answer.isSuccess, "\(fix) answered \(answer.text)")
            for (owner, people) in await scene.admitted() {
                #expect(
                    people.isSubset(of: before[owner] ?? []),
                    "\(kind): \(owner) now admits \(people), before \(before[owner] ?? [])")
            }
            let rest = await scene.drifts()
            #expect(!rest.contains { Scene.key($0) == Scene.key(drift) }, "\(fix) left \(drift)")
            last = "\(kind) \(fix)"
        }
        #expect(kinds == Set(DriftKind.allCases.map(\.rawValue)))
    }

    @Test("drift that appears or goes is a row of the audit log, once")
    func audited() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        func rows() async throws -> [String] {
            try await world.auditRows().filter { $0.event.resource.kind == .idpDrift }.map(\.event.description)
        }
        let own = await world.idp("own", of: stage.account)
        #expect(try await rows() == ["other_idp_enabled appeared"])
        let app = await world.post(
            "\(stage.accountAccess)/apps",
            ["type": "self_hosted", "domain": "a.example.com", "allowed_idps": [.string(own)]])
        #expect(try await rows().last == "app_allows_other_idp appeared")
        #expect(await world.delete("\(stage.accountAccess)/apps/\(app.id)").isSuccess)
        #expect(try await rows().last == "app_allows_other_idp gone")
        #expect(await world.patch(stage.primary + "?force=true", ["mode": "enforce"]).status == 200)
        #expect(try await rows().last == "other_idp_enabled gone")
        #expect(await world.patch(stage.primary, ["mode": "report"]).status == 200)
        #expect(try await rows().count == 5)
        #expect(await world.delete(stage.primary).status == 200)
        #expect(try await rows().last == "other_idp_enabled gone")
        #expect(try await rows().count == 6)
        #expect(try await world.texts("SELECT kind FROM idp_drift").isEmpty)
    }

    @Test("a connection that another share brings is noticed where it arrives")
    func arrivingConnection() async throws {
        let stage = try await BridgeErrorTests.Stage()
        _ = await Scene.connect(stage, named: "Second")
        let descriptions = try await stage.world.auditRows().filter { $0.event.resource.kind == .idpDrift }
        #expect(
            descriptions.contains {
                $0.event.account?.hex == stage.account && $0.event.description == "other_idp_enabled appeared"
            })
    }

    @Test("the fix of an application that names only ended connections names the present one and says so")
    func deadList() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        let second = await Scene.connect(stage, named: "Second")
        let app = await world.post(
            "\(stage.accountAccess)/apps",
            ["type": "self_hosted", "domain": "a.example.com", "allowed_idps": [.string(second)]])
        let list = await world.get("\(stage.accountAccess)/identity_providers").items
        let grant = list.first { $0["id"]?.stringValue == second }?["grant_id"]?.stringValue ?? ""
        #expect(await world.delete("\(stage.sourceAccess)/idp_federation_grants/\(grant)").isSuccess)

        func drift() async -> JSONValue? {
            await world.get("\(stage.accountAccess)/idp_coverage").result["drift"]?.arrayValue?.first {
                $0["kind"] == "dangling_reference"
            }
        }
        let fix = try #require(await drift()?["fix"])
        let connection = await world.connection(of: stage.account)
        #expect(fix["body"]?["allowed_idps"] == [.string(connection)])
        #expect(fix["note"]?.stringValue?.hasPrefix("nobody can sign in") == true)

        // Without a connection to name, the account is connected first: an empty list would admit every login.
        try await world.execute("DELETE FROM connections WHERE id = x'\(connection.filter { $0 != "-" })'")
        let first = try #require(await drift()?["fix"])
        #expect(first["method"] == "POST" && first["path"]?.stringValue?.hasSuffix("/access/idp_bridge") == true)
        #expect(await world.post("\(stage.accountAccess)/idp_bridge").status == 201)
        let again = try #require(await drift()?["fix"])
        let present = await world.connection(of: stage.account)
        #expect(again["body"]?["allowed_idps"] == [.string(present)])
        let body = try #require(again["body"])
        #expect(await world.put("\(stage.accountAccess)/apps/\(app.id)", body).isSuccess)
        #expect(await drift() == nil)
    }

    @Test("coverage takes as many statements for a thousand accounts as for ten")
    func statements() async throws {
        let stage = try await BridgeErrorTests.Stage()
        let world = stage.world
        var counts: Set<Int> = []
        var made = 2
        for size in [10, 100, 1000] {
            for number in made..<size { _ = await world.account("account \(number)", in: stage.organization) }
            made = size
            let path = "/organizations/\(stage.organization)/idp_coverage?page_size=100"
            _ = await world.get(path)
            let before = try await world.backgroundExecutions()
            let answer = await world.get(path)
            counts.insert(Int(try await world.backgroundExecutions() - before))
            #expect(answer.result["summary"]?["accounts"] == .integer(size))
            #expect(answer.result["summary"]?["missing"] == 0)
        }
        #expect(counts.count == 1, "\(counts)")
    }
}

/// An account that has drifted in every way.
private struct Scene {
    let stage: BridgeErrorTests.Stage
    let own, second: String
    private let people = ["admin@localhost", "someone@example.com", "nobody@orgd.invalid"]

    init(_ stage: BridgeErrorTests.Stage) async throws {
        self.stage = stage
        let (world, access) = (stage.world, stage.accountAccess)
        own = await world.idp("own", of: stage.account)
        _ = await world.idp("PIN", of: stage.account, type: "onetimepin")
        second = await Self.connect(stage, named: "Second")
        let third = await Self.connect(stage, named: "Third")
        let connection = await world.connection(of: stage.account)
        func login(_ id: String) -> JSONValue { ["login_method": ["id": .string(id)]] }
        let everyone: JSONValue = ["everyone": [:]]
        let someone: JSONValue = ["email": ["email": "someone@example.com"]]
        func policy(_ name: String, _ include: [JSONValue], _ more: JSONValue = [:], decision: String = "allow")
            -> JSONValue
        {
            JSONValue.object(["name": .string(name), "decision": .string(decision), "include": .array(include)]).merged(
                with: more)
        }
        func reusable(_ body: JSONValue) async -> String { await world.post("\(access)/policies", body).id }
        func app(_ name: String, _ idps: [String], _ policies: [JSONValue] = []) async {
            let answer = await world.post(
                "\(access)/apps",
                [
                    "type": "self_hosted", "domain": .string("\(name).example.com"),
                    "allowed_idps": .array(idps.map(JSONValue.string)), "policies": .array(policies),
                ])
            #expect(answer.status == 201, "\(answer.text)")
        }
        _ = await reusable(policy("other", [login(own)]))
        _ = await reusable(policy("other or someone", [login(own), someone]))
        _ = await reusable(policy("everyone", [everyone]))
        _ = await reusable(
            policy("everyone with require", [everyone], ["require": [login(own)], "exclude": [someone]]))
        _ = await reusable(policy("only the connection", [login(connection)]))
        _ = await reusable(policy("both logins", [login(connection), login(own)]))
        _ = await reusable(policy("dead include", [login(third)]))
        _ = await reusable(policy("dead include or someone", [login(third), someone]))
        _ = await reusable(policy("dead require", [someone], ["require": [login(third)]]))
        _ = await reusable(policy("dead exclude", [someone], ["exclude": [login(third)]]))
        _ = await reusable(policy("dead deny", [login(third)], decision: "deny"))
        let group = await world.post(
            "\(access)/groups", ["name": "dead group", "include": [login(third)], "require": [someone]])
        #expect(group.status == 201)
        let bypass = await reusable(policy("bypass some", [["ip": ["ip": "10.0.0.0/8"]]], decision: "bypass"))
        await app(
            "other", [own, connection], [policy("inline other", [login(own)]), policy("inline all", [everyone])])
        await app("all", [])
        await app("open", [connection], [policy("open", [everyone], decision: "bypass")])
        await app("partly", [connection], [.string(bypass)])
        await app("dead", [third], [.string(await reusable(policy("fine", [someone])))])
        // Ends the third connection, and the primary one behind the back of the program.
        let grants = await world.get("\(stage.sourceAccess)/idp_federation_grants").items
        let list = await world.get("\(access)/identity_providers").items
        let grant = list.first { $0["id"]?.stringValue == third }?["grant_id"]?.stringValue ?? ""
        #expect(grants.contains { $0["id"]?.stringValue == grant })
        #expect(await world.delete("\(stage.sourceAccess)/idp_federation_grants/\(grant)").status == 200)
        try await world.execute("DELETE FROM connections WHERE id = x'\(connection.filter { $0 != "-" })'")
    }

    /// Shares one more identity provider of the source with the whole organization.
    ///
    /// - Returns: the connection of the account.
    static func connect(_ stage: BridgeErrorTests.Stage, named name: String) async -> String {
        let idp = await stage.world.idp(name, of: stage.source)
        let grant = await stage.world.post("\(stage.sourceAccess)/idp_federation_grants", ["idp_id": .string(idp)]).id
        let share = await stage.world.post(
            "/accounts/\(stage.source)/shares",
            [
                "name": .string(name), "recipients": [[:]],
                "resources": [
                    [
                        "resource_id": .string(grant), "resource_account_id": .string(stage.source),
                        "resource_type": "idp-federation-grant", "meta": [:],
                    ]
                ],
            ])
        #expect(share.status == 200)
        let list = await stage.world.get("\(stage.accountAccess)/identity_providers").items
        return list.first { $0["source_idp_id"]?.stringValue == idp }?["id"]?.stringValue ?? ""
    }

    func drifts() async -> [JSONValue] {
        await stage.world.get("\(stage.accountAccess)/idp_coverage").result["drift"]?.arrayValue ?? []
    }

    /// The next to be fixed: the connection first, identity providers last, for they cannot go while something names them.
    func next() async throws -> JSONValue? {
        let order = { (drift: JSONValue) -> Int in
            switch drift["kind"]?.stringValue {
            case "not_bridged": 0
            case "one_time_pin_enabled": 2
            case "other_idp_enabled": 3
            default: 1
            }
        }
        return await drifts().min { order($0) < order($1) }
    }

    static func key(_ drift: JSONValue) -> String {
        ["kind", "app_id", "policy_id", "group_id", "idp_id"].map { drift[$0]?.stringValue ?? "" }.joined(
            separator: " ")
    }

    // MARK: A naive evaluation

    /// For every policy and group, who of a few people it matches over any login that is alive. A person whose address is in
    /// a reserved domain does not exist.
    func admitted() async -> [String: Set<String>] {
        let (world, access) = (stage.world, stage.accountAccess)
        let logins = await world.get("\(access)/identity_providers").texts("id") + [""]
        var result: [String: Set<String>] = [:]
        var owners = await world.get("\(access)/policies").items + world.get("\(access)/groups").items
        for app in await world.get("\(access)/apps").items { owners += app["policies"]?.arrayValue ?? [] }
        for owner in owners {
            let decision = owner["decision"]?.stringValue ?? "group"
            let matched = people.dropLast().filter { person in logins.contains { matches(owner, person, $0) } }
            // A deny that matches fewer would admit more; bypass admits whoever it matches.
            result["\(owner["id"]?.stringValue ?? "")"] =
                decision == "deny" ? Set(people).subtracting(matched) : Set(matched)
        }
        return result
    }

    private func matches(_ owner: JSONValue, _ person: String, _ login: String) -> Bool {
        func rules(_ list: String) -> [JSONValue] { owner[list]?.arrayValue ?? [] }
        func holds(_ rule: JSONValue) -> Bool {
            if rule["everyone"] != nil || rule["ip"] != nil { return true }
            if let email = rule["email"]?["email"]?.stringValue { return email == person }
            if let domain = rule["email_domain"]?["domain"]?.stringValue { return person.hasSuffix("@" + domain) }
            let named = rule["login_method"]?["id"]?.stringValue
            return named != nil && named == login
        }
        return rules("include").contains(where: holds) && rules("require").allSatisfy(holds)
            && !rules("exclude").contains(where: holds)
    }
}
