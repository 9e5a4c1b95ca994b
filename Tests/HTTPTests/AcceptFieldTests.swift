import HTTP
import Testing

@Suite("Accept (RFC 9110 §12.5.1)")
struct AcceptFieldTests {
    @Test(
        "how much a type is wanted, in thousandths",
        arguments: [
            ("text/markdown", "text/markdown", 1000), ("text/markdown", "text/html", 0),
            ("text/*;q=0.3, text/html;q=0.7, */*;q=0.05", "text/html", 700),
            ("text/*;q=0.3, text/html;q=0.7, */*;q=0.05", "text/markdown", 300),
            ("text/*;q=0.3, text/html;q=0.7, */*;q=0.05", "image/png", 50),
            ("text/html, text/markdown;q=0", "text/markdown", 0), ("*/*, text/markdown;q=0", "text/markdown", 0),
            ("TEXT/Markdown; Q=0.125", "text/markdown", 125), ("text/markdown;q=1.000", "text/markdown", 1000),
            ("text/markdown; charset=utf-8 ; q=0.5", "text/markdown", 500),
            // What cannot be read means nothing.
            ("text/markdown;q=2, */*;q=0.1", "text/markdown", 100),
            ("text/markdown;q=0.1234, x", "text/markdown", 1000),
            ("text/markdown;q=.5, */*;q=0.2", "text/markdown", 200), ("nonsense, text/html", "text/html", 1000),
            ("", "text/markdown", 1000), (",,", "text/markdown", 1000),
        ])
    func ratings(field: String, type: String, thousandths: Int) {
        #expect(AcceptField([field]).rating(of: type).quality == thousandths)
    }

    @Test("several fields are one list, and none takes anything")
    func fields() {
        #expect(AcceptField(["text/html;q=0.5", "text/markdown"]).rating(of: "text/html").quality == 500)
        #expect(AcceptField([]).rating(of: "image/png").quality == 1000)
    }

    @Test(
        "Markdown is for who names it or does not care, pages are for browsers",
        arguments: [
            ("text/markdown", true), ("text/markdown, text/html;q=0.9", true), ("*/*", true), ("", true),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false), ("text/html, */*", false),
            ("text/html;q=0.9, text/markdown;q=0.9", true), ("text/html, text/markdown;q=0.5", false),
            ("text/markdown;q=0", false), ("application/json", false), ("text/*", true),
        ])
    func preference(field: String, isPreferred: Bool) throws {
        let fields: Fields = field.isEmpty ? [:] : [.accept: field]
        #expect(try #require(Request(.get, "/", fields: fields)).prefersMarkdown == isPreferred)
    }
}
