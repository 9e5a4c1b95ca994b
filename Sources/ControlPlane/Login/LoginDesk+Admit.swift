import Crypto
package import Domain
import JSON
import Primitives
package import Store

/// How a login ends.
package struct LoginOutcome: Sendable {
    /// The team's cookie: token and lifetime. Absent where the session was there already.
    package let teamCookie: IssuedCookie?
    package let next: Next

    package init(teamCookie: IssuedCookie?, next: Next) {
        self.teamCookie = teamCookie
        self.next = next
    }

    package enum Next: Sendable {
        case redirect(String)
        /// The policies say no.
        case denied(Denial)
        /// The policy asks for a reason first.
        case purpose(Question, prompt: String?)
        /// Approvers have been asked.
        case awaitingApproval(Question)
        /// A session is not enough: the application asks for a login each time.
        case signInAgain
    }

    /// A page that a person comes back from.
    package struct Question: Sendable {
        package let application: GuardedApplication
        package let destination: ApplicationReturn
        /// A sealed ``ReturnTicket``.
        package let ticket: String
    }
}

/// Somebody whom an application does not admit.
package struct Denial: Sendable {
    package let application: GuardedApplication
    package let email: String
    package let destination: ApplicationReturn
    package let reason: Reason

    package enum Reason: Sendable {
        case rules
        /// Somebody was asked, and said no.
        case approver
        /// A rule asks a service that gave no answer that counts.
        case serviceSilent
    }

    init(
        _ application: GuardedApplication, email: String, _ destination: ApplicationReturn, because reason: Reason
    ) {
        self.application = application
        self.email = email
        self.destination = destination
        self.reason = reason
    }

    /// Where the application wants people sent instead of a page.
    package var url: String? { application.text("custom_deny_url") }
}

/// A cookie's value with the time it is good for.
package struct IssuedCookie: Sendable {
    package let value: String
    package let lifetime: Duration
}

extension LoginDesk {
    /// Notes who came, begins their session, and sends them on (contract 40 §1, step 6).
    func admit(
        _ proven: ProvenIdentity, _ attempt: ReturnedAttempt, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> LoginOutcome {
        let choice = attempt.choice
        try await checkMayEnter(proven, attempt, at: team, browser)
        let key = try await key(of: team.account)
        // A bridge hands identities on; who passes it is no user here and takes no seat.
        let isPassingThrough = if case .bridge = attempt.secrets.destination { true } else { false }
        let account = team.account
        let now = self.now
        let limit = isPassingThrough ? nil : plane.settings.accessSeats
        let found = try await add { (transaction) throws(Failure) -> AccessUser? in
            if let limit, try !transaction.hasSeat(for: proven.email, in: account, limit: limit) { return nil }
            return try transaction.accessUser(for: proven.email, name: proven.name, in: account, at: now)
        }
        guard let user = found else { try await refuseSeat(proven, attempt, at: team, browser) }
        let identity = Identity(proven, user: user.id, through: choice.provider)
        let nonce = try SessionNonce.random()
        let lifetime = try sessionLifetime(at: team, attempt.secrets.destination)
        let token = try key.sign(
            payload: TeamTokens.team(
                identity, nonce, country: browser.country, issuer: plane.settings.teamOrigin(team.team),
                account: account, from: now, until: now + lifetime))
        let session = Session(
            nonce: nonce, account: account, user: user.id, provider: choice.id,
            sourceAccount: choice.bridge?.source.account, email: proven.email, identity: identity.document,
            address: browser.address.text, country: browser.country, createdAt: now, expiresAt: now + lifetime)
        let evidence = choice.bridge?.source.provider ?? choice.id
        try await add { (transaction) throws(Failure) in
            try transaction.insert(session, tokenDigest: SHA256.hash(token).bytes, key: key.id)
            try transaction.noteLogin(of: user.id, name: proven.name, takesSeat: !isPassingThrough, at: now)
            try transaction.noteLogin(through: evidence, email: proven.email, at: now)
        }
        try refresh()
        let next = try await proceed(
            session, identity, to: attempt.secrets.destination, at: team, browser, isNewLogin: true)
        return LoginOutcome(teamCookie: IssuedCookie(value: token, lifetime: lifetime), next: next)
    }

    /// How long the team's session lasts (contract 40 §2).
    private func sessionLifetime(
        at team: TeamSettings, _ destination: LoginDestination
    ) throws(Failure) -> Duration {
        if let own = team.sessionDuration { return own }
        guard case .application(let way) = destination,
            let application = try application(way.application, of: team.account)
        else { return .seconds(24 * 3600) }
        return max(.seconds(60), application.tokenLifetime(nil))
    }

    /// All seats are taken, and this person has none (contract 60 §8).
    private func refuseSeat(
        _ proven: ProvenIdentity, _ attempt: ReturnedAttempt, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> Never {
        var row = browser.logged(.login, isAllowed: false)
        row.connection = attempt.choice.type.rawValue
        row.provider = attempt.choice.id
        row.email = proven.email
        try await turnAway(
            LoginFault(.noSeat, "All seats of this account are taken. Its administrator can free one for you."), row,
            in: team.account)
    }

    /// Sends somebody with a session on to where they wanted to go.
    ///
    /// - Parameter isNewLogin: whether they just came from an identity provider; otherwise the session was there.
    package func proceed(
        _ session: Session, _ identity: Identity, to destination: LoginDestination, at team: TeamSettings,
        _ browser: Browser, isNewLogin: Bool
    ) async throws(Failure) -> LoginOutcome.Next {
        switch destination {
        case .local(let path):
            if isNewLogin {
                let row = personRow(.login, isAllowed: true, identity, nil, browser)
                let (account, now) = (team.account, self.now)
                try await add { (transaction) throws(Failure) in try transaction.append(row, of: account, at: now) }
            }
            return .redirect(path)
        case .application(let way):
            return try await enter(way, session, identity, at: team, browser, isNewLogin: isNewLogin)
        case .bridge(let way):
            return .redirect(try await cross(way, identity, at: team, browser))
        }
    }

    /// Enforcement, break-glass and revocation, once it is known who came.
    private func checkMayEnter(
        _ proven: ProvenIdentity, _ attempt: ReturnedAttempt, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) {
        let choice = attempt.choice
        var row = browser.logged(.login, isAllowed: false)
        row.connection = choice.type.rawValue
        row.provider = choice.id
        row.email = proven.email
        if case .application(let way) = attempt.secrets.destination {
            row.application = try application(way.application, of: team.account)?.logged
        }
        guard let current = try self.team(of: team.account), current.logins.accepts(choice.id, email: proven.email)
        else {
            row.reason = "enforced"
            try await turnAway(
                LoginFault(
                    .idpNotAllowed,
                    "Your organization requires its primary identity provider. Go back and sign in with that one."),
                row, in: team.account)
        }
        if let enforced = current.logins.enforced, enforced.allowed != choice.id {
            try await recordBrokenGlass(proven.email, choice, in: team.account, browser)
        }
        // Whoever was revoked at the far end of a bridge may have left there just before.
        for account in [team.account, choice.bridge?.source.account].compactMap({ $0 })
        where try reader.revocation(of: proven.email, in: account, at: now) != nil {
            row.reason = "revoked"
            try await turnAway(
                LoginFault(
                    .denied, "Your sessions were ended by an administrator just now. Try again in a minute."),
                row, in: team.account)
        }
    }

    /// Each use of the break-glass addresses is an audit row (contract 30 §6).
    private func recordBrokenGlass(
        _ email: String, _ choice: LoginChoice, in account: AccountID, _ browser: Browser
    ) async throws(Failure) {
        let event = AuditEvent(
            .view, AuditedResource(.identityProvider, choice.id.uuid), account: account,
            description: "break-glass login of \(email)", request: .emptyObject, response: .emptyObject)
        let request = AuditedRequest(
            actor: Actor(kind: .user, id: nil, email: email, context: .dash, token: nil), method: "GET",
            uri: "/cdn-cgi/access/callback", userAgent: "", address: browser.address.text, ray: browser.ray)
        let now = self.now
        try await add { (transaction) throws(Failure) in
            _ = try transaction.append(event, isSuccess: true, status: 302, of: request, at: now)
        }
    }

    func personRow(
        _ action: AccessRequest.Action, isAllowed: Bool, _ identity: Identity, _ application: GuardedApplication?,
        _ browser: Browser
    ) -> AccessRequest {
        var row = browser.logged(action, isAllowed: isAllowed)
        row.application = application?.logged
        row.connection = identity.provider.type.rawValue
        row.provider = identity.provider.id
        row.email = identity.email
        row.user = identity.user
        return row
    }
}

extension WriteTransaction {
    /// Whether somebody has a seat, or one is left for them.
    func hasSeat(for email: String, in account: AccountID, limit: Int) throws(Failure) -> Bool {
        if try accessUser(withEmail: email, in: account)?.hasAccessSeat == true { return true }
        return try takenSeats(in: account) < limit
    }

    /// The account's user for an address, made when it comes for the first time.
    func accessUser(
        for email: String, name: String, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> AccessUser {
        if let known = try accessUser(withEmail: email, in: account) { return known }
        let user = AccessUser(
            id: randomIdentifier(), email: email, name: name, seat: randomIdentifier(), hasAccessSeat: false,
            hasGatewaySeat: false, lastSuccessfulLogin: nil, createdAt: now, updatedAt: now, version: 1)
        try insert(user, in: account)
        return user
    }
}
