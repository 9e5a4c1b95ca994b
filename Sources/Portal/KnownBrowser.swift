import ControlPlane
import HTTP
import Primitives

/// A browser with the cookie that ties its login to it, made when it comes for the first time.
struct KnownBrowser {
    let facts: Browser
    private let newCookie: String?

    init(_ facts: Browser, newCookie: String?) {
        self.facts = facts
        self.newCookie = newCookie
    }

    func keep(in response: inout Response) {
        if let newCookie { response.fields.append(.setCookie, newCookie) }
    }
}

extension PortalHandler {
    private static let loginCookieLifetime = Duration.seconds(4 * 3600)

    /// The browser behind a request to a team's host.
    func browser(of request: Request) -> KnownBrowser {
        let known = BrowserSecret(cookie: Cookies(request)[AccessCookies.session])
        let secret = known ?? BrowserSecret()
        let cookie = AccessCookies(settings).set(AccessCookies.session, secret.text, for: Self.loginCookieLifetime)
        return KnownBrowser(facts(of: request, secret), newCookie: known == nil ? cookie : nil)
    }

    func facts(of request: Request, _ secret: BrowserSecret) -> Browser {
        Browser(
            address: clientAddress(of: request), country: country(of: request), ray: request.rayText + "-ORG",
            secret: secret)
    }

    /// The cookie that tells browsers apart for longer than a login, made when it is missing.
    func device(of request: Request) -> (digest: [UInt8], newCookie: String?) {
        if let known = BrowserSecret(cookie: Cookies(request)[AccessCookies.device]) { return (known.digest, nil) }
        let secret = BrowserSecret()
        return (
            secret.digest,
            AccessCookies(settings).set(
                AccessCookies.device, secret.text, for: Self.deviceLifetime, sameSite: .strict,
                path: "/cdn-cgi/access/pin")
        )
    }

    private static let deviceLifetime = Duration.seconds(30 * 86_400)

    /// Values of the team's cookie.
    func teamTokens(_ request: Request) -> [String] { Cookies(request).values(AccessCookies.authorization) }

    static func redirect(to address: String) -> Response {
        var response = Response(.found)
        response.fields.append(.location, address)
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    /// Where to go after a form.
    static func seeOther(_ address: String) -> Response {
        var response = redirect(to: address)
        response.status = .seeOther
        return response
    }
}

extension FieldName {
    static let country = FieldName("x-orgd-country") ?? .host
    static let certificateVerified = FieldName("x-orgd-client-cert-verified") ?? .host
    static let certificateName = FieldName("x-orgd-client-cert-cn") ?? .host
}

extension PortalHandler {
    func clientAddress(of request: Request) -> IPAddress { options.trustedProxies.clientAddress(of: request) }

    /// What a trusted proxy says of the country; empty without one.
    func country(of request: Request) -> String {
        guard isTrusted(request.peer), request.count(.country) == 1, let value = request.value(.country),
            value.utf8.count == 2, value.utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) })
        else { return "" }
        return value
    }
}
