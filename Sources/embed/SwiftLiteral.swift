/// A text as Swift source.
enum SwiftLiteral {
    /// Longer literals are joined from parts: the compiler holds each in one piece.
    static let largestPart = 48_000

    /// An expression of type `String`, whose lines start at the margin.
    ///
    /// - Throws: for a carriage return, which Swift does not keep in a literal.
    static func expression(of text: String, from path: String) throws(EmbedError) -> String {
        guard !text.utf8.contains(13), !text.utf8.contains(0) else {
            throw EmbedError(message: "\(path) holds a carriage return or a NUL")
        }
        let parts = split(text).map(literal)
        return parts.count == 1 ? parts[0] : "[\n" + parts.map { $0 + ",\n" }.joined() + "].joined()"
    }

    /// Parts of at most ``largestPart`` bytes that end with a line, where lines are short enough.
    private static func split(_ text: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = Substring(text)
        while rest.utf8.count > largestPart {
            let window = rest.utf8.prefix(largestPart)
            guard let newline = window.lastIndex(of: 10) else { break }
            let end = rest.utf8.index(after: newline)
            parts.append(rest[..<end])
            rest = rest[end...]
        }
        return parts + [rest]
    }

    /// A raw multi-line literal with more number signs than anything in it that could end it or escape from it.
    private static func literal(of text: Substring) -> String {
        let signs = String(repeating: "#", count: longestRun(in: text) + 1)
        return "\(signs)\"\"\"\n\(text)\n\"\"\"\(signs)"
    }

    private static func longestRun(in text: Substring) -> Int {
        var longest = 0
        var current = 0
        for byte in text.utf8 {
            current = byte == UInt8(ascii: "#") ? current + 1 : 0
            longest = max(longest, current)
        }
        return longest
    }
}
