package import JSON
import Primitives

/// The form a JSON value must have, as data: the same table checks a body, fills its defaults and can be compared with
/// `openapi.yaml`.
package indirect enum Shape: Sendable {
    /// Text of `length` characters after trimming, without control characters.
    case text(ClosedRange<Int>)
    /// Text whose trimmed form must satisfy a rule; the sentence says what is expected.
    case checked(@Sendable (String) -> Bool, String)
    case bool
    case integer(ClosedRange<Int64>)
    case oneOf([String])
    /// A duration within a range, or one of the listed words.
    case duration(ClosedRange<Duration>, or: [String])
    /// A UUID in lowercase.
    case uuid
    /// 32 lowercase hexadecimal digits.
    case hexIdentifier
    /// RFC 3339.
    case instant
    case array(Shape, count: ClosedRange<Int>)
    case object([Field])
    /// An object whose members are free: stored as sent.
    case freeObject
    /// Any JSON value.
    case anything
    /// One of several forms, tried in order; the sentence says what is expected.
    case either([Shape], String)
    /// Checked and rewritten by code, for what a table cannot say.
    case custom(@Sendable (JSONValue, String, inout [FieldProblem]) -> JSONValue, String)
}

/// A member of an object: its name, form, and what its absence means.
package struct Field: Sendable {
    package enum Need: Sendable { case required, optional }

    package let name: String
    package let shape: Shape
    package let need: Need
    /// Written where the member is absent or `null`; nothing is written without one.
    package let standard: JSONValue?

    package init(_ name: String, _ shape: Shape, _ need: Need = .optional, default standard: JSONValue? = nil) {
        self.name = name
        self.shape = shape
        self.need = need
        self.standard = standard
    }
}

/// A field that is wrong: a sentence and an RFC 6901 pointer.
package struct FieldProblem: Sendable, Equatable {
    package let pointer: String
    package let sentence: String

    package init(_ pointer: String, _ sentence: String) {
        self.pointer = pointer
        self.sentence = sentence
    }
}

extension Shape {
    /// The value in canonical form: trimmed, known members only, defaults filled in. Problems are appended; the result
    /// means nothing when there are any.
    package func normalize(_ value: JSONValue, at pointer: String, _ problems: inout [FieldProblem]) -> JSONValue {
        func refuse(_ sentence: String) -> JSONValue {
            problems.append(FieldProblem(pointer, sentence))
            return .null
        }
        switch self {
        case .text(let length):
            guard let text = value.stringValue else { return refuse("must be a string") }
            if let count = text.plainLength, length.contains(count) { return value }
            let trimmed = text.trimmedOfSpace
            guard !trimmed.unicodeScalars.contains(where: \.isControl) else {
                return refuse("must not contain control characters")
            }
            guard length.contains(trimmed.unicodeScalars.count) else {
                return refuse("must have \(length.lowerBound) to \(length.upperBound) characters")
            }
            return .string(trimmed)
        case .checked(let rule, let expectation):
            guard let text = value.stringValue else { return refuse("must be a string: \(expectation)") }
            return rule(text) ? value : refuse("must be \(expectation)")
        case .bool:
            return value.boolValue == nil ? refuse("must be true or false") : value
        case .integer(let range):
            guard let number = value.integerValue else { return refuse("must be an integer") }
            guard range.contains(number) else { return refuse("must be \(range.lowerBound) to \(range.upperBound)") }
            return .integer(number)
        case .oneOf(let words):
            guard let text = value.stringValue, words.contains(text) else {
                return refuse("must be one of \(words.joined(separator: ", "))")
            }
            return value
        case .duration(let range, let words):
            guard let text = value.stringValue else { return refuse("must be a duration such as 24h") }
            if words.contains(text) { return value }
            guard let duration = DurationText(text) else {
                return refuse("must be a duration such as 300ms, 2h45m or 24h")
            }
            guard range.contains(duration.duration) else {
                return refuse("must be between \(range.lowerBound.plainText) and \(range.upperBound.plainText)")
            }
            return value
        case .uuid:
            guard let text = value.stringValue, Identifier<Never>(uuid: text) != nil else {
                return refuse("must be a lowercase UUID")
            }
            return value
        case .hexIdentifier:
            guard let text = value.stringValue, Identifier<Never>(hex: text) != nil else {
                return refuse("must be 32 lowercase hexadecimal digits")
            }
            return value
        case .instant:
            guard let text = value.stringValue, Timestamp(rfc3339: text) != nil else {
                return refuse("must be an RFC 3339 time such as 2026-03-02T10:00:00Z")
            }
            return value
        case .array(let element, let count):
            guard let items = value.arrayValue else { return refuse("must be an array") }
            guard count.contains(items.count) else {
                return refuse("must have \(count.lowerBound) to \(count.upperBound) items")
            }
            return .array(items.enumerated().map { element.normalize($1, at: "\(pointer)/\($0)", &problems) })
        case .object(let fields):
            guard let object = value.objectValue else { return refuse("must be an object") }
            return .object(fields.normalize(object, at: pointer, &problems))
        case .freeObject:
            return value.objectValue == nil ? refuse("must be an object") : value
        case .anything:
            return value
        case .either(let shapes, let expectation):
            for shape in shapes {
                var attempt: [FieldProblem] = []
                let normalized = shape.normalize(value, at: pointer, &attempt)
                if attempt.isEmpty { return normalized }
            }
            return refuse("must be \(expectation)")
        case .custom(let check, _):
            return check(value, pointer, &problems)
        }
    }
}

extension [Field] {
    /// The object with known members only, in the order of this table, defaults filled in. `null` means absent.
    package func normalize(_ object: JSONObject, at pointer: String, _ problems: inout [FieldProblem]) -> JSONObject {
        var result = JSONObject()
        result.reserveCapacity(count)
        for field in self {
            if let value = object[field.name], !value.isNull {
                let place = "\(pointer)/\(field.name.pointerEscaped)"
                result.append(unique: field.name, field.shape.normalize(value, at: place, &problems))
            } else if field.need == .required {
                problems.append(FieldProblem("\(pointer)/\(field.name.pointerEscaped)", "is required"))
            } else if let standard = field.standard {
                result.append(unique: field.name, standard)
            }
        }
        return result
    }
}

extension String {
    var pointerEscaped: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// The number of characters of text that is visible ASCII with single-byte spaces inside only: nothing to trim, nothing
    /// to refuse. `nil` for any other.
    var plainLength: Int? {
        let bytes = utf8
        guard bytes.first != 0x20, bytes.last != 0x20, bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        return bytes.count
    }

    package var trimmedOfSpace: String {
        if plainLength != nil { return self }
        guard let first = unicodeScalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = unicodeScalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(unicodeScalars[first...last])
    }
}

extension Unicode.Scalar {
    var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029 }
}

extension Duration {
    /// In the largest unit that leaves no rest: `24h`, `15m`, `90s`.
    var plainText: String {
        let seconds = components.seconds
        return seconds % 3600 == 0 ? "\(seconds / 3600)h" : seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }
}
