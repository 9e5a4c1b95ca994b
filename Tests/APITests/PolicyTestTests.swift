import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import SQLite
import Store
import Testing

/// Contract 20 §13 and `user_policy_checks` of §8.
@Suite("Policy tests and checks")
struct PolicyTestTests {
    private static let provider = IdentityProviderID(high: 1, low: 2)

    /// Makes a user who came once with these groups.
    private func user(_ email: String, groups: [String], in world: AccessWorld) async throws -> String {
        let id = await world.post("access/users", ["email": .string(email), "name": "N"]).id
        let user = try #require(AccessUserID(uuid: id))
        let identity = Identity(
            user: user, email: email, name: "N",
            provider: LoginProvider(id: Self.provider, type: .oidc, source: nil), subject: "s", groups: groups, amr: [],
            acrs: [], oidcFields: .emptyObject, claims: [:], authenticatedAt: Timestamp(seconds: 1_700_000_000))
        let account = world.account
        try await world.plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.execute(
                "INSERT INTO last_identities (user_id, account_id, document, at) VALUES (?, ?, ?, 0)", user, account,
                identity.document)
        }
        return id
    }

    private func policy(_ decision: String, _ rules: JSONObject) -> JSONValue {
        JSONValue.object(["name": .string(decision), "decision": .string(decision)]).merged(with: .object(rules))
    }

    @Test("judge every user as they came last, and count who never came as an error")
    func counts() async throws {
        let world = try await AccessWorld()
        let ann = try await user("ann@x.org", groups: [], in: world)
        _ = try await user("bob@y.org", groups: [], in: world)
        _ = await world.post("access/users", ["email": "eve@x.org"])
        let stored = await world.post(
            "access/policies", policy("deny", ["include": [["email": ["email": "bob@y.org"]]]]))
        let created = await world.post(
            "access/policy-tests",
            [
                "policies": [
                    .string(stored.id),
                    policy(
                        "allow", ["include": [["everyone": [:]]], "require": [["email_domain": ["domain": "x.org"]]]]),
                ]
            ])
        #expect(created.status == 201)
        #expect(created.result["status"] == "success")
        let test = await world.get("access/policy-tests/\(created.id)").result
        #expect(test["status"] == "complete")
        let names = ["total_users", "users_approved", "users_blocked", "users_errored", "percent_approved"]
        #expect(names.map { test[$0]?.integerValue } == [3, 1, 1, 1, 33])
        #expect(test["percent_users_processed"] == 100)
        let approved = await world.get("access/policy-tests/\(created.id)/users?status=success")
        #expect(approved.json["result"]?.arrayValue?.count == 1)
        #expect(approved.json["result"]?[0]?["id"]?.stringValue == ann)
        #expect(approved.json["result"]?[0]?["status"] == "approved")
        let all = await world.get("access/policy-tests/\(created.id)/users?per_page=2&page=2")
        #expect(all.json["result"]?.arrayValue?.count == 1)
        #expect(all.json["result_info"]?["total_count"] == 3)
    }

    @Test("judge whole batches, and go when they are a week old")
    func batches() async throws {
        let world = try await AccessWorld()
        let account = world.account
        try await world.plane.store.writes.perform { (transaction) throws(Failure) in
            for number in 0..<1201 {
                try transaction.execute(
                    """
                    INSERT INTO access_users (id, account_id, email, name, seat_id, created_at, updated_at)
                    VALUES (?, ?, ?, '', ?, ?, 0)
                    """, AccessUserID(high: 9, low: UInt64(number)), account, "u\(number)@x.org",
                    SeatID(high: 9, low: UInt64(number)), Timestamp(microseconds: Int64(number / 700)))
            }
        }
        let test = await world.post(
            "access/policy-tests", ["policies": [policy("allow", ["include": [["everyone": [:]]]])]])
        let found = await world.get("access/policy-tests/\(test.id)").result
        #expect(found["users_errored"] == 1201)
        world.clock.advance(by: .seconds(8 * 86_400))
        let report = try await world.plane.doChores()
        #expect(report.policyTestsForgotten == 1)
        #expect(await world.get("access/policy-tests/\(test.id)").status == 404)
    }

    @Test("refuse what is no policy of the account")
    func refusals() async throws {
        let world = try await AccessWorld()
        let unknown = "0190b7f0-c0de-7a11-a5c0-ffee00000009"
        for body: JSONValue in [
            ["policies": []], [:], ["policies": [.string(unknown)]], ["policies": ["x"]], ["policies": [["name": "n"]]],
            ["policies": [policy("allow", ["include": [["group": ["id": .string(unknown)]]]])]],
        ] {
            let answer = await world.post("access/policy-tests", body)
            #expect(answer.status == 400)
            #expect(answer.code == 12130)
        }
    }

    @Test("a check says who is let in, by which rule of which group")
    func check() async throws {
        let world = try await AccessWorld()
        _ = try await user("ann@x.org", groups: ["staff"], in: world)
        let group = await world.post(
            "access/groups",
            [
                "name": "Office", "include": [["ip": ["ip": "10.0.0.0/8"]]],
                "require": [["email_domain": ["domain": "x.org"]]],
            ]
        ).id
        let app = await world.post(
            "access/apps",
            [
                "type": "self_hosted", "domain": "a.example.com",
                "policies": [
                    policy("deny", ["include": [["geo": ["country_code": "DE"]]], "exclude": []]),
                    policy(
                        "allow", ["include": [["email": ["email": "bob@x.org"]], ["group": ["id": .string(group)]]]]),
                ],
            ])
        let path = "access/apps/\(app.id)/user_policy_checks"
        let inside = await world.get("\(path)?email=ann@x.org&ip=10.1.1.1&country=PT").result
        #expect(inside["app_state"]?["status"] == "Success")
        #expect(inside["user_identity"]?["email"] == "ann@x.org")
        #expect(inside["user_identity"]?["groups"] == ["staff"])
        #expect(inside["explanation"]?["decision"] == "allow")
        let findings = inside["explanation"]?["policies"]
        #expect(findings?[0]?["outcome"] == "no_match")
        #expect(findings?[1]?["outcome"] == "decides")
        #expect(findings?[1]?["path"]?[0]?["position"] == 1)
        #expect(findings?[1]?["path"]?[0]?["group"]?["name"] == "Office")
        #expect(findings?[1]?["path"]?[1]?["selector"] == "ip")
        let outside = await world.get("\(path)?email=ann@x.org&ip=192.0.2.1&country=DE").result
        #expect(outside["app_state"]?["status"] == "Denied")
        #expect(outside["explanation"]?["decision"] == "deny")
        let vague = await world.get("\(path)?email=ann@x.org").result
        #expect(vague["explanation"]?["decision"] == "unmatched")
        #expect(vague["explanation"]?["policies"]?[1]?["outcome"] == "cannot_tell")
        let stranger = await world.get("\(path)?email=new@x.org&ip=10.1.1.1&group=a&group=b&amr=mfa").result
        #expect(stranger["explanation"]?["decision"] == "allow")
        #expect(stranger["user_identity"]?["groups"] == ["a", "b"])
    }

    @Test("a check refuses addresses, countries and providers that are none")
    func badQueries() async throws {
        let world = try await AccessWorld()
        let app = await world.post("access/apps", ["type": "self_hosted", "domain": "a.example.com"])
        let path = "access/apps/\(app.id)/user_policy_checks"
        for query in ["ip=10.1", "country=pt", "idp_id=x"] {
            #expect(await world.get("\(path)?\(query)").status == 400, "\(query)")
        }
        let unknown = "idp_id=0190b7f0-c0de-7a11-a5c0-ffee00000009&email=a@x.org"
        #expect(await world.get("\(path)?\(unknown)").status == 400)
        #expect(await world.get("access/apps/0190b7f0-c0de-7a11-a5c0-ffee00000009/user_policy_checks").status == 404)
    }
}
