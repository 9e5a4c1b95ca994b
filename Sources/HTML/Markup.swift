// HTML: markup for server-side pages. Escaping is not a duty of the caller: a `Markup` can be made of elements, of text,
// which is escaped, and of literals in our own source, and of nothing else. There is no script, no inline style and no
// embedded document. Read this file first, then Names.swift and Attributes.swift.

/// Trusted HTML: a tree of elements and text, written in one pass.
package struct Markup: Sendable {
    enum Node: Sendable {
        case text(String)
        case literal(StaticString)
        case element(ElementName, Attributes, [Node])
    }

    /// Siblings, in their order.
    var nodes: [Node]

    /// Text, escaped when it is written.
    package static func text(_ text: some StringProtocol) -> Markup { Markup(nodes: [.text(String(text))]) }

    /// Markup as it stands in our source. A `StaticString` cannot hold anything that came from outside.
    package static func literal(_ markup: StaticString) -> Markup { Markup(nodes: [.literal(markup)]) }

    package static var nothing: Markup { Markup(nodes: []) }

    package var isEmpty: Bool { nodes.isEmpty }
}

/// An element with its content; void elements such as `input` have none.
///
///     element("ul", ["class": "list"]) {
///         for app in apps {
///             element("li") { element("a", ["href": app.address]) { app.name } }
///         }
///     }
package func element(
    _ name: ElementName, _ attributes: Attributes = [:], @MarkupBuilder _ content: () -> Markup = { .nothing }
) -> Markup {
    let content = content()
    precondition(!name.isVoid || content.isEmpty, "\(name.text) is a void element and has no content")
    return Markup(nodes: [.element(name, attributes, content.nodes)])
}

/// Lines of text and markup, with `if`, `switch` and `for`. A string is text.
@resultBuilder
package enum MarkupBuilder {
    package static func buildExpression(_ markup: Markup) -> Markup { markup }
    package static func buildExpression(_ markup: Markup?) -> Markup { markup ?? .nothing }
    package static func buildExpression(_ text: some StringProtocol) -> Markup { .text(text) }
    package static func buildBlock(_ parts: Markup...) -> Markup { buildArray(parts) }
    package static func buildOptional(_ markup: Markup?) -> Markup { markup ?? .nothing }
    package static func buildEither(first markup: Markup) -> Markup { markup }
    package static func buildEither(second markup: Markup) -> Markup { markup }

    package static func buildArray(_ parts: [Markup]) -> Markup {
        if parts.count == 1 { return parts[0] }
        var all = Markup.nothing
        for part in parts { all.nodes += part.nodes }
        return all
    }
}

// MARK: Writing

extension Markup {
    /// UTF-8.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        write(into: &bytes)
        return bytes
    }

    package func write(into bytes: inout [UInt8]) {
        Self.write(nodes, into: &bytes)
    }

    private static func write(_ nodes: [Node], into bytes: inout [UInt8]) {
        for node in nodes {
            switch node {
            case .text(let text):
                appendEscaped(text, to: &bytes)
            case .literal(let markup):
                markup.withUTF8Buffer { bytes.append(contentsOf: $0) }
            case .element(let name, let attributes, let content):
                bytes.append(UInt8(ascii: "<"))
                bytes.append(contentsOf: name.text.utf8)
                attributes.write(into: &bytes)
                bytes.append(UInt8(ascii: ">"))
                if name.isVoid { continue }
                // The parser drops one line break here, which would otherwise be the first of the content.
                if name.dropsLeadingLineBreak { bytes.append(UInt8(ascii: "\n")) }
                write(content, into: &bytes)
                bytes.append(contentsOf: "</".utf8)
                bytes.append(contentsOf: name.text.utf8)
                bytes.append(UInt8(ascii: ">"))
            }
        }
    }
}
