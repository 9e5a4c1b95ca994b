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
    package let application: GuardedApplication
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

    /// Where an authorization request to an application's host goes on: at the team's host, where people sign in.
    ///
    /// - Parameter query: as sent.
    package func forwardAddress(_ query: String, from issuer: OAuthIssuer) -> String {
        let sealed = SealedIssuer(issuer: issuer.text, account: issuer.account).sealed(by: plane.vault)
        let origin = plane.settings.teamOrigin(issuer.team.team)
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
        switch try await self.client(named: clientID, of: team.account) {
        case .success(let found): client = found
        case .failure(let fault): return .page(fault)
        }
        let state = query.count("state") == 1 ? query["state"].flatMap { $0.isEmpty ? nil : $0 } : nil
        let target = try application(
            query, issuer: issuer, isOfHost: query.count(Self.issuerParameter) > 0, of: team.account)
        guard let application = target.application else {
            // The answer is an error, and even that goes only where some application would let it.
            if let fault = firstFault(redirectURI, client, try applications(of: team.account)) { return .page(fault) }
            let error = OAuthError(.invalidTarget, "resource names no application with managed OAuth")
            return .answer(
                ClientAnswer.address(
                    redirectURI, [("error", error.code.rawValue), ("error_description", error.detail)], state: state,
                    issuer: issuer))
        }
        do throws(ClientFault) { try check(redirectURI, of: client, at: application) } catch { return .page(error) }
        let request: AuthorizationRequest
        do throws(OAuthError) {
            let parameters = try Parameters(query)
            request = try self.request(
                parameters, clientID: clientID, redirectURI: redirectURI, resource: target.resource,
                application: application.id, issuer: issuer)
        } catch {
            return .answer(
                ClientAnswer.address(
                    redirectURI, [("error", error.code.rawValue), ("error_description", error.detail)], state: state,
                    issuer: issuer))
        }
        return try await proceed(request, client, application, cookies: cookies, browser)
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
        switch try await self.client(named: request.clientID, of: team.account) {
        case .failure(let fault): return .page(fault)
        case .success(let client):
            guard let application = try desk.application(request.application, of: team.account) else {
                return .page(.notAllowed)
            }
            do throws(ClientFault) {
                try check(request.redirectURI, of: client, at: application)
            } catch { return .page(error) }
            return try await proceed(request, client, application, cookies: cookies, browser)
        }
    }

    /// Where the answer goes in the end when a login comes back to a path; `nil` for a path of another kind.
    package func redirectURI(in path: String, at team: TeamSettings) -> String? {
        guard path.hasPrefix(Self.continuation), let bytes = Base64URL.decode(path.dropFirst(Self.continuation.count))
        else { return nil }
        return opened(bytes, for: Self.purpose(of: team.account)).flatMap { AuthorizationRequest($0) }?.redirectURI
    }

    static let continuation = "/cdn-cgi/access/oauth/continue?request="

    // MARK: Reading

    /// The application that a request is for, and how it is spelled.
    private func application(
        _ query: QueryString, issuer: String, isOfHost: Bool, of account: AccountID
    ) throws(Failure) -> (application: GuardedApplication?, resource: String) {
        let indicator: ResourceIndicator?
        do throws(OAuthError) {
            indicator = try ResourceIndicator.read(query)
        } catch { return (nil, "") }
        if let indicator {
            let text = query.values("resource").first { !$0.isEmpty } ?? ""
            return (try application(at: indicator, of: account), text)
        }
        guard isOfHost else { return (nil, "") }
        return (try applicationOnHost(of: issuer, account), issuer)
    }

    /// The application that an app host's issuer stands for when nothing else is said: that of its root, else its only one.
    private func applicationOnHost(of issuer: String, _ account: AccountID) throws(Failure) -> GuardedApplication? {
        guard let indicator = ResourceIndicator(issuer) else { return nil }
        if let found = try application(at: indicator, of: account) { return found }
        let applications = try self.issuer(ofHost: indicator.address.authority)?.applications ?? []
        return applications.count == 1 ? applications.first : nil
    }

    private func firstFault(
        _ redirectURI: String, _ client: ManagedClient, _ applications: [GuardedApplication]
    ) -> ClientFault? {
        var fault: ClientFault? = .notAllowed
        for application in applications {
            do throws(ClientFault) {
                try check(redirectURI, of: client, at: application)
                return nil
            } catch { fault = error }
        }
        return fault
    }

    private func request(
        _ parameters: Parameters, clientID: String, redirectURI: String, resource: String, application: ApplicationID,
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
