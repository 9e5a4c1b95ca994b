import Crypto
import HTTP
import HTTPServer
import JSON
import Primitives
import TestKit
import Testing

/// Grants that rest on a login over a bridge, or on one that an enforced primary IdP no longer takes (contract 30 §4 and §9).
@Suite("Managed OAuth: the bridge", .serialized)
struct OAuthBridgeTests {
    private static let redirect = "http://127.0.0.1:4711/cb"
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    private let world: LoginWorld
    private let team = "http://emea.access.localhost:8787"

    init() async throws { world = try await LoginWorld(bridged: false) }

    /// Alice lets a program act for her at an application of `emea`.
    private func tokens() async throws -> (client: String, access: String, refresh: String) {
        await world.application(in: world.emea, at: "wiki.localhost", ["oauth_configuration": ["enabled": true]])
        let registration = Request(
            .post, "/cdn-cgi/access/oauth/registration", host: "emea.access.localhost:8787",
            fields: [.contentType: "application/json"],
            body: JSONValue.object(["redirect_uris": [.string(Self.redirect)]]).serializedBytes())
        let registered = await world.send(try #require(registration)).json
        let client = try #require(registered["client_id"]?.stringValue)
        var query = QueryString()
        for (name, value) in [
            ("response_type", "code"), ("client_id", client), ("redirect_uri", Self.redirect),
            ("code_challenge", Base64URL.encode(SHA256.hash(Self.verifier).bytes)), ("code_challenge_method", "S256"),
            ("resource", "http://wiki.localhost/"),
        ] { query.append(name, value) }
        let browser = LoginBrowser(world)
        let page = try await browser.open("\(team)/cdn-cgi/access/oauth/authorization?\(query.text)")
        let ticket = try #require(page.hidden("ticket"), "\(page.url) \(page.text)")
        let answer = try await browser.post(
            "\(team)/cdn-cgi/access/oauth/consent", [("ticket", ticket), ("decision", "allow")])
        let form = [
            ("grant_type", "authorization_code"), ("client_id", client), ("redirect_uri", Self.redirect),
            ("code", answer.response.answer["code"] ?? ""), ("code_verifier", Self.verifier),
        ]
        let tokens = try await browser.post("\(team)/cdn-cgi/access/oauth/token", form).response.json
        return (
            client, try #require(tokens["access_token"]?.stringValue),
            try #require(tokens["refresh_token"]?.stringValue)
        )
    }

    private func use(_ token: String) async throws -> Status {
        var fields: Fields = [.authorization: "Bearer \(token)"]
        for (name, value) in [
            ("x-forwarded-host", "wiki.localhost"), ("x-forwarded-proto", "http"), ("x-forwarded-uri", "/"),
            ("x-forwarded-method", "GET"),
        ] { fields.append(try #require(FieldName(name)), value) }
        let request = Request(
            .get, "/cdn-cgi/access/forward-auth", host: "localhost:8787", fields: fields,
            origin: Origin(peer: .loopbackV4, ray: 1))
        return await world.send(try #require(request)).status
    }

    private func refresh(_ client: String, _ token: String) async throws -> JSONValue {
        try await LoginBrowser(world).post(
            "\(team)/cdn-cgi/access/oauth/token",
            [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)]
        ).response.json
    }

    private func expectTheEnd(_ tokens: (client: String, access: String, refresh: String), _ way: String) async throws {
        #expect(try await use(tokens.access) == .unauthorized, "\(way)")
        #expect(try await refresh(tokens.client, tokens.refresh)["error"] == "invalid_grant", "\(way)")
    }

    @Test("the end of the connection ends what people allowed through it, and the preview counts it")
    func connection() async throws {
        await world.base.primary(world.provider, of: world.hq, for: world.organization)
        let tokens = try await tokens()
        #expect(try await use(tokens.access) == .ok)
        let path = "/organizations/\(world.organization)/primary_idp"
        let preview = await world.base.send(.delete, path + "?preview=true")
        #expect(preview.text.contains("\"oauth_grants_ended\":1"), "\(preview.text)")
        #expect(try await use(tokens.access) == .ok)
        let ended = await world.base.send(.delete, path)
        #expect((200..<300).contains(ended.status), "\(ended.text)")
        try await expectTheEnd(tokens, "connection")
        await world.end()
    }

    @Test("who is revoked at the far end of the bridge is so for programs too")
    func revokedAtTheSource() async throws {
        await world.base.primary(world.provider, of: world.hq, for: world.organization)
        let tokens = try await tokens()
        #expect(try await use(tokens.access) == .ok)
        let path = "/accounts/\(world.hq)/access/organizations/revoke_user"
        #expect(await world.base.post(path, ["email": "alice@example.com"]).status == 200)
        try await expectTheEnd(tokens, "revoke_user")
        await world.end()
    }

    @Test("an enforced primary IdP ends what people allowed through another one")
    func enforcement() async throws {
        _ = await world.base.identityProvider(in: world.emea)
        let tokens = try await tokens()
        #expect(try await use(tokens.access) == .ok)
        await world.base.primary(world.provider, of: world.hq, for: world.organization, mode: "enforce")
        try await expectTheEnd(tokens, "enforce")
        await world.end()
    }
}
