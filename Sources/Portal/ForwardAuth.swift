import ControlPlane
import Crypto
import Domain
import HTTP
import HTTPServer
import Primitives
import Store

/// The question of proxies: may this request go on (contract 40 §8)?
extension PortalHandler {
    func forwardAuth(_ request: Request) throws(Failure) -> Answer {
        guard isTrusted(request.peer) else {
            return .now(plain(.forbidden, "only trusted proxies may ask: see --trusted-proxies"))
        }
        let forwarded: ForwardedRequest
        do throws(ForwardedRequest.Problem) {
            forwarded = try ForwardedRequest(request)
        } catch { return .now(plain(error.status, error.detail)) }
        let cookies = Cookies(request)
        let question = GateRequest(
            host: LoginDesk.hostName(forwarded.authority), path: forwarded.path, address: clientAddress(of: request),
            country: country(of: request), certificate: certificate(of: request),
            tokens: cookies.values(AccessCookies.authorization), binding: cookies[AccessCookies.binding],
            service: Self.serviceCredential(of: request))
        let verdict = try gate.judge(question)
        switch verdict {
        case .pass(let pass): return .now(passed(pass, cookies))
        case .open: return .now(passed(nil, cookies))
        case .loginNeeded(let application):
            guard Self.isNavigation(request, forwarded) || Self.mayRedirect(request, forwarded) else {
                return .now(plain(.unauthorized, "sign in with a browser first"))
            }
            return try sendToLogin(application, forwarded, request)
        case .serviceNeeded(let application):
            let status: Status = application.flag("service_auth_401_redirect") ? .unauthorized : .forbidden
            return .now(plain(status, "this application lets machines in only: send a service token"))
        case .denied(let application, let email):
            if Self.isNavigation(request, forwarded), let url = application.text("custom_deny_url") {
                return .now(redirect(to: url, forwarded))
            }
            return .now(try deniedPage(application, email: email, request))
        case .deniedWithoutIdentity(let application):
            if Self.isNavigation(request, forwarded), let url = application.text("custom_non_identity_deny_url") {
                return .now(redirect(to: url, forwarded))
            }
            return .now(try deniedPage(application, email: "", request))
        case .badServiceToken: return .now(plain(.unauthorized, "the service token is not valid here"))
        case .unknownHost:
            return .now(plain(.forbidden, "no application is registered for this host"))
        }
    }

    // MARK: Answers

    /// 200, with every field that the proxy copies: empty where there is nothing to say, so that copying is enough to
    /// overwrite what a client may have sent.
    private func passed(_ pass: GatePass?, _ cookies: Cookies) -> Response {
        var response = Response(.ok)
        response.fields.append(.assertion, pass?.assertion ?? "")
        response.fields.append(.userEmail, pass?.email ?? "")
        response.fields.append(.userUUID, pass?.user?.uuid ?? "")
        response.fields.append(.accessAudience, pass.map { $0.application.application.audience.hex } ?? "")
        response.fields.append(.oauthClientID, "")
        response.fields.append(.oauthClientName, "")
        let others = cookies.all.filter { !Self.ownCookies.contains($0.name) }
        response.fields.append(.orgdCookie, others.map { "\($0.name)=\($0.value)" }.joined(separator: "; "))
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    private static let ownCookies: Set<String> = [
        AccessCookies.authorization, AccessCookies.binding, AccessCookies.session, AccessCookies.appSession,
        AccessCookies.device,
    ]

    private func plain(_ status: Status, _ detail: String) -> Response {
        var response = Response(status, text: detail + "\n")
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    /// A redirect in the form that the proxy can pass on.
    private func redirect(to address: String, _ forwarded: ForwardedRequest) -> Response {
        var response = Self.redirect(to: address)
        if forwarded.isForNginx { response.status = .unauthorized }
        return response
    }

    private static let appSessionLifetime = Duration.seconds(24 * 3600)

    private func sendToLogin(
        _ application: GuardedApplication, _ forwarded: ForwardedRequest, _ request: Request
    ) throws(Failure) -> Answer {
        let known = BrowserSecret(cookie: Cookies(request)[AccessCookies.appSession])
        let secret = known ?? BrowserSecret()
        if let key = try plane.teamKey(of: application.account, in: desk.reader) {
            return .now(try login(application, forwarded, secret, isNew: known == nil, key))
        }
        return later(request) { (portal) throws(Failure) in
            let key = try await portal.desk.key(of: application.account)
            return try portal.login(application, forwarded, secret, isNew: known == nil, key)
        }
    }

    private func login(
        _ application: GuardedApplication, _ forwarded: ForwardedRequest, _ secret: BrowserSecret, isNew: Bool,
        _ key: TeamKey
    ) throws(Failure) -> Response {
        let address = try desk.loginAddress(
            for: application, host: forwarded.authority, target: forwarded.target,
            appSession: Base64URL.encode(secret.digest), key: key)
        var response = redirect(to: address, forwarded)
        let origin = "\(settings.scheme)://\(forwarded.authority)"
        response.fields.append(
            .wwwAuthenticate,
            "Cloudflare-Access resource_metadata=\"\(origin)/.well-known/oauth-protected-resource\(Self.metadataPath(forwarded.target))\""
        )
        if isNew {
            response.fields.append(
                .setCookie,
                AccessCookies(settings).set(AccessCookies.appSession, secret.text, for: Self.appSessionLifetime))
        }
        return response
    }

    /// The path of a target as a quoted string may hold it; empty for the root.
    private static func metadataPath(_ target: String) -> String {
        let path = target.prefix { $0 != "?" }
        guard path != "/", !path.utf8.contains(UInt8(ascii: "\"")), !path.utf8.contains(UInt8(ascii: ",")) else {
            return ""
        }
        return String(path)
    }

    // MARK: Reading

    /// A person who looks at a page: GET or HEAD that navigates, or accepts HTML where the browser does not say.
    private static func isNavigation(_ request: Request, _ forwarded: ForwardedRequest) -> Bool {
        guard forwarded.method == "GET" || forwarded.method == "HEAD", request.value(.requestedWith) == nil,
            request.count(.authorization) == 0
        else { return false }
        if let mode = request.value(.fetchMode) { return mode == "navigate" }
        guard request.value(.fetchSite) == nil, request.value(.fetchDestination) == nil else { return false }
        return request.values(.accept).contains { $0.lowercased().contains("text/html") }
    }

    /// Other clients follow redirects of GET and HEAD too, unless they say that a script asks.
    private static func mayRedirect(_ request: Request, _ forwarded: ForwardedRequest) -> Bool {
        (forwarded.method == "GET" || forwarded.method == "HEAD") && request.value(.requestedWith) == nil
    }

    private static func serviceCredential(of request: Request) -> ServiceCredential {
        let (ids, secrets) = (request.values(.clientID), request.values(.clientSecret))
        if ids.isEmpty, secrets.isEmpty { return .absent }
        guard ids.count == 1, secrets.count == 1, ids[0].hasSuffix(".access"),
            let client = ServiceTokenClientID(hex: ids[0].dropLast(7)), !secrets[0].isEmpty,
            secrets[0].utf8.count <= 256
        else { return .malformed }
        return .pair(client, secret: Secret(secrets[0]))
    }

    private func certificate(of request: Request) -> ClientCertificate? {
        guard request.count(.certificateVerified) == 1, request.value(.certificateVerified) == "SUCCESS",
            request.count(.certificateName) <= 1
        else { return nil }
        return ClientCertificate(commonName: request.value(.certificateName).flatMap { $0.isEmpty ? nil : $0 })
    }
}

extension FieldName {
    static let assertion = FieldName("cf-access-jwt-assertion") ?? .host
    static let userEmail = FieldName("cf-access-authenticated-user-email") ?? .host
    static let userUUID = FieldName("cf-access-user-uuid") ?? .host
    static let accessAudience = FieldName("cf-access-aud") ?? .host
    static let oauthClientID = FieldName("cf-access-oauth-client-id") ?? .host
    static let oauthClientName = FieldName("cf-access-oauth-client-name") ?? .host
    static let orgdCookie = FieldName("x-orgd-cookie") ?? .host
    static let clientID = FieldName("cf-access-client-id") ?? .host
    static let clientSecret = FieldName("cf-access-client-secret") ?? .host
    static let requestedWith = FieldName("x-requested-with") ?? .host
    static let fetchMode = FieldName("sec-fetch-mode") ?? .host
    static let fetchSite = FieldName("sec-fetch-site") ?? .host
    static let fetchDestination = FieldName("sec-fetch-dest") ?? .host
}
