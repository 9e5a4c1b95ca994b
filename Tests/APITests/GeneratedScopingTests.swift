import API
import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// One test for every route: whoever has no right on an account or organization learns nothing of it.
@Suite("Scoping")
struct GeneratedScopingTests {
    private static let canary = "canary-of-acme"

    @Test("a token of another account gets 404 or 403 on every route, and nothing to read; and nothing changes")
    func everyRoute() async throws {
        let world = try await World()
        let organization = await world.organization(Self.canary)
        let account = await world.account(Self.canary, in: organization, team: "acme")
        let ids = try await plant(in: world, account, organization)
        let stranger = await world.account("stranger", team: "stranger")
        let token = await world.token(PermissionGroup.allCases.filter { $0.scope == .account }, of: stranger)
        #expect(await world.get("/accounts/\(stranger)", as: token).status == 200)
        let before = try await state(of: world)
        var tried = 0
        for route in AllRoutes.groups.flatMap({ $0.table })
        where route.path.contains("{account_id}") || route.path.contains("{organization_id}") {
            tried += 1
            var path = route.path
            for (name, id) in ids { path = path.replacing("{\(name)}", with: id) }
            #expect(!path.contains("{"), "\(route.path) has a parameter that this test does not know")
            for query in ["", "?preview=true"] {
                // A body that the move could act on, were the account the caller's.
                let valid: JSONValue = route.operationID == "moveAccount" ? ["destination_organization_id": ""] : [:]
                let body: JSONValue? = route.method == .get || route.method == .delete ? nil : valid
                let answer = await world.call(route.method, path + query, body, as: token)
                #expect(answer.status == 404 || answer.status == 403, "\(route.operationID): \(answer.status)")
                #expect(!answer.text.contains(Self.canary), "\(route.operationID) tells \(answer.text)")
                for (name, id) in ids where !path.contains(id) {
                    #expect(!answer.text.contains(id), "\(route.operationID) tells \(name)")
                }
            }
        }
        #expect(tried > 80)
        #expect(try await state(of: world) == before)
    }

    @Test("lists across accounts leave out what the caller may not see")
    func lists() async throws {
        let world = try await World()
        let organization = await world.organization(Self.canary)
        _ = await world.account(Self.canary, in: organization, team: "acme")
        let stranger = await world.account("stranger", team: "stranger")
        let token = await world.token(PermissionGroup.allCases.filter { $0.scope == .account }, of: stranger)
        for route in AllRoutes.groups.flatMap({ $0.table }) where route.method == .get && !route.path.contains("{") {
            let answer = await world.get(route.path, as: token)
            #expect(!answer.text.contains(Self.canary), "\(route.operationID) tells \(answer.text)")
        }
    }

    /// Things whose names and identifiers must not leave their account, by the parameter that names them in paths.
    private func plant(
        in world: World, _ account: String, _ organization: String
    ) async throws -> [(name: String, id: String)] {
        let (home, access) = ("/accounts/\(account)", "/accounts/\(account)/access")
        let name = JSONValue.string(Self.canary)
        let someone: JSONValue = ["include": [["email": ["email": "\(Self.canary)@example.com"]]], "name": name]
        let idp = await world.idp(Self.canary, of: account)
        let primary = await world.designate(idp, of: account, for: organization)
        let share = primary.text("share_id")
        let app = await world.post(
            "\(access)/apps", ["type": "self_hosted", "domain": "\(Self.canary).example.com", "name": name])
        let bookmark = await world.post(
            "\(access)/bookmarks/01234567-89ab-4def-8123-456789abcdef",
            ["domain": "\(Self.canary).example.org", "name": name]
        )
        .id
        let policy = await world.post("\(access)/policies", someone.merged(with: ["decision": "allow"])).id
        let group = await world.post("\(access)/groups", someone).id
        let service = await world.post("\(access)/service_tokens", ["name": name]).id
        let page = await world.post(
            "\(access)/custom_pages", ["name": name, "type": "forbidden", "custom_html": name])
        _ = await world.post("\(access)/tags", ["name": name])
        let user = await world.post("\(access)/users", ["email": "\(Self.canary)@example.com"]).id
        let test = await world.post("\(access)/policy-tests", ["policies": [.string(policy)]]).id
        let member = await world.post(
            "\(home)/members",
            [
                "email": "\(Self.canary)@example.com",
                "roles": [.string(await world.get("\(home)/roles").texts("id").first ?? "")],
            ])
        let tokens = await world.get("\(home)/tokens").texts("id")
        let token = await world.post(
            "\(home)/tokens",
            [
                "name": name,
                "policies": [World.policy([.accountSettingsRead], ["com.cloudflare.api.account.\(account)"])],
            ])
        let resource = await world.get("\(home)/shares/\(share)/resources").texts("id").first ?? ""
        let recipient = try await world.texts("SELECT lower(hex(id)) FROM share_recipients").first ?? ""
        #expect(tokens.isEmpty)
        let unknown = IdentifierText.unknown
        let ids: [(name: String, id: String)] = [
            ("account_id", account), ("organization_id", organization), ("app_id", app.id), ("bookmark_id", bookmark),
            ("custom_page_id", page.text("uid")), ("grant_id", primary.text("grant_id")), ("group_id", group),
            ("identity_provider_id", idp), ("member_id", member.id), ("policy_id", policy), ("recipient_id", recipient),
            ("resource_id", resource), ("role_id", await world.get("\(home)/roles").texts("id").last ?? ""),
            ("service_token_id", service), ("share_id", share), ("token_id", token.id), ("user_id", user),
            ("audit_id", unknown), ("policy_test_id", test), ("client", unknown),
            ("portal_id", unknown), ("server_id", unknown),
            ("nonce", "nonce"),
            ("tag_name", Self.canary),
        ]
        for (name, id) in ids { #expect(!id.isEmpty, "\(name) was not planted") }
        return ids.filter { $0.id != Self.canary } + [("tag_name", "canary")]
    }

    /// Everything but the log of refused requests and the use of tokens.
    private func state(of world: World) async throws -> [String: String] {
        try await world.fingerprint().filter { !$0.key.hasPrefix("audit") }
    }
}

private enum IdentifierText {
    static let unknown = "00000000-0000-7000-8000-000000000000"
}
