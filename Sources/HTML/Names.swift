/// The name of an element that pages may contain.
///
/// A closed vocabulary: structure, text, forms, tables and drawings. Absent on purpose are `script`, everything whose content
/// is not parsed as markup and so cannot be escaped (`style`, `iframe`, `noscript`), what embeds other documents, `base`, and
/// the animations of SVG, which can change an `href`. `html`, `head` and `body` are written by ``Page``.
package struct ElementName: Hashable, Sendable {
    package let text: String
    package let isVoid: Bool

    /// `nil` for a name outside the vocabulary; names are case-sensitive.
    package init?(_ text: String) {
        isVoid = Self.void.contains(text)
        guard isVoid || Self.withContent.contains(text) else { return nil }
        self.text = text
    }

    var dropsLeadingLineBreak: Bool { text == "textarea" || text == "pre" }

    private static let void: Set<String> = ["br", "col", "hr", "img", "input", "wbr"]

    private static let withContent: Set<String> = [
        // structure
        "a", "address", "article", "aside", "div", "footer", "h1", "h2", "h3", "h4", "header", "main", "nav", "section",
        "details", "summary", "figure", "figcaption",
        // text
        "abbr", "b", "bdi", "bdo", "blockquote", "code", "dd", "dl", "dt", "em", "i", "kbd", "li", "mark", "ol", "p",
        "pre", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "ul", "var",
        // forms
        "button", "datalist", "fieldset", "form", "label", "legend", "meter", "optgroup", "option", "output",
        "progress", "select", "textarea",
        // tables
        "caption", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
        // drawings
        "svg", "circle", "clipPath", "defs", "desc", "ellipse", "g", "line", "linearGradient", "path", "polygon",
        "polyline", "radialGradient", "rect", "stop", "text", "title", "tspan",
    ]
}

extension ElementName: ExpressibleByStringLiteral {
    package init(stringLiteral literal: StaticString) {
        guard let name = ElementName(literal.description) else {
            preconditionFailure("\(literal) is no element that pages may contain")
        }
        self = name
    }
}

/// The name of an attribute: ASCII letters, digits, `-` and `:`, beginning with a letter.
///
/// Absent on purpose are event handlers (`on…`), `style`, which the pages' content security policy forbids, `srcdoc`, and
/// the lists of addresses `srcset` and `ping`.
package struct AttributeName: Hashable, Sendable {
    package let text: String
    /// The value is an address that a browser will follow, load or send a form to.
    let isAddress: Bool
    /// `true` and `false` are words here, not presence and absence.
    var spellsBooleans: Bool { text.hasPrefix("aria-") || text.hasPrefix("data-") }

    package init?(_ text: String) {
        let bytes = text.utf8
        guard let first = bytes.first, Self.isLetter(first),
            bytes.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x3A })
        else { return nil }
        let lowercase = text.lowercased()
        guard !lowercase.hasPrefix("on"), !Self.refused.contains(lowercase) else { return nil }
        isAddress = Self.addresses.contains(lowercase)
        self.text = text
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    private static let refused: Set<String> = ["style", "srcdoc", "srcset", "imagesrcset", "ping", "xml:base"]

    private static let addresses: Set<String> = [
        "href", "src", "action", "formaction", "xlink:href", "cite", "poster", "background", "data", "longdesc",
        "manifest",
    ]
}

extension AttributeName: ExpressibleByStringLiteral {
    package init(stringLiteral literal: StaticString) {
        guard let name = AttributeName(literal.description) else {
            preconditionFailure("\(literal) is no attribute that pages may contain")
        }
        self = name
    }
}
