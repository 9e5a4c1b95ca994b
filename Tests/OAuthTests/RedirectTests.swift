import HTTP
import OAuth
import Primitives
import Testing

@Suite("Redirect URIs and resources")
struct RedirectTests {
    @Test(
        "a redirect URI matches byte for byte, but for the port of the own machine",
        arguments: [
            ("https://a.example/cb", "https://a.example/cb", true),
            ("https://a.example/cb", "https://a.example/cb/", false),
            ("https://a.example/cb", "https://A.example/cb", false),
            ("https://a.example/cb", "https://a.example/cb?x=1", false),
            ("https://a.example/cb", "https://a.example:443/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true),
            ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb", true),
            ("http://[::1]:1/cb", "http://[::1]:2/cb", true),
            ("http://localhost/cb", "http://localhost:3000/cb", true),
            ("http://localhost/cb", "http://127.0.0.1:3000/cb", false),
            ("http://localhost/cb", "http://localhost.evil.example:3000/cb", false),
            ("http://localhost/cb", "http://localhost:3000@evil.example/cb", false),
            ("http://localhost/cb", "http://localhost:3000/cb#x", false),
            ("http://localhost/cb", "http://localhost:0/cb", false),
            ("http://localhost/cb", "http://localhost:3000/cb/../x", false),
            ("http://localhost/cb", "https://localhost:3000/cb", false),
            ("http://127.0.0.1/cb", "http://127.1:3000/cb", false),
            ("http://app.localhost/cb", "http://app.localhost:3000/cb", false),
            ("com.example.app:/cb", "com.example.app:/cb", true),
            ("com.example.app:/cb", "com.example.app:/cb2", false),
        ])
    func matches(registered: String, presented: String, isMatch: Bool) {
        #expect(RedirectMatch.matches(presented, registered: registered) == isMatch)
    }

    private let rules = RedirectRules(
        allowsLocalhost: false, allowsLoopback: true,
        entries: ["https://a.example/cb", "https://b.example/x/*", "cursor://auth/cb", "http://localhost:9/only"])

    @Test(
        "self-registered redirect URIs follow the rules of the application",
        arguments: [
            ("https://a.example/cb", true), ("https://a.example/cb?x", false), ("https://b.example/x/y", true),
            ("https://b.example/x/", true), ("https://b.example/x", false), ("https://b.example/xy", false),
            ("https://b.example/x/y?q=1", true), ("https://b.example/x/../z", false),
            ("https://b.example/x/a/../b", true), ("https://b.example/x/%2e%2e/z", false),
            ("https://b.example/x/a%2Fb", false), ("https://b.example:444/x/y", false),
            ("https://u@b.example/x/y", false), ("https://b.example/x/y#f", false),
            ("http://127.0.0.1:5/any", true), ("https://[::1]/any", true), ("http://localhost:5/any", false),
            ("http://localhost:9/only", true), ("http://b.example/x/y", false), ("cursor://auth/cb", true),
            ("cursor://auth/cb2", false), ("javascript:alert(1)", false), ("data:text/html,x", false), ("", false),
        ])
    func rules(uri: String, isAllowed: Bool) {
        #expect(rules.allow(uri) == isAllowed)
    }

    @Test("a scheme that runs in the browser is refused even when it is listed")
    func dangerousSchemes() {
        let rules = RedirectRules(allowsLocalhost: true, allowsLoopback: true, entries: ["javascript:x", "ws://a/b"])
        #expect(!rules.allow("javascript:x"))
        #expect(!rules.allow("ws://a/b"))
    }

    @Test("a resource is one absolute https URI without a fragment (RFC 8707 §2)")
    func resources() throws {
        func read(_ query: String) throws -> ResourceIndicator? {
            try ResourceIndicator.read(try #require(QueryString(query)))
        }
        #expect(try read("") == nil)
        let wiki = try #require(try read("resource=https%3A%2F%2FWiki.example%3A443%2Fdocs%2F"))
        #expect(wiki.names(try #require(ResourceIndicator("https://wiki.example/docs"))))
        #expect(!wiki.names(try #require(ResourceIndicator("https://wiki.example/docs2"))))
        #expect(!wiki.names(try #require(ResourceIndicator("https://wiki.example:8443/docs"))))
        for bad in [
            "resource=a&resource=b", "resource=/x", "resource=http://a.example", "resource=https://a.example/%23x#y",
        ] {
            #expect(throws: OAuthError.self) { try read(bad) }
        }
    }

    @Test("Base64 is read strictly")
    func base64() {
        for text in ["", "a", "ab", "abc", "abcd", "\u{0}ÿ"] {
            let bytes = Array(text.utf8)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        for text in ["YQ", "YQ=", "YR==", "Y===", "YQ==YQ==", "YW J", "YW-_"] { #expect(Base64.decode(text) == nil) }
    }
}
