/// Attributes of an element, in their order. Values are escaped when they are written; `nil` leaves an attribute out.
///
///     ["type": "checkbox", "name": "remember", "checked": isChecked, "maxlength": 6, "title": hint]
package struct Attributes: Sendable, ExpressibleByDictionaryLiteral {
    private let items: [(AttributeName, (any AttributeValue)?)]

    package init(dictionaryLiteral items: (AttributeName, (any AttributeValue)?)...) {
        self.items = items
    }

    func write(into bytes: inout [UInt8]) {
        for (name, value) in items {
            switch value?.attributeContent {
            case .none: continue
            case .flag(false) where !name.spellsBooleans: continue
            case .flag(true) where !name.spellsBooleans: Self.append(name, nil, to: &bytes)
            case .flag(let flag): Self.append(name, flag ? "true" : "false", to: &bytes)
            case .text(let text) where name.isAddress && !Address.isHarmless(text):
                // An element without `src` loads nothing; without `href` or `action` it would be something else.
                if name.text != "src" { Self.append(name, "#", to: &bytes) }
            case .text(let text): Self.append(name, text, to: &bytes)
            }
        }
    }

    private static func append(_ name: AttributeName, _ value: String?, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: name.text.utf8)
        guard let value else { return }
        bytes.append(contentsOf: "=\"".utf8)
        appendEscaped(value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }
}

/// What an attribute may be set to.
package protocol AttributeValue: Sendable {
    var attributeContent: AttributeContent { get }
}

package enum AttributeContent: Sendable {
    case text(String)
    /// A boolean attribute, present or not.
    case flag(Bool)
}

extension String: AttributeValue {
    package var attributeContent: AttributeContent { .text(self) }
}

extension Substring: AttributeValue {
    package var attributeContent: AttributeContent { .text(String(self)) }
}

extension Int: AttributeValue {
    package var attributeContent: AttributeContent { .text(String(self)) }
}

extension Double: AttributeValue {
    package var attributeContent: AttributeContent { .text(description) }
}

extension Bool: AttributeValue {
    package var attributeContent: AttributeContent { .flag(self) }
}

/// Which addresses may stand in a page.
enum Address {
    /// Relative references and the schemes `http`, `https` and `mailto`. `javascript:`, `data:` and all others are not, nor
    /// is anything with control characters in it or spaces around it: browsers strip those before they look for the scheme.
    static func isHarmless(_ address: String) -> Bool {
        let bytes = address.utf8
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), bytes.first != 0x20, bytes.last != 0x20 else {
            return false
        }
        // A colon ends a scheme unless path, query or fragment begin before it (RFC 3986 §4.2).
        let beginning = bytes.prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
        guard let colon = beginning.firstIndex(of: UInt8(ascii: ":")) else { return true }
        return ["http", "https", "mailto"].contains(String(address[..<colon]).lowercased())
    }
}
