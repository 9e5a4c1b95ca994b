/// A media type with its parameters (RFC 9110 §8.3.1). Type, subtype and parameter names are lowercase.
package struct MediaType: Sendable, Equatable {
    package let type: String
    package let subtype: String
    package let parameters: [Parameter]

    package struct Parameter: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    /// `nil` when malformed. Quoted parameter values are unquoted.
    package init?(_ text: some StringProtocol) {
        var reader = Reader(bytes: Array(text.utf8))
        reader.skipSpace()
        guard let type = reader.token(), reader.skip("/"), let subtype = reader.token() else { return nil }
        var parameters: [Parameter] = []
        reader.skipSpace()
        while reader.skip(";") {
            reader.skipSpace()
            if reader.isAtEnd || reader.peek == UInt8(ascii: ";") { continue }
            guard let name = reader.token(), reader.skip("="), let value = reader.value() else { return nil }
            parameters.append(Parameter(name: name, value: value))
            reader.skipSpace()
        }
        guard reader.isAtEnd else { return nil }
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
    }

    /// `application/json`, without parameters.
    package var essence: String { "\(type)/\(subtype)" }

    /// The value of a parameter, by its lowercase name.
    package subscript(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }
        var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skipSpace() { while let byte = peek, byte == 0x20 || byte == 0x09 { position += 1 } }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard peek == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        /// A token, lowered.
        mutating func token() -> String? {
            var lower: [UInt8] = []
            while let byte = peek, Characters.lowerToken[Int(byte)] != 0 {
                lower.append(Characters.lowerToken[Int(byte)])
                position += 1
            }
            return lower.isEmpty ? nil : String(decoding: lower, as: UTF8.self)
        }

        /// A token as written, or the content of a quoted string.
        mutating func value() -> String? {
            let start = position
            guard skip("\"") else {
                while let byte = peek, Characters.lowerToken[Int(byte)] != 0 { position += 1 }
                return position == start ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
            }
            var content: [UInt8] = []
            while let byte = peek {
                position += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
                if byte == UInt8(ascii: "\\") {
                    guard let escaped = peek else { return nil }
                    position += 1
                    content.append(escaped)
                } else {
                    guard Characters.fieldValue[Int(byte)] != 0 else { return nil }
                    content.append(byte)
                }
            }
            return nil
        }
    }
}
