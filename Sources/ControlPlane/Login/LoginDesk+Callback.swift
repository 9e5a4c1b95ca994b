import Crypto
import Domain
import Federation
import HTTP
import JOSE
import JSON
import Primitives
package import Store

/// What an identity provider sends back with the browser (OpenID Connect Core 1.0 §3.1.2.5, RFC 9207).
package struct CallbackAnswer: Sendable {
    package let state: String
    package let code: String?
    package let error: String?
    package let issuer: String?

    package init(state: String, code: String?, error: String?, issuer: String?) {
        self.state = state
        self.code = code
        self.error = error
        self.issuer = issuer
    }
}

/// An attempt that came back to the browser it began in, and is used up.
struct ReturnedAttempt: Sendable {
    let choice: LoginChoice
    let secrets: LoginSecrets
}

extension LoginDesk {
    /// Takes a browser back from an identity provider (contract 40 §1, step 4).
    package func finish(
        _ answer: CallbackAnswer, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> LoginOutcome {
        let attempt = try await takeAttempt(answer.state, at: team, browser, isFromProvider: true)
        var row = browser.logged(.login, isAllowed: false)
        row.connection = attempt.choice.type.rawValue
        row.provider = attempt.choice.id
        if case .application(let way) = attempt.secrets.destination {
            row.application = try application(way.application, of: team.account)?.logged
        }
        let proven: ProvenIdentity
        do throws(Failure) {
            if attempt.choice.bridge != nil {
                proven = try await redeemBridgeCode(answer, attempt, at: team)
            } else {
                proven = try await exchange(answer, attempt, at: team)
            }
        } catch .turnedAway(let fault) {
            try await turnAway(fault, row, in: team.account)
        }
        return try await admit(proven, attempt, at: team, browser)
    }

    /// Finds the attempt that `state` names and uses it up: it works once, and only in the browser that began it.
    ///
    /// - Parameter isFromProvider: whether an identity provider sends the browser back; attempts at a page of ours do not
    ///   end that way.
    func takeAttempt(
        _ state: String, at team: TeamSettings, _ browser: Browser, isFromProvider: Bool = false
    ) async throws(Failure) -> ReturnedAttempt {
        let waiting = try await findAttempt(state, at: team, browser)
        guard !isFromProvider || waiting.choice.type.isOpenIDConnect else { throw Self.mismatch }
        let digest = SHA256.hash(state).bytes
        let isFirst = try await add { (transaction) throws(Failure) in try transaction.spendLoginAttempt(digest) }
        guard isFirst else { throw Self.mismatch }
        // What it may lead to may have changed meanwhile.
        try refresh()
        return try await checked(waiting.choice.id, waiting.secrets, at: team, browser)
    }

    /// An attempt that waits at a page of ours for an entry. It stays.
    func waitingAttempt(
        _ state: String, _ type: IdentityProviderType, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> ReturnedAttempt {
        let waiting = try await findAttempt(state, at: team, browser)
        guard waiting.choice.type == type else { throw Self.mismatch }
        return waiting
    }

    /// Where an attempt leads that waits at a page of ours.
    package func destination(
        ofWaiting state: String, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> LoginDestination {
        try await findAttempt(state, at: team, browser).secrets.destination
    }

    private static let mismatch = Failure.turnedAway(
        .stateMismatch,
        "This sign-in is not known here any more: it was used, took longer than ten minutes, or began in another browser. Open the application again."
    )

    private func findAttempt(
        _ state: String, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> ReturnedAttempt {
        let digest = SHA256.hash(state).bytes
        guard let attempt = try reader.loginAttempt(digest, in: team.account),
            attempt.expiresAt.isAhead(of: now, byAtMost: Self.attemptLifetime),
            constantTimeEqual(attempt.browserDigest, browser.secret.digest)
        else { throw Self.mismatch }
        guard
            let secrets = LoginSecrets(try open(attempt.sealedContext, for: LoginSecrets.purpose(digest)))
        else { throw .inconsistent("the context of a login cannot be read") }
        return try await checked(attempt.provider, secrets, at: team, browser)
    }

    /// The identity provider of an attempt, as long as it may be used.
    private func checked(
        _ provider: IdentityProviderID, _ secrets: LoginSecrets, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> ReturnedAttempt {
        let application = try application(of: secrets.destination, at: team)
        guard let current = try self.team(of: team.account),
            let choice = current.logins.offered(
                allowed: application?.application.allowedIdPs ?? [], breakingGlass: secrets.breaksGlass
            ).first(where: { $0.id == provider })
        else { try await refuse(provider, at: try self.team(of: team.account) ?? team, application, browser) }
        return ReturnedAttempt(choice: choice, secrets: secrets)
    }

    /// Exchanges the code and judges the ID token (contract 40 §10).
    private func exchange(
        _ answer: CallbackAnswer, _ attempt: ReturnedAttempt, at team: TeamSettings
    ) async throws(Failure) -> ProvenIdentity {
        if let error = answer.error {
            throw .turnedAway(
                .idpError,
                error == "access_denied"
                    ? "The identity provider did not let you in. Ask its administrators, or try again with another account there."
                    : "The identity provider reports a problem. Try again; if it stays, tell the administrator.")
        }
        guard let code = answer.code else {
            throw .turnedAway(.idpError, "The identity provider sent no code. Try again.")
        }
        let party = try await relyingParty(attempt.choice.id, of: team.account)
        // Mixed-up answers of another provider name it (RFC 9207 §2.4).
        if let issuer = answer.issuer, let expected = party.provider.issuer ?? party.provider.learntIssuer,
            !issuer.hasSameBytes(as: expected)
        {
            throw .turnedAway(.idpError, "The answer comes from another identity provider than the one you chose.")
        }
        let token = try await redeem(code, attempt, party, at: team)
        let claims = try await judge(Array(token.utf8), attempt, of: team.account)
        guard let email = claims[party.emailClaim]?.stringValue, let subject = claims["sub"]?.stringValue else {
            throw .inconsistent("a valid ID token has no subject or address")
        }
        // Asked to make somebody prove again who they are, some do not (OpenID Connect Core 1.0 §3.1.2.1).
        if attempt.secrets.isFresh, party.freshPrompt == "login", let seconds = claims["auth_time"]?.integerValue,
            Timestamp(seconds: seconds) + .seconds(60) < attempt.secrets.startedAt
        {
            throw .turnedAway(
                .idpError, "The identity provider did not ask you to sign in again. Sign out there, then try again.")
        }
        return ProvenIdentity(claims: claims, subject: subject, email: email, passing: party.claims, at: now)
    }

    /// The ID token for a code (RFC 6749 §4.1.3).
    private func redeem(
        _ code: String, _ attempt: ReturnedAttempt, _ party: RelyingParty, at team: TeamSettings
    ) async throws(Failure) -> String {
        var form = QueryString()
        form.append("grant_type", "authorization_code")
        form.append("code", code)
        form.append("redirect_uri", plane.settings.callback(of: team.team))
        var authorization: String?
        if let secret = party.secret, !party.prefersSecretInBody {
            authorization = BasicCredentials.field(party.clientID, secret)
        } else {
            form.append("client_id", party.clientID)
            if let secret = party.secret { form.append("client_secret", secret.exposed()) }
        }
        if party.usesPKCE { form.append("code_verifier", attempt.secrets.verifier) }
        guard let url = WebAddress(party.tokenEndpoint) else { throw .inconsistent("a token endpoint is no URL") }
        let document: FetchedDocument
        do throws(FetchFailure) {
            document = try await plane.keys.fetcher.post(form, to: url, authorization: authorization)
        } catch {
            throw .turnedAway(
                .idpUnreachable, "The identity provider cannot be reached: \(error.explanation). Try again in a minute."
            )
        }
        let body = document.body.count <= FetchRules.bodyLimit ? Self.object(document.body) : nil
        guard document.status == 200, let token = body?["id_token"]?.stringValue else {
            throw .turnedAway(
                .tokenError,
                "The identity provider did not accept the sign-in. Try again; if it stays, its administrator should check the client id and secret."
            )
        }
        return token
    }

    private static func object(_ bytes: [UInt8]) -> JSONObject? {
        do throws(JSONError) { return try JSONParser.parse(bytes).objectValue } catch { return nil }
    }

    /// The claims of an ID token that is good for this attempt.
    private func judge(
        _ token: [UInt8], _ attempt: ReturnedAttempt, of account: AccountID
    ) async throws(Failure) -> JSONObject {
        let expectation = TokenExpectation(identityProvider: attempt.choice.id, nonce: attempt.secrets.nonce)
        for _ in 1...6 {
            try refresh()
            guard let provider = try reader.identityProvider(attempt.choice.id, in: account),
                let profile = VerificationProfile(provider)
            else {
                throw .turnedAway(.idpNotAllowed, "This identity provider can no longer be used here. Choose another.")
            }
            // Whether it may be used was decided with the attempt, and will be again once it is known who comes: somebody
            // who breaks the glass comes from a provider that the account believes nobody else from.
            let trust = IssuerTrust([TrustedIssuer(id: provider.id, profile: profile, standing: .allowed)])
            switch tokens.judge.judge(token, digest: SHA256.hash(token), trust, expectation, at: now) {
            case .valid:
                do throws(JOSEError) {
                    return try CompactJWS.parse(token).claims
                } catch { throw .inconsistent("a valid token cannot be parsed") }
            case .invalid(let rejection): throw .turnedAway(LoginFault(rejection))
            case .undecided(let need): try await plane.provide(need)
            }
        }
        throw .turnedAway(.idpUnreachable, "The keys of the identity provider keep changing. Try again in a minute.")
    }
}

extension LoginFault {
    /// What a person is told of an ID token that was refused. The rule is named, for the administrator they will ask.
    init(_ rejection: TokenRejection) {
        switch rejection.reason {
        case .emailMissing:
            self.init(
                .emailMissing,
                "The identity provider did not tell your e-mail address. Its administrator can release it to this service."
            )
        case .emailUnverified:
            self.init(
                .emailMissing,
                "Your e-mail address is not verified at the identity provider. Verify it there, then try again.")
        case .idpUnreachable:
            self.init(
                .idpUnreachable, "The keys of the identity provider cannot be fetched. Try again in a minute.")
        case .idpNotAllowed:
            self.init(.idpNotAllowed, "This identity provider can no longer be used here. Choose another.")
        default:
            self.init(
                .tokenError,
                "The identity provider's token was refused (\(rejection.reason.rawValue)). Tell the administrator of this account."
            )
        }
    }
}

/// HTTP Basic authentication of a client (RFC 6749 §2.3.1).
enum BasicCredentials {
    static func field(_ clientID: String, _ secret: Secret<String>) -> String {
        let pair = PercentEncoding.encode(clientID) + ":" + PercentEncoding.encode(secret.exposed())
        return "Basic " + Base64.encode(Array(pair.utf8))
    }
}
