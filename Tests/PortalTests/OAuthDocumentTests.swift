import ControlPlane
import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite("Managed OAuth: clients with documents", .serialized)
struct OAuthDocumentTests {
    static let url = "https://agent.example/client.json"

    static func document(_ changes: JSONObject = [:]) -> JSONValue {
        var document: JSONObject = [
            "client_id": .string(url), "client_name": "Agent", "redirect_uris": ["http://127.0.0.1/cb"],
        ]
        for (name, value) in changes { document[name] = value }
        return .object(document)
    }

    @Test("the address of a document is a client, and consent names its host")
    func flow() async throws {
        let world = try await OAuthWorld()
        world.shelf.put(Self.document(), at: Self.url)
        let page = await world.authorize(Self.url)
        #expect(page.status == .ok && page.text.contains("agent.example"))
        let tokens = await world.redeem(Self.url, await world.decide(page).answer["code"] ?? "").json
        let pass = await world.use(tokens["access_token"]?.stringValue ?? "")
        #expect(pass.value("cf-access-oauth-client-id") == Self.url)
        #expect(await world.refresh(Self.url, tokens["refresh_token"]?.stringValue ?? "").status == .ok)
        #expect(world.shelf.fetched.count == 1)
    }

    @Test(
        "a document that is not what it should be is a page",
        arguments: [
            ["client_id": "https://agent.example/other.json"], ["client_id": .null], ["client_secret": "x"],
            ["client_secret_expires_at": 0], ["client_name": .null], ["client_name": "a\u{202E}b"],
            ["redirect_uris": []],
            ["redirect_uris": [1]], ["token_endpoint_auth_method": "client_secret_post"],
            ["grant_types": ["client_credentials"]], ["padding": .string(String(repeating: "x", count: 6000))],
        ] as [JSONObject])
    func hostile(_ changes: JSONObject) async throws {
        let world = try await OAuthWorld()
        world.shelf.put(Self.document(changes), at: Self.url)
        let response = await world.authorize(Self.url)
        #expect(response.status == .badRequest && response.value("location") == nil)
    }

    @Test(
        "so is one with another status or content type",
        arguments: [(302, "application/json"), (404, "application/json"), (200, "text/html")])
    func transport(_ status: Int, _ type: String) async throws {
        let world = try await OAuthWorld()
        world.shelf.put(Self.document(), at: Self.url, status: status, type: type)
        #expect(await world.authorize(Self.url).status == .badRequest)
    }

    @Test(
        "addresses with anything hidden in them are not fetched",
        arguments: [
            "https://agent.example", "https://agent.example/", "https://u@agent.example/c", "https://agent.example/c#f",
            "https://agent.example/a/../c", "https://agent.example/a/%2e%2e/c", "https://agent.example/./c",
            "http://agent.example/c",
            "HTTPS://agent.example/c", "https:agent.example/c",
        ])
    func addresses(_ url: String) async throws {
        let world = try await OAuthWorld()
        #expect(await world.authorize(url).status == .badRequest)
        #expect(world.shelf.fetched.isEmpty)
    }

    @Test(
        "a document is kept as HTTP says, but five minutes at least and a day at most",
        arguments: [
            (nil, 300), ("max-age=10", 300), ("public, max-age=3600", 3600), ("max-age=9999999", 86_400),
            ("no-store", 300),
        ] as [(String?, Int)])
    func caching(_ cache: String?, _ seconds: Int) async throws {
        let world = try await OAuthWorld()
        world.shelf.put(Self.document(), at: Self.url, cache: cache)
        _ = await world.authorize(Self.url, cookies: [])
        world.world.clock.advance(by: .seconds(seconds - 1))
        _ = await world.authorize(Self.url, cookies: [])
        #expect(world.shelf.fetched.count == 1)
        world.world.clock.advance(by: .seconds(1))
        _ = await world.authorize(Self.url, cookies: [])
        #expect(world.shelf.fetched.count == 2)
    }

    @Test("failures are forgotten after a minute, and a host is asked ten times a minute")
    func limits() async throws {
        let world = try await OAuthWorld()
        for number in 0..<12 { _ = await world.authorize("https://agent.example/\(number).json") }
        #expect(world.shelf.fetched.count == 10)
        world.world.clock.advance(by: .seconds(61))
        world.shelf.put(Self.document(), at: Self.url)
        #expect(await world.authorize(Self.url).status == .ok)
    }

    @Test("a client whose redirect URIs have changed has to ask again")
    func changed() async throws {
        let world = try await OAuthWorld([
            "enabled": true, "dynamic_client_registration": ["allowed_uris": ["https://agent.example/*"]],
        ])
        let there: [String: String?] = ["redirect_uri": "https://agent.example/cb"]
        world.shelf.put(Self.document(["redirect_uris": ["https://agent.example/cb"]]), at: Self.url)
        let code = await world.code(Self.url, there)
        #expect(await world.redeem(Self.url, code, there).status == .ok)
        #expect(await world.authorize(Self.url, there).answer["code"] != nil)
        world.world.clock.advance(by: .seconds(301))
        world.shelf.put(
            Self.document(["redirect_uris": ["https://agent.example/cb", "https://agent.example/new"]]), at: Self.url)
        #expect(await world.authorize(Self.url, there).status == .ok)
    }

    @Test("where registration is off, documents are no way around it")
    func off() async throws {
        let world = try await OAuthWorld(["enabled": true, "dynamic_client_registration": ["enabled": false]])
        world.shelf.put(Self.document(), at: Self.url)
        #expect(await world.authorize(Self.url).status == .badRequest)
    }
}
