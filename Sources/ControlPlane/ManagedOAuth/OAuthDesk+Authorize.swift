import Crypto
import Domain
package import HTTP
import JSON
package import OAuth
import Primitives
package import Store

/// What comes next for somebody whose program asks to act for them.
package enum AuthorizationStep: Sendable {
    /// Nobody may be sent anywhere.
    case page(ClientFault)
    /// To the client.
    case answer(String)
    /// To the login page, and from there back to a path of the team's host.
    case login(path: String, isFresh: Bool, hint: String?)
    case consent(ConsentQuestion)
}

/// What a person is asked before a client may act for them.
package struct ConsentQuestion: Sendable {
    package let target: OAuthTarget
    package let client: ManagedClient
    package let redirectURI: String
    package let email: String
    package let lifetime: Duration
    /// What a decision must bring: it ties it to this browser, this session and this request.
    package let ticket: String
}

extension OAuthDesk {
    /// The parameter in which an application's host hands its name to the team's.
    package static let issuerParameter = "orgd_issuer"
    package static let longestQuery = 8192

    /// Where an authorization request to an application's host, or to the server's own, goes on: at a team's host, where
    /// people sign in.
    ///
    /// - Parameter query: as sent.
    package func forwardAddress(_ query: String, from issuer: OAuthIssuer, at team: TeamSettings) -> String {
        let sealed = SealedIssuer(issuer: issuer.text, account: team.account).sealed(by: plane.vault)
        let origin = plane.settings.teamOrigin(team.team)
        return
            "\(origin)/cdn-cgi/access/oauth/authorization?\(Self.issuerParameter)=\(sealed)\(query.isEmpty ? "" : "&")\(query)"
    }

    /// Takes an authorization request apart (contract 50 §7) and sees how far it gets.
    ///
    /// - Parameter cookies: values of the team's cookie.
    package func authorize(
        _ query: QueryString, at team: TeamSettings, cookies: [String], _ browser: Browser
    ) async throws(Failure) -> AuthorizationStep {
        var issuer = plane.settings.teamOrigin(team.team)
        if let sealed = query[Self.issuerParameter] {
            guard let known = SealedIssuer(sealed, vault: plane.vault), known.account == team.account else {
                return .page(.unknown)
            }
            issuer = known.issuer
        }
        guard query.count("client_id") == 1, let clientID = query["client_id"], !clientID.isEmpty,
            query.count("redirect_uri") == 1, let redirectURI = query["redirect_uri"]
        else {
            return .page(
                ClientFault(
                    detail: "The request of this program is incomplete: it must name itself and where its answer goes.")
            )
        }
        let client: ManagedClient
        switch try await self.client(named: clientID, of: team.account, registry: registry(of: issuer, team)) {
        case .success(let found): client = found
        case .failure(let fault): return .page(fault)
        }
        let state = query.count("state") == 1 ? query["state"].flatMap { $0.isEmpty ? nil : $0 } : nil
        let asked = try target(query, issuer: issuer, isOfHost: query.count(Self.issuerParameter) > 0, at: team)
        guard let target = asked.target else {
            // The answer is an error, and even that goes only where something that could be meant would let it.
            if let fault = firstFault(redirectURI, client, try candidates(issuer, team)) { return .page(fault) }
            let error = OAuthError(.invalidTarget, "resource names nothing with managed OAuth here")
            return .answer(
                ClientAnswer.address(
                    redirectURI, [("error", error.code.rawValue), ("error_description", error.detail)], state: state,
                    issuer: issuer))
        }
        do throws(ClientFault) { try check(redirectURI, of: client, at: target) } catch { return .page(error) }
        let request: AuthorizationRequest
        do throws(OAuthError) {
            let parameters = try Parameters(query)
            request = try self.request(
                parameters, clientID: clientID, redirectURI: redirectURI, resource: asked.resource,
                application: target.application, issuer: issuer)
        } catch {
            return .answer(
                ClientAnswer.address(
                    redirectURI, [("error", error.code.rawValue), ("error_description", error.detail)], state: state,
                    issuer: issuer))
        }
        return try await proceed(request, client, target, cookies: cookies, browser)
    }

    /// Goes on after a login.
    package func resume(
        _ sealed: String, at team: TeamSettings, cookies: [String], _ browser: Browser
    ) async throws(Failure) -> AuthorizationStep {
        guard let bytes = Base64URL.decode(sealed),
            var request = opened(bytes, for: Self.purpose(of: team.account)).flatMap({ AuthorizationRequest($0) }),
            now < request.askedAt + AuthorizationRequest.patience
        else {
            return .page(ClientFault(detail: "This took too long. Connect the program again from its own settings."))
        }
        request.isReturning = true
        switch try await known(request, at: team) {
        case .failure(let fault): return .page(fault)
        case .success(let (client, target)):
            return try await proceed(request, client, target, cookies: cookies, browser)
        }
    }

    /// The client and the target of a request that was let go on before, if both would still be.
    func known(
        _ request: AuthorizationRequest, at team: TeamSettings
    ) async throws(Failure) -> Result<(ManagedClient, OAuthTarget), ClientFault> {
        let client: ManagedClient
        switch try await self.client(
            named: request.clientID, of: team.account, registry: registry(of: request.issuer, team))
        {
        case .failure(let fault): return .failure(fault)
        case .success(let found): client = found
        }
        guard let target = try target(of: request, at: team) else { return .failure(.notAllowed) }
        do throws(ClientFault) {
            try check(request.redirectURI, of: client, at: target)
        } catch { return .failure(error) }
        return .success((client, target))
    }

    private func target(of request: AuthorizationRequest, at team: TeamSettings) throws(Failure) -> OAuthTarget? {
        guard let id = request.application else { return try apiTarget(at: team) }
        return try desk.application(id, of: team.account).map { .application($0) }
    }

    /// Whether an issuer is that of the control plane's own API.
    private func isOfAPI(_ issuer: String) -> Bool { issuer.utf8.elementsEqual(plane.settings.publicURL.utf8) }

    /// Where the registrations of an issuer are: in the team's account, or at the server itself.
    private func registry(of issuer: String, _ team: TeamSettings) -> AccountID? {
        isOfAPI(issuer) ? nil : team.account
    }

    /// Where the answer goes in the end when a login comes back to a path; `nil` for a path of another kind.
    package func redirectURI(in path: String, at team: TeamSettings) -> String? {
        guard path.hasPrefix(Self.continuation), let bytes = Base64URL.decode(path.dropFirst(Self.continuation.count))
        else { return nil }
        return opened(bytes, for: Self.purpose(of: team.account)).flatMap { AuthorizationRequest($0) }?.redirectURI
    }

    static let continuation = "/cdn-cgi/access/oauth/continue?request="

    // MARK: Reading

    /// What a request is for, and how it is spelled.
    private func target(
        _ query: QueryString, issuer: String, isOfHost: Bool, at team: TeamSettings
    ) throws(Failure) -> (target: OAuthTarget?, resource: String) {
        let indicator: ResourceIndicator?
        do throws(OAuthError) {
            indicator = try ResourceIndicator.read(query)
        } catch { return (nil, "") }
        if let indicator {
            let text = query.values("resource").first { !$0.isEmpty } ?? ""
            if isOfAPI(issuer) { return (isAPI(indicator) ? try apiTarget(at: team) : nil, text) }
            return (try application(at: indicator, of: team.account).map { .application($0) }, text)
        }
        if isOfAPI(issuer) { return (try apiTarget(at: team), issuer + APITarget.path) }
        guard isOfHost else { return (nil, "") }
        return (try applicationOnHost(of: issuer, team.account).map { .application($0) }, issuer)
    }

    /// Everything that a request to an issuer could have meant.
    private func candidates(_ issuer: String, _ team: TeamSettings) throws(Failure) -> [OAuthTarget] {
        if isOfAPI(issuer) { return [try apiTarget(at: team)] }
        return try applications(of: team.account).map { .application($0) }
    }

    /// The application that an app host's issuer stands for when nothing else is said: that of its root, else its only one.
    private func applicationOnHost(of issuer: String, _ account: AccountID) throws(Failure) -> GuardedApplication? {
        guard let indicator = ResourceIndicator(issuer) else { return nil }
        if let found = try application(at: indicator, of: account) { return found }
        guard case .host(let applications, _) = try self.issuer(ofHost: indicator.address.authority)?.place else {
            return nil
        }
        return applications.count == 1 ? applications.first : nil
    }

    private func firstFault(
        _ redirectURI: String, _ client: ManagedClient, _ targets: [OAuthTarget]
    ) -> ClientFault? {
        var fault: ClientFault? = .notAllowed
        for target in targets {
            do throws(ClientFault) {
                try check(redirectURI, of: client, at: target)
                return nil
            } catch { fault = error }
        }
        return fault
    }

    private func request(
        _ parameters: Parameters, clientID: String, redirectURI: String, resource: String, application: ApplicationID?,
        issuer: String
    ) throws(OAuthError) -> AuthorizationRequest {
        guard try parameters.required("response_type") == "code" else {
            throw OAuthError(.unsupportedResponseType, "response_type must be code")
        }
        guard let challenge = try CodeChallenge.read(parameters, isRequired: true) else {
            throw OAuthError(.invalidRequest, "code_challenge is missing")
        }
        if let mode = parameters["response_mode"], mode != "query" {
            throw OAuthError(.invalidRequest, "response_mode must be query")
        }
        guard parameters["request"] == nil else {
            throw OAuthError(.requestNotSupported, "request objects are not supported")
        }
        guard parameters["request_uri"] == nil else {
            throw OAuthError(.requestURINotSupported, "request objects are not supported")
        }
        guard (parameters["state"]?.utf8.count ?? 0) <= 1024 else {
            throw OAuthError(.invalidRequest, "state is longer than 1024 bytes")
        }
        return AuthorizationRequest(
            clientID: clientID, redirectURI: redirectURI, state: parameters["state"], challenge: challenge.text,
            resource: resource, application: application, issuer: issuer,
            prompt: try AuthorizationPrompt(parameters.list("prompt")),
            hint: parameters["login_hint"].flatMap { $0.utf8.count <= 254 ? $0 : nil }, askedAt: now)
    }

    static func purpose(of account: AccountID) -> String { "oauth request \(account.hex)" }
}
