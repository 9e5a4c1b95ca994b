/// What a client would like to be answered with (RFC 9110 §12.5.1).
package struct AcceptField: Sendable, Equatable {
    private struct Range: Sendable, Equatable {
        let type: String
        let subtype: String
        /// In thousandths.
        let quality: Int

        /// 2 for a type by its name, 1 for a type with any subtype, 0 for anything; `nil` where another type is meant.
        func precision(for other: MediaType) -> Int? {
            if type == "*" { return 0 }
            guard type == other.type else { return nil }
            if subtype == "*" { return 1 }
            return subtype == other.subtype ? 2 : nil
        }
    }

    /// How much a type is wanted.
    package struct Rating: Sendable, Comparable {
        /// In thousandths; 0 for what is refused.
        package let quality: Int
        /// How precisely the client named it, which settles a draw.
        package let precision: Int

        package static func < (left: Self, right: Self) -> Bool {
            (left.quality, left.precision) < (right.quality, right.precision)
        }
    }

    private let ranges: [Range]

    /// Ranges that cannot be read mean nothing. No field at all, or nothing in it, takes anything.
    package init(_ fields: [String]) {
        ranges = fields.joined(separator: ",").split(separator: ",").prefix(64).compactMap { text in
            guard let range = MediaType(text) else { return nil }
            guard let weight = range["q"] else {
                return Range(type: range.type, subtype: range.subtype, quality: 1000)
            }
            return Self.thousandths(weight).map { Range(type: range.type, subtype: range.subtype, quality: $0) }
        }
    }

    package init(_ request: Request) { self.init(request.values(.accept)) }

    package func rating(of type: MediaType) -> Rating {
        guard !ranges.isEmpty else { return Rating(quality: 1000, precision: 0) }
        let matches = ranges.compactMap { range in range.precision(for: type).map { (range.quality, $0) } }
        guard let best = matches.max(by: { $0.1 < $1.1 }) else { return Rating(quality: 0, precision: 0) }
        return Rating(quality: best.0, precision: best.1)
    }

    package func rating(of type: String) -> Rating {
        MediaType(type).map { rating(of: $0) } ?? Rating(quality: 0, precision: 0)
    }

    /// `qvalue` of RFC 9110 §12.4.2.
    private static func thousandths(_ text: String) -> Int? {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), digits.count <= 5,
            digits.count == 1 || digits[1] == UInt8(ascii: ".")
        else { return nil }
        var value = Int(first - UInt8(ascii: "0"))
        for position in 2..<5 {
            let digit = position < digits.count ? digits[position] : UInt8(ascii: "0")
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value <= 1000 ? value : nil
    }
}

extension Request {
    /// Whether the client would rather read Markdown (RFC 7763) than a page: a program that says so, or one that does not
    /// care. Browsers name `text/html`.
    package var prefersMarkdown: Bool {
        let accept = AcceptField(self)
        let markdown = accept.rating(of: "text/markdown")
        return markdown.quality > 0 && markdown >= accept.rating(of: "text/html")
    }

    /// Whether the client names Markdown and wants it at least as much as a page.
    package var asksForMarkdown: Bool {
        prefersMarkdown && AcceptField(self).rating(of: "text/markdown").precision == 2
    }
}
