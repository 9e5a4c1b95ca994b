import Crypto
package import Domain
import HTTP
import JSON
package import OAuth
package import Primitives
package import Store

/// What comes of an authentication request.
package enum OIDCStep: Sendable {
    case answer(AuthorizationAnswer)
    /// The person must sign in first.
    ///
    /// - Parameter isFresh: even those who have a session.
    case login(isFresh: Bool)
    /// The policies say no; `url` is where the application wants people sent instead of a page.
    case denied(GuardedApplication, email: String, because: Denial.Reason, url: String?)
}

extension LoginDesk {
    /// Judges a request with the session of the browser, if it has one, and answers it (contract 40 §9; policies as in §1,
    /// step 6).
    ///
    /// - Parameter askedAt: when this very request last sent the person to sign in.
    package func authorize(
        _ request: OIDCRequest, of client: OIDCClient, _ current: (session: Session, identity: Identity)?,
        askedAt: Timestamp?, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> OIDCStep {
        func needsLogin(_ detail: String) -> OAuthError { OAuthError(.loginRequired, detail) }
        guard let (session, identity) = current else {
            guard !request.isSilent else { return .answer(request.answer.refusing(needsLogin("nobody is signed in"))) }
            // Without this a browser that keeps no cookies would go round for ever.
            guard askedAt == nil else {
                throw .turnedAway(
                    .sessionInvalid,
                    "You are not signed in, although you were just asked to. Allow cookies for this site and open the application again."
                )
            }
            return .login(isFresh: false)
        }
        let application = client.application
        let isNew = askedAt.map { session.createdAt >= $0 } ?? false
        guard application.accepts(identity.provider, email: identity.email) else {
            if request.isSilent {
                return .answer(
                    request.answer.refusing(needsLogin("the application asks for another identity provider")))
            }
            guard !isNew else {
                throw .turnedAway(
                    .idpNotAllowed, "This application asks for another identity provider. Sign out, then sign in again."
                )
            }
            return .login(isFresh: false)
        }
        if !isNew, mustProveAgain(request, identity) {
            guard !request.isSilent else {
                return .answer(request.answer.refusing(needsLogin("the last sign-in is too long ago")))
            }
            return .login(isFresh: true)
        }
        return try await admit(session, identity, isNew: isNew, to: request, of: client, at: team, browser)
    }

    private func mustProveAgain(_ request: OIDCRequest, _ identity: Identity) -> Bool {
        if request.asksForLogin { return true }
        guard let maxAge = request.maxAge else { return false }
        return now.seconds - identity.authenticatedAt.seconds > maxAge || maxAge == 0
    }

    private func admit(
        _ session: Session, _ identity: Identity, isNew: Bool, to request: OIDCRequest, of client: OIDCClient,
        at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> OIDCStep {
        if mustAsk(client.application, about: identity) {
            let (session, identity) = try await ask(about: session, identity, at: client.application, browser)
            guard let client = try oidcClient(client.id.hex, at: team) else {
                throw .turnedAway(.appNotFound, "This application does not exist any more.")
            }
            return try await admit(session, identity, isNew: isNew, to: request, of: client, at: team, browser)
        }
        let application = client.application
        var row = personRow(.login, isAllowed: false, identity, application, browser)
        row.clientID = client.id.hex
        row.clientName = application.application.name
        let decision = application.policies.decision(for: try visitor(identity, browser, for: application))
        guard let policy = decision.admittingPolicy else {
            row.policy = decision.decidingPolicy
            let isUnanswered = application.policies.lacksAnswer(about: identity)
            row.reason = isUnanswered ? AccessRequest.withoutEvaluation : "denied"
            try await log(row, in: team.account)
            if request.isSilent {
                return .answer(
                    request.answer.refusing(OAuthError(.accessDenied, "the policies do not admit this person")))
            }
            return .denied(
                application, email: identity.email, because: isUnanswered ? .serviceSilent : .rules,
                url: application.text("custom_deny_url"))
        }
        row.policy = policy
        let judged = application.policies.policy(policy)
        // A session of no length opens an application once, right after a login.
        if application.tokenLifetime(judged) == .zero, !isNew {
            return request.isSilent
                ? .answer(request.answer.refusing(OAuthError(.loginRequired, "each sign-in needs a login")))
                : .login(isFresh: true)
        }
        if let terms = judged?.terms,
            terms.purpose != .notAsked || !terms.approvals.isEmpty
        {
            row.reason = "terms"
            try await log(row, in: team.account)
            throw .turnedAway(
                .denied,
                "The policy that would admit you asks for a purpose or an approval, which only applications behind a proxy can ask for. Tell the administrator of this account."
            )
        }
        if let missing = client.claimRules.claims(of: identity, for: request.scopes).missing {
            row.reason = "claim_missing"
            try await log(row, in: team.account)
            if request.isSilent {
                return .answer(request.answer.refusing(OAuthError(.accessDenied, "a required claim is missing")))
            }
            throw .turnedAway(
                .tokenError,
                "This application requires the claim “\(missing)”, which your identity provider did not send. Ask the administrator of this account."
            )
        }
        row.isAllowed = true
        return .answer(
            try await issue(session, identity, policy, row, to: request, of: client, at: team))
    }

    private func issue(
        _ session: Session, _ identity: Identity, _ policy: PolicyID, _ row: AccessRequest, to request: OIDCRequest,
        of client: OIDCClient, at team: TeamSettings
    ) async throws(Failure) -> AuthorizationAnswer {
        let key = try await key(of: team.account)
        let now = self.now
        let tokenEnd = now + client.accessTokenLifetime
        let codeEnd = now + CodeState.lifetime
        let end =
            client.hasRefresh && request.responseType.hasCode
            ? now + client.refreshLifetime : max(tokenEnd, codeEnd + client.accessTokenLifetime)
        let grant = OIDCGrant(
            id: OIDCGrantID(at: now), account: team.account, application: client.application.id, client: client.id,
            user: identity.user, provider: session.provider, sourceAccount: session.sourceAccount,
            email: session.email, session: session.nonce, identity: session.identity, address: row.address,
            country: row.country, policy: policy, issuer: client.issuer, scopes: request.scopes, nonce: request.nonce,
            code: OIDCCode(
                redirectURI: request.answer.redirectURI, challenge: request.challenge?.text, expiresAt: codeEnd,
                isSpent: false),
            createdAt: now, expiresAt: end)
        let type = request.responseType
        let code = type.hasCode ? RandomToken.base64URL(bytes: 32) : nil
        let accessToken =
            type.hasAccessToken
            ? try key.sign(
                payload: OIDCTokens.accessToken(
                    grant, client.application, scopes: grant.scopes,
                    teamIssuer: plane.settings.teamOrigin(team.team), from: now, until: tokenEnd)) : nil
        var answer = request.answer
        if let code { answer.append("code", code) }
        if let accessToken {
            answer.append("access_token", accessToken)
            answer.append("token_type", "Bearer")
            answer.append("expires_in", "\(client.accessTokenLifetime.wholeSeconds)")
        }
        if type.hasIDToken {
            let claims = client.claimRules.claims(of: identity, for: grant.scopes).claims
            answer.append(
                "id_token",
                try key.sign(
                    payload: OIDCTokens.idToken(
                        grant, identity, claims: claims, nonce: grant.nonce, accessToken: accessToken, code: code,
                        from: now, until: tokenEnd)))
        }
        try await add { (transaction) throws(Failure) in
            try transaction.insert(grant, codeDigest: code.map { SHA256.hash($0).bytes })
            if let accessToken {
                try transaction.insertAccessToken(
                    SHA256.hash(accessToken).bytes, of: grant.id, key: key.id, scopes: grant.scopes, until: tokenEnd)
            }
            try transaction.append(row, of: grant.account, at: now)
        }
        return answer
    }

    func log(_ row: AccessRequest, in account: AccountID) async throws(Failure) {
        let now = self.now
        try await add { (transaction) throws(Failure) in try transaction.append(row, of: account, at: now) }
    }
}

extension Decision {
    /// The policy that lets a known person in.
    var admittingPolicy: PolicyID? {
        switch self {
        case .allow(let id), .bypass(let id), .service(let id): id
        case .deny, .unmatched: nil
        }
    }

    var decidingPolicy: PolicyID? {
        switch self {
        case .allow(let id), .bypass(let id), .service(let id), .deny(let id): id
        case .unmatched: nil
        }
    }
}
