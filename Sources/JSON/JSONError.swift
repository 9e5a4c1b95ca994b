/// Why a text is not JSON as we accept it, and where.
package struct JSONError: Error, Equatable {
    package enum Kind: Sendable {
        case unexpectedEnd
        case unexpectedByte
        /// A complete value was followed by something other than white space.
        case trailingBytes
        /// Not the grammar of RFC 8259 §6: leading zeros, a bare point, `NaN`, a plus sign.
        case invalidNumber
        /// A number that no finite double comes near.
        case numberOutOfRange
        /// A control character stood unescaped in a string.
        case controlCharacter
        case invalidEscape
        /// `\uD800`…`\uDFFF` without its other half.
        case loneSurrogate
        case invalidUTF8
        /// Two members of one object have the same name. Reported only for text that is otherwise valid.
        case duplicateKey
        case tooDeep
        case tooManyMembers
    }

    package let kind: Kind
    /// Offset in bytes from the start of the text.
    package let offset: Int
    /// The repeated name, for ``Kind/duplicateKey``.
    package let key: String?

    package init(_ kind: Kind, at offset: Int, key: String? = nil) {
        self.kind = kind
        self.offset = offset
        self.key = key
    }
}

extension JSONError: CustomStringConvertible {
    /// A clause for a person who sent the text.
    package var description: String {
        let what =
            switch kind {
            case .unexpectedEnd: "the text ends too early"
            case .unexpectedByte: "an unexpected character"
            case .trailingBytes: "something follows the value"
            case .invalidNumber: "no valid number"
            case .numberOutOfRange: "a number that is too large"
            case .controlCharacter: "a control character in a string"
            case .invalidEscape: "an invalid escape"
            case .loneSurrogate: "half of a surrogate pair"
            case .invalidUTF8: "bytes that are not UTF-8"
            case .duplicateKey: "a member for the second time"
            case .tooDeep: "nested too deep"
            case .tooManyMembers: "too many members"
            }
        return "\(what) at byte \(offset)"
    }
}
