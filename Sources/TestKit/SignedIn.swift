import API
import ControlPlane
import Crypto
package import Domain
import EventLoops
import Federation
import HTTP
import HTTPServer
import JSON
import Portal
import Primitives
package import Store
import Telemetry

/// Somebody who signed in: what their browser holds.
package struct SignedIn: Sendable {
    package let email: String
    package let nonce: SessionNonce
    /// The cookie of the team's host.
    package let teamToken: String
    /// The cookie of the application's host.
    package let token: String
}

/// People of a ``World`` who signed in, and the forward-auth endpoint that lets them in or not. The way over an identity
/// provider is another test's; from the session on everything is the server's own.
package final class Doorkeeper: Sendable {
    private let world: World
    private let portal: LoopBound<PortalHandler>

    package init(_ world: World) {
        self.world = world
        let (options, loop) = (world.options, world.group.loops[0])
        guard let loopback = CIDR("127.0.0.0/8") else { preconditionFailure("no network") }
        portal = LoopBound(on: loop) {
            do throws(Failure) {
                let api = try APIHandler(options, loop: loop)
                return PortalHandler(
                    PortalOptions(
                        plane: options.plane, logger: .silent, trustedProxies: [loopback], limiter: options.limiter),
                    reader: api.reader, tokens: api.desk, loop: loop, otherwise: api)
            } catch { preconditionFailure("no reader: \(error)") }
        }
    }

    /// Begins a session, and takes an application's token for it.
    ///
    /// - Parameters:
    ///   - idp: the identity provider or connection of the login.
    ///   - source: the account at the far end, where `idp` is a connection.
    ///   - lifetime: of session and token.
    package func signIn(
        _ email: String, to application: String, of account: String, through idp: String, over source: String? = nil,
        for lifetime: Duration = .seconds(86_400)
    ) async throws(Failure) -> SignedIn {
        guard let account = AccountID(hex: account), let application = ApplicationID(uuid: application),
            let idp = IdentityProviderID(uuid: idp), let nonce = SessionNonce(RandomToken.alphanumeric(16))
        else { preconditionFailure("an identifier has no form") }
        let plane = world.plane
        let key = try await key(of: account)
        let now = plane.clock.now
        let source = source.flatMap { AccountID(hex: $0) }
        let teamToken = try key.sign(payload: Array(#"{"type":"org","nonce":"\#(nonce.text)"}"#.utf8))
        let assertion = try await self.assertion(for: application, of: account, email, nonce, key, at: now)
        let digests = (SHA256.hash(teamToken).bytes, SHA256.hash(assertion).bytes)
        try await plane.store.writes.perform { (transaction) throws(Failure) in
            transaction.onlyAdds()
            var user = try transaction.accessUser(withEmail: email, in: account)
            if user == nil {
                let new = AccessUser(
                    id: AccessUserID(at: now), email: email, name: "", seat: SeatID(at: now), hasAccessSeat: true,
                    hasGatewaySeat: false, lastSuccessfulLogin: nil, createdAt: now, updatedAt: now, version: 1)
                try transaction.insert(new, in: account)
                user = new
            }
            guard let user else { return }
            let provider = LoginProvider(
                id: idp, type: .okta, source: source.map { BridgedSource(account: $0, provider: idp) })
            let proven = ProvenIdentity(subject: email, email: email, name: "", authenticatedAt: now)
            let session = Session(
                nonce: nonce, account: account, user: user.id, provider: idp, sourceAccount: source, email: email,
                identity: Identity(proven, user: user.id, through: provider).document, address: "198.51.100.7",
                country: "PT", createdAt: now, expiresAt: now + lifetime)
            try transaction.insert(session, tokenDigest: digests.0, key: key.id)
            try transaction.noteLogin(of: user.id, name: "", takesSeat: true, at: now)
            let token = ApplicationToken(
                application: application, holder: .person(session), policy: PolicyID(at: now), bindingDigest: nil,
                isMomentary: false, createdAt: now, expiresAt: now + lifetime)
            try transaction.insert(token, digest: digests.1, key: key.id)
            var row = AccessRequest(.login, isAllowed: true, address: "198.51.100.7", ray: "0123456789abcdef-ORG")
            row.provider = idp
            row.connection = "okta"
            row.email = email
            row.user = user.id
            row.country = "PT"
            row.application = LoggedApplication(application, domain: "", type: .selfHosted)
            try transaction.append(row, of: account, at: now)
        }
        return SignedIn(email: email, nonce: nonce, teamToken: teamToken, token: assertion)
    }

    private func key(of account: AccountID) async throws(Failure) -> TeamKey {
        let plane = world.plane
        for _ in 1...2 {
            let found = try await plane.store.background { (reader) throws(Failure) in
                try plane.teamKey(of: account, in: reader)
            }
            if let found { return found }
            try await plane.makeFirstKey(of: account)
        }
        throw .inconsistent("an account has no key")
    }

    private func assertion(
        for application: ApplicationID, of account: AccountID, _ email: String, _ nonce: SessionNonce, _ key: TeamKey,
        at now: Timestamp
    ) async throws(Failure) -> String {
        let plane = world.plane
        let payload = try await plane.store.background { (reader) throws(Failure) -> [UInt8] in
            guard let team = try reader.teamSettings(of: account),
                let guarded = try reader.guardedApplication(application, of: team)
            else { throw .inconsistent("no such application") }
            let provider = LoginProvider(id: IdentityProviderID(at: now), type: .okta, source: nil)
            let identity = Identity(
                ProvenIdentity(subject: email, email: email, name: "", authenticatedAt: now),
                user: AccessUserID(at: now), through: provider)
            return TeamTokens.application(
                guarded, identity, nonce, country: "PT", issuer: plane.settings.teamOrigin(team.team),
                policy: PolicyID(at: now), from: now, until: now + .seconds(86_400))
        }
        return try key.sign(payload: payload)
    }

    /// What a proxy is answered for a request with the token in its cookie: 200 lets it through.
    package func knock(_ token: String, at host: String) async -> Int {
        await answer(
            [
                ("x-forwarded-host", host), ("x-forwarded-proto", "http"), ("x-forwarded-uri", "/"),
                ("x-forwarded-method", "GET"), ("x-forwarded-for", "198.51.100.7"), ("accept", "text/html"),
                ("cookie", "CF_Authorization=\(token)"),
            ]).status
    }

    /// The same with a service token's pair.
    package func knock(clientID: String, secret: String, at host: String) async -> (status: Int, assertion: String) {
        await answer([
            ("x-forwarded-host", host), ("x-forwarded-proto", "http"), ("x-forwarded-uri", "/"),
            ("x-forwarded-method", "GET"), ("x-forwarded-for", "198.51.100.7"),
            ("cf-access-client-id", clientID), ("cf-access-client-secret", secret),
        ])
    }

    private func answer(_ lines: [(String, String)]) async -> (status: Int, assertion: String) {
        var fields = Fields()
        for (name, value) in lines {
            guard let name = FieldName(name) else { preconditionFailure("no field name") }
            fields.append(name, value)
        }
        guard let request = Request(.get, "/cdn-cgi/access/forward-auth", fields: fields) else {
            preconditionFailure("no request")
        }
        let loop = world.group.loops[0]
        let response = await withCheckedContinuation { (continuation: CheckedContinuation<Response, Never>) in
            portal.run { portal in
                switch portal.handle(request) {
                case .now(let response): continuation.resume(returning: response)
                case .later(let body): Task(executorPreference: loop) { continuation.resume(returning: await body()) }
                }
            }
        }
        let assertion = FieldName("cf-access-jwt-assertion").flatMap { response.fields[$0] } ?? ""
        return (Int(response.status.code), assertion)
    }
}
