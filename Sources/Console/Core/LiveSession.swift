import ControlPlane
import Crypto
import Domain
import HTTP
import Primitives

/// A session with the cookie that names it, and what is derived from that cookie.
struct LiveSession: Sendable {
    let secret: BrowserSecret
    let record: ConsoleSession

    /// The hidden value of this session's forms.
    var formToken: String { FormToken.value(of: secret) }

    /// Who is signed in, in a few words.
    func name(of principal: Principal) -> String {
        switch (principal.token, principal.email) {
        case (let token?, _) where token.account != nil: token.name
        case (_, let email?): email
        case (let token?, nil): token.name
        case (nil, nil): "somebody"
        }
    }
}

/// What every form carries hidden: derived from the cookie, so that only a page that was made for this browser has it.
enum FormToken {
    static let field = "_token"

    static func value(of secret: BrowserSecret) -> String {
        Base64URL.encode(HMAC.sha256(key: Array(secret.text.utf8), Array("orgd console form".utf8)).bytes)
    }

    static func isRight(_ value: String?, for secret: BrowserSecret) -> Bool {
        guard let value else { return false }
        return constantTimeEqual(Array(value.utf8), Array(Self.value(of: secret).utf8))
    }
}

/// Something to be said on the next page, once. It travels in a cookie that is signed for the session, so that nobody can
/// make the console say something.
struct Flash: Sendable {
    enum Tone: String, Sendable { case good, warn, bad }

    let tone: Tone
    let sentence: String

    init(_ tone: Tone, _ sentence: String) {
        self.tone = tone
        self.sentence = sentence
    }

    init?(cookie: String?, for secret: BrowserSecret) {
        guard let parts = cookie?.split(separator: "."), parts.count == 3, let tone = Tone(rawValue: String(parts[0])),
            let bytes = Base64URL.decode(parts[1]), let sentence = String(validating: bytes, as: UTF8.self),
            constantTimeEqual(Array(parts[2].utf8), Array(Self.signature(tone, sentence, secret).utf8))
        else { return nil }
        self.init(tone, sentence)
    }

    func cookie(for secret: BrowserSecret) -> String {
        // A cookie holds 4096 bytes at most.
        let short = Flash(tone, sentence.utf8.count > 900 ? String(sentence.prefix(300)) + "…" : sentence)
        let text = Base64URL.encode(Array(short.sentence.utf8))
        return "\(tone.rawValue).\(text).\(Self.signature(tone, short.sentence, secret))"
    }

    private static func signature(_ tone: Tone, _ sentence: String, _ secret: BrowserSecret) -> String {
        let message = Array("orgd console flash \(tone.rawValue) \(sentence)".utf8)
        return Base64URL.encode(HMAC.sha256(key: Array(secret.text.utf8), message).bytes)
    }
}

/// The cookies of the console. With https their names keep other hosts from setting them.
struct ConsoleCookies {
    let isSecure: Bool

    init(_ settings: ControlPlane.Settings) { isSecure = settings.scheme == "https" }

    var session: String { name("orgd_console") }
    /// Before there is a session: ties the sign-in form to the browser.
    var visit: String { name("orgd_console_visit") }
    var flash: String { name("orgd_console_flash") }

    private func name(_ base: String) -> String { isSecure ? "__Host-\(base)" : base }

    func set(_ name: String, _ value: String, for lifetime: Duration? = nil) -> String {
        // Every value is base64url with dots, so it always consists of cookie octets.
        guard var cookie = SetCookie(name, value) else { return "" }
        cookie.maxAge = lifetime
        cookie.isSecure = isSecure
        cookie.sameSite = .lax
        return cookie.text
    }

    func clear(_ name: String) -> String { set(name, "", for: .zero) }
}
