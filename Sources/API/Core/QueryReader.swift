package import Domain
import HTTP
package import Primitives
package import Store

/// The query of a request, read with the rules of contract 10 §1 and §4. Parameters nobody asks for are ignored.
package struct QueryReader: Sendable {
    private let parameters: [(name: String, value: String)]

    /// - Throws: 21902 for a bad escape.
    package init(_ bytes: ArraySlice<UInt8>?) throws(Refusal) {
        guard let bytes, !bytes.isEmpty else {
            parameters = []
            return
        }
        guard let query = QueryString(bytes) else {
            throw Refusal(.invalidParameter, "the query holds an invalid percent escape", at: "?")
        }
        parameters = query.items.map { ($0.name, $0.value) }
    }

    /// The value of a parameter that is given once; empty counts as absent.
    package func text(_ name: String) -> String? {
        parameters.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// Every value of a repeated parameter, in order.
    package func texts(_ name: String) -> [String] { parameters.filter { $0.name == name }.map(\.value) }

    package func bool(_ name: String) throws(Failure) -> Bool? {
        switch text(name) {
        case nil: nil
        case "true", "1": true
        case "false", "0": false
        default: throw invalid(name, "must be true or false")
        }
    }

    package func integer(_ name: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw invalid(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    package func oneOf(_ name: String, _ words: [String]) throws(Failure) -> String? {
        guard let text = text(name) else { return nil }
        guard words.contains(text) else { throw invalid(name, "must be one of \(words.joined(separator: ", "))") }
        return text
    }

    package func hex<Entity>(_ name: String) throws(Failure) -> Identifier<Entity>? {
        guard let text = text(name) else { return nil }
        guard let identifier = Identifier<Entity>(hex: text) else {
            throw invalid(name, "must be 32 hexadecimal digits")
        }
        return identifier
    }

    /// RFC 3339, or a date as midnight UTC.
    package func instant(_ name: String) throws(Failure) -> Timestamp? {
        guard let text = text(name) else { return nil }
        guard let instant = Timestamp(rfc3339: text) ?? Timestamp(date: text) else {
            throw invalid(name, "must be an RFC 3339 time or a date")
        }
        return instant
    }

    /// `page` and `per_page`. - Parameter standard: rows a page where the client names none.
    package func page(default standard: Int = 1000) throws(Failure) -> PageRequest {
        PageRequest(
            page: try integer("page", in: 1...1_000_000_000) ?? 1,
            perPage: try integer("per_page", in: 1...1000) ?? standard)
    }

    package func isDescending(default standard: Bool = false) throws(Failure) -> Bool {
        try oneOf("direction", ["asc", "desc"]).map { $0 == "desc" } ?? standard
    }

    package func invalid(_ name: String, _ sentence: String) -> Failure {
        .refused(.invalidParameter, "\(name) \(sentence)", at: "?\(name)")
    }
}
