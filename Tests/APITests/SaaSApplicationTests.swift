import Domain
import JSON
import Primitives
import Testing

@Suite("OIDC SaaS applications")
struct SaaSApplicationTests {
    private let path = "access/apps"

    private func app(_ saas: JSONObject = [:]) -> JSONValue {
        let base: JSONValue = ["auth_type": "oidc", "redirect_uris": ["https://rp.example.com/cb"]]
        return ["type": "saas", "name": "RP", "saas_app": base.merged(with: .object(saas))]
    }

    @Test("the secret is shown once, and a replacement does not rotate it")
    func secret() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, app())
        #expect(created.status == 201)
        let saas = created.result["saas_app"] ?? .null
        #expect(saas["client_id"]?.stringValue?.count == 64)
        #expect(saas["client_secret"]?.stringValue?.count == 64)
        #expect(saas["grant_types"] == ["authorization_code_with_pkce"])
        #expect(saas["scopes"] == ["openid", "email", "profile", "groups"])
        #expect(saas["access_token_lifetime"] == "5m")
        #expect(saas["refresh_token_options"] == ["lifetime": "1d"])
        let read = await world.get("\(path)/\(created.id)")
        #expect(read.result["saas_app"]?["client_id"] == saas["client_id"])
        #expect(read.result["saas_app"]?["client_secret"] == nil)
        let replaced = await world.put("\(path)/\(created.id)", app(["client_secret": ""]))
        #expect(replaced.result["saas_app"]?["client_id"] == saas["client_id"])
        #expect(replaced.result["saas_app"]?["client_secret"] == nil)
        let rotated = await world.post("\(path)/\(created.id)/rotate_client_secret")
        #expect(rotated.result["saas_app"]?["client_id"] == saas["client_id"])
        #expect(rotated.result["saas_app"]?["client_secret"]?.stringValue?.count == 64)
        #expect(rotated.result["saas_app"]?["client_secret"] != saas["client_secret"])
        let secrets = [saas, rotated.result["saas_app"] ?? .null].compactMap { $0["client_secret"]?.stringValue }
        for row in try await world.auditRows() {
            for secret in secrets {
                #expect(row.event.response?.text.contains(secret) != true)
                #expect(row.event.request?.text.contains(secret) != true)
            }
        }
    }

    @Test("the account's key is shown once there is one")
    func publicKey() async throws {
        let world = try await AccessWorld()
        let created = await world.post(path, app())
        #expect(created.result["saas_app"]?["public_key"] == nil)
        #expect(await world.post("access/keys/rotate").status == 200)
        let read = await world.get("\(path)/\(created.id)")
        #expect(read.result["saas_app"]?["public_key"]?.stringValue?.hasPrefix("-----BEGIN PUBLIC KEY-----") == true)
    }

    @Test(
        "malformed members are refused with a pointer",
        arguments: [
            (["redirect_uris": []], ["/saas_app/redirect_uris"]),
            (["redirect_uris": ["http://rp.example.com/cb"]], ["/saas_app/redirect_uris/0"]),
            (["redirect_uris": ["https://rp.example.com/cb#x"]], ["/saas_app/redirect_uris/0"]),
            (["redirect_uris": ["https://rp.example.com/*"]], ["/saas_app/redirect_uris/0"]),
            (["grant_types": ["password"]], ["/saas_app/grant_types/0"]),
            (["access_token_lifetime": "25h"], ["/saas_app/access_token_lifetime"]),
            (["refresh_token_options": ["lifetime": "1m"]], ["/saas_app/refresh_token_options/lifetime"]),
            (["group_filter_regex": "(a)\\1"], ["/saas_app/group_filter_regex"]),
            (["custom_claims": [["name": "x"]]], ["/saas_app/custom_claims/0/source"]),
            (
                ["hybrid_and_implicit_options": ["return_id_token_from_authorization_endpoint": true]],
                ["/saas_app/hybrid_and_implicit_options"]
            ),
            (["auth_type": "ldap"], ["/saas_app/auth_type"]),
        ] as [(JSONObject, [String])])
    func malformed(change: JSONObject, pointers: [String]) async throws {
        let world = try await AccessWorld()
        let answer = await world.post(path, app(change))
        #expect(answer.status == 400)
        #expect(answer.pointers == pointers)
    }

    @Test("SAML is stored as sent, without credentials")
    func saml() async throws {
        let world = try await AccessWorld()
        let created = await world.post(
            path,
            ["type": "saas", "name": "S", "saas_app": ["sp_entity_id": "x", "consumer_service_url": "https://x.org"]])
        #expect(created.status == 201)
        #expect(
            created.result["saas_app"]
                == ["sp_entity_id": "x", "consumer_service_url": "https://x.org", "auth_type": "saml"])
        #expect(await world.post("\(path)/\(created.id)/rotate_client_secret").status == 400)
    }
}
