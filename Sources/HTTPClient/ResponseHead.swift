import HTTP

/// The status line and fields of a response (RFC 9112 §4), read strictly.
struct ResponseHead {
    /// Where the body ends (RFC 9112 §6.3).
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
        case untilClose
    }

    let status: Status
    let fields: Fields
    let framing: Framing
    /// Whether the server lets the connection go on.
    let keepsAlive: Bool

    /// A final response, or an interim one that another follows.
    var isInterim: Bool { status.code < 200 }

    /// Reads a head without its empty line.
    ///
    /// - Parameter method: of the request; the response to HEAD has no body, whatever its fields say.
    init(_ bytes: ArraySlice<UInt8>, to method: Method) throws(HTTPClientError) {
        var lines: [ArraySlice<UInt8>] = []
        var rest = bytes
        while let lineFeed = rest.firstIndex(of: 10) {
            let line = rest[..<lineFeed]
            guard line.last == 13 else { throw .malformed("bare line feed") }
            lines.append(line.dropLast())
            rest = rest[(lineFeed + 1)...]
        }
        guard let statusLine = lines.first else { throw .malformed("no status line") }
        let (status, minorVersion) = try Self.status(statusLine)
        guard lines.count <= 200 else { throw .tooLarge(.head) }
        var fields = Fields()
        fields.reserveCapacity(lines.count - 1)
        for line in lines.dropFirst() {
            let (name, value) = try Self.field(line)
            fields.append(name, value)
        }
        let options = Self.list(fields.values(.connection))
        self.status = status
        self.fields = fields
        keepsAlive = minorVersion == 1 ? !options.contains("close") : options.contains("keep-alive") && !options.contains("close")
        framing = try Self.framing(status, fields, method)
    }

    // MARK: Lines

    /// `HTTP/1.1 200 OK`; the reason is ignored and may be missing with its space.
    private static func status(_ line: ArraySlice<UInt8>) throws(HTTPClientError) -> (Status, minorVersion: UInt8) {
        let bytes = Array(line)
        guard bytes.count >= 12, bytes.starts(with: "HTTP/1.".utf8), bytes[7] == 0x30 || bytes[7] == 0x31, bytes[8] == 0x20,
            bytes.count == 12 || bytes[12] == 0x20
        else { throw .malformed("status line") }
        var code: UInt16 = 0
        for digit in bytes[9..<12] {
            guard (0x30...0x39).contains(digit) else { throw .malformed("status line") }
            code = code * 10 + UInt16(digit - 0x30)
        }
        guard code >= 100, code < 600, code != 101, bytes[12...].allSatisfy(isText) else { throw .malformed("status line") }
        return (Status(code), bytes[7] - 0x30)
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(HTTPClientError) -> (FieldName, String) {
        // A folded line starts with a space, which no name does (RFC 9112 §5.2).
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
            let name = FieldName(String(decoding: line[..<colon], as: UTF8.self))
        else { throw .malformed("field name") }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        guard value.allSatisfy(isText) else { throw .malformed("control character in a field") }
        return (name, String(decoding: value, as: UTF8.self))
    }

    private static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    /// The lowercase elements of comma-separated lists.
    private static func list(_ values: [String]) -> [String] {
        values.flatMap { $0.lowercased().split(separator: ",") }.map { element in
            String(element.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" && $0 != ";" })
        }
    }

    // MARK: Framing

    private static func framing(
        _ status: Status, _ fields: Fields, _ method: Method
    ) throws(HTTPClientError) -> Framing {
        if method == .head || status.isBodiless { return .none }
        let lengths = fields.values(.contentLength).flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let codings = fields.values(.transferEncoding)
        if !codings.isEmpty {
            // Two statements about one length are the classic of response splitting (RFC 9112 §6.3).
            guard lengths.isEmpty else { throw .malformed("both Transfer-Encoding and Content-Length") }
            guard list(codings) == ["chunked"] else { throw .malformed("unknown transfer coding") }
            return .chunked
        }
        guard let first = lengths.first else { return .untilClose }
        let digits = first.drop { $0 == " " }
        guard (1...18).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(digits), lengths.allSatisfy({ $0.drop { $0 == " " } == digits })
        else { throw .malformed("Content-Length") }
        return .length(length)
    }
}
