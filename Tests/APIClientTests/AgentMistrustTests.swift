import APIClient
import HTTP
import Primitives
import Synchronization
import Testing

@Suite("What an agent does not believe")
struct AgentMistrustTests {
    private static let resourceAddress = AgentWorld.origin + "/.well-known/oauth-protected-resource/docs"
    private static let serverAddress = AgentWorld.issuer + "/.well-known/oauth-authorization-server"

    private static func resource(_ resource: String, _ server: String = AgentWorld.issuer) -> AgentWorld.Mischief {
        .metadata(#"{"resource":"\#(resource)","authorization_servers":["\#(server)"]}"#, at: resourceAddress)
    }

    private static func server(
        issuer: String = AgentWorld.issuer, token: String = AgentWorld.issuer + "/token", pkce: String = "S256"
    ) -> AgentWorld.Mischief {
        .metadata(
            """
            {"issuer":"\(issuer)","authorization_endpoint":"\(AgentWorld.issuer)/authorize","token_endpoint":"\(token)",\
            "registration_endpoint":"\(AgentWorld.issuer)/register","code_challenge_methods_supported":["\(pkce)"]}
            """, at: serverAddress)
    }

    /// Each with words that tell what is wrong.
    static let contradictions: [(AgentWorld.Mischief, String)] = [
        (resource("https://bank.example.com/docs"), "describes https://bank.example.com/docs"),
        (resource("https://wiki.example.org:8443/docs"), "which is not"),
        (resource("http://wiki.example.org/docs"), "which is not"),
        (resource("https://wiki.example.org/doc"), "which is not"),
        (resource("https://wiki.example.org/docs/other"), "which is not"),
        (resource("https://wiki.example.org@bank.example.com/docs"), "which is not"),
        (resource(AgentWorld.origin + "/docs", "http://team.example.org"), "without TLS"),
        (resource(AgentWorld.origin + "/docs", "http://127.0.0.1:9"), "has TLS and its authorization server"),
        (resource(AgentWorld.origin + "/docs", "https://team.example.org?x=1"), "malformed address"),
        (resource(AgentWorld.origin + "/docs", "javascript:alert(1)"), "malformed address"),
        (.metadata(#"{"resource":"https://wiki.example.org/docs"}"#, at: resourceAddress), "no authorization server"),
        (.metadata("<html>", at: resourceAddress), "no JSON object"),
        (.metadata("[]", at: resourceAddress), "no JSON object"),
        (.metadata(String(repeating: "[", count: 1000), at: resourceAddress), "no JSON object"),
        (server(issuer: "https://team.example.org/"), "says that it is https://team.example.org/"),
        (server(issuer: "https://evil.example.com"), "says that it is https://evil.example.com"),
        (server(token: "http://team.example.org/token"), "token_endpoint"),
        (server(token: "http://localhost/token"), "token_endpoint"),
        (server(token: "file:///etc/passwd"), "token_endpoint"),
        (server(pkce: "plain"), "S256"),
        (.metadata("{}", at: serverAddress), "names no issuer"),
        (.answerOf("https://evil.example.com"), "is from https://evil.example.com"),
        (.answerOf("https://team.example.org/"), "is from https://team.example.org/"),
        (.silentAboutItself, "does not say who gave it"),
    ]

    @Test("contradictions end the sign-in with a sentence, and no code is redeemed", arguments: contradictions)
    func lies(_ mischief: AgentWorld.Mischief, _ words: String) async throws {
        let world = try AgentWorld()
        world.state.withLock { $0.mischief = mischief }
        let error = await #expect(throws: ClientError.self) { try await world.agent().fetch(world.get()) }
        guard case .agent(let fault)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(fault.outcome == .untrusted)
        #expect(fault.lines[0].contains(words), "\(fault.lines)")
        world.state.withLock { #expect($0.accessTokens.isEmpty) }
        #expect(try world.store.grants().isEmpty)
    }

    @Test("a description larger than any real one is not read, and none may take long")
    func huge() async throws {
        let world = try AgentWorld()
        let padding = String(repeating: " ", count: 70_000)
        world.state.withLock { $0.mischief = .metadata("{\(padding)}", at: Self.resourceAddress) }
        await #expect(
            throws: ClientError.agent(.unreachable(url: Self.resourceAddress, reason: "the response is too large"))
        ) { try await world.agent().fetch(world.get()) }
        world.state.withLock { state in
            let asked = state.requests.first { $0.url == Self.resourceAddress }
            #expect(asked?.deadline == .seconds(15) && asked?.bodyLimit == 64 * 1024)
        }
    }

    @Test("a challenge that names another origin's description is not followed")
    func metadataElsewhere() async throws {
        let world = try AgentWorld()
        let url = try #require(WebAddress(AgentWorld.page))
        let answer = IncomingAnswer(
            status: 401, fields: [("WWW-Authenticate", #"Bearer resource_metadata="http://169.254.169.254/latest""#)])
        let challenge = try #require(BearerChallenge(of: answer))
        let error = await #expect(throws: ClientError.self) { try await world.agent().signIn(to: url, challenge) }
        #expect(error?.outcome == .untrusted)
        world.state.withLock { #expect($0.requests.isEmpty) }
    }

    @Test("a redirect of the resource carries the token nowhere else", arguments: [302, 303, 307, 308])
    func redirectElsewhere(_ status: Int) async throws {
        let world = try AgentWorld()
        _ = try await world.agent().fetch(world.get())
        world.state.withLock { $0.mischief = .resourceRedirects(to: "https://evil.example.com/take", status: status) }
        var request = world.get()
        request.fields = [("Cookie", "a=b"), ("Accept", "text/plain")]
        _ = try await world.agent().fetch(request)
        try world.state.withLock { state in
            let last = try #require(state.requests.last)
            #expect(last.url == "https://evil.example.com/take")
            #expect(last.authorization == nil && last.fields.map(\.name) == ["Accept"])
        }
    }

    @Test("a redirect below the resource keeps the token, one beside it loses it")
    func redirectInside() async throws {
        let world = try AgentWorld()
        _ = try await world.agent().fetch(world.get())
        world.state.withLock { $0.mischief = .resourceRedirects(to: "other?x=1", status: 302) }
        #expect(try await world.agent(mayAsk: false).fetch(world.get()).status == 200)
        world.state.withLock { #expect($0.requests.last?.url == AgentWorld.origin + "/docs/other?x=1") }
        world.state.withLock { $0.mischief = .resourceRedirects(to: "/admin", status: 302) }
        await #expect(throws: ClientError.self) { try await world.agent(mayAsk: false).fetch(world.get()) }
        world.state.withLock { #expect($0.requests.last?.authorization == nil) }
    }

    @Test("a redirect to plain http, or one that moves a body to another origin, is refused")
    func redirectUnsafe() async throws {
        let world = try AgentWorld()
        _ = try await world.agent().fetch(world.get())
        world.state.withLock { $0.mischief = .resourceRedirects(to: "http://wiki.example.org/docs", status: 302) }
        let plain = await #expect(throws: ClientError.self) { try await world.agent().fetch(world.get()) }
        #expect(plain?.outcome == .untrusted)
        world.state.withLock { $0.mischief = .resourceRedirects(to: "https://evil.example.com/", status: 307) }
        let post = OutgoingRequest(method: "POST", url: AgentWorld.page, body: Array("secret".utf8))
        let moved = await #expect(throws: ClientError.self) { try await world.agent().fetch(post) }
        #expect(moved?.outcome == .untrusted)
        world.state.withLock { #expect(!$0.requests.contains { $0.url.contains("evil") }) }
    }

    @Test(
        "a token is for the paths below its resource",
        arguments: [
            ("https://a.example/docs", "https://a.example/docs", true),
            ("https://a.example/docs", "https://a.example/docs/x", true),
            ("https://a.example/docs/", "https://a.example/docs", true),
            ("https://a.example", "https://a.example/any", true),
            ("https://a.example/", "https://a.example/", true),
            ("https://a.example/docs", "https://a.example/docsx", false),
            ("https://a.example/docs", "https://a.example/", false),
            ("https://a.example/docs", "http://a.example/docs", false),
            ("https://a.example/docs", "https://a.example/docs/../admin", false),
            ("https://a.example/docs", "https://a.example/docs/%2e%2E/admin", false),
            ("https://a.example:444/docs", "https://a.example/docs", false), ("nonsense", "https://a.example/", false),
            ("https://a.example/docs#x", "https://a.example/docs", false),
        ])
    func coverage(resource: String, url: String, isCovered: Bool) throws {
        #expect(ProtectedResource.covers(resource, try #require(WebAddress(url))) == isCovered)
    }

    @Test(
        "challenges are read as RFC 9110 writes them",
        arguments: [
            (["Bearer"], nil, nil, true), (["Basic realm=\"x\""], nil, nil, false), ([], nil, nil, false),
            (["Basic realm=\"a, Bearer error=\\\"x\\\"\", Bearer error=\"invalid_token\""], "invalid_token", nil, true),
            (["bearer realm=\"OAuth\", resource_metadata=\"https://a.example/m\""], nil, "https://a.example/m", true),
            (["Negotiate abc==, Bearer error=invalid_token"], "invalid_token", nil, true),
            (["Bearer error = \"a\\\"b\" , x=1, Digest realm=r, error=\"c\""], "a\"b", nil, true),
            (["Basic realm=x", "Bearer error=y"], "y", nil, true),
        ] as [([String], String?, String?, Bool)])
    func challenges(fields: [String], error: String?, metadata: String?, isThere: Bool) {
        let answer = IncomingAnswer(status: 401, fields: fields.map { (name: "www-authenticate", value: $0) })
        let challenge = BearerChallenge(of: answer)
        #expect((challenge != nil) == isThere)
        #expect(challenge?.error == error && challenge?.resourceMetadata == metadata)
    }
}
