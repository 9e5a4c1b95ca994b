import Crypto
import HTTP
import JSON
import Primitives
import TestKit
import Testing

@Suite("The development identity provider")
struct DemoProviderTests {
    private static let callback = "http://127.0.0.1:9/callback"

    private static func form(_ items: [(String, String)]) -> QueryString {
        QueryString(items: items.map { QueryString.Item(name: $0.0, value: $0.1) })
    }

    private static func authorizationURL(_ world: FederationWorld, _ more: [(String, String)]) -> String {
        let query = form(
            [
                ("client_id", "orgd"), ("redirect_uri", callback), ("response_type", "code"), ("scope", "openid email"),
                ("state", "s&1"),
            ]
                + more)
        return "\(world.idp.issuer)/authorize?\(query.text)"
    }

    @Test("a code with PKCE becomes tokens once")
    func codeFlow() async throws {
        try await FederationWorld.run { world in
            let verifier = RandomToken.base64URL(bytes: 32)
            let challenge = Base64URL.encode(SHA256.hash(verifier).bytes)
            let url = Self.authorizationURL(
                world,
                [("nonce", "n-1"), ("code_challenge", challenge), ("code_challenge_method", "S256"), ("user", "alice")])
            let redirect = try await world.fetcher.get(url)
            #expect(redirect.status == 302)
            let location = try #require(redirect.location.flatMap { WebAddress($0) })
            let query = try #require(QueryString(location.query ?? ""))
            #expect(query["state"] == "s&1")
            let code = try #require(query["code"])
            func redeem(_ verifier: String) async throws -> (status: Int, body: [UInt8]) {
                try await world.fetcher.post(
                    world.idp.issuer + "/token",
                    Self.form([
                        ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Self.callback),
                        ("client_id", "orgd"), ("code_verifier", verifier),
                    ]))
            }
            let answer = try await redeem(verifier)
            #expect(answer.status == 200)
            let tokens = try JSONParser.parse(answer.body)
            let access = try #require(tokens["access_token"]?.stringValue)
            let person = try await world.fetcher.get(world.idp.issuer + "/userinfo", authorization: "Bearer \(access)")
            #expect(try JSONParser.parse(person.body)["email"] == "alice@example.com")
            #expect(try await redeem(verifier).status == 400)

            let organization = await world.organization("Acme")
            let account = await world.account("HQ", in: organization)
            _ = await world.identityProvider(in: account)
            let token = try #require(tokens["id_token"]?.stringValue)
            #expect(await world.validate(token, for: account, ["nonce": "n-1"])["active"] == true)
            #expect(await world.validate(token, for: account, ["nonce": "n-2"])["reason"] == "wrong_nonce")
        }
    }

    @Test("a wrong verifier spends the code")
    func wrongVerifier() async throws {
        try await FederationWorld.run { world in
            let url = Self.authorizationURL(
                world, [("code_challenge", "x"), ("code_challenge_method", "S256"), ("user", "bob")])
            let location = try await world.fetcher.get(url).location ?? ""
            let code = WebAddress(location)?.query.flatMap { QueryString($0) }?["code"] ?? ""
            #expect(!code.isEmpty)
            let answer = try await world.fetcher.post(
                world.idp.issuer + "/token",
                Self.form([
                    ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Self.callback),
                    ("client_id", "orgd"),
                    ("code_verifier", "y"),
                ]))
            #expect(answer.status == 400)
            #expect(try JSONParser.parse(answer.body)["error"] == "invalid_grant")
        }
    }

    @Test("the page offers everybody and escapes what it was sent")
    func page() async throws {
        try await FederationWorld.run { world in
            let page = try await world.fetcher.get(Self.authorizationURL(world, [("nonce", "\"><script>")]))
            let text = String(decoding: page.body, as: UTF8.self)
            #expect(text.contains("alice@example.com"))
            #expect(text.contains("bob@example.com"))
            #expect(!text.contains("<script>"))
        }
    }

    @Test("a script gets a token by password", arguments: [("alice", "RS256"), ("alice@example.com", "ES256")])
    func password(_ name: String, _ algorithm: String) async throws {
        try await FederationWorld.run { world in
            let answer = try await world.fetcher.post(
                world.idp.issuer + "/token",
                Self.form([
                    ("grant_type", "password"), ("username", name), ("password", "password"), ("client_id", "orgd"),
                    ("alg", algorithm),
                ]))
            #expect(answer.status == 200)
            #expect(try JSONParser.parse(answer.body)["id_token"]?.stringValue?.split(separator: ".").count == 3)
        }
    }

    @Test(
        "what is wrong is refused in the words of OAuth",
        arguments: [
            (
                [("grant_type", "password"), ("username", "alice"), ("password", "wrong"), ("client_id", "orgd")], 400,
                "invalid_grant"
            ),
            (
                [("grant_type", "password"), ("username", "eve"), ("password", "password"), ("client_id", "orgd")], 400,
                "invalid_grant"
            ),
            (
                [("grant_type", "password"), ("username", "alice"), ("password", "password"), ("client_id", "x")], 401,
                "invalid_client"
            ),
            ([("grant_type", "implicit"), ("client_id", "orgd")], 400, "unsupported_grant_type"),
            ([("grant_type", "authorization_code"), ("code", "x"), ("client_id", "orgd")], 400, "invalid_grant"),
        ] as [([(String, String)], Int, String)])
    func refused(_ items: [(String, String)], _ status: Int, _ error: String) async throws {
        try await FederationWorld.run { world in
            let answer = try await world.fetcher.post(world.idp.issuer + "/token", Self.form(items))
            #expect(answer.status == status)
            #expect(try JSONParser.parse(answer.body)["error"] == .string(error))
        }
    }

    @Test(
        "demo people are read from their flag",
        arguments: [
            ("alice@example.com", "alice", []), ("alice@example.com:Alice Doe", "Alice Doe", []),
            ("alice@example.com:Alice:groups=eng,admins", "Alice", ["eng", "admins"]), ("a@b::groups=x", "a", ["x"]),
        ] as [(String, String, [String])])
    func users(_ text: String, _ name: String, _ groups: [String]) throws {
        let user = try #require(TestPerson(text))
        #expect(user.name == name)
        #expect(user.groups == groups)
    }

    @Test("and refused when malformed", arguments: ["", "alice", "@example.com", "a@", "a@b:c:d", "a@b@c"])
    func badUsers(_ text: String) { #expect(TestPerson(text) == nil) }
}
