import Crypto
import Domain
import HTTP
import JSON
import OAuth
import Primitives
package import Store

/// What a person says to a client.
package enum ConsentDecision: String, Sendable {
    case allow, deny
}

/// Somebody with a session at an authorization request.
private struct Applicant {
    let session: Session
    let identity: Identity
    /// `nil` at the control plane's own API.
    let policy: JudgedPolicy?
}

extension OAuthDesk {
    /// Login, policies, consent, and then a code: as far as it goes without the person.
    func proceed(
        _ request: AuthorizationRequest, _ client: ManagedClient, _ target: OAuthTarget, cookies: [String],
        _ browser: Browser
    ) async throws(Failure) -> AuthorizationStep {
        let applicant: Applicant
        switch try await self.applicant(request, client, target, cookies, browser) {
        case .step(let step): return step
        case .person(let found): applicant = found
        }
        guard try needsConsent(request, client, applicant, target) else {
            return .answer(try await issueCode(request, client, target, applicant, browser))
        }
        guard !request.prompt.contains(.none) else {
            return .answer(
                request.refusal(OAuthError(.consentRequired, "the person has to be asked first: leave out prompt none"))
            )
        }
        return .consent(
            ConsentQuestion(
                target: target, client: client, redirectURI: request.redirectURI,
                email: applicant.identity.email, lifetime: lifetime(applicant.policy, target),
                ticket: try ticket(request, applicant.session, browser)))
    }

    /// Carries out what a person decided on the consent page.
    ///
    /// - Parameter sealed: the ticket of ``ConsentQuestion``: good in the same browser, for the same session.
    package func decide(
        _ decision: ConsentDecision, _ sealed: String, at team: TeamSettings, cookies: [String], _ browser: Browser
    ) async throws(Failure) -> AuthorizationStep {
        let stale = ClientFault(
            detail:
                "This page was shown in another browser or to somebody else, or is too old. Connect the program again from its own settings."
        )
        guard let bytes = Base64URL.decode(sealed),
            let content = opened(bytes, for: Self.consentPurpose(browser)),
            let request = content["request"].flatMap({ AuthorizationRequest($0) }),
            content["account"]?.stringValue == team.account.hex,
            now < request.askedAt + AuthorizationRequest.patience * 2
        else { return .page(stale) }
        let (client, target): (ManagedClient, OAuthTarget)
        switch try await known(request, at: team) {
        case .success(let found): (client, target) = found
        case .failure(let fault): return .page(fault)
        }
        guard let (session, identity) = try desk.session(cookies, at: team),
            session.nonce.text == content["session"]?.stringValue
        else { return .page(stale) }
        guard decision == .allow else {
            let error = OAuthError(.accessDenied, "the person said no")
            let row = row(client, identity, target, browser, reason: "user_denied", policy: nil)
            return try await refuse(request, error, row, of: team.account)
        }
        switch try await applicant(request, client, target, cookies, browser) {
        case .step(let step): return step
        case .person(let applicant):
            return .answer(try await issueCode(request, client, target, applicant, browser))
        }
    }

    // MARK: Who is there

    private enum Arrival {
        case step(AuthorizationStep)
        case person(Applicant)
    }

    private func applicant(
        _ request: AuthorizationRequest, _ client: ManagedClient, _ target: OAuthTarget, _ cookies: [String],
        _ browser: Browser
    ) async throws(Failure) -> Arrival {
        let team = target.team
        guard let (session, identity) = try desk.session(cookies, at: team) else {
            return .step(try logIn(request, at: team, isFresh: false))
        }
        let isFresh = session.createdAt >= request.askedAt
        guard isFresh || !request.prompt.contains(.login) else {
            return .step(try logIn(request, at: team, isFresh: true))
        }
        if let application = target.guarded, desk.mustAsk(application, about: identity) {
            _ = try await desk.ask(about: session, identity, at: application, browser)
            guard let application = try desk.application(application.id, of: team.account),
                application.managedOAuth != nil
            else { return .step(.page(.notAllowed)) }
            return try await applicant(request, client, .application(application), cookies, browser)
        }
        switch try AgentAdmission.judge(
            identity, at: target, from: browser.address, country: browser.country, in: desk.reader, now: now)
        {
        case .admitted(let policy):
            // Where sessions have no length, each grant begins with a login.
            guard isFresh || !target.asksEachTime(policy) else {
                return .step(try logIn(request, at: team, isFresh: true))
            }
            return .person(Applicant(session: session, identity: identity, policy: policy))
        case .refused("idp_not_allowed", _) where !request.isReturning && !request.prompt.contains(.none):
            return .step(try logIn(request, at: team, isFresh: true))
        case .refused(let reason, let policy):
            let error = OAuthError(
                .accessDenied,
                "the rules of \(target.isAPI ? APITarget.name : "the application") do not admit this person")
            let row = row(client, identity, target, browser, reason: reason, policy: policy)
            return .step(try await refuse(request, error, row, of: team.account))
        }
    }

    private func logIn(
        _ request: AuthorizationRequest, at team: TeamSettings, isFresh: Bool
    ) throws(Failure) -> AuthorizationStep {
        guard !request.prompt.contains(.none), !(request.isReturning && isFresh) else {
            return .answer(request.refusal(OAuthError(.loginRequired, "the person has to sign in first")))
        }
        let sealed = Base64URL.encode(try desk.seal(request.json, for: Self.purpose(of: team.account)))
        let path = Self.continuation + sealed
        guard path.utf8.count <= AuthorizationRequest.longestPath else {
            return .answer(request.refusal(OAuthError(.invalidRequest, "the request is too long")))
        }
        return .login(path: path, isFresh: isFresh, hint: request.hint)
    }

    private func needsConsent(
        _ request: AuthorizationRequest, _ client: ManagedClient, _ applicant: Applicant, _ target: OAuthTarget
    ) throws(Failure) -> Bool {
        // Whoever listens on the person's own machine is known by nothing but a port: it is asked each time.
        if request.prompt.contains(.consent) || RedirectMatch.isLoopback(request.redirectURI) { return true }
        return try !desk.reader.hasConsent(
            of: applicant.identity.user, to: client.id, at: target.application, redirectsDigest: client.redirectsDigest,
            at: now)
    }

    // MARK: Answers

    private func issueCode(
        _ request: AuthorizationRequest, _ client: ManagedClient, _ target: OAuthTarget, _ applicant: Applicant,
        _ browser: Browser
    ) async throws(Failure) -> String {
        guard let rules = target.rules, let challenge = CodeChallenge(request.challenge) else {
            throw .inconsistent("an application without managed OAuth was asked for a code")
        }
        let now = self.now
        let lifetime = target.grantLifetime(applicant.policy, rules)
        let isMomentary = lifetime == .zero
        let code = "oauth:" + RandomToken.base64URL(bytes: 32)
        var row = row(client, applicant.identity, target, browser, reason: "", policy: applicant.policy?.id)
        row.isAllowed = true
        let (session, final, account) = (applicant.session, row, target.account)
        let identity = applicant.identity
        let grant: ManagedGrantID = randomIdentifier()
        let redirects = client.redirectsDigest
        try await desk.add { (transaction) throws(Failure) in
            let client = try transaction.keep(client, at: now)
            try transaction.insert(
                ManagedGrant(
                    id: grant, account: account, application: target.application, client: client, user: identity.user,
                    provider: session.provider, sourceAccount: session.sourceAccount, email: session.email,
                    identity: session.identity, session: session.nonce, country: browser.country,
                    policy: applicant.policy?.id, issuer: request.issuer,
                    redirectsDigest: redirects,
                    isMomentary: isMomentary, createdAt: now,
                    // A momentary one lasts as long as its code and its only token.
                    expiresAt: now
                        + (isMomentary
                            ? CodeState.lifetime + ManagedGrant.momentaryLifetime
                            : min(lifetime, ManagedGrant.maxLifetime))))
            try transaction.insert(
                ManagedCode(
                    grant: grant, redirectURI: request.redirectURI, challenge: challenge, resource: request.resource,
                    expiresAt: now + CodeState.lifetime), digest: SHA256.hash(code).bytes)
            try transaction.append(final, of: account, at: now)
        }
        return request.answer([("code", code)])
    }

    private func refuse(
        _ request: AuthorizationRequest, _ error: OAuthError, _ row: AccessRequest, of account: AccountID
    ) async throws(Failure) -> AuthorizationStep {
        let now = self.now
        try await desk.add { (transaction) throws(Failure) in try transaction.append(row, of: account, at: now) }
        return .answer(request.refusal(error))
    }

    private func row(
        _ client: ManagedClient, _ identity: Identity, _ target: OAuthTarget, _ browser: Browser,
        reason: String, policy: PolicyID?
    ) -> AccessRequest {
        var row = desk.personRow(.oauthAuthorize, isAllowed: false, identity, target.guarded, browser)
        row.clientID = client.clientID
        row.clientName = client.name
        row.reason = reason
        row.policy = policy
        return row
    }

    private func lifetime(_ policy: JudgedPolicy?, _ target: OAuthTarget) -> Duration {
        guard let rules = target.rules else { return .zero }
        let lifetime = target.grantLifetime(policy, rules)
        return lifetime == .zero ? ManagedGrant.momentaryLifetime : min(lifetime, ManagedGrant.maxLifetime)
    }

    // MARK: Tickets

    private func ticket(
        _ request: AuthorizationRequest, _ session: Session, _ browser: Browser
    ) throws(Failure) -> String {
        let content: JSONValue = [
            "request": request.json, "session": .string(session.nonce.text), "account": .string(session.account.hex),
        ]
        return Base64URL.encode(try desk.seal(content, for: Self.consentPurpose(browser)))
    }

    private static func consentPurpose(_ browser: Browser) -> String {
        "oauth consent \(Hex.encode(browser.secret.digest))"
    }

    /// What was sealed for a purpose; `nil` for what was not.
    func opened(_ sealed: [UInt8], for purpose: String) -> JSONValue? {
        guard sealed.count <= 32_768 else { return nil }
        do {
            return try JSONParser.parse(try plane.vault.open(sealed, for: purpose))
        } catch { return nil }
    }
}

extension WriteTransaction {
    /// The row of a client, made when one with a document comes for the first time.
    fileprivate func keep(_ client: ManagedClient, at now: Timestamp) throws(Failure) -> ManagedClientID {
        try forgetManagedClient(client.clientID, in: client.account, expiredAt: now)
        if let known = try managedClient(client.clientID, in: client.account, at: now) {
            if known.kind == .document {
                try update(known.id, name: client.name, redirectDocument: client.redirectDocument)
            }
            return known.id
        }
        guard client.kind == .document else { throw .inconsistent("a registration ended while it was used") }
        try insert(client)
        return client.id
    }
}
