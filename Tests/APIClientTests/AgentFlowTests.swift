import APIClient
import HTTP
import Primitives
import Synchronization
import Testing

@Suite("Agent")
struct AgentFlowTests {
    @Test("a person signs in once, and later runs use what they gave")
    func once() async throws {
        let world = try AgentWorld()
        let answer = try await world.agent().fetch(world.get())
        #expect(answer.status == 200 && answer.body == Array("hello".utf8))
        #expect(try await world.agent(mayAsk: false).fetch(world.get()).status == 200)
        world.state.withLock { state in
            #expect(state.visits == 1 && state.clients.count == 1)
            let registration = state.requests.first { $0.url.hasSuffix("/register") }
            let text = String(decoding: registration?.body ?? [], as: UTF8.self)
            #expect(text.contains(#""application_type":"native""#) && text.contains("http://127.0.0.1/callback"))
        }
    }

    @Test("tokens are in files that only their owner can read")
    func files() async throws {
        let world = try AgentWorld()
        _ = try await world.agent().fetch(world.get())
        #expect(FileSystem.mode(of: world.folder) == 0o700)
        let names = try FileSystem.names(in: world.folder)
        #expect(names.contains { $0.hasSuffix(".grant.json") } && names.contains { $0.hasSuffix(".client.json") })
        for name in names { #expect(FileSystem.mode(of: world.folder + "/" + name) == 0o600, "\(name)") }
        let grant = try #require(try world.store.grants().first)
        #expect(!"\(grant)".contains("access-") && !"\(grant)".contains("refresh-"))
    }

    @Test("an access token that ended is renewed, by one of several at once")
    func renewal() async throws {
        let world = try AgentWorld()
        _ = try await world.agent().fetch(world.get())
        world.state.withLock { $0.now = $0.now + .seconds(901) }
        let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for _ in 0..<8 { tasks.addTask { try await world.agent(mayAsk: false).fetch(world.get()).status } }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 8))
        world.state.withLock { #expect($0.refreshes == 1 && $0.visits == 1) }
    }

    @Test("a token that the resource refuses early is renewed once")
    func refusedEarly() async throws {
        let world = try AgentWorld()
        _ = try await world.agent().fetch(world.get())
        world.state.withLock { $0.accessTokens = [:] }
        #expect(try await world.agent(mayAsk: false).fetch(world.get()).status == 200)
        world.state.withLock { #expect($0.refreshes == 1 && $0.visits == 1) }
    }

    @Test("when the grant is gone a person is asked again, as the same client")
    func grantGone() async throws {
        let world = try AgentWorld()
        _ = try await world.agent().fetch(world.get())
        world.state.withLock {
            $0.accessTokens = [:]
            $0.refreshTokens = [:]
        }
        #expect(try await world.agent().fetch(world.get()).status == 200)
        world.state.withLock { #expect($0.visits == 2 && $0.clients.count == 1) }
    }

    @Test("when the client is gone it registers again before anybody is sent to the browser")
    func clientGone() async throws {
        let world = try AgentWorld()
        _ = try await world.agent().fetch(world.get())
        world.state.withLock {
            $0.accessTokens = [:]
            $0.refreshTokens = [:]
            $0.clients = []
        }
        #expect(try await world.agent().fetch(world.get()).status == 200)
        world.state.withLock { #expect($0.visits == 2 && $0.clients.count == 1) }
    }

    private func describeOrigin(_ world: AgentWorld, issuer: String = AgentWorld.issuer) {
        world.state.withLock {
            $0.documents[AgentWorld.origin + "/.well-known/oauth-protected-resource"] =
                #"{"resource":"\#(AgentWorld.origin)","authorization_servers":["\#(issuer)"]}"#
        }
    }

    @Test("where the whole origin has the same server, one sign-in is enough for all of it")
    func wide() async throws {
        let world = try AgentWorld()
        describeOrigin(world)
        _ = try await world.agent().fetch(world.get())
        #expect(try await world.agent(mayAsk: false).fetch(world.get(AgentWorld.origin + "/other")).status == 200)
        #expect(try world.store.grants().map(\.resource) == [AgentWorld.origin])
    }

    @Test("an origin with another server is not asked about instead")
    func notWide() async throws {
        let world = try AgentWorld()
        describeOrigin(world, issuer: "https://evil.example.com")
        _ = try await world.agent().fetch(world.get())
        #expect(try world.store.grants().map(\.resource) == [AgentWorld.origin + "/docs"])
    }

    @Test("an application inside another one has a token of its own, and each keeps its own")
    func nested() async throws {
        let world = try AgentWorld()
        describeOrigin(world)
        world.state.withLock { $0.nested = AgentWorld.origin + "/docs" }
        #expect(try await world.agent().fetch(world.get()).status == 200)
        #expect(try await world.agent(mayAsk: false).fetch(world.get(AgentWorld.origin + "/other")).status == 200)
        #expect(try await world.agent(mayAsk: false).fetch(world.get()).status == 200)
        world.state.withLock { #expect($0.visits == 2) }
        #expect(try world.store.grants().map(\.resource) == [AgentWorld.origin, AgentWorld.origin + "/docs"])
    }

    @Test("a metadata document's URL stands in for a registration")
    func clientDocument() async throws {
        let world = try AgentWorld()
        let agent = world.agent(client: "https://agent.example.com/client.json")
        #expect(try await agent.fetch(world.get()).status == 200)
        world.state.withLock { #expect($0.clients.isEmpty) }
    }

    @Test("without leave to ask, a resource that wants a sign-in is an error that says so")
    func nobodyToAsk() async throws {
        let world = try AgentWorld()
        await #expect(throws: ClientError.agent(.signInNeeded(url: AgentWorld.page))) {
            try await world.agent(mayAsk: false).fetch(world.get())
        }
    }

    @Test("somebody who says no is heard")
    func denied() async throws {
        let world = try AgentWorld()
        world.state.withLock { $0.mischief = .denies }
        let error = await #expect(throws: ClientError.self) { try await world.agent().fetch(world.get()) }
        #expect(error?.outcome == .notAuthorized)
        #expect(error == .agent(.denied("https://team.example.org gave no access: access_denied")))
    }

    @Test("a sign-in that nobody finishes ends")
    func patience() async throws {
        let world = try AgentWorld()
        world.state.withLock { $0.mischief = .neverAnswers }
        await #expect(throws: ClientError.agent(.signInTimedOut)) {
            try await world.agent(patience: .milliseconds(30)).fetch(world.get())
        }
    }

    @Test("the answer to another question is turned away and changes nothing")
    func strayAnswer() async throws {
        let world = try AgentWorld()
        world.state.withLock { $0.mischief = .strayAnswerFirst }
        #expect(try await world.agent().fetch(world.get()).status == 200)
        world.state.withLock { #expect($0.pages.first == 400) }
    }

    @Test("signing out ends the grant at the server and here; a server that fails keeps it")
    func signOut() async throws {
        let world = try AgentWorld()
        let url = try #require(WebAddress(AgentWorld.page))
        #expect(try await world.agent().signOut(of: url) == false)
        _ = try await world.agent().fetch(world.get())
        world.state.withLock { $0.isBusy = true }
        let error = await #expect(throws: ClientError.self) { try await world.agent().signOut(of: url) }
        #expect(error?.outcome == .temporary)
        #expect(try world.store.grants().count == 1)
        world.state.withLock { $0.isBusy = false }
        #expect(try await world.agent().signOut(of: url))
        #expect(try world.store.grants().isEmpty)
        world.state.withLock { #expect($0.revoked.count == 1 && $0.revoked[0].hasPrefix("refresh-")) }
    }
}
