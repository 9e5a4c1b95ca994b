import HTML
import Testing

@Suite("Addresses in pages")
struct AddressTests {
    static let malicious = [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "\tjavascript:alert(1)", "java\nscript:x",
        "java\tscript:x", "\u{1}javascript:x", "\u{0}javascript:x", "javascript\u{0}:x", "javascript:",
        "javascript\r:x",
        "data:text/html,x", "DATA:image/svg+xml;base64,AA", "vbscript:x", "file:///etc/passwd", "blob:https://x/1",
        "view-source:x", "about:blank", "ws://x", ":", "x:", "\u{A0}javascript:x", "\u{FEFF}javascript:x",
        "https\u{202E}:x", "javascript\\:x", "ftp://example.org", "java script:x", "https://example.org/ ",
    ]

    static let harmless = [
        "", "#", "#a:b", "/", "/a:b", "?a:b", "./a:b", "//example.org/x", "https://example.org/?a=1&b=2", "HTTP://x",
        "mailto:help@example.org", "/größe", "a/b:c", "/a b", "javascript", "/javascript:x", "?next=javascript:x",
    ]

    @Test("an address with a scheme that could run or show something else becomes a fragment", arguments: malicious)
    func maliciousAddresses(_ address: String) {
        #expect(html(element("a", ["href": address]) { "x" }) == "<a href=\"#\">x</a>")
        #expect(html(element("form", ["action": address])) == "<form action=\"#\"></form>")
        #expect(html(element("button", ["formaction": address])) == "<button formaction=\"#\"></button>")
        #expect(html(element("a", ["HREF": address])) == "<a HREF=\"#\"></a>")
        #expect(html(element("a", ["xlink:href": address])) == "<a xlink:href=\"#\"></a>")
    }

    @Test("an image with such an address has none", arguments: malicious)
    func images(_ address: String) {
        #expect(html(element("img", ["src": address, "alt": ""])) == "<img alt=\"\">")
    }

    @Test("relative references, the web and mail are left as they are", arguments: harmless)
    func harmlessAddresses(_ address: String) {
        let escaped = address.split(separator: "&", omittingEmptySubsequences: false).joined(separator: "&amp;")
        #expect(html(element("a", ["href": address])) == "<a href=\"\(escaped)\"></a>")
        #expect(html(element("img", ["src": address])) == "<img src=\"\(escaped)\">")
    }

    @Test("character references are text, not part of a scheme")
    func references() {
        let link = element("a", ["href": "/&#106;avascript&colon;x"])
        #expect(html(link) == "<a href=\"/&amp;#106;avascript&amp;colon;x\"></a>")
    }

    @Test("the style sheet of a page is an address")
    func stylesheet() {
        let page = String(decoding: Page(title: "", stylesheet: "data:text/css,x") { "" }.bytes, as: UTF8.self)
        #expect(page.contains("<link rel=\"stylesheet\" href=\"#\">"))
    }
}
