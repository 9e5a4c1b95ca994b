import EventLoops
package import HTTP
import Primitives

extension Agent {
    /// Asks a person for access to the resource at `url`, and remembers it.
    ///
    /// - Parameters:
    ///   - challenge: what the resource said.
    ///   - rejected: the token that was just refused. If another process has got a different one meanwhile, that is taken.
    ///   - isExact: ask for the resource that the challenge names, and not for a larger part of the origin.
    package func signIn(
        to url: WebAddress, _ challenge: BearerChallenge?, rejected: AgentGrant? = nil, isExact: Bool = false
    ) async throws(ClientError) -> AgentGrant {
        guard let signIn else { throw .agent(.signInNeeded(url: url.origin + url.path)) }
        let discovery = AgentDiscovery(transport)
        var resource = try await discovery.resource(at: url, challenge)
        if !isExact { resource = await discovery.widest(resource) }
        let server = try await discovery.server(resource.issuer)
        // Two processes at once would open two windows; the second waits for the first, as long as a person may take.
        let lock = try await store.lock(resource.identifier, resource.issuer, within: signIn.patience)
        defer { withExtendedLifetime(lock) {} }
        if let grant = try store.grant(resource.identifier, resource.issuer), grant.isFresh(at: clock.now),
            rejected.map({ $0.accessToken.exposed() != grant.accessToken.exposed() }) ?? (challenge != nil)
        {
            return grant
        }
        let client = try await self.client(of: server, signIn)
        let attempt: AuthorizationAttempt
        let code: Secret<String>
        (attempt, code) = try await ask(server, client, resource, signIn)
        let endpoint = TokenEndpoint(url: server.tokenEndpoint, client: client, transport: transport)
        switch try await endpoint.redeem(code: code, of: attempt, resource: resource.identifier) {
        case .tokens(let tokens):
            let grant = AgentGrant(
                resource: resource.identifier, issuer: server.issuer, client: client,
                tokenEndpoint: server.tokenEndpoint, revocationEndpoint: server.revocationEndpoint,
                accessToken: tokens.access, refreshToken: tokens.refresh,
                expires: tokens.lifetime.map { clock.now + $0 })
            try store.save(grant)
            note("Signed in to \(resource.identifier).")
            return grant
        case .refused(let refusal):
            if refusal.code == "invalid_client" { store.forgetClient(of: server.issuer) }
            throw .denied("\(server.issuer) gave no token: \(refusal.sentence)")
        }
    }

    /// The client id to use: the one asked for, the registered one while the server knows it, else a new one.
    private func client(of server: AuthorizationServer, _ signIn: SignIn) async throws(ClientError) -> String {
        if let client = signIn.client {
            guard server.takesClientDocuments || WebAddress(client) == nil else {
                throw .denied("\(server.issuer) does not take a URL as a client id")
            }
            return client
        }
        if let client = try store.client(of: server.issuer) {
            let endpoint = TokenEndpoint(url: server.tokenEndpoint, client: client, transport: transport)
            if try await endpoint.knowsClient() { return client }
            store.forgetClient(of: server.issuer)
        }
        let client = try await AgentRegistration(transport: transport).register(with: server)
        try store.save(client: client, of: server.issuer)
        note("Registered with \(server.issuer).")
        return client
    }

    /// Sends a person to the server and waits for the answer.
    private func ask(
        _ server: AuthorizationServer, _ client: String, _ resource: ProtectedResource, _ signIn: SignIn
    ) async throws(ClientError) -> (AuthorizationAttempt, Secret<String>) {
        let listener = try CallbackListener(on: group.next())
        let attempt = AuthorizationAttempt(redirectURI: listener.redirectURI)
        await signIn.open(attempt.url(at: server, client: client, resource: resource.identifier))
        let code = try await listener.answer(within: signIn.patience) { attempt.code(in: $0, from: server) }
        return (attempt, code)
    }
}
