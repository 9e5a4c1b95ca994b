import HTML
import Testing

@Suite("Markup")
struct MarkupTests {
    @Test("elements nest, and siblings keep their order")
    func nesting() {
        let list = element("ul", ["class": "list"]) {
            for name in ["a", "b"] {
                element("li") {
                    element("b") { name }
                    " & more"
                }
            }
        }
        let expected = "<ul class=\"list\"><li><b>a</b> &amp; more</li><li><b>b</b> &amp; more</li></ul>"
        #expect(html(list) == expected)
    }

    @Test("conditions and switches choose content", arguments: [true, false])
    func conditions(_ flag: Bool) {
        let missing: Markup? = nil
        let markup = element("p") {
            if flag { "yes" } else { element("em") { "no" } }
            if flag { "!" }
            switch flag {
            case true: "1"
            case false: "0"
            }
            missing
        }
        #expect(html(markup) == (flag ? "<p>yes!1</p>" : "<p><em>no</em>0</p>"))
    }

    @Test("deep nesting closes in the reverse order")
    func depth() {
        var markup = Markup.text("x")
        for _ in 0..<500 { markup = element("div") { markup } }
        #expect(html(markup) == String(repeating: "<div>", count: 500) + "x" + String(repeating: "</div>", count: 500))
    }

    @Test("void elements have no end tag", arguments: ["br", "hr", "img", "input", "wbr", "col"])
    func voidElements(_ name: String) throws {
        #expect(html(element(try #require(ElementName(name)), ["class": "x"])) == "<\(name) class=\"x\">")
    }

    @Test("boolean attributes are there or not, and missing values leave an attribute out")
    func booleanAttributes() {
        let none: String? = nil
        let input = element(
            "input",
            [
                "type": "text", "required": true, "disabled": false, "maxlength": 6, "value": none, "step": 0.5,
                "title": "",
                "aria-invalid": false, "data-open": true,
            ])
        let expected =
            "<input type=\"text\" required maxlength=\"6\" step=\"0.5\" title=\"\" aria-invalid=\"false\" data-open=\"true\">"
        #expect(html(input) == expected)
    }

    @Test("drawings keep the case of their names")
    func drawings() {
        let chart = element("svg", ["viewBox": "0 0 10 4", "role": "img", "aria-label": "<3"]) {
            element("title") { "Logins & denials" }
            element("rect", ["x": 0, "width": 2.5, "height": 4, "class": "bar"])
        }
        let expected = """
            <svg viewBox="0 0 10 4" role="img" aria-label="&lt;3"><title>Logins &amp; denials</title>\
            <rect x="0" width="2.5" height="4" class="bar"></rect></svg>
            """
        #expect(html(chart) == expected)
    }

    @Test("literals are written as they stand")
    func literals() {
        #expect(html(element("p") { Markup.literal("a&nbsp;b ✓") }) == "<p>a&nbsp;b ✓</p>")
    }

    @Test("a page is a complete document")
    func page() {
        let page = Page(title: "Sign in", language: "de", stylesheet: "/style.css", theme: "/theme.css") {
            element("main") { "Hello" }
        }
        let expected = """
            <!doctype html>
            <html lang="de">
            <head>
            <meta charset="utf-8">
            <title>Sign in</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            <link rel="stylesheet" href="/style.css">
            <link rel="stylesheet" href="/theme.css">
            </head>
            <body>
            <main>Hello</main>
            </body>
            </html>

            """
        #expect(String(decoding: page.bytes, as: UTF8.self) == expected)
    }
}
