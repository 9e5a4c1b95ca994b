import ControlPlane
import HTTP
import JSON
import OAuth
import Primitives
import SQLite
import Store
import TestKit
import Testing

/// What contract 50 says of floods, sizes and lies, line by line where no other suite has it.
@Suite("Managed OAuth: limits and bad input", .serialized)
struct OAuthBadInputTests {
    // MARK: Challenge (§2)

    @Test("the body of a challenge says what its field says, and a browser is told in the scheme of Access")
    func challengeBody() async throws {
        let world = try await OAuthWorld()
        let metadata = "http://wiki.localhost/.well-known/oauth-protected-resource/docs"
        let first = await world.gate.ask("/docs", host: OAuthWorld.host, as: .program)
        #expect(first.json["resource_metadata"]?.stringValue == metadata && first.error == "invalid_token")
        #expect(first.value("www-authenticate")?.contains("error") == false)
        let second = await world.use("oauth:nothing", at: "/docs")
        #expect(second.json["resource_metadata"]?.stringValue == metadata && second.error == "invalid_token")
        #expect(second.json["error_description"]?.stringValue?.isEmpty == false)
        let browser = await world.gate.ask("/docs", host: OAuthWorld.host)
        #expect(browser.status == .found)
        let field = browser.value("www-authenticate") ?? ""
        #expect(field == "Cloudflare-Access resource_metadata=\"\(metadata)\"")
    }

    @Test("a path that would break out of the field never gets into it")
    func challengeInjection() async throws {
        let world = try await OAuthWorld()
        for path in ["/a\"b", "/a,b=\"c\"", "/a%22,%20error=%22x", "/a\\b", "/a b"] {
            let answer = await world.gate.ask(path, host: OAuthWorld.host, as: .program)
            // What two servers could read in two ways is refused before anybody is asked to sign in.
            guard let field = answer.value("www-authenticate") else {
                #expect(answer.status == .badRequest || answer.status == .forbidden, "\(path) \(answer.status.code)")
                continue
            }
            #expect(!field.contains("\r") && !field.contains("\n"))
            let value = field.split(separator: "resource_metadata=\"").last.map(String.init) ?? ""
            #expect(value.hasSuffix("\"") && value.filter { $0 == "\"" }.count == 1, "\(path) \(field)")
            #expect(!value.contains(",") && !value.contains(" "), "\(path) \(field)")
        }
    }

    // MARK: Metadata (§3)

    @Test("the metadata of a server has every member that the contract lists, and answers HEAD")
    func metadata() async throws {
        let world = try await OAuthWorld()
        let document = await world.get("/.well-known/oauth-authorization-server").json
        let methods: JSONValue = ["client_secret_basic", "client_secret_post", "none"]
        #expect(document["token_endpoint_auth_methods_supported"] == methods)
        #expect(document["revocation_endpoint_auth_methods_supported"] == methods)
        #expect(document["response_modes_supported"] == ["query"])
        #expect(document["jwks_uri"]?.stringValue == OAuthWorld.issuer + "/cdn-cgi/access/certs")
        #expect(document["service_documentation"] == "http://localhost:8787/docs/managed-oauth")
        let head = await world.gate.send(.head, "/.well-known/oauth-authorization-server", host: OAuthWorld.team)
        #expect(head.status == .ok)
        let post = await world.gate.send(.post, "/.well-known/oauth-authorization-server", host: OAuthWorld.team)
        #expect(post.status == .methodNotAllowed && post.value("allow") == "GET, HEAD, OPTIONS")
    }

    // MARK: Registration (§5)

    @Test("an account has as many live clients as it may have, and room again when some are over")
    func registrationsOfAnAccount() async throws {
        let world = try await OAuthWorld()
        let first = await world.client()
        let now = world.world.clock.now
        try await world.world.plane.store.writes.perform { (transaction) throws(Failure) in
            guard let one = try transaction.managedClients(named: first) else {
                throw .inconsistent("the client is gone")
            }
            for number in 1..<ManagedClient.maxRegistrations {
                try transaction.insert(
                    ManagedClient(
                        id: ManagedClientID(at: now), account: one.account, application: nil,
                        clientID: "filler \(number)", kind: .registered, name: "Filler", method: .none,
                        secretDigest: nil, redirectDocument: .emptyArray, mayRefresh: true, document: .emptyObject,
                        createdAt: now, lastUsedAt: nil, expiresAt: now + .seconds(3600)))
            }
        }
        let refused = await world.register(from: "198.51.100.77")
        #expect(refused.status == .tooManyRequests && refused.error == "temporarily_unavailable")
        #expect(refused.value("retry-after").flatMap { Int($0) }.map { $0 > 0 } == true)
        world.world.clock.advance(by: .seconds(3601))
        #expect(await world.register(from: "198.51.100.77").status == .created)
    }

    @Test("a registration of more than 64 KiB is not read")
    func largeRegistration() async throws {
        let world = try await OAuthWorld()
        guard let head = Request(.post, "/cdn-cgi/access/oauth/registration", host: OAuthWorld.team) else { return }
        #expect(await world.gate.bodyLimit(for: head) == 64 * 1024)
    }

    @Test("a web client may not have an address without TLS outside the own machine")
    func webClients() async throws {
        let world = try await OAuthWorld()
        for (uri, status) in [
            ("http://127.0.0.1/cb", Status.created), ("http://agent.example/cb", .badRequest),
            ("http://app.localhost/cb", .badRequest),
        ] {
            let response = await world.register(["redirect_uris": [.string(uri)], "application_type": "web"])
            #expect(response.status == status, "\(uri)")
        }
    }

    @Test("a client with a grant lasts 90 days after the grant's end")
    func idleClients() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        _ = await world.tokens(client)
        // The grant lasts a day.
        world.world.clock.advance(by: .seconds(91 * 86_400 - 10))
        let cookies = try await world.signInAgain()
        #expect(await world.authorize(client, cookies: cookies).status == .ok)
        world.world.clock.advance(by: .seconds(20))
        #expect(await world.authorize(client, cookies: try await world.signInAgain()).status == .badRequest)
    }

    // MARK: Documents of clients (§6)

    @Test("members of a document that nobody knows mean nothing, and its media type may be any kind of JSON")
    func unknownMembers() async throws {
        let world = try await OAuthWorld()
        world.shelf.put(
            OAuthDocumentTests.document([
                "scope": "admin", "is_trusted": true, "policy": ["decision": "allow"], "jwks_uri": "http://10.0.0.1/",
                "logo_uri": "javascript:alert(1)",
            ]), at: OAuthDocumentTests.url, type: "application/cimd+json; charset=utf-8")
        let page = await world.authorize(OAuthDocumentTests.url)
        #expect(page.status == .ok && page.text.contains("not verified") && !page.text.contains("javascript"))
        #expect(world.shelf.fetched == [OAuthDocumentTests.url])
    }

    @Test(
        "redirect URIs of a document are held to the application's rules",
        arguments: ["https://agent.example/cb", "javascript:alert(1)", "cursor://cb", "http://10.0.0.1/cb"])
    func redirectsOfDocuments(_ uri: String) async throws {
        let world = try await OAuthWorld()
        world.shelf.put(OAuthDocumentTests.document(["redirect_uris": [.string(uri)]]), at: OAuthDocumentTests.url)
        let response = await world.authorize(OAuthDocumentTests.url, ["redirect_uri": uri])
        #expect(response.status == .badRequest && response.value("location") == nil)
    }

    @Test("a client with a document is ended by its percent-encoded address")
    func endDocumentClient() async throws {
        let world = try await OAuthWorld()
        world.shelf.put(OAuthDocumentTests.document(), at: OAuthDocumentTests.url)
        let tokens = await world.tokens(OAuthDocumentTests.url)
        let path = "/accounts/\(world.gate.account)/access/apps/\(world.application)/oauth_clients"
        let row = await world.world.get(path).result[0]
        #expect(row?["client_id"]?.stringValue == OAuthDocumentTests.url && row?["kind"] == "metadata_document")
        let ended = await world.world.delete(path + "/" + PercentEncoding.encode(OAuthDocumentTests.url))
        #expect(ended.isSuccess, "\(ended.text)")
        #expect(await world.use(tokens.access).status == .unauthorized)
    }

    // MARK: Authorization (§7)

    @Test("a query of more than 8 KiB and a state of more than 1024 bytes go no further")
    func largeRequests() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let long = String(repeating: "x", count: 1025)
        #expect(await world.authorize(client, ["state": long]).answer["error"] == "invalid_request")
        let fits = String(long.dropLast())
        #expect(await world.decide(await world.authorize(client, ["state": fits])).answer["state"] == fits)
        let huge = String(repeating: "x", count: 17_000)
        let response = await world.authorize(client, ["filler": huge])
        #expect(response.status == .badRequest && response.value("location") == nil)
        let atHost = await world.authorize(client, ["filler": huge], host: OAuthWorld.host)
        #expect(atHost.status == .badRequest && atHost.value("location") == nil)
    }

    @Test("a state comes back as it was, whatever is in it, and can add no parameter of its own")
    func hostileState() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        for state in ["a&code=forged&iss=https://evil.example", "\r\nSet-Cookie: x=y", "<script>", "%00%26", "ü"] {
            let answer = await world.decide(await world.authorize(client, ["state": state]))
            #expect(answer.answer["state"] == state && answer.answer.count("code") == 1)
            #expect(answer.answer.count("iss") == 1 && answer.answer["iss"] == OAuthWorld.issuer)
            #expect(answer.value("set-cookie")?.contains("x=y") != true)
            #expect(answer.value("location")?.contains { $0 == "\r" || $0 == "\n" || $0 == "<" } == false)
        }
    }

    @Test("a name that a client gives itself is text on the page that asks, and nothing else")
    func hostileName() async throws {
        let world = try await OAuthWorld()
        let name = #"</strong><form action="https://evil.example"><img src=x onerror="alert(1)">"#
        let client = await world.client(["redirect_uris": ["http://127.0.0.1/cb"], "client_name": .string(name)])
        let page = await world.authorize(client)
        #expect(page.status == .ok && !page.text.contains("<img") && !page.text.contains("evil.example\">"))
        #expect(page.text.contains("&lt;img"))
        let token = await world.tokens(client).access
        let field = await world.use(token).value("cf-access-oauth-client-name") ?? ""
        #expect(field.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && PercentEncoding.decode(field) == name)
    }

    @Test("one ticket is one question: it cannot be turned into another client's or another place's")
    func tickets() async throws {
        let world = try await OAuthWorld()
        let (client, other) = (await world.client(), await world.client())
        let page = await world.authorize(client)
        let answer = await world.post(
            "/cdn-cgi/access/oauth/consent",
            [
                ("ticket", page.ticket), ("decision", "allow"), ("client_id", other),
                ("redirect_uri", "https://evil.example/"),
            ], [("cookie", world.cookies.joined(separator: "; "))])
        #expect(answer.value("location")?.hasPrefix(OAuthWorld.redirect + "?code=") == true)
        let code = answer.answer["code"] ?? ""
        #expect(await world.redeem(other, code).error == "invalid_grant")
        #expect(await world.redeem(client, code).status == .ok)
        for forged in [String(page.ticket.dropLast()), page.ticket + "A", "", "AAAA"] {
            let refused = await world.post(
                "/cdn-cgi/access/oauth/consent", [("ticket", forged), ("decision", "allow")],
                [("cookie", world.cookies.joined(separator: "; "))])
            #expect(refused.status == .badRequest && refused.value("location") == nil)
        }
    }

    // MARK: Tokens (§8)

    @Test("an address that asks for too many tokens has to wait")
    func tokenFlood() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let tokens = await world.tokens(client)
        var refused: Response?
        for _ in 0..<601 where refused == nil {
            let response = await world.refresh(client, "oauth:guess")
            if response.status == .tooManyRequests { refused = response }
        }
        let answer = try #require(refused)
        #expect(answer.error == "slow_down")
        #expect(answer.value("retry-after").flatMap { Int($0) }.map { (1...60).contains($0) } == true)
        // Tokens that are there go on, and so does who comes from elsewhere.
        #expect(await world.use(tokens.access).status == .ok)
        let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh), ("client_id", client)]
        let elsewhere = await world.post("/cdn-cgi/access/oauth/token", form, [("x-forwarded-for", "203.0.113.9")])
        #expect(elsewhere.status == .ok)
        world.world.clock.advance(by: .seconds(61))
        #expect(await world.refresh(client, "oauth:guess").error == "invalid_grant")
    }

    @Test("what the application sees ends with the token")
    func assertionEnds() async throws {
        let world = try await OAuthWorld(["enabled": true, "grant": ["access_token_lifetime": "1m"]])
        let token = await world.tokens(await world.client()).access
        world.world.clock.advance(by: .seconds(40))
        let assertion = try #require(await world.use(token).assertion)
        let part = try #require(assertion.split(separator: ".").dropFirst().first)
        let bytes = try #require(Base64URL.decode(part))
        let claims = try JSONParser.parse(bytes)
        let end = try #require(claims["exp"]?.integerValue)
        #expect((19...20).contains(end - world.world.clock.now.seconds))
        world.world.clock.advance(by: .seconds(20))
        #expect(await world.use(token).status == .unauthorized)
    }

    @Test("a code or a token of another kind, or a part of one, is nothing")
    func confusedTokens() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let code = await world.code(client)
        #expect(await world.use(code).status == .unauthorized)
        #expect(await world.refresh(client, code).error == "invalid_grant")
        let tokens = await world.tokens(client)
        #expect(await world.use(tokens.refresh).status == .unauthorized)
        #expect(await world.refresh(client, tokens.access).error == "invalid_grant")
        #expect(await world.redeem(client, tokens.refresh).error == "invalid_grant")
        for wrong in [String(tokens.access.dropLast()), tokens.access + "A", tokens.access.uppercased()] {
            #expect(await world.use(wrong).status == .unauthorized)
        }
        #expect(await world.use(tokens.access).status == .ok)
    }

    // MARK: Resources (§9)

    @Test("a token is for the application on all its hosts, and a wildcard's resource is any of them")
    func wildcards() async throws {
        let world = try await OAuthWorld()
        let wild = await world.gate.application(
            [GateWorld.allow(GateWorld.staff)], at: "*.wild.localhost", ["oauth_configuration": ["enabled": true]])
        #expect(!wild.isEmpty)
        let client = await world.client()
        let there: [String: String?] = ["resource": "http://a.wild.localhost/deep"]
        let code = await world.code(client, there)
        let answer = await world.redeem(client, code, ["resource": "http://b.wild.localhost"])
        #expect(answer.status == .ok && answer.json["resource"] == "http://a.wild.localhost/deep")
        let token = answer.json["access_token"]?.stringValue ?? ""
        for host in ["a.wild.localhost", "c.wild.localhost"] {
            #expect(await world.use(token, host: host).status == .ok, "\(host)")
        }
        #expect(await world.use(token).status == .unauthorized)
        for resource in ["http://wild.localhost/", "http://wiki.localhost.evil.example/", "https://a.wild.localhost/"] {
            #expect(await world.authorize(client, ["resource": resource]).answer["error"] == "invalid_target")
        }
    }
}

extension OAuthWorld {
    /// Cookies of a browser in which the person has signed in just now.
    func signInAgain() async throws -> [String] {
        ["CF_Authorization=\(try await gate.signIn("Ann@example.com", to: application).team)", cookies[1]]
    }
}

extension Reading {
    /// A client by the name it has in requests, in whatever account.
    fileprivate func managedClients(named clientID: String) throws(Failure) -> ManagedClient? {
        try first(
            ManagedClient.self, "SELECT \(ManagedClient.columns) FROM oauth_clients c WHERE c.client_id = ?", clientID)
    }
}
