/// A whole document.
package struct Page: Sendable {
    /// Of the window, and of the document in history and bookmarks. Escaped.
    package let title: String
    /// A language tag (BCP 47).
    package let language: String
    /// The path of the style sheet.
    package let stylesheet: String
    /// The path of a second one, which may set the first one's custom properties.
    package let theme: String?
    /// The path of a script of our own, which runs once the page is there.
    package let script: String?
    package let body: Markup

    package init(
        title: String, language: String = "en", stylesheet: String, theme: String? = nil,
        script: String? = nil, @MarkupBuilder body: () -> Markup
    ) {
        self.title = title
        self.language = language
        self.stylesheet = stylesheet
        self.theme = theme
        self.script = script
        self.body = body()
    }

    /// UTF-8.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4096)
        bytes += "<!doctype html>\n<html lang=\"".utf8
        appendEscaped(language, to: &bytes)
        bytes += "\">\n<head>\n<meta charset=\"utf-8\">\n<title>".utf8
        appendEscaped(title, to: &bytes)
        bytes +=
            """
            </title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">

            """.utf8
        for path in [stylesheet, theme] {
            guard let path else { continue }
            bytes += "<link rel=\"stylesheet\"".utf8
            let attributes: Attributes = ["href": path]
            attributes.write(into: &bytes)
            bytes += ">\n".utf8
        }
        if let script {
            bytes += "<script defer".utf8
            let attributes: Attributes = ["src": script]
            attributes.write(into: &bytes)
            bytes += "></script>\n".utf8
        }
        bytes += "</head>\n<body>\n".utf8
        body.write(into: &bytes)
        bytes += "\n</body>\n</html>\n".utf8
        return bytes
    }
}
