import Crypto
import Domain
package import HTTP
import JSON
import OAuth
import Primitives
package import Store

/// The token endpoint of OIDC applications (RFC 6749 §3.2, OpenID Connect Core 1.0 §3.1.3, §12).
extension LoginDesk {
    /// - Parameters:
    ///   - authorization: values of the field Authorization.
    ///   - browser: who asks, for the log: the application's server.
    package func oidcToken(
        _ form: QueryString, authorization: [String], of client: OIDCClient, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> OIDCAnswer {
        switch OIDCTokenRequest.read(form, authorization, client) {
        case .failure(let error): return .refused(error, usedBasic: !authorization.isEmpty)
        case .success(.code(let redemption, let isPublic)):
            return try await redeem(redemption, isPublic: isPublic, of: client, at: team)
        case .success(.refresh(let token, let scopes)):
            return try await refresh(token, scopes: scopes, of: client, at: team, browser)
        }
    }

    /// Exchanges a code, once; a second use ends what the first produced.
    private func redeem(
        _ redemption: CodeRedemption, isPublic: Bool, of client: OIDCClient, at team: TeamSettings
    ) async throws(Failure) -> OIDCAnswer {
        let digest = SHA256.hash(redemption.code).bytes
        guard let grant = try reader.oidcGrant(code: digest, in: team.account),
            grant.application == client.application.id,
            // A client that proves nothing must have bound the code to itself.
            !isPublic || grant.code.challenge != nil
        else { return .refused(.invalidGrant) }
        let tokens: IssuedOIDCTokens?
        let key = try await key(of: team.account)
        let now = self.now
        if grant.codeState.judge(redemption, at: now) == .good, try isStillWelcome(grant, at: client) {
            tokens = try make(
                for: grant, scopes: grant.scopes, nonce: grant.nonce, of: client, at: team, key, from: now)
        } else {
            tokens = nil
        }
        return try await plane.store.writes.perform { (transaction) throws(Failure) in
            guard let current = try transaction.oidcGrant(code: digest, in: grant.account) else {
                return .refused(.invalidGrant)
            }
            switch current.codeState.judge(redemption, at: now) {
            case .replayed:
                try transaction.endOIDCGrant(current.id)
                return .refused(.invalidGrant)
            case .refused(let error):
                // Only adds: nothing at all.
                transaction.onlyAdds()
                return .refused(error)
            case .good:
                // Only adds: tokens; the code that goes is no credential of the gate.
                transaction.onlyAdds()
                guard let tokens else { return .refused(.invalidGrant) }
                try transaction.spendCode(of: grant.id, at: now)
                try transaction.insert(tokens, of: grant.id, key: key.id, from: now)
                return .document(tokens.document)
            }
        }
    }

    /// Exchanges a refresh token for its successor, judging the policies again with the identity of the login.
    private func refresh(
        _ token: String, scopes wished: [String]?, of client: OIDCClient, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> OIDCAnswer {
        let digest = SHA256.hash(token).bytes
        guard let (grant, retiredAt) = try reader.oidcGrant(refreshToken: digest, in: team.account, at: now),
            grant.application == client.application.id
        else { return .refused(.invalidGrant) }
        if let wished, !wished.allSatisfy(grant.scopes.contains) {
            return .refused(OAuthError(.invalidScope, "scope holds what was not granted"))
        }
        let key = try await key(of: team.account)
        let now = self.now
        var row = browser.logged(.oauthRefresh, isAllowed: false)
        row.application = client.application.logged
        row.clientID = client.id.hex
        row.clientName = client.application.application.name
        row.email = grant.email
        row.user = grant.user
        row.provider = grant.provider
        var tokens: IssuedOIDCTokens?
        if grant.refreshState(retiredAt).judge(client, at: now) == .rotate {
            if let policy = try admittingPolicy(of: grant, at: client) {
                row.isAllowed = true
                row.policy = policy
                tokens = try make(
                    for: grant, scopes: wished ?? grant.scopes, nonce: nil, of: client, at: team, key, from: now)
            } else {
                row.reason = "denied"
            }
        } else {
            row.reason = retiredAt == nil ? "expired" : "oauth_refresh_reuse"
        }
        let (final, issued) = (row, tokens)
        return try await plane.store.writes.perform { (transaction) throws(Failure) in
            guard let (current, retiredAt) = try transaction.oidcGrant(refreshToken: digest, in: grant.account, at: now)
            else {
                return .refused(.invalidGrant)
            }
            var row = final
            switch current.refreshState(retiredAt).judge(client, at: now) {
            case .rotate:
                if let issued {
                    // Only adds: tokens; the refresh token that goes is no credential of the gate.
                    transaction.onlyAdds()
                    try transaction.retireRefreshToken(digest, at: now)
                    try transaction.insert(issued, of: grant.id, key: key.id, from: now)
                } else {
                    try transaction.endOIDCGrant(grant.id)
                }
                try transaction.append(row, of: grant.account, at: now)
                return issued.map { .document($0.document) } ?? .refused(.invalidGrant)
            case .reused, .repeated:
                row.isAllowed = false
                row.reason = "oauth_refresh_reuse"
                try transaction.endOIDCGrant(grant.id)
                try transaction.append(row, of: grant.account, at: now)
                return .refused(.invalidGrant)
            case .refused(let error): return .refused(error)
            }
        }
    }

    // MARK: Who is still welcome

    /// Enforcement, the identity providers that the application and its account have now, and revocation, for a grant under
    /// way.
    func isStillWelcome(_ grant: OIDCGrant, at client: OIDCClient) throws(Failure) -> Bool {
        guard grant.client == client.id, client.application.team.logins.choice(grant.provider) != nil,
            let identity = Identity(document: grant.identity),
            client.application.accepts(identity.provider, email: identity.email)
        else { return false }
        return try reader.revocation(of: grant.email, in: grant.account, at: now) == nil
    }

    /// The policy that admits the person of a grant now, from where they were when they signed in.
    private func admittingPolicy(of grant: OIDCGrant, at client: OIDCClient) throws(Failure) -> PolicyID? {
        guard try isStillWelcome(grant, at: client), let identity = Identity(document: grant.identity),
            let address = IPAddress(grant.address)
        else { return nil }
        let then = Browser(address: address, country: grant.country, ray: "", secret: BrowserSecret())
        return client.application.policies.decision(for: try visitor(identity, then, for: client.application))
            .admittingPolicy
    }

    // MARK: Tokens

    private func make(
        for grant: OIDCGrant, scopes: [String], nonce: String?, of client: OIDCClient, at team: TeamSettings,
        _ key: TeamKey, from now: Timestamp
    ) throws(Failure) -> IssuedOIDCTokens? {
        guard let identity = Identity(document: grant.identity) else {
            throw .inconsistent("the identity of a grant cannot be read")
        }
        let (claims, missing) = client.claimRules.claims(of: identity, for: scopes)
        guard missing == nil else { return nil }
        // Nothing outlives a family that rotates; other grants end with their last token.
        let end =
            client.hasRefresh
            ? min(now + client.accessTokenLifetime, grant.expiresAt) : now + client.accessTokenLifetime
        let accessToken = try key.sign(
            payload: OIDCTokens.accessToken(
                grant, client.application, scopes: scopes, teamIssuer: plane.settings.teamOrigin(team.team), from: now,
                until: end))
        let idToken = try key.sign(
            payload: OIDCTokens.idToken(
                grant, identity, claims: claims, nonce: nonce, accessToken: accessToken, from: now, until: end))
        return IssuedOIDCTokens(
            accessToken: accessToken, idToken: idToken,
            refreshToken: client.hasRefresh ? RandomToken.base64URL(bytes: 32) : nil, scopes: scopes,
            lifetime: end - now)
    }
}

extension WriteTransaction {
    fileprivate func insert(
        _ tokens: IssuedOIDCTokens, of grant: OIDCGrantID, key: SigningKeyID, from now: Timestamp
    ) throws(Failure) {
        try insertAccessToken(
            SHA256.hash(tokens.accessToken).bytes, of: grant, key: key, scopes: tokens.scopes,
            until: now + tokens.lifetime)
        if let refresh = tokens.refreshToken { try insertRefreshToken(SHA256.hash(refresh).bytes, of: grant) }
    }
}

extension OIDCGrant {
    var codeState: CodeState {
        CodeState(
            clientID: client.hex, redirectURI: code.redirectURI,
            challenge: code.challenge.flatMap { CodeChallenge($0) }, issuer: issuer, isSpent: code.isSpent,
            expiresAt: code.expiresAt)
    }

    func refreshState(_ retiredAt: Timestamp?) -> RefreshState {
        RefreshState(
            clientID: client.hex, issuer: issuer,
            place: retiredAt.map { .retired(at: $0, isSuccessorUsed: true) } ?? .live, expiresAt: expiresAt)
    }
}

extension RefreshState {
    /// Applications are servers that can keep an answer: every second use of a token is theft (contract 40 §9).
    fileprivate func judge(_ client: OIDCClient, at now: Timestamp) -> Verdict {
        judge(clientID: client.id.hex, issuer: client.issuer, lostResponseWindow: .zero, at: now)
    }
}
