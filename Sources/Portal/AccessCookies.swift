import ControlPlane
import Domain
import HTTP
import Primitives

/// The cookies of contract 40 §2. Over plain http, which only loopback installations use, `Secure` is dropped and
/// `SameSite=None` becomes `Lax`, because browsers refuse the one without the other.
struct AccessCookies {
    static let authorization = "CF_Authorization"
    static let binding = "CF_Binding"
    static let session = "CF_Session"
    static let appSession = "CF_AppSession"
    static let device = "CF_Device"

    let isSecure: Bool

    init(_ settings: ControlPlane.Settings) { isSecure = settings.scheme == "https" }

    func set(
        _ name: String, _ value: String, for lifetime: Duration, sameSite: SetCookie.SameSite = .none,
        isHTTPOnly: Bool = true, path: String = "/"
    ) -> String {
        // Every value is base64url or a compact token, so it always consists of cookie octets.
        guard var cookie = SetCookie(name, value) else { return "" }
        cookie.maxAge = lifetime
        cookie.isSecure = isSecure
        cookie.isHTTPOnly = isHTTPOnly
        cookie.sameSite = sameSite == .none && !isSecure ? .lax : sameSite
        cookie.path = path
        return cookie.text
    }

    func clear(_ name: String, path: String = "/") -> String { set(name, "", for: .zero, path: path) }

    /// The team's cookie (`type: org`).
    func team(_ cookie: IssuedCookie) -> String { set(Self.authorization, cookie.value, for: cookie.lifetime) }

    /// The application's cookies, as it asks for them.
    func application(_ taken: TakenOver) -> [String] {
        application(taken.cookie, of: taken.application, at: taken.destination, binding: taken.binding)
    }

    func application(
        _ cookie: IssuedCookie, of application: GuardedApplication, at destination: PublicDestination,
        binding: String? = nil
    ) -> [String] {
        let sameSite: SetCookie.SameSite =
            switch application.text("same_site_cookie_attribute") {
            case "none": .none
            case "strict": .strict
            default: .lax
            }
        let path =
            application.flag("path_cookie_attribute") && !destination.path.isEmpty
                && !destination.path.utf8.contains(UInt8(ascii: "*")) ? destination.path : "/"
        var cookies = [
            set(
                Self.authorization, cookie.value, for: cookie.lifetime, sameSite: sameSite,
                isHTTPOnly: application.flag("http_only_cookie_attribute", default: true), path: path)
        ]
        if let binding { cookies.append(set(Self.binding, binding, for: cookie.lifetime, path: path)) }
        return cookies
    }
}
