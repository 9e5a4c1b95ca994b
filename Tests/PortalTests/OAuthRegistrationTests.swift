import ControlPlane
import HTTP
import JSON
import Primitives
import SQLite
import Store
import TestKit
import Testing

@Suite("Managed OAuth: registration", .serialized)
struct OAuthRegistrationTests {
    @Test("a public client is answered with what holds for it, and with nothing empty")
    func publicClient() async throws {
        let world = try await OAuthWorld()
        let response = await world.register([
            "redirect_uris": ["http://127.0.0.1/cb", "http://localhost:9/x"], "scope": "a b", "client_name": "Agent",
            "logo_uri": "javascript:1", "client_uri": "https://agent.example/",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": [:], "grant_types": ["authorization_code", "refresh_token", "urn:x"], "contacts": .null,
        ])
        #expect(response.status == .created)
        let client = response.json
        #expect(client["client_name"] == "Agent")
        #expect(client["redirect_uris"] == ["http://127.0.0.1/cb", "http://localhost:9/x"])
        #expect(client["grant_types"] == ["authorization_code", "refresh_token"])
        #expect(client["response_types"] == ["code"])
        #expect(client["token_endpoint_auth_method"] == "none")
        #expect(client["application_type"] == "native")
        #expect(client["client_uri"] == "https://agent.example/")
        #expect(client["client_secret"] == nil && client["logo_uri"] == nil && client["jwks"] == nil)
        #expect(client["client_id_issued_at"]?.integerValue == world.world.clock.now.seconds)
        #expect(client.objectValue?.contains { $0.value.isNull || $0.value == "" } == false)
        #expect(response.value("cache-control") == "no-store")
    }

    @Test("a client with a secret gets it once, and only its digest is kept")
    func confidentialClient() async throws {
        let world = try await OAuthWorld()
        let client = await world.register([
            "redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "client_secret_post",
        ]).json
        let secret = client["client_secret"]?.stringValue ?? ""
        #expect(secret.utf8.count >= 43 && client["client_secret_expires_at"] == 0)
        let stored = try await world.world.plane.store.background { (reader) throws(Failure) in
            try reader.count(
                "SELECT count(*) FROM oauth_clients WHERE secret_digest IS NOT NULL AND document NOT LIKE '%secret%'")
        }
        #expect(stored == 1)
    }

    @Test(
        "redirect URIs that no application allows are refused",
        arguments: [
            "https://evil.example/cb", "http://evil.example/cb", "javascript:alert(1)", "data:text/html,x",
            "file:///etc/passwd",
            "ws://127.0.0.1/", "cursor://x", "http://127.0.0.1/cb#f", "http://u@127.0.0.1/cb",
            "http://127.0.0.1@evil.example/",
            "http://localhost.evil.example/", "https://*.example.org/", "//127.0.0.1/cb", "/cb", "",
            "http://127.0.0.1\\@evil.example/",
            "https://good.example/app/../../evil", "https://good.example/app/%2e%2e/x",
            "https://good.example/application",
        ])
    func refusedURIs(_ uri: String) async throws {
        let world = try await OAuthWorld([
            "enabled": true,
            "dynamic_client_registration": ["allowed_uris": ["https://good.example/app/*", "myapp://cb"]],
        ])
        let response = await world.register(["redirect_uris": ["http://127.0.0.1/", .string(uri)]])
        #expect(response.status == .badRequest && response.error == "invalid_redirect_uri")
        #expect(response.value("location") == nil)
    }

    @Test(
        "redirect URIs that the application lists are taken",
        arguments: [
            "https://good.example/app/cb?x=1", "https://good.example/app/a/../b", "myapp://cb", "http://[::1]:9/cb",
        ])
    func acceptedURIs(_ uri: String) async throws {
        let world = try await OAuthWorld([
            "enabled": true,
            "dynamic_client_registration": ["allowed_uris": ["https://good.example/app/*", "myapp://cb"]],
        ])
        for host in [OAuthWorld.team, OAuthWorld.host] {
            #expect(await world.register(["redirect_uris": [.string(uri)]], host: host).status == .created)
        }
    }

    @Test(
        "metadata that makes no sense is refused",
        arguments: [
            (["client_name": "a\u{202E}b"], "invalid_client_metadata"),
            (["client_name": "a\nb"], "invalid_client_metadata"),
            (["client_name": .string(String(repeating: "x", count: 101))], "invalid_client_metadata"),
            (["client_name": 5], "invalid_client_metadata"),
            (["grant_types": ["client_credentials"]], "invalid_client_metadata"),
            (["response_types": ["token"]], "invalid_client_metadata"),
            (["application_type": "other"], "invalid_client_metadata"),
            (["redirect_uris": []], "invalid_redirect_uri"),
            (["redirect_uris": "http://127.0.0.1/"], "invalid_redirect_uri"),
            (["redirect_uris": [1]], "invalid_redirect_uri"),
            (["redirect_uris": .array(Array(repeating: "http://127.0.0.1/", count: 11))], "invalid_redirect_uri"),
            (["resource": "http://nobody.localhost/"], "invalid_client_metadata"),
        ] as [(JSONObject, String)])
    func nonsense(_ changes: JSONObject, _ code: String) async throws {
        let world = try await OAuthWorld()
        var metadata: JSONObject = ["redirect_uris": ["http://127.0.0.1/cb"]]
        for (name, value) in changes { metadata[name] = value }
        let response = await world.register(metadata)
        #expect(response.status == .badRequest && response.error == code)
    }

    @Test("a body that is no JSON object by its type is refused")
    func notJSON() async throws {
        let world = try await OAuthWorld()
        #expect(await world.register(type: "text/plain").error == "invalid_client_metadata")
        let response = await world.gate.send(
            .post, "/cdn-cgi/access/oauth/registration", host: OAuthWorld.team, [("content-type", "application/json")],
            body: Array("[1]".utf8))
        #expect(response.error == "invalid_client_metadata")
    }

    @Test("twenty a minute and address, and then a pause")
    func flood() async throws {
        let world = try await OAuthWorld()
        for _ in 0..<20 { #expect(await world.register().status == .created) }
        let refused = await world.register()
        #expect(refused.status == .tooManyRequests && refused.error == "temporarily_unavailable")
        #expect(refused.value("retry-after").flatMap { Int($0) }.map { (1...60).contains($0) } == true)
        #expect(await world.register(from: "198.51.100.10").status == .created)
        world.world.clock.advance(by: .seconds(61))
        #expect(await world.register().status == .created)
    }

    @Test("where registration is off it is 403")
    func off() async throws {
        let world = try await OAuthWorld(["enabled": true, "dynamic_client_registration": ["enabled": false]])
        for host in [OAuthWorld.team, OAuthWorld.host] {
            let response = await world.register(host: host)
            #expect(response.status == .forbidden && response.error == "invalid_client_metadata")
        }
    }

    @Test("a client that nobody uses is forgotten after a day, one with a grant is not")
    func expiry() async throws {
        let world = try await OAuthWorld()
        let (idle, used) = (await world.client(), await world.client())
        _ = await world.tokens(used)
        world.world.clock.advance(by: .seconds(24 * 3600 + 1))
        #expect(await world.authorize(idle).status == .badRequest)
        _ = try await world.world.plane.doChores()
        #expect(try await world.count("clients") == 1)
    }
}
