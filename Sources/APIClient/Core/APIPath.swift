/// A path below `/client/v4`, as segments that are percent-encoded when it is written.
package struct APIPath: Sendable, Hashable {
    package private(set) var segments: [String]

    package init(_ segments: String...) { self.segments = segments }

    package init(_ segments: [String]) { self.segments = segments }

    /// A path that is written already, such as the one of a fix: `/client/v4/accounts/…`, with or without the base.
    package init(written text: String) {
        var segments = text.split(separator: "/").map { Self.decoded(String($0)) }
        if segments.starts(with: ["client", "v4"]) { segments.removeFirst(2) }
        self.segments = segments
    }

    package func appending(_ segments: String...) -> APIPath { APIPath(self.segments + segments) }

    package func appending(_ segments: [String]) -> APIPath { APIPath(self.segments + segments) }

    /// `/client/v4/accounts/…`.
    package var text: String { "/client/v4" + segments.map { "/" + PercentEncoding.encode($0) }.joined() }

    private static func decoded(_ segment: String) -> String { PercentEncoding.decode(segment) ?? segment }
}

/// Names and values of a query, in order; names may repeat.
package struct APIQuery: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    package private(set) var names: [String] = []
    package private(set) var values: [String] = []

    package init() {}

    package init(dictionaryLiteral items: (String, String)...) {
        for (name, value) in items { add(name, value) }
    }

    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        names.append(name)
        values.append(value)
    }

    package func adding(_ name: String, _ value: String?) -> APIQuery {
        var copy = self
        copy.add(name, value)
        return copy
    }

    /// `?a=b&c=d`, or nothing.
    package var text: String {
        guard !names.isEmpty else { return "" }
        return "?"
            + zip(names, values).map { "\(PercentEncoding.encode($0))=\(PercentEncoding.encode($1))" }
            .joined(separator: "&")
    }

    /// Reads `a=b&c=d`.
    package init(written text: some StringProtocol) {
        for item in text.split(separator: "&") {
            let name = String(item.prefix { $0 != "=" })
            let value = String(item.dropFirst(name.count + 1))
            add(PercentEncoding.decode(name) ?? name, PercentEncoding.decode(value) ?? value)
        }
    }
}

/// Percent-encoding of everything but unreserved characters (RFC 3986 §2.3).
package enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"):
                encoded.append(byte)
            default:
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// `nil` for a bad escape or bytes that are not UTF-8.
    package static func decode(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
