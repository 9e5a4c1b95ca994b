import HTML
import Testing

@Suite("Escaping")
struct EscapingTests {
    static let corpus: [(text: String, written: String)] = [
        ("plain", "plain"),
        ("", ""),
        ("&<>\"'", "&amp;&lt;&gt;&quot;&#39;"),
        ("&amp;", "&amp;amp;"),
        ("</p><script>alert(1)</script>", "&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onclick=\"x", "&quot; onclick=&quot;x"),
        ("<!-- -->", "&lt;!-- --&gt;"),
        ("größer ✓ 日本 👩‍👩‍👧", "größer ✓ 日本 👩‍👩‍👧"),
        ("a\u{0301}<", "a\u{0301}&lt;"),
        ("<\u{0301}", "&lt;\u{0301}"),
        ("tab\tline\nend", "tab\tline\nend"),
        ("a\r\nb", "a&#13;\nb"),
        ("nul\0bell\u{7}escape\u{1B}delete\u{7F}", "nul\u{FFFD}bell\u{FFFD}escape\u{FFFD}delete\u{FFFD}"),
    ]

    @Test("text is escaped", arguments: corpus)
    func text(_ text: String, _ written: String) {
        #expect(html(.text(text)) == written)
        #expect(html(element("p") { text }) == "<p>\(written)</p>")
    }

    @Test("the values of attributes are escaped", arguments: corpus)
    func attributes(_ text: String, _ written: String) {
        #expect(html(element("input", ["value": text])) == "<input value=\"\(written)\">")
    }

    @Test("title, language and style sheet of a page are escaped", arguments: corpus)
    func page(_ text: String, _ written: String) {
        let bytes = Page(title: text, language: text, stylesheet: "/\(text)") { text }.bytes
        let page = String(decoding: bytes, as: UTF8.self)
        #expect(page.contains("<title>\(written)</title>"))
        #expect(page.contains("<html lang=\"\(written)\">"))
        #expect(page.contains("\n<body>\n\(written)\n</body>"))
    }

    @Test("the first line break of a text area and of preformatted text is kept", arguments: ["textarea", "pre"])
    func leadingLineBreak(_ name: String) throws {
        #expect(html(element(try #require(ElementName(name))) { "\nx" }) == "<\(name)>\n\nx</\(name)>")
    }

    @Test(
        "names of attributes are letters, digits, hyphens and colons",
        arguments: [
            "", " ", "a b", "a=b", "a\"", "a'", "a>", "a/", "<a", "1a", "-a", "a\u{0}", "a\n", "a\u{202E}", "\u{202E}a",
            "a\u{200F}", "a\u{2066}", "a\u{200B}", "a\u{FEFF}", "ä", "a\u{0301}", "ａ", "oncopy", "ONCLICK", "onload",
            "style",
            "Style", "srcdoc", "srcset", "ping", "xml:base",
        ])
    func refusedAttributeNames(_ name: String) {
        #expect(AttributeName(name) == nil)
    }

    @Test(
        "usual and SVG attributes have names",
        arguments: ["class", "aria-label", "viewBox", "xlink:href", "data-id", "x1"])
    func attributeNames(_ name: String) {
        #expect(AttributeName(name)?.text == name)
    }

    @Test(
        "elements that run, embed or are not parsed as markup have no name",
        arguments: [
            "script", "SCRIPT", "style", "iframe", "object", "embed", "base", "noscript", "template", "xmp",
            "plaintext",
            "noembed", "noframes", "frameset", "applet", "meta", "link", "animate", "set", "use", "foreignObject",
            "math",
            "html", "head", "body", "", "p ", "p>", "p/", "b\u{202E}",
        ])
    func refusedElements(_ name: String) {
        #expect(ElementName(name) == nil)
    }

    @Test("a literal name that is not allowed stops the program")
    func literalNames() async {
        await #expect(processExitsWith: .failure) { _ = element("script") }
        await #expect(processExitsWith: .failure) { _ = element("p", ["onclick": "x"]) }
        await #expect(processExitsWith: .failure) { _ = element("br") { "x" } }
    }
}

func html(_ markup: Markup) -> String { String(decoding: markup.bytes, as: UTF8.self) }
