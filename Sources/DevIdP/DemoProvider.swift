package import Crypto
package import EventLoops
import HTTP
package import HTTPServer
package import JOSE
package import JSON
package import Primitives
import Synchronization

/// The provider, in the process that starts it.
package final class DemoProvider: Sendable {
    package let users: [DemoUser]
    package let clientID: String
    /// Whoever comes is this person, without being asked.
    let everyone: DemoUser?
    let clock: any WallClock
    let state: Mutex<State>

    /// What changes while it runs.
    struct State {
        var keys: DemoKeys
        var codes: [String: IssuedCode] = [:]
        /// Access tokens by their value.
        var sessions: [String: Session] = [:]
        var issuer = ""
        var server: Server?
        var keyRequests = 0
    }

    struct Session: Sendable {
        let user: DemoUser
        let expiresAt: Timestamp
    }

    /// - Parameters:
    ///   - everyone: the address or short name of the person that everybody is taken for; `nil` to ask.
    ///   - rsaKey: what to begin with; made when absent.
    package init(
        users: [DemoUser] = DemoUser.samples, clientID: String = "orgd", everyone: String? = nil,
        clock: any WallClock = SystemClock(), rsaKey: PrivateKey? = nil
    ) throws(CryptoError) {
        self.users = users
        self.everyone = users.first { $0.email == everyone } ?? users.first { $0.shortName == everyone }
        self.clientID = clientID
        self.clock = clock
        state = Mutex(State(keys: try DemoKeys(rsaKey: rsaKey)))
    }

    /// Answers at `address` from now on. Not to be called on a loop of the group.
    ///
    /// - Returns: the issuer, which names the port in force.
    package func start(at address: SocketAddress, group: EventLoopGroup) throws(ServerError) -> String {
        let server = Server(ServerOptions(address: address), group: group) { [self] (_: EventLoop) in
            DemoHandler(provider: self)
        }
        let issuer = "http://\(try server.start())"
        state.withLock { state in
            state.issuer = issuer
            state.server = server
        }
        return issuer
    }

    package func stop() async {
        let server = state.withLock { state in
            defer { state.server = nil }
            return state.server
        }
        await server?.drain(within: .seconds(1))
    }

    package var issuer: String { state.withLock { $0.issuer } }

    /// How often the keys were asked for.
    package var keyRequests: Int { state.withLock { $0.keyRequests } }

    /// Signs with new keys from now on; the ones before stay listed if asked for.
    package func rotateKeys(keepingOld: Bool) throws(CryptoError) {
        let result: Result<Void, CryptoError> = state.withLock { state in
            do throws(CryptoError) {
                try state.keys.rotate(keepingOld: keepingOld)
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }

    package func user(named name: String) -> DemoUser? {
        users.first { $0.email == name } ?? users.first { $0.shortName == name }
    }

    /// An ID token as the provider would issue it, except where `changes` say otherwise: a value replaces a claim,
    /// `null` takes it out.
    package func token(
        for user: DemoUser, _ algorithm: JWSAlgorithm = .rs256, lifetime: Duration = .seconds(3600),
        nonce: String? = nil,
        changing changes: JSONObject = JSONObject()
    ) throws(CryptoError) -> String {
        let now = clock.now
        let (issuer, pair) = state.withLock { ($0.issuer, $0.keys.pair(for: algorithm)) }
        guard let pair else { throw .wrongKeyForAlgorithm }
        var claims: JSONObject = [
            "iss": .string(issuer), "sub": .string(user.subject), "aud": .string(clientID),
            "iat": .integer(now.seconds), "exp": .integer((now + lifetime).seconds), "auth_time": .integer(now.seconds),
        ]
        if let nonce { claims["nonce"] = .string(nonce) }
        for (name, value) in user.claims { claims[name] = value }
        for (name, value) in changes { claims[name] = value.isNull ? nil : value }
        return try JWTSigner(pair.key, algorithm: algorithm, keyID: pair.keyID).sign(claims)
    }
}

extension DemoUser {
    /// What userinfo and ID tokens say about a person.
    var claims: JSONObject {
        [
            "email": .string(email), "email_verified": true, "name": .string(name),
            "preferred_username": .string(shortName), "groups": .array(groups.map(JSONValue.string)),
        ]
    }
}
