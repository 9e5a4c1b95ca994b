import Domain
import JSON
import Primitives
import Testing
import Wire

@Suite("Bodies of organizations, accounts, members and tokens")
struct AccountShapesTests {
    private let hex = "0123456789abcdef0123456789abcdef"

    /// The pointers of what a decoder refuses; empty when it does not.
    private func pointers(_ body: () throws(Refusal) -> Void) -> [String?] {
        do throws(Refusal) {
            try body()
            return []
        } catch { return error.problems.map(\.pointer) }
    }

    @Test(
        "an organization needs a name, and a profile whole or not at all",
        arguments: [
            (["name": "x"], []),
            ([:], ["/name"]),
            (["name": "  "], ["/name"]),
            (["name": .null], ["/name"]),
            (["name": 7, "parent": ["id": "zz"]], ["/name", "/parent/id"]),
            (["name": "x", "parent": [:]], ["/parent/id"]),
            (
                ["name": "x", "profile": ["business_name": "x"]],
                [
                    "/profile/business_address", "/profile/business_email", "/profile/business_phone",
                    "/profile/external_metadata",
                ]
            ),
            ([1], [""]),
        ] as [(JSONValue, [String])])
    func organizations(body: JSONValue, expected: [String]) {
        #expect(pointers { () throws(Refusal) in _ = try OrganizationDraft(body) } == expected)
    }

    @Test("an absent parent says nothing, a null one asks for the top")
    func parents() throws {
        #expect(try OrganizationDraft(["name": "x"]).place == .unsaid)
        #expect(try OrganizationDraft(["name": "x", "parent": .null]).place == .root)
        #expect(try OrganizationDraft(["name": "x", "parent": ["id": .string(hex)]]).place != .unsaid)
    }

    @Test(
        "an account is in an organization or on its own",
        arguments: [
            (["name": "x"], []),
            (["name": "x", "standalone": true], []),
            (["name": "x", "standalone": false], ["/standalone"]),
            (["name": "x", "standalone": true, "unit": ["id": "0123456789abcdef0123456789abcdef"]], ["/standalone"]),
            (["name": "x", "unit": ["id": 1]], ["/unit/id"]),
            (["name": "x", "type": "free"], ["/type"]),
            (["standalone": "yes"], ["/name", "/standalone"]),
        ] as [(JSONValue, [String])])
    func accounts(body: JSONValue, expected: [String]) {
        #expect(pointers { () throws(Refusal) in _ = try AccountDraft(body) } == expected)
    }

    @Test("a name of an account has a hundred characters at most")
    func accountNames() {
        let fits = JSONValue.string(String(repeating: "x", count: 100))
        #expect(pointers { () throws(Refusal) in _ = try AccountDraft(["name": fits]) } == [])
        let tooLong = JSONValue.string(String(repeating: "x", count: 101))
        #expect(pointers { () throws(Refusal) in _ = try AccountDraft(["name": tooLong]) } == ["/name"])
    }

    @Test("a replacement repeats the id of the path")
    func replacement() throws {
        let id = try #require(AccountID(hex: hex))
        let good: JSONValue = ["id": .string(hex), "name": "x", "type": "standard"]
        #expect(try AccountChange(good, of: id).settings == Account.Settings())
        let other: JSONValue = ["id": "ffffffffffffffffffffffffffffffff", "name": "x", "type": "standard"]
        #expect(pointers { () throws(Refusal) in _ = try AccountChange(other, of: id) } == ["/id"])
        #expect(pointers { () throws(Refusal) in _ = try AccountChange([:], of: id) } == ["/id", "/name", "/type"])
    }

    @Test("a move says whereto: null and the empty text are out, silence is a mistake")
    func moves() throws {
        let id = try #require(AccountID(hex: hex))
        #expect(try AccountMoveDraft(["destination_organization_id": .null], of: id).destination == nil)
        #expect(try AccountMoveDraft(["destination_organization_id": ""], of: id).destination == nil)
        #expect(
            pointers { () throws(Refusal) in _ = try AccountMoveDraft([:], of: id) } == ["/destination_organization_id"]
        )
        let twice: JSONValue = ["account_ids": [.string(hex), .string(hex)], "destination_organization_id": .null]
        #expect(pointers { () throws(Refusal) in _ = try AccountMoveDraft(twice, of: nil) } == ["/account_ids/1"])
        let none: JSONValue = ["account_ids": [], "destination_organization_id": .null]
        #expect(pointers { () throws(Refusal) in _ = try AccountMoveDraft(none, of: nil) } == ["/account_ids"])
    }

    @Test("members of organizations come wrapped or plain")
    func organizationMembers() throws {
        let wrapped = try OrganizationMemberDraft.single(["member": ["user": ["email": "a@b.c"], "status": "active"]])
        #expect(wrapped.draft == OrganizationMemberDraft(email: "a@b.c", role: .superAdministrator, status: .active))
        #expect(wrapped.pointer == "/member/user/email")
        let plain = try OrganizationMemberDraft.single(["email": "a@b.c", "role": "reader"])
        #expect(plain.draft == OrganizationMemberDraft(email: "a@b.c", role: .reader, status: .pending))
        #expect(plain.pointer == "/email")
        #expect(
            pointers { () throws(Refusal) in
                _ = try OrganizationMemberDraft.batch(["members": [["user": ["email": "no"]], 3]])
            } == ["/members/0/user/email", "/members/1"])
        #expect(pointers { () throws(Refusal) in _ = try OrganizationMemberDraft.batch([:]) } == ["/members"])
    }

    @Test("members of accounts have roles or policies, not both and not neither")
    func accountMembers() throws {
        let role = JSONValue.string(AccountRole.access.id)
        let texts = try AccountMemberDraft.read(["email": "a@b.c", "roles": [role]])
        let objects = try AccountMemberDraft.read(["email": "a@b.c", "roles": [["id": role]]])
        #expect(texts.draft == objects.draft)
        #expect(texts.draft.rights.roles == [.access])
        let policy: JSONValue = [
            "access": "allow", "permission_groups": [["id": .string(PermissionGroup.appsRead.id)]],
            "resource_groups": [["id": "x"]],
        ]
        #expect(try AccountMemberDraft.read(["email": "a@b.c", "policies": [policy]]).draft.rights.policies.count == 1)
        let both: JSONValue = ["email": "a@b.c", "roles": [role], "policies": [policy]]
        #expect(pointers { () throws(Refusal) in _ = try AccountMemberDraft.read(both) } == ["/policies"])
        #expect(pointers { () throws(Refusal) in _ = try AccountMemberDraft.read(["email": "a@b.c"]) } == ["/roles"])
        let unknown: JSONValue = ["email": "a@b.c", "roles": ["nope"], "status": "rejected"]
        #expect(pointers { () throws(Refusal) in _ = try AccountMemberDraft.read(unknown) } == ["/roles/0", "/status"])
    }

    @Test("a token lists everything that is wrong with it")
    func tokens() throws {
        let id = Identifier<TokenPolicy>(high: 1, low: 1)
        func problems(_ body: JSONValue) -> [String?] {
            pointers { () throws(Refusal) in _ = try APITokenDraft(body, newPolicyID: { id }) }
        }
        let group: JSONValue = ["id": .string(PermissionGroup.appsRead.id)]
        let policy: JSONValue = [
            "effect": "allow", "permission_groups": [group], "resources": ["com.cloudflare.api.account.*": "*"],
        ]
        #expect(problems(["name": "x", "policies": [policy]]) == [])
        #expect(problems([:]) == ["/name", "/policies"])
        #expect(problems(["name": "x", "policies": []]) == ["/policies"])
        #expect(problems(["name": .string(String(repeating: "x", count: 121)), "policies": [policy]]) == ["/name"])
        let bad: JSONValue = ["effect": "maybe", "permission_groups": [["id": "no"]], "resources": ["a/b": "*"]]
        #expect(
            problems(["name": "x", "policies": [bad], "not_before": "soon", "condition": ["request_ip": ["in": ["x"]]]])
                == [
                    "/condition/request_ip/in/0", "/not_before", "/policies/0/effect",
                    "/policies/0/permission_groups/0/id", "/policies/0/resources/a~1b",
                ])
    }

    @Test("resources inside an account, of zones or buckets, have no effect")
    func nestedResources() throws {
        let account = "com.cloudflare.api.account.\(hex)"
        let resources: JSONValue = [
            account: ["com.cloudflare.api.account.zone.*": "*"], "com.cloudflare.edge.r2.bucket.x": "*",
        ]
        let draft = try APITokenDraft(
            [
                "name": "x",
                "policies": [
                    [
                        "effect": "allow", "permission_groups": [["id": .string(PermissionGroup.appsRead.id)]],
                        "resources": resources,
                    ]
                ],
            ], newPolicyID: { Identifier(high: 0, low: 0) })
        #expect(draft.policies[0].resources.map(\.scope) == [nil, nil])
        #expect(draft.policies[0].resources.map(\.named) == [AccountID(hex: hex).map { .account($0) }, nil])
    }
}
