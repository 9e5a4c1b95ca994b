import Domain
import OAuth
import Testing

/// One table for both sides of the one rule: what an administrator may write down, and where an answer may go.
@Suite("Redirect URIs: one rule for what is stored and what is followed")
struct RedirectURITests {
    struct Vector: CustomTestStringConvertible, Sendable {
        let text: String
        /// May be stored as it is, and followed once it is.
        let isExact: Bool
        /// May be stored as an entry of `allowed_uris`.
        let isPattern: Bool

        init(_ text: String, exact: Bool, pattern: Bool? = nil) {
            self.text = text
            isExact = exact
            isPattern = pattern ?? exact
        }

        var testDescription: String { "\"\(text)\"" }
    }

    static let vectors = [
        Vector("https://rp.example.com/cb", exact: true), Vector("https://rp.example.com", exact: true),
        Vector("https://rp.example.com:8443/cb?a=b", exact: true), Vector("HTTPS://rp.example.com/cb", exact: true),
        Vector("http://127.0.0.1:8080/cb", exact: true), Vector("http://localhost/cb", exact: true),
        Vector("http://[::1]/cb", exact: true), Vector("http://app.localhost/cb", exact: true),
        Vector("cursor://callback", exact: true), Vector("com.example.app:/cb", exact: true),
        Vector("http://rp.example.com/cb", exact: false), Vector("http://127.0.0.1.evil.example/cb", exact: false),
        Vector("http://localhost.evil.example/", exact: false), Vector("https://user@rp.example.com/", exact: false),
        Vector("https://rp.example.com@evil.example/", exact: false),
        Vector("https://rp.example.com/#f", exact: false),
        Vector("https://rp.example.com\\@evil.example/", exact: false),
        Vector("https://rp.example.com:0/", exact: false), Vector("https://rp.example.com:99999/", exact: false),
        Vector("https://rp.example.com/<x>", exact: false), Vector("https://rp.example.com/\"x", exact: false),
        Vector("javascript:alert(1)", exact: false), Vector("JavaScript:alert(1)", exact: false),
        Vector("DATA:text/html,x", exact: false), Vector("vbscript:x", exact: false),
        Vector("blob:https://a/b", exact: false),
        Vector("file:///etc/passwd", exact: false), Vector("about:blank", exact: false),
        Vector("ws://localhost/", exact: false), Vector("wss://rp.example.com/", exact: false),
        Vector("/relative", exact: false), Vector("//rp.example.com/cb", exact: false), Vector("", exact: false),
        Vector("app://", exact: false), Vector("app:", exact: false), Vector("app://u@h/x", exact: false),
        Vector("1app://x", exact: false), Vector("a b://x", exact: false),
        Vector("https://rp.example.com/a b", exact: false),
        Vector("https://rp.example.com/\u{E9}", exact: false), Vector("https://rp.example.com/\n", exact: false),
        Vector("https://rp.example.com/" + String(repeating: "a", count: 2100), exact: false),
        Vector("https://rp.example.com/*", exact: false, pattern: true),
        Vector("https://rp.example.com/a/*", exact: false, pattern: true),
        Vector("http://localhost/*", exact: false, pattern: true), Vector("http://rp.example.com/*", exact: false),
        Vector("https://*.example.com/", exact: false), Vector("https://*.example.com/*", exact: false),
        Vector("https://rp.example.com/*/b", exact: false), Vector("https://rp.example.com/a*", exact: false),
        Vector("app://x/*", exact: false), Vector("https://*", exact: false), Vector("https:///*", exact: false),
        Vector("https://rp.example.com/?q=/*", exact: false), Vector("*", exact: false),
        Vector("https://*/*", exact: false),
    ]

    @Test("what may be stored", arguments: vectors)
    func stored(vector: Vector) {
        #expect(RedirectURI.isExact(vector.text) == vector.isExact)
        #expect(RedirectURI.isPattern(vector.text) == vector.isPattern)
    }

    @Test(
        "what may be stored as it is may be followed, and nothing else may even when it is listed", arguments: vectors)
    func followed(vector: Vector) {
        let rules = RedirectRules(allowsLocalhost: false, allowsLoopback: false, entries: [vector.text])
        #expect(rules.allow(vector.text) == vector.isExact)
        let open = RedirectRules(allowsLocalhost: true, allowsLoopback: true, entries: [])
        #expect(!open.allow(vector.text) || vector.isExact)
    }
}
