// An agent: a program that uses the web for a person, with the access that this person gave it in a browser. Nothing about
// it is particular to orgd; it follows what resources and authorization servers publish.
//
// Invariants: a token is sent to the origin and path of its resource alone; what was published and what is answered in the
// browser name the same issuer, byte for byte; tokens are neither printed nor in arguments of processes.

package import EventLoops
package import HTTP
package import Primitives

package struct Agent: Sendable {
    /// How a person is asked.
    package struct SignIn: Sendable {
        /// The URL of a client id metadata document, or another client id that the server knows already.
        package var client: String?
        /// How long a person may take.
        package var patience = Duration.seconds(300)
        /// Shows the address to a person.
        package var open: @Sendable (_ address: String) async -> Void
        /// Says what happens.
        package var note: @Sendable (String) -> Void

        package init(
            client: String? = nil, open: @escaping @Sendable (String) async -> Void,
            note: @escaping @Sendable (String) -> Void = { _ in }
        ) {
            self.client = client
            self.open = open
            self.note = note
        }
    }

    let transport: any Transport
    let store: AgentStore
    let clock: any WallClock
    let group: EventLoopGroup
    /// `nil` when nobody is to be asked.
    let signIn: SignIn?

    package init(
        transport: any Transport, store: AgentStore, clock: any WallClock = SystemClock(), group: EventLoopGroup,
        signIn: SignIn?
    ) {
        self.transport = transport
        self.store = store
        self.clock = clock
        self.group = group
        self.signIn = signIn
    }

    func note(_ text: String) { signIn?.note(text) }

    /// What the resource at `url` says to somebody without a token; `nil` when it lets anybody in or says nothing.
    package func challenge(of url: WebAddress) async throws(ClientError) -> BearerChallenge? {
        var request = OutgoingRequest(method: "GET", url: url.origin + url.target, fields: [("Accept", "*/*")])
        return BearerChallenge(of: try await AgentExchange.send(&request, over: transport))
    }

    // MARK: Tokens

    /// A grant with a fresh access token; refreshed where it was not. `nil` when there is none any more.
    package func grant(for url: WebAddress) async throws(ClientError) -> AgentGrant? {
        guard let grant = try store.grant(for: url) else { return nil }
        return grant.isFresh(at: clock.now) ? grant : try await renewed(grant)
    }

    /// The grant with another access token than the one that `used` holds; `nil` when the access is over. Of several
    /// processes one refreshes, the others take what it got.
    func renewed(_ used: AgentGrant) async throws(ClientError) -> AgentGrant? {
        let lock = try await store.lock(used.resource, used.issuer, within: .seconds(60))
        defer { withExtendedLifetime(lock) {} }
        guard var grant = try store.grant(used.resource, used.issuer) else { return nil }
        if grant.accessToken.exposed() != used.accessToken.exposed(), grant.isFresh(at: clock.now) { return grant }
        guard let refreshToken = grant.refreshToken else {
            store.forget(grant)
            return nil
        }
        let endpoint = TokenEndpoint(url: grant.tokenEndpoint, client: grant.client, transport: transport)
        switch try await endpoint.refresh(refreshToken, resource: grant.resource) {
        case .tokens(let tokens):
            grant.accessToken = tokens.access
            grant.refreshToken = tokens.refresh ?? grant.refreshToken
            grant.expires = tokens.lifetime.map { clock.now + $0 }
            try store.save(grant)
            return grant
        case .refused(let refusal):
            note("\(grant.issuer) no longer gives access to \(grant.resource): \(refusal.sentence)")
            store.forget(grant)
            if refusal.code == "invalid_client" { store.forgetClient(of: grant.issuer) }
            return nil
        }
    }

    /// Ends the access of this program (RFC 7009), here and at the server. `false` when there was none.
    package func signOut(of url: WebAddress) async throws(ClientError) -> Bool {
        guard let found = try store.grant(for: url) else { return false }
        let lock = try await store.lock(found.resource, found.issuer, within: .seconds(60))
        defer { withExtendedLifetime(lock) {} }
        guard let grant = try store.grant(found.resource, found.issuer) else { return false }
        if let endpoint = grant.revocationEndpoint {
            var form = QueryString()
            form.append("token", (grant.refreshToken ?? grant.accessToken).exposed())
            form.append("token_type_hint", grant.refreshToken == nil ? "access_token" : "refresh_token")
            form.append("client_id", grant.client)
            let answer = try await AgentExchange.post(form, to: endpoint, over: transport)
            // Somebody who wants out must not be told that it is done while the server still lets the token in. A client
            // that the server has forgotten has no grant there either.
            guard answer.status == 200 || answer.status == 401 else {
                throw .agent(.busy("\(endpoint) did not end the access: status \(answer.status)"))
            }
        }
        store.forget(grant)
        return true
    }
}
