import Crypto
package import Domain
import Federation
import HTTP
import JOSE
import JSON
import Primitives
package import Store

/// The bridge hop (contract 30 §5): a recipient sends the browser to the source with a signed request; the source signs
/// the person in and sends them back with a code, behind which the identity waits in the database.
extension LoginDesk {
    private static let requestLifetime = Duration.seconds(60)
    private static let codeLifetime = Duration.seconds(60)

    /// The address at the source account, with the request of the recipient.
    func bridgeAddress(
        over grant: GrantID, to source: BridgedSource, _ connection: IdentityProviderID, from team: TeamSettings,
        _ state: String, _ secrets: LoginSecrets, _ wish: LoginWish
    ) async throws(Failure) -> String {
        guard let far = try self.team(of: source.account) else {
            throw .turnedAway(
                .bridgeInvalid,
                "The account at the other end of this bridge has no team name yet, so nobody can sign in over it. Tell the administrator of your organization."
            )
        }
        let key = try await key(of: team.account)
        let end = now + Self.requestLifetime
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("type", "bridge")
        writer.member("iss", plane.settings.teamOrigin(team.team))
        writer.member("aud", plane.settings.teamOrigin(far.team))
        writer.member("iat", now.seconds)
        writer.member("exp", end.seconds)
        writer.member("jti", RandomToken.base64URL(bytes: 16))
        writer.member("account_id", hex: team.account)
        writer.member("connection_id", uuid: connection)
        writer.member("nonce", secrets.nonce)
        writer.member("state", state)
        writer.member("code_challenge", LoginSecrets.challenge(secrets.verifier))
        if let hint = wish.loginHint { writer.member("login_hint", hint) }
        if wish.isFresh { writer.member("prompt", "login") }
        writer.endObject()
        let request = try key.sign(payload: writer.bytes)
        return "\(plane.settings.teamOrigin(far.team))/cdn-cgi/access/bridge/\(grant.uuid)/authorize?request=\(request)"
    }

    /// What a source makes of a request that a recipient signed.
    ///
    /// - Parameter session: who is signed in at the source already.
    package func acceptBridge(
        _ grant: GrantID, request: String, at team: TeamSettings, _ browser: Browser, session: Session?
    ) async throws(Failure) -> (LoginOutcome?, LoginStep?) {
        let invalid = Failure.turnedAway(
            .bridgeInvalid,
            "This sign-in over the bridge is not valid any more. Go back to the application and try again.")
        let bytes = Array(request.utf8)
        guard bytes.count <= 8192, let shown = Self.unverified(bytes),
            let recipient = shown["account_id"]?.stringValue.flatMap({ AccountID(hex: $0) }),
            let far = try self.team(of: recipient)
        else { throw invalid }
        let keys = try ownKeys(of: recipient)
        let claims: JSONObject
        do throws(TokenRejection) {
            claims = try tokens.judge.claims(of: bytes, signedBy: keys, at: now)
        } catch { throw invalid }
        guard claims["type"]?.stringValue == "bridge",
            claims["iss"]?.stringValue == plane.settings.teamOrigin(far.team),
            claims["aud"]?.stringValue == plane.settings.teamOrigin(team.team),
            let state = claims["state"]?.stringValue, let challenge = claims["code_challenge"]?.stringValue,
            let connection = claims["connection_id"]?.stringValue.flatMap({ IdentityProviderID(uuid: $0) }),
            let expiry = claims["exp"]?.integerValue, now < Timestamp(seconds: expiry),
            let entry = try reader.bridgeEntry(grant: grant, recipient: recipient), entry.source == team.account,
            entry.connection == connection
        else { throw invalid }
        let digest = SHA256.hash(bytes).bytes
        let isFirst = try await add { (transaction) throws(Failure) in
            try transaction.spend(digest, until: Timestamp(seconds: expiry) + .seconds(60))
        }
        guard isFirst else { throw invalid }
        try refresh()
        let way = BridgeReturn(
            grant: grant, recipient: recipient, connection: connection, state: state, challenge: challenge)
        let isFresh = claims["prompt"]?.stringValue == "login"
        if let session, !isFresh, session.provider == entry.provider,
            let identity = Identity(document: session.identity)
        {
            let next = try await proceed(session, identity, to: .bridge(way), at: team, browser, isNewLogin: false)
            return (LoginOutcome(teamCookie: nil, next: next), nil)
        }
        var wish = LoginWish(provider: entry.provider, destination: .bridge(way))
        wish.loginHint = claims["login_hint"]?.stringValue
        wish.isFresh = isFresh
        return (nil, try await begin(wish, at: team, browser))
    }

    /// Leaves an identity for the recipient, and sends the browser back there.
    func cross(
        _ way: BridgeReturn, _ identity: Identity, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> String {
        guard let entry = try reader.bridgeEntry(grant: way.grant, recipient: way.recipient),
            entry.connection == way.connection, entry.source == team.account, let far = try self.team(of: way.recipient)
        else {
            throw .turnedAway(
                .bridgeInvalid, "The bridge to that account has ended. Ask the administrator of your organization.")
        }
        let code = RandomToken.base64URL(bytes: 32)
        let stored = BridgeCode(
            connection: way.connection, challenge: way.challenge, identity: identity.proven.document,
            expiresAt: now + Self.codeLifetime)
        var row = personRow(.bridge, isAllowed: true, identity, nil, browser)
        row.application = LoggedApplication(bridge: entry.application, domain: plane.settings.teamHost(far.team))
        let (final, account, now) = (row, team.account, self.now)
        try await add { (transaction) throws(Failure) in
            try transaction.insert(stored, digest: SHA256.hash(code).bytes)
            try transaction.append(final, of: account, at: now)
        }
        var query = QueryString()
        query.append("state", way.state)
        query.append("code", code)
        return plane.settings.callback(of: far.team) + "?" + query.text
    }

    /// The identity behind a code that came back over a bridge: server to server, never through the browser.
    func redeemBridgeCode(
        _ answer: CallbackAnswer, _ attempt: ReturnedAttempt, at team: TeamSettings
    ) async throws(Failure) -> ProvenIdentity {
        let invalid = Failure.turnedAway(
            .bridgeInvalid, "The answer of the bridge is not valid any more. Go back to the application and try again.")
        guard let code = answer.code else { throw invalid }
        let digest = SHA256.hash(code).bytes
        let found = try await add { (transaction) throws(Failure) in try transaction.takeBridgeCode(digest) }
        guard let found, found.expiresAt.isAhead(of: now, byAtMost: Self.codeLifetime),
            found.connection == attempt.choice.id,
            constantTimeEqual(
                Array(found.challenge.utf8), Array(LoginSecrets.challenge(attempt.secrets.verifier).utf8)),
            let proven = ProvenIdentity(document: found.identity)
        else { throw invalid }
        try refresh()
        return proven
    }

    /// The public keys that an account signs with.
    func ownKeys(of account: AccountID) throws(Failure) -> JWKSet {
        JWKSet(
            try reader.verifyingKeys(of: account, at: now).compactMap { key in
                guard let publicKey = try? PublicKey(spki: key.publicDER) else { return nil }
                return JWK(publicKey, keyID: key.id.hex, algorithm: .rs256)
            })
    }

    /// What a token claims before anything is known of it.
    private static func unverified(_ token: [UInt8]) -> JSONObject? {
        do throws(JOSEError) { return try CompactJWS.parse(token).claims } catch { return nil }
    }
}

extension Settings {
    /// `team.access.example.org:8787`, the authority of a team's host.
    package func teamHost(_ team: String) -> String { "\(team).\(accessDomain)\(portSuffix)" }
}
