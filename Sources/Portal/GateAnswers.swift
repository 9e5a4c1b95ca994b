import ControlPlane
import Domain
import HTTP
import HTTPServer
import JSON
import Primitives
import Store
import Telemetry

/// What forward-auth answers (contract 40 §8).
extension PortalHandler {
    // MARK: Going on

    /// 200, with every field that the proxy copies: empty where there is nothing to say, so that copying is enough to
    /// overwrite what a client may have sent.
    func passed(_ pass: GatePass?, _ cookies: Cookies, at destination: PublicDestination? = nil) -> Response {
        var response = Response(.ok)
        response.fields.reserveCapacity(9)
        Self.identify(pass, cookies, in: &response.fields)
        if let pass, let cookie = pass.cookie, let destination {
            for line in AccessCookies(settings).application(cookie, of: pass.application, at: destination) {
                response.fields.append(.setCookie, line)
            }
        }
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    private static func identify(_ pass: GatePass?, _ cookies: Cookies, in fields: inout Fields) {
        fields.append(.assertion, pass?.assertion ?? "")
        fields.append(.userEmail, pass.map { fieldText($0.email) } ?? "")
        fields.append(.userUUID, pass?.user?.uuid ?? "")
        fields.append(.accessAudience, pass.map { $0.application.application.audience.hex } ?? "")
        fields.append(.oauthClientID, pass?.agent?.clientID ?? "")
        fields.append(.oauthClientName, pass?.agent.map { PercentEncoding.encode($0.name) } ?? "")
        // The token is ours: the application has no use for it and should not see it.
        if pass?.agent != nil { fields.append(.stripAuthorization, "1") }
        fields.append(.orgdCookie, othersCookies(cookies))
    }

    /// An address as a field's value may hold it. Whoever has another one is told by the assertion.
    private static func fieldText(_ email: String) -> String {
        email.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? email : ""
    }

    private static func othersCookies(_ cookies: Cookies) -> String {
        var text = ""
        for cookie in cookies.all where !ownCookies.contains(cookie.name) {
            if !text.isEmpty { text += "; " }
            text += cookie.name
            text += "="
            text += cookie.value
        }
        return text
    }

    private static let ownCookies: Set<String> = [
        AccessCookies.authorization, AccessCookies.binding, AccessCookies.session, AccessCookies.appSession,
        AccessCookies.device,
    ]

    // MARK: Preflights

    /// 204, for proxies that pass our answer on. Some let every 2xx through to the application, so that it carries the
    /// fields of an admission without an identity; nginx asks for the answer itself after a 401.
    func answerPreflight(_ fields: Fields, _ call: GateCall) -> Response {
        var response = Response(call.forwarded.isForNginx ? .unauthorized : .noContent)
        Self.identify(nil, call.cookies, in: &response.fields)
        response.fields.append(contentsOf: fields)
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    // MARK: Refusing

    static func plain(_ status: Status, _ detail: String) -> Response {
        var response = Response(status, text: detail + "\n")
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    func refuse(_ verdict: GateVerdict, _ call: GateCall) throws(Failure) -> Response {
        let application = call.application
        switch verdict {
        case .badServiceToken:
            metrics.count(.serviceTokenRefused)
            return Self.challenge(plain: "the service token is not valid here")
        case .serviceNeeded:
            metrics.count(.serviceTokenRefused)
            if call.caller != .navigation, application.isOAuthEnabled { return challenge(call) }
            if application.flag("service_auth_401_redirect") {
                return Self.challenge(plain: "this application lets machines in only: send a service token")
            }
            return try denied(call, email: "", page: "custom_non_identity_deny_url")
        case .deniedWithoutIdentity:
            metrics.count(.denied)
            return try denied(call, email: "", page: "custom_non_identity_deny_url")
        case .denied(let email):
            metrics.count(.denied)
            return try denied(call, email: email, page: "custom_deny_url")
        case .badAgentToken:
            metrics.count(.loginNeeded)
            return challenge(call)
        case .pass, .admit, .open, .keyNeeded, .loginNeeded:
            // Not a refusal: to answer it as one is the safe side.
            metrics.count(.denied)
            return Self.plain(.forbidden, "not admitted")
        }
    }

    private func denied(_ call: GateCall, email: String, page: String) throws(Failure) -> Response {
        let application = call.application
        guard call.caller == .navigation else {
            guard application.isOAuthEnabled else {
                return Self.plain(.forbidden, "the rules of this application do not admit this")
            }
            // No challenge: it would send the client round again.
            var response = Response(.forbidden, json: Array(#"{"error":"access_denied"}"#.utf8))
            response.fields.append(.cacheControl, "no-store")
            return response
        }
        if let address = application.text(page) { return redirect(to: address, call.forwarded) }
        var response = try deniedPage(application, email: email, call.request)
        if application.flag("allow_iframe") { Self.allowFrames(&response) }
        return response
    }

    /// Takes back what keeps other sites from framing a page.
    private static func allowFrames(_ response: inout Response) {
        response.fields.set(.xFrameOptions, nil)
        guard let policy = response.fields[.contentSecurityPolicy] else { return }
        let parts = policy.split(separator: ";").filter { !$0.contains("frame-ancestors") }
        response.fields.set(.contentSecurityPolicy, parts.joined(separator: ";"))
    }

    /// A redirect in the form that the proxy can pass on.
    private func redirect(to address: String, _ forwarded: ForwardedRequest) -> Response {
        var response = Self.redirect(to: address)
        if forwarded.isForNginx { response.status = .unauthorized }
        return response
    }

    // MARK: Asking to log in

    func askToLogIn(_ call: GateCall) throws(Failure) -> Answer {
        metrics.count(.loginNeeded)
        switch call.caller {
        case .navigation: return try sendToLogin(call)
        case .client, .script:
            if call.application.isOAuthEnabled { return .now(challenge(call)) }
            if call.caller == .client { return try sendToLogin(call) }
            return .now(Self.challenge(plain: "sign in with a browser first"))
        }
    }

    private static func challenge(plain detail: String) -> Response {
        var response = plain(.unauthorized, detail)
        response.fields.append(.wwwAuthenticate, "Cloudflare-Access")
        return response
    }

    /// Where a client finds out how to get a token (contract 50 §2).
    private func challenge(_ call: GateCall) -> Response {
        guard call.application.isOAuthEnabled else {
            var response = Self.refusal(.unauthorized, "invalid_token", "The access token is not for this application")
            response.fields.append(.wwwAuthenticate, "Bearer realm=\"OAuth\", error=\"invalid_token\"")
            return response
        }
        let metadata = resourceMetadata(call.forwarded)
        let request = call.request
        let hadCredentials =
            request.count(.authorization) > 0 || request.count(.accessToken) > 0
            || call.cookies[AccessCookies.authorization] != nil
        let detail = "The access token is missing, expired or not for this application"
        var value = "Bearer realm=\"OAuth\""
        if hadCredentials { value += ", error=\"invalid_token\", error_description=\"\(detail)\"" }
        value += ", resource_metadata=\"\(metadata)\""
        let body: JSONValue = [
            "error": "invalid_token", "error_description": .string(detail), "resource_metadata": .string(metadata),
        ]
        var response = Response(.unauthorized, json: body.serializedBytes())
        response.fields.append(.wwwAuthenticate, value)
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    private func resourceMetadata(_ forwarded: ForwardedRequest) -> String {
        let path = forwarded.target.prefix { $0 != "?" }
        let isQuotable =
            path != "/" && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x2C && $0 != 0x5C }
        return
            "\(settings.scheme)://\(forwarded.authority)/.well-known/oauth-protected-resource\(isQuotable ? path : "")"
    }

    private static let appSessionLifetime = Duration.seconds(24 * 3600)

    private func sendToLogin(_ call: GateCall) throws(Failure) -> Answer {
        let known = BrowserSecret(cookie: call.cookies[AccessCookies.appSession])
        let secret = known ?? BrowserSecret()
        let account = call.application.account
        if let key = try plane.teamKey(of: account, in: desk.reader) {
            return .now(try login(call, secret, isNew: known == nil, key))
        }
        return later(call.request) { (portal) throws(Failure) in
            let key = try await portal.desk.key(of: account)
            return try portal.login(call, secret, isNew: known == nil, key)
        }
    }

    private func login(
        _ call: GateCall, _ secret: BrowserSecret, isNew: Bool, _ key: TeamKey
    ) throws(Failure) -> Response {
        let forwarded = call.forwarded
        // What the login could not come back to is not asked for.
        let target = LocalPath.isSafe(forwarded.target) ? forwarded.target : "/"
        let address = try desk.loginAddress(
            for: call.application, host: forwarded.authority, target: target,
            appSession: Base64URL.encode(secret.digest), key: key)
        var response = redirect(to: address, forwarded)
        response.fields.append(
            .wwwAuthenticate, "Cloudflare-Access resource_metadata=\"\(resourceMetadata(forwarded))\"")
        if isNew {
            response.fields.append(
                .setCookie,
                AccessCookies(settings).set(AccessCookies.appSession, secret.text, for: Self.appSessionLifetime))
        }
        return response
    }
}

extension GuardedApplication {
    /// Whether clients may get tokens of the application themselves (contract 50).
    var isOAuthEnabled: Bool {
        guard let oauth = document["oauth_configuration"]?.objectValue else { return false }
        return oauth["enabled"]?.boolValue ?? true
    }
}

extension FieldName {
    static let assertion = FieldName("cf-access-jwt-assertion") ?? .host
    static let userEmail = FieldName("cf-access-authenticated-user-email") ?? .host
    static let userUUID = FieldName("cf-access-user-uuid") ?? .host
    static let accessAudience = FieldName("cf-access-aud") ?? .host
    static let oauthClientID = FieldName("cf-access-oauth-client-id") ?? .host
    static let oauthClientName = FieldName("cf-access-oauth-client-name") ?? .host
    static let stripAuthorization = FieldName("x-orgd-strip-authorization") ?? .host
    static let orgdCookie = FieldName("x-orgd-cookie") ?? .host
}
