/// The path to one value in a document (RFC 6901), for problems that name their field.
package struct JSONPointer: Hashable, Sendable {
    /// The string form of RFC 6901 §3; empty for the whole document.
    package let text: String

    private init(text: String) { self.text = text }

    package static let root = JSONPointer(text: "")

    package init(_ keys: String...) { self = keys.reduce(.root) { $0.appending($1) } }

    /// Below the member `key`; `~` and `/` are escaped.
    package func appending(_ key: String) -> JSONPointer {
        var text = text + "/"
        for character in key.unicodeScalars {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(character)
            }
        }
        return JSONPointer(text: text)
    }

    /// Below the element `index` of an array.
    package func appending(_ index: Int) -> JSONPointer { JSONPointer(text: "\(text)/\(index)") }
}

extension JSONPointer: CustomStringConvertible {
    package var description: String { text }
}
