import Crypto
package import Domain
import HTTP
import JSON
import Primitives
package import Store

extension LoginDesk {
    static let handoverLifetime = Duration.seconds(60)

    /// Judges somebody with a session for an application, and hands them over to its host (contract 40 §1, steps 6 and 7).
    ///
    /// - Parameters:
    ///   - isNewLogin: whether they just proved who they are.
    ///   - purpose: what they stated when they were asked.
    func enter(
        _ way: ApplicationReturn, _ session: Session, _ identity: Identity, at team: TeamSettings, _ browser: Browser,
        isNewLogin: Bool, purpose: ReturnTicket.StatedPurpose? = nil
    ) async throws(Failure) -> LoginOutcome.Next {
        guard let application = try application(way.application, of: team.account) else {
            throw .turnedAway(.appNotFound, "This application does not exist any more.")
        }
        var row = personRow(.login, isAllowed: false, identity, application, browser)
        guard application.accepts(identity.provider, email: identity.email) else {
            try await turnAway(
                LoginFault(
                    .idpNotAllowed,
                    "This application asks for another identity provider. Sign out, then sign in again."),
                row, in: team.account)
        }
        if mustAsk(application, about: identity) {
            let (session, identity) = try await ask(about: session, identity, at: application, browser)
            return try await enter(
                way, session, identity, at: team, browser, isNewLogin: isNewLogin, purpose: purpose)
        }
        let visitor = try visitor(identity, browser, for: application)
        switch application.policies.decision(for: visitor) {
        case .allow(let id):
            row.policy = id
            let policy = application.policies.policy(id)
            // A session of no length opens an application once, right after a login.
            if application.tokenLifetime(policy) == .zero, !isNewLogin { return .signInAgain }
            let stop = Stop(
                way: way, identity: identity, policy: policy, purpose: purpose.flatMap { $0.policy == id ? $0 : nil },
                isNewLogin: isNewLogin)
            if let pause = try await pause(stop, &row, in: application, browser) { return pause }
            row.isAllowed = true
            return .redirect(try await handOver(way, session, id, row, in: application))
        case .bypass(let id), .service(let id):
            row.policy = id
            if application.tokenLifetime(application.policies.policy(id)) == .zero, !isNewLogin { return .signInAgain }
            row.isAllowed = true
            return .redirect(try await handOver(way, session, id, row, in: application))
        case .deny(let id):
            row.policy = id
        case .unmatched: break
        }
        let isUnanswered = application.policies.lacksAnswer(about: identity)
        row.reason = isUnanswered ? AccessRequest.withoutEvaluation : "denied"
        let (final, account, now) = (row, team.account, self.now)
        try await add { (transaction) throws(Failure) in try transaction.append(final, of: account, at: now) }
        return .denied(
            Denial(application, email: identity.email, way, because: isUnanswered ? .serviceSilent : .rules))
    }

    /// What policies look at beside the identity.
    package func visitor(
        _ identity: Identity, _ browser: Browser, for application: GuardedApplication
    ) throws(Failure) -> Visitor {
        var visitor = browser.visitor(identity)
        visitor.memberships = try reader.memberships(of: identity.email)
        return visitor
    }

    private func handOver(
        _ way: ApplicationReturn, _ session: Session, _ policy: PolicyID, _ row: AccessRequest,
        in application: GuardedApplication
    ) async throws(Failure) -> String {
        guard let browser = Base64URL.decode(way.appSession), browser.count == 32 else {
            throw .inconsistent("a login goes to an application without a browser")
        }
        let nonce = RandomToken.base64URL(bytes: 32)
        let handover = Handover(
            application: application.id, session: session.nonce, policy: policy, browserDigest: browser,
            expiresAt: now + Self.handoverLifetime)
        let (account, now) = (application.account, self.now)
        try await add { (transaction) throws(Failure) in
            try transaction.insert(handover, digest: SHA256.hash(nonce).bytes)
            try transaction.append(row, of: account, at: now)
        }
        var query = QueryString()
        query.append("nonce", nonce)
        query.append(
            "state",
            HandoverState(host: way.host, path: way.path, audience: application.application.audience.hex)
                .sealed(by: plane.vault))
        return "\(plane.settings.scheme)://\(way.host)/cdn-cgi/access/authorized?\(query.text)"
    }

    /// Takes an admission at the application's host (contract 40 §1, step 7).
    ///
    /// - Parameter browser: its secret is the cookie `CF_AppSession`.
    package func takeOver(
        nonce: String, state: HandoverState, _ browser: Browser
    ) async throws(Failure) -> TakenOver {
        let digest = SHA256.hash(nonce).bytes
        let invalid = Failure.turnedAway(
            .sessionInvalid,
            "This sign-in was used already, took longer than a minute, or began in another browser. Open the application again."
        )
        guard let handover = try reader.handover(digest),
            handover.expiresAt.isAhead(of: now, byAtMost: Self.handoverLifetime),
            constantTimeEqual(handover.browserDigest, browser.secret.digest),
            let place = try access.place(
                host: Authority.host(of: state.host), path: Self.plainPath(state.path), in: reader),
            place.application == handover.application,
            let application = try self.application(place.application, of: place.account),
            application.application.audience.hex == state.audience,
            let session = try reader.session(handover.session, in: place.account, at: now),
            let identity = Identity(document: session.identity)
        else { throw invalid }
        let key = try await key(of: place.account)
        let policy = application.policies.policy(handover.policy)
        let asked = application.tokenLifetime(policy)
        let isMomentary = asked == .zero
        let lifetime = isMomentary ? .seconds(60) : asked
        let now = self.now
        let end = now + lifetime
        let token = try key.sign(
            payload: TeamTokens.application(
                application, identity, session.nonce, country: session.country,
                issuer: plane.settings.teamOrigin(application.team.team), policy: handover.policy, from: now, until: end
            ))
        let binding = application.flag("enable_binding_cookie") ? BrowserSecret() : nil
        let row = ApplicationToken(
            application: application.id, holder: .person(session), policy: handover.policy,
            bindingDigest: binding?.digest, isMomentary: isMomentary, createdAt: now, expiresAt: end)
        let isFirst = try await add { (transaction) throws(Failure) in
            guard try transaction.takeHandover(digest) != nil else { return false }
            try transaction.insert(row, digest: SHA256.hash(token).bytes, key: key.id)
            return true
        }
        guard isFirst else { throw invalid }
        return TakenOver(
            application: application, destination: place.destination,
            cookie: IssuedCookie(value: token, lifetime: lifetime), binding: binding?.text, host: state.host,
            path: state.path,
            otherHosts: isMomentary ? [] : try eagerHosts(of: application, beside: state.host))
    }

    private static let eagerLimit = 5

    /// Further hosts of an application, with the port of the first: what an admission is repeated for. Only hosts that are
    /// the application's as a whole, for the way there has no path; and none where a policy asks people something, which
    /// they would be asked again for each host.
    package func eagerHosts(of application: GuardedApplication, beside host: String) throws(Failure) -> [String] {
        guard application.flag("eager_redirect_cookie_setting", default: true),
            application.policies.policies.allSatisfy({ $0.terms.purpose == .notAsked && $0.terms.approvals.isEmpty })
        else { return [] }
        let name = Authority.host(of: host)
        let port = host.dropFirst(name.utf8.count)
        var hosts: [String] = []
        for destination in try reader.destinations(of: application.id)
        where destination.path.isEmpty && destination.host != name && !destination.host.utf8.contains(UInt8(ascii: "*"))
        {
            if hosts.last != destination.host { hosts.append(destination.host) }
        }
        return hosts.prefix(Self.eagerLimit - 1).map { $0 + port }
    }

    /// The path of a target as forward-auth compares it; what it would refuse is taken for the root.
    static func plainPath(_ target: String) -> String { RequestPath.canonical(target) ?? "/" }
}

/// What an application's host gets from a handover.
package struct TakenOver: Sendable {
    package let application: GuardedApplication
    package let destination: PublicDestination
    package let cookie: IssuedCookie
    /// The value of `CF_Binding`, where the application asks for it.
    package let binding: String?
    /// The host that was taken over, with its port if it has one.
    package let host: String
    /// Where the browser goes now.
    package let path: String
    /// Further hosts of the application that are to get cookies on the way (contract 40 §1, step 8).
    package let otherHosts: [String]
}

/// The `state` of a handover: where the browser goes, signed, so that nobody else can say.
package struct HandoverState: Sendable, Equatable {
    package let host: String
    package let path: String
    package let audience: String

    package init(host: String, path: String, audience: String) {
        self.host = host
        self.path = path
        self.audience = audience
    }

    package func sealed(by vault: Vault) -> String {
        let content = JSONValue.array([.string(host), .string(path), .string(audience)]).serializedBytes()
        return Base64URL.encode(content + vault.authenticator(of: Self.signed(content)))
    }

    /// `nil` for what this server did not seal.
    package init?(_ text: String, vault: Vault) {
        guard let bytes = Base64URL.decode(text), bytes.count > 16, bytes.count < 16_384 else { return nil }
        let content = Array(bytes.dropLast(16))
        guard constantTimeEqual(vault.authenticator(of: Self.signed(content)), Array(bytes.suffix(16))) else {
            return nil
        }
        do throws(JSONError) {
            let parts = try JSONParser.parse(content).arrayValue?.compactMap(\.stringValue) ?? []
            guard parts.count == 3 else { return nil }
            self.init(host: parts[0], path: parts[1], audience: parts[2])
        } catch { return nil }
    }

    private static func signed(_ content: [UInt8]) -> [UInt8] { Array("handover".utf8) + [0] + content }
}

extension LoginDesk {
    /// Whether a cookie of an application's host is a live token of it.
    package func isGood(_ token: String, for application: GuardedApplication) throws(Failure) -> Bool {
        guard token.utf8.count <= 8192 else { return false }
        return try reader.applicationToken(SHA256.hash(token).bytes, at: now)?.application == application.id
    }
}
