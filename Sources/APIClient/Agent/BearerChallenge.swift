/// What a resource says when a request came without a token that it takes: the Bearer challenge of its WWW-Authenticate
/// fields (RFC 9110 §11.6.1, RFC 6750 §3, RFC 9728 §5.1).
package struct BearerChallenge: Equatable, Sendable {
    /// Such as `invalid_token`; `nil` when the request had no token.
    package let error: String?
    /// Where the resource describes itself.
    package let resourceMetadata: String?

    /// `nil` when the answer has no Bearer challenge. One field may hold several challenges, and there may be several fields.
    package init?(of answer: IncomingAnswer) {
        let fields = answer.fields.filter { $0.name.lowercased() == "www-authenticate" }
        for field in fields {
            guard let parameters = Self.bearer(in: field.value) else { continue }
            error = parameters["error"]
            resourceMetadata = parameters["resource_metadata"]
            return
        }
        return nil
    }

    /// The parameters of the first Bearer challenge in a field.
    private static func bearer(in field: String) -> [String: String]? {
        var reader = Reader(rest: Array(field.utf8.prefix(16 * 1024))[...])
        var found: [String: String]?
        while let word = reader.word() {
            if reader.takes("="), found != nil || reader.isInParameters {
                let value = reader.value()
                if found != nil, found?[word.lowercased()] == nil { found?[word.lowercased()] = value }
            } else {
                // A word without a value begins the next challenge.
                if found != nil { return found }
                reader.isInParameters = true
                if word.lowercased() == "bearer" { found = [:] }
            }
            reader.skipSeparators()
        }
        return found
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>
        var isInParameters = false

        mutating func skipSeparators() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") } }

        /// A token (RFC 9110 §5.6.2); `nil` at the end and at anything else.
        mutating func word() -> String? {
            skipSeparators()
            let word = rest.prefix { byte in
                (0x21...0x7E).contains(byte) && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
            }
            guard !word.isEmpty else { return nil }
            rest = rest[word.endIndex...]
            return String(decoding: word, as: UTF8.self)
        }

        mutating func takes(_ character: Character) -> Bool {
            let after = rest.drop { $0 == 0x20 || $0 == 0x09 }
            guard let byte = character.asciiValue, after.first == byte else { return false }
            rest = after.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
            return true
        }

        /// A token or a quoted string.
        mutating func value() -> String {
            guard rest.first == UInt8(ascii: "\"") else {
                let value = rest.prefix { $0 != 0x20 && $0 != 0x09 && $0 != UInt8(ascii: ",") }
                rest = rest[value.endIndex...]
                return String(decoding: value, as: UTF8.self)
            }
            rest = rest.dropFirst()
            var value: [UInt8] = []
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                    value.append(escaped)
                } else {
                    value.append(byte)
                }
            }
            return String(decoding: value, as: UTF8.self)
        }
    }
}
