import Crypto
import Domain
import HTTP
import HTTPServer
import JSON
import Primitives
import Store
import TestKit
import Testing

/// A program at the control plane's own API, and the browser of its person.
private struct APIAgent {
    static let server = "http://localhost:8787"
    static let redirect = "http://127.0.0.1:4711/cb"
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let endpoints = server + "/cdn-cgi/access/oauth/"

    let world: LoginWorld
    let browser: LoginBrowser
    let client: String

    /// Registers, and opens a browser for somebody.
    init(_ world: LoginWorld, for person: String = "alice") async throws {
        self.world = world
        browser = LoginBrowser(world, as: person)
        client = try await Self.register(world)["client_id"]?.stringValue ?? ""
    }

    static func register(_ world: LoginWorld, _ redirect: String = redirect) async throws -> JSONValue {
        let body: JSONValue = ["redirect_uris": [.string(redirect)], "client_name": "Agent"]
        let request = Request(
            .post, "/cdn-cgi/access/oauth/registration", host: "localhost:8787",
            fields: [.contentType: "application/json"], body: body.serializedBytes())
        return await world.send(try #require(request)).json
    }

    /// Where an authorization ends: the consent page, a page of the server, or the way to the program.
    func authorize(_ changes: [String: String?] = [:]) async throws -> Shown {
        var parameters: [String: String?] = [
            "response_type": "code", "client_id": client, "redirect_uri": Self.redirect, "state": "xyz",
            "code_challenge": Base64URL.encode(SHA256.hash(Self.verifier).bytes), "code_challenge_method": "S256",
            "resource": Self.server + "/client/v4",
        ]
        for (name, value) in changes { parameters[name] = .some(value) }
        var query = QueryString()
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { if let value { query.append(name, value) } }
        return try await browser.follow(
            try await browser.get(Self.endpoints + "authorization?" + query.text),
            until: { $0.hasPrefix(Self.redirect) })
    }

    func decide(_ page: Shown, _ decision: String = "allow") async throws -> Shown {
        try await browser.post(
            page.url.origin + "/cdn-cgi/access/oauth/consent",
            [("ticket", page.hidden("ticket") ?? ""), ("decision", decision)])
    }

    func token(_ form: [(String, String)], at server: String = server) async throws -> JSONValue {
        let shown = try await browser.post(server + "/cdn-cgi/access/oauth/token", [("client_id", client)] + form)
        return shown.response.json
    }

    func redeem(_ code: String, at server: String = server) async throws -> JSONValue {
        try await token(
            [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Self.redirect),
                ("code_verifier", Self.verifier),
            ], at: server)
    }

    func refresh(_ token: String) async throws -> JSONValue {
        try await self.token([("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    func code() async throws -> String {
        try #require(try await decide(try await authorize()).response.answer["code"])
    }

    func tokens() async throws -> (access: String, refresh: String) {
        let answer = try await redeem(try await code())
        return (
            try #require(answer["access_token"]?.stringValue), try #require(answer["refresh_token"]?.stringValue)
        )
    }

    func status(_ path: String, _ token: String) async -> Int { await world.base.get(path, as: token).status }
}

extension LoginWorld {
    /// Asks the API, on the same loop as the portal.
    fileprivate func api(_ path: String, _ fields: Fields = [:]) async throws -> Response {
        await send(try #require(Request(.get, "/client/v4" + path, host: "localhost:8787", fields: fields)))
    }

    fileprivate func document(_ path: String) async throws -> Response {
        await send(try #require(Request(.get, path, host: "localhost:8787")))
    }

    /// Everything that a bearer token of an application shows at its proxy.
    fileprivate func gate(_ host: String, _ token: String) async throws -> Response {
        var fields: Fields = [.authorization: "Bearer \(token)"]
        for (name, value) in [
            ("x-forwarded-host", host), ("x-forwarded-proto", "http"), ("x-forwarded-uri", "/"),
            ("x-forwarded-method", "GET"),
        ] { fields.append(try #require(FieldName(name)), value) }
        return await send(
            try #require(
                Request(
                    .get, "/cdn-cgi/access/forward-auth", host: "localhost:8787", fields: fields,
                    origin: Origin(peer: .loopbackV4, ray: 1))))
    }
}

@Suite("Managed OAuth: the control plane's own API", .serialized)
struct OAuthAPITests {
    @Test("describes itself and its authorization server once an organization has a primary identity provider")
    func discovery() async throws {
        let world = try await LoginWorld(bridged: false)
        let paths = [
            "/.well-known/oauth-protected-resource/client/v4", "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-authorization-server",
        ]
        for path in paths { #expect(try await world.document(path).status == .notFound) }
        #expect(try await world.api("/accounts").fields[.wwwAuthenticate] == nil)
        await world.base.primary(world.provider, of: world.hq, for: world.organization)
        let api = try await world.document(paths[0])
        #expect(api.status == .ok && api.fields[.accessControlAllowOrigin] == "*")
        #expect(api.json["resource"] == "http://localhost:8787/client/v4")
        #expect(api.json["authorization_servers"] == ["http://localhost:8787"])
        #expect(try await world.document(paths[1]).json["resource"] == "http://localhost:8787")
        #expect(
            try await world.document(paths[0] + "/accounts/1").json["resource"]
                == "http://localhost:8787/client/v4/accounts/1")
        for path in ["/docs", "/client/v4x", "/client", "/client/v4/../x", "/client/v4%2f..%2f.."] {
            #expect(try await world.document(paths[1] + path).status == .notFound)
        }
        let server = try await world.document(paths[2])
        #expect(server.json["issuer"] == "http://localhost:8787" && server.json["jwks_uri"] == nil)
        #expect(server.json["token_endpoint"] == "http://localhost:8787/cdn-cgi/access/oauth/token")
        #expect(try await world.document("/.well-known/openid-configuration").status == .notFound)
        await world.end()
    }

    @Test("whoever shows no good credential is told where tokens are given, and reads the body that it always read")
    func challenge() async throws {
        let world = try await LoginWorld()
        let metadata = #"resource_metadata="http://localhost:8787/.well-known/oauth-protected-resource/client/v4""#
        let anonymous = try await world.api("/accounts")
        #expect(anonymous.status == .badRequest && anonymous.json["errors"]?[0]?["code"] == 9106)
        #expect(anonymous.fields[.wwwAuthenticate] == "Bearer realm=\"orgd\", " + metadata)
        for token in ["unknown", "oauth:unknown", "a.b.c"] {
            let refused = try await world.api("/accounts", [.authorization: "Bearer \(token)"])
            #expect(refused.status == .unauthorized && refused.json["errors"]?[0]?["code"] == 10000)
            let field = try #require(refused.fields[.wwwAuthenticate])
            #expect(field.contains(#"error="invalid_token""#) && field.hasSuffix(metadata))
            #expect(refused.fields.values(.wwwAuthenticate).count == 1)
        }
        // Answers about anything but credentials carry no challenge.
        let known: Fields = [.authorization: "Bearer \(FederationWorld.root)"]
        #expect(try await world.api("/accounts/\(world.hq)/nothing", known).fields[.wwwAuthenticate] == nil)
        #expect(try await world.api("/accounts?page=x", known).fields[.wwwAuthenticate] == nil)
        await world.end()
    }

    @Test("a program acts for a member within the tree of the organization, and the audit log names both")
    func flow() async throws {
        let world = try await LoginWorld()
        _ = await world.base.member("alice@example.com", of: world.organization)
        let foreign = await world.base.organization("Other")
        let elsewhere = await world.base.account("elsewhere", in: foreign)
        _ = await world.base.member("alice@example.com", of: foreign)
        let agent = try await APIAgent(world)
        let page = try await agent.authorize()
        #expect(page.status == 200 && page.url.host == "hq.access.localhost")
        #expect(page.text.contains("Agent") && page.text.contains("the control plane&#39;s API"), "\(page.text)")
        let answer = try await agent.decide(page).response.answer
        #expect(answer["iss"] == "http://localhost:8787" && answer["state"] == "xyz")
        let tokens = try await agent.redeem(try #require(answer["code"]))
        #expect(tokens["resource"] == "http://localhost:8787/client/v4" && tokens["expires_in"] == 900)
        let token = try #require(tokens["access_token"]?.stringValue)
        #expect(await agent.status("/accounts/\(world.hq)", token) == 200)
        #expect(await agent.status("/user/tokens/verify", token) == 200)
        #expect(await agent.status("/accounts/\(elsewhere)", token) == 404)
        #expect(await agent.status("/user/tokens", token) == 403)
        let renamed = await world.base.send(
            .put, "/accounts/\(world.emea)",
            ["id": .string(world.emea), "type": "standard", "name": "EMEA 2"], as: token)
        #expect(renamed.status == 200, "\(renamed.text)")
        let row = try #require(try await world.base.audit(of: world.organization).first)
        #expect(row.request.actor.context == .oauth && row.request.actor.email == "alice@example.com")
        #expect(row.request.actor.agent?.clientID == agent.client && row.request.actor.agent?.name == "Agent")
        let shown = await world.base.get(
            "/organizations/\(world.organization)/logs/audit?since=1970-01-01T00:00:00Z&before=2100-01-01T00:00:00Z&include_accounts=true&limit=1"
        ).json["result"]?[0]?["actor"]
        #expect(shown?["context"] == "oauth" && shown?["oauth_client_id"]?.stringValue == agent.client)
        #expect(shown?["oauth_client_name"] == "Agent" && shown?["email"] == "alice@example.com")
        #expect(try await world.log(of: world.hq).last == "oauth_authorize 1 alice@example.com  ")
        await world.end()
    }

    @Test("who is no member of the organization can give a program nothing")
    func stranger() async throws {
        let world = try await LoginWorld()
        let agent = try await APIAgent(world, for: "bob")
        let answer = try await agent.authorize()
        #expect(answer.response.answer["error"] == "access_denied" && answer.response.answer["code"] == nil)
        #expect(answer.response.answer["iss"] == "http://localhost:8787")
        #expect(try await world.log(of: world.hq).last == "oauth_authorize 0 bob@example.com not_a_member ")
        await world.end()
    }

    @Test("who says no gives nothing")
    func denial() async throws {
        let world = try await LoginWorld()
        _ = await world.base.member("alice@example.com", of: world.organization)
        let agent = try await APIAgent(world)
        let answer = try await agent.decide(try await agent.authorize(), "deny")
        #expect(answer.response.answer["error"] == "access_denied")
        await world.end()
    }

    @Test("a login through another identity provider than the primary one gives nothing")
    func otherProvider() async throws {
        let world = try await LoginWorld()
        _ = await world.base.member("alice@example.com", of: world.organization)
        let agent = try await APIAgent(world)
        let tokens = try await agent.tokens()
        let second = await world.base.identityProvider(in: world.hq)
        await world.base.primary(second, of: world.hq, for: world.organization)
        #expect(await agent.status("/accounts/\(world.hq)", tokens.access) == 401)
        #expect(try await agent.refresh(tokens.refresh)["error"] == "invalid_grant")
        await world.end()
    }

    @Test("tokens of an application are nothing at the API, and those of the API nothing at an application")
    func separation() async throws {
        let world = try await LoginWorld()
        _ = await world.base.member("alice@example.com", of: world.organization)
        await world.application(in: world.hq, at: "wiki.localhost", ["oauth_configuration": ["enabled": true]])
        let agent = try await APIAgent(world)
        let token = try await agent.tokens().access
        #expect(try await world.gate("wiki.localhost", token).status == .unauthorized)
        #expect(await agent.status("/accounts/\(world.hq)", token) == 200)
        // A code of the API is good at no other issuer, and a registration of the API is known to none.
        let code = try await agent.code()
        #expect(try await agent.redeem(code, at: "http://hq.access.localhost:8787")["error"] == "invalid_client")
        #expect(try await agent.redeem(code)["access_token"] != nil)
        let asked = try await agent.authorize(["resource": "http://wiki.localhost/"])
        #expect(asked.response.answer["error"] == "invalid_target")
        let atTeam = try await agent.browser.get(
            "http://hq.access.localhost:8787/cdn-cgi/access/oauth/authorization?client_id=\(agent.client)&redirect_uri=\(APIAgent.redirect)"
        )
        #expect(atTeam.status == 400)

        let form: [(String, String)] = [
            ("response_type", "code"), ("redirect_uri", APIAgent.redirect), ("state", "s"),
            ("code_challenge", Base64URL.encode(SHA256.hash(APIAgent.verifier).bytes)),
            ("code_challenge_method", "S256"),
        ]
        func ask(_ resource: String) async throws -> (client: String, shown: Shown) {
            let registration = Request(
                .post, "/cdn-cgi/access/oauth/registration", host: "hq.access.localhost:8787",
                fields: [.contentType: "application/json"],
                body: JSONValue.object(["redirect_uris": [.string(APIAgent.redirect)]]).serializedBytes())
            let client = await world.send(try #require(registration)).json["client_id"]?.stringValue ?? ""
            var query = QueryString()
            for (name, value) in form + [("client_id", client), ("resource", resource)] { query.append(name, value) }
            let first = try await agent.browser.get(
                "http://hq.access.localhost:8787/cdn-cgi/access/oauth/authorization?" + query.text)
            return (client, try await agent.browser.follow(first, until: { $0.hasPrefix(APIAgent.redirect) }))
        }
        // The team's issuer gives no tokens of the API.
        #expect(try await ask("http://localhost:8787/client/v4").shown.response.answer["error"] == "invalid_target")
        let (client, page) = try await ask("http://wiki.localhost/")
        let granted = try #require(try await agent.decide(page).response.answer["code"])
        let answer = try await agent.browser.post(
            "http://hq.access.localhost:8787/cdn-cgi/access/oauth/token",
            [
                ("grant_type", "authorization_code"), ("client_id", client), ("code", granted),
                ("redirect_uri", APIAgent.redirect), ("code_verifier", APIAgent.verifier),
            ])
        let wiki = try #require(answer.response.json["access_token"]?.stringValue)
        #expect(try await world.gate("wiki.localhost", wiki).status == .ok)
        #expect(await agent.status("/accounts/\(world.hq)", wiki) == 401)
        await world.end()
    }

    @Test("a member who is removed takes the program along at the next request")
    func removal() async throws {
        let world = try await LoginWorld()
        let member = await world.base.member("alice@example.com", of: world.organization)
        let agent = try await APIAgent(world)
        let tokens = try await agent.tokens()
        #expect(await agent.status("/accounts/\(world.hq)", tokens.access) == 200)
        let removed = await world.base.send(.delete, "/organizations/\(world.organization)/members/\(member)")
        #expect(removed.status == 200)
        #expect(await agent.status("/accounts/\(world.hq)", tokens.access) == 401)
        #expect(try await agent.refresh(tokens.refresh)["error"] == "invalid_grant")
        // The grant is over: to become a member again brings no program back.
        _ = await world.base.member("alice@example.com", of: world.organization)
        #expect(await agent.status("/accounts/\(world.hq)", tokens.access) == 401)
        await world.end()
    }

    @Test("a reader's program reads, and is refused what its person may not do")
    func reader() async throws {
        let world = try await LoginWorld()
        _ = await world.base.member("alice@example.com", of: world.organization, role: "reader")
        let agent = try await APIAgent(world)
        let token = try await agent.tokens().access
        #expect(await agent.status("/accounts/\(world.hq)", token) == 200)
        #expect(await world.base.send(.put, "/accounts/\(world.hq)", ["name": "x"], as: token).status == 403)
        let row = try #require(try await world.base.audit(of: world.organization).first)
        #expect(!row.isSuccess && row.request.actor.agent?.clientID == agent.client)
        await world.end()
    }

    @Test("the access ends by the program, by the person and by an administrator")
    func ends() async throws {
        let world = try await LoginWorld()
        _ = await world.base.member("alice@example.com", of: world.organization)
        let agent = try await APIAgent(world)
        for way in ["program", "person", "administrator", "revoke_user"] {
            let tokens = try await agent.tokens()
            #expect(await agent.status("/accounts/\(world.hq)", tokens.access) == 200)
            switch way {
            case "program":
                let answer = try await agent.browser.post(
                    APIAgent.endpoints + "revoke", [("client_id", agent.client), ("token", tokens.refresh)])
                #expect(answer.status == 200)
            case "person":
                let page = try await agent.browser.get("http://hq.access.localhost:8787/oauth/grants")
                #expect(page.text.contains("the control plane&#39;s API"))
                let answer = try await agent.browser.post(
                    "http://hq.access.localhost:8787/oauth/grants",
                    [("grant", page.hidden("grant") ?? ""), ("seal", page.hidden("seal") ?? "")])
                #expect(answer.status == 302)
            case "administrator":
                let users = await world.base.get("/accounts/\(world.hq)/access/users").result.arrayValue ?? []
                let user = users.first { $0["email"] == "alice@example.com" }?["id"]?.stringValue ?? ""
                let path = "/accounts/\(world.hq)/access/users/\(user)/oauth_grants"
                let grant = try #require(await world.base.get(path).result[0])
                #expect(grant["app_name"] == "the control plane's API" && grant["app_id"] == nil)
                let ended = await world.base.send(.delete, path + "/\(grant["id"]?.stringValue ?? "")")
                #expect(ended.status == 202, "\(ended.text)")
            default:
                let answer = await world.base.post(
                    "/accounts/\(world.hq)/access/organizations/revoke_user", ["email": "alice@example.com"])
                #expect(answer.status == 200)
            }
            #expect(await agent.status("/accounts/\(world.hq)", tokens.access) == 401, "\(way)")
            #expect(try await agent.refresh(tokens.refresh)["error"] == "invalid_grant", "\(way)")
        }
        await world.end()
    }

    @Test("a refresh gives a new pair, and an old refresh token ends the grant")
    func rotation() async throws {
        let world = try await LoginWorld()
        _ = await world.base.member("alice@example.com", of: world.organization)
        let agent = try await APIAgent(world)
        let first = try await agent.tokens()
        let second = try await agent.refresh(first.refresh)
        let access = try #require(second["access_token"]?.stringValue)
        #expect(await agent.status("/accounts/\(world.hq)", access) == 200)
        world.base.clock.advance(by: .seconds(11))
        #expect(try await agent.refresh(first.refresh)["error"] == "invalid_grant")
        #expect(await agent.status("/accounts/\(world.hq)", access) == 401)
        // A code that comes twice ends what it gave.
        let code = try await agent.code()
        let given = try #require(try await agent.redeem(code)["access_token"]?.stringValue)
        #expect(try await agent.redeem(code)["error"] == "invalid_grant")
        #expect(await agent.status("/accounts/\(world.hq)", given) == 401)
        await world.end()
    }

    @Test("only programs on the person's own machine may register")
    func redirects() async throws {
        let world = try await LoginWorld()
        for redirect in ["https://example.net/cb", "http://example.net/cb", "cursor://cb", "javascript:alert(1)"] {
            #expect(try await APIAgent.register(world, redirect)["error"] == "invalid_redirect_uri", "\(redirect)")
        }
        for redirect in ["http://localhost/cb", "http://[::1]:1/cb"] {
            #expect(try await APIAgent.register(world, redirect)["client_id"] != nil, "\(redirect)")
        }
        await world.end()
    }

    @Test("where several teams sign people in, the person says which")
    func severalTeams() async throws {
        let world = try await LoginWorld()
        _ = await world.base.member("alice@example.com", of: world.organization)
        let other = await world.base.organization("Other")
        let account = await world.base.account("otherhq", in: other)
        await world.base.primary(await world.base.identityProvider(in: account), of: account, for: other)
        let agent = try await APIAgent(world)
        let question = try await agent.authorize()
        #expect(question.status == 200 && question.text.contains("name=\"orgd_team\""))
        #expect(!question.text.contains("otherhq") && question.hidden("client_id") == agent.client)
        #expect(try await agent.authorize(["orgd_team": "emea"]).status == 400)
        for name in ["HQ", "hq.access.localhost"] {
            let link = try #require(try await agent.authorize(["orgd_team": name]).links(containing: "hq.access").first)
            let page = try await agent.browser.open(link)
            #expect(page.hidden("ticket") != nil && page.url.host == "hq.access.localhost")
        }
        // A member of one organization is nobody in the other.
        let link = try #require(try await agent.authorize(["orgd_team": "otherhq"]).links(containing: "otherhq").first)
        let answer = try await agent.browser.follow(
            try await agent.browser.get(link), until: { $0.hasPrefix(APIAgent.redirect) })
        #expect(answer.response.answer["error"] == "access_denied")
        await world.end()
    }
}
