import Crypto
package import Domain
import Federation
import HTTP
import JSON
import Primitives
package import Store

/// What a login needs to know besides where it goes.
package struct LoginWish: Sendable {
    package var provider: IdentityProviderID
    package var destination: LoginDestination
    /// Use an identity provider that enforcement keeps back (contract 30 §9).
    package var breaksGlass = false
    package var loginHint: String?
    /// The person must prove who they are again (`prompt=login`).
    package var isFresh = false

    package init(provider: IdentityProviderID, destination: LoginDestination) {
        self.provider = provider
        self.destination = destination
    }
}

/// What comes next in the browser.
package enum LoginStep: Sendable {
    case redirect(String)
    /// Ask for an address or a PIN; `state` names the attempt.
    case pin(state: String)
    /// Ask for the API token of a member of this server; `state` names the attempt.
    case memberToken(state: String)
}

extension LoginDesk {
    static let attemptLifetime = Duration.seconds(600)

    /// Sends a browser to an identity provider (contract 40 §1, step 3).
    ///
    /// - Throws: ``LoginFault`` when it may not be used here; that is logged.
    package func begin(_ wish: LoginWish, at team: TeamSettings, _ browser: Browser) async throws(Failure) -> LoginStep {
        let application = try application(of: wish.destination, at: team)
        let offered = team.logins.offered(
            allowed: application?.application.allowedIdPs ?? [], breakingGlass: wish.breaksGlass)
        guard let choice = offered.first(where: { $0.id == wish.provider }) else {
            try await refuse(wish.provider, at: team, application, browser)
        }
        if let obstacle = obstacle(to: choice) { throw .turnedAway(.idpNotAllowed, obstacle + " Choose another.") }
        let state = RandomToken.base64URL(bytes: 32)
        let secrets = LoginSecrets(
            nonce: RandomToken.base64URL(bytes: 32), verifier: RandomToken.base64URL(bytes: 32),
            destination: wish.destination, breaksGlass: wish.breaksGlass, isFresh: wish.isFresh, startedAt: now)
        // What leads away may fail, so the attempt is written once it is known where it leads.
        let step: LoginStep
        switch choice.type {
        case .oneTimePIN: step = .pin(state: state)
        case .cloudflare: step = .memberToken(state: state)
        default:
            let address: String
            if let bridge = choice.bridge {
                address = try await bridgeAddress(
                    over: bridge.grant, to: bridge.source, choice.id, from: team, state, secrets, wish)
            } else {
                address = try await authorizationAddress(of: choice, at: team, state, secrets, wish, browser)
            }
            step = .redirect(address)
        }
        let digest = SHA256.hash(state).bytes
        let attempt = LoginAttempt(
            account: team.account, provider: choice.id, browserDigest: browser.secret.digest,
            sealedContext: try seal(secrets.json, for: LoginSecrets.purpose(digest)),
            expiresAt: now + Self.attemptLifetime)
        try await add { (transaction) throws(Failure) in try transaction.insert(attempt, stateDigest: digest) }
        return step
    }

    /// The application that a login leads to: for a page of the team's own, the App Launcher where it has settings.
    func application(of destination: LoginDestination, at team: TeamSettings) throws(Failure) -> GuardedApplication? {
        switch destination {
        case .application(let way): try application(way.application, of: team.account)
        case .local: try launcher(at: team)
        case .bridge: nil
        }
    }

    /// Why nobody can sign in through an identity provider here, as a sentence; `nil` when people can.
    package func obstacle(to choice: LoginChoice) -> String? {
        if !choice.type.canLogIn {
            return "Identity providers of this kind are kept on file, but nobody can sign in through them here."
        }
        if choice.type == .oneTimePIN, plane.messenger == nil {
            return "This server sends no mail, so it cannot send codes."
        }
        return nil
    }

    /// Logs and throws that an identity provider may not be used.
    package func refuse(
        _ provider: IdentityProviderID, at team: TeamSettings, _ application: GuardedApplication?, _ browser: Browser
    ) async throws(Failure) -> Never {
        let choice = team.logins.choice(provider)
        var row = browser.logged(.login, isAllowed: false)
        row.application = application?.logged
        row.connection = choice?.type.rawValue ?? ""
        row.provider = choice?.id
        let isEnforced = team.logins.enforced != nil && choice != nil && team.logins.enforced?.allowed != provider
        row.reason = isEnforced ? "enforced" : LoginFaultCode.idpNotAllowed.rawValue
        let sentence =
            isEnforced
            ? "Your organization requires its primary identity provider. Go back and sign in with that one."
            : "This identity provider cannot be used here. Go back and choose one that is offered."
        try await turnAway(LoginFault(.idpNotAllowed, sentence), row, in: team.account)
    }

    /// The address at the identity provider itself (OpenID Connect Core 1.0 §3.1.2.1).
    private func authorizationAddress(
        of choice: LoginChoice, at team: TeamSettings, _ state: String, _ secrets: LoginSecrets, _ wish: LoginWish,
        _ browser: Browser
    ) async throws(Failure) -> String {
        let party = try await relyingParty(choice.id, of: team.account)
        var query = QueryString()
        query.append("response_type", "code")
        query.append("client_id", party.clientID)
        query.append("redirect_uri", plane.settings.callback(of: team.team))
        query.append("scope", party.scopes.joined(separator: " "))
        query.append("state", state)
        query.append("nonce", secrets.nonce)
        if party.usesPKCE {
            query.append("code_challenge", LoginSecrets.challenge(secrets.verifier))
            query.append("code_challenge_method", "S256")
        }
        if let prompt = wish.isFresh ? party.freshPrompt : party.prompt { query.append("prompt", prompt) }
        if let hint = wish.loginHint, party.takesLoginHint { query.append("login_hint", hint) }
        if let domain = party.hostedDomain { query.append("hd", domain) }
        return party.authorizationEndpoint + (party.authorizationEndpoint.utf8.contains(UInt8(ascii: "?")) ? "&" : "?")
            + query.text
    }
}

/// What an attempt keeps to itself until the browser comes back.
struct LoginSecrets: Sendable {
    let nonce: String
    let verifier: String
    let destination: LoginDestination
    let breaksGlass: Bool
    /// Whether the identity provider was asked to make the person prove again who they are.
    let isFresh: Bool
    let startedAt: Timestamp

    init(
        nonce: String, verifier: String, destination: LoginDestination, breaksGlass: Bool, isFresh: Bool,
        startedAt: Timestamp
    ) {
        self.isFresh = isFresh
        self.startedAt = startedAt
        self.nonce = nonce
        self.verifier = verifier
        self.destination = destination
        self.breaksGlass = breaksGlass
    }

    var json: JSONValue {
        [
            "nonce": .string(nonce), "verifier": .string(verifier), "destination": destination.json,
            "break_glass": .bool(breaksGlass), "fresh": .bool(isFresh), "start": .integer(startedAt.microseconds),
        ]
    }

    init?(_ value: JSONValue) {
        guard let nonce = value["nonce"]?.stringValue, let verifier = value["verifier"]?.stringValue,
            let destination = value["destination"].flatMap(LoginDestination.init),
            let start = value["start"]?.integerValue
        else { return nil }
        self.init(
            nonce: nonce, verifier: verifier, destination: destination,
            breaksGlass: value["break_glass"]?.boolValue ?? false, isFresh: value["fresh"]?.boolValue ?? false,
            startedAt: Timestamp(microseconds: start))
    }

    static func purpose(_ digest: [UInt8]) -> String { "login \(Hex.encode(digest))" }

    /// `code_challenge` for a verifier (RFC 7636 §4.2).
    static func challenge(_ verifier: String) -> String { Base64URL.encode(SHA256.hash(verifier).bytes) }
}

extension Settings {
    /// The redirect URI of every identity provider of a team (contract 20 §5).
    package func callback(of team: String) -> String { teamOrigin(team) + "/cdn-cgi/access/callback" }
}
