import Glibc

/// A response head as a client received it.
package struct ResponseHead: Sendable, Equatable {
    /// Where the body ends (RFC 9112 §6.3).
    package enum Framing: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
        case untilClose
    }

    package let status: Status
    package let fields: Fields
    package let framing: Framing
    /// Whether another request may follow on the connection.
    package let keepsAlive: Bool
}

/// Reads response heads from a stream of bytes, strictly, with limits. The caller keeps unread bytes and offers them again,
/// longer, until a head is complete. Interim responses (1xx) are skipped.
package struct ResponseParser: Sendable {
    package struct Limits: Sendable {
        package var headBytes = 64 * 1024
        package var fields = 200

        package init() {}
    }

    package enum Outcome: Sendable, Equatable {
        case needMore
        /// A final head, and how many bytes it and interim responses before it took.
        case head(ResponseHead, consumed: Int)
        case malformed(Fault)
    }

    private let limits: Limits
    private let isHeadRequest: Bool

    /// - Parameter method: that of the request, since a response to HEAD has no body.
    package init(to method: Method, _ limits: Limits = Limits()) {
        self.limits = limits
        isHeadRequest = method == .head
    }

    package func parse(_ input: Span<UInt8>) -> Outcome {
        input.withUnsafeBufferPointer { input in
            do throws(Fault) {
                var start = 0
                while let end = try findEnd(input, from: start) {
                    let head = try read(UnsafeBufferPointer(rebasing: input[start..<end]))
                    guard let head else {
                        start = end + 2
                        continue
                    }
                    return .head(head, consumed: end + 2)
                }
                return .needMore
            } catch {
                return .malformed(error)
            }
        }
    }

    /// The position behind the last field's line break.
    private func findEnd(_ input: UnsafeBufferPointer<UInt8>, from start: Int) throws(Fault) -> Int? {
        guard let base = input.baseAddress else { return nil }
        var lineStart = start
        while let found = memchr(base + lineStart, 10, input.count - lineStart) {
            let lineFeed = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            guard lineFeed > lineStart, input[lineFeed - 1] == 13 else { throw .bad("bare line feed") }
            if lineFeed == lineStart + 1 {
                guard lineStart > start else { throw .bad("malformed status line") }
                return lineStart
            }
            lineStart = lineFeed + 1
        }
        guard input.count - start <= limits.headBytes else { throw .bad("response head too large") }
        return nil
    }

    /// `nil` for an interim response.
    private func read(_ input: UnsafeBufferPointer<UInt8>) throws(Fault) -> ResponseHead? {
        guard input.count <= limits.headBytes else { throw .bad("response head too large") }
        var bytes = Array(input)
        // "HTTP/1.x SP 3DIGIT SP reason"; some servers leave out the last space with the reason.
        guard bytes.count >= 14, bytes[..<7].elementsEqual("HTTP/1.".utf8), bytes[7] == 0x30 || bytes[7] == 0x31,
            bytes[8] == 0x20, bytes[9...11].allSatisfy({ Characters.isDigit($0) }),
            bytes[12] == 0x20 || bytes[12] == 13,
            bytes[9] != 0x30
        else { throw .bad("malformed status line") }
        let code = bytes[9...11].reduce(UInt16(0)) { $0 * 10 + UInt16($1 - 0x30) }
        var fields = Fields()
        var lineStart = (bytes.firstIndex(of: 10) ?? bytes.count - 1) + 1
        guard bytes[..<(lineStart - 2)].allSatisfy({ Characters.fieldValue[Int($0)] != 0 }) else {
            throw .bad("malformed status line")
        }
        while lineStart < bytes.count {
            let lineEnd = (bytes[lineStart...].firstIndex(of: 10) ?? bytes.count) - 1
            let range = lineStart..<lineEnd
            guard fields.count < limits.fields else { throw .bad("too many fields") }
            let line = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(Fault) in
                try FieldTables.with { (tables) throws(Fault) in try FieldLine(buffer, range, tables) }
            }
            fields.append(
                FieldName(known: String(decoding: bytes[line.name], as: UTF8.self)),
                String(decoding: bytes[line.value], as: UTF8.self))
            lineStart = lineEnd + 2
        }
        let status = Status(code)
        // 101 would change the protocol, which was never asked for.
        guard code != 101 else { throw .bad("unexpected protocol switch") }
        if code < 200 { return nil }
        let framing = try framing(status, fields)
        let options = fields.values(.connection).flatMap {
            Array($0.utf8).split(separator: UInt8(ascii: ",")).map(\.trimmed)
        }
        let closes = options.contains { $0.equalsIgnoringCase("close") }
        let asksKeepAlive = options.contains { $0.equalsIgnoringCase("keep-alive") }
        return ResponseHead(
            status: status, fields: fields, framing: framing,
            keepsAlive: framing != .untilClose && !closes && (bytes[7] == 0x31 || asksKeepAlive))
    }

    private func framing(_ status: Status, _ fields: Fields) throws(Fault) -> ResponseHead.Framing {
        let codings = fields.values(.transferEncoding)
        let lengths = fields.values(.contentLength)
        guard codings.isEmpty || lengths.isEmpty else { throw .bad("both Transfer-Encoding and Content-Length") }
        var length: Int?
        for text in lengths {
            let value = try ContentLength.read(text.utf8)
            guard length == nil || length == value else { throw .bad("conflicting Content-Length") }
            length = value
        }
        if isHeadRequest || status.isBodiless { return .none }
        if !codings.isEmpty {
            guard codings.count == 1, Array(codings[0].utf8).equalsIgnoringCase("chunked") else {
                throw .bad("unknown transfer coding")
            }
            return .chunked
        }
        return length.map { .length($0) } ?? .untilClose
    }
}

/// The value of Content-Length (RFC 9110 §8.6).
enum ContentLength {
    /// Digits only, and few enough for `Int`.
    static func read(_ digits: some Collection<UInt8>) throws(Fault) -> Int {
        guard (1...18).contains(digits.count) else { throw .bad("malformed Content-Length") }
        var value = 0
        for digit in digits {
            guard Characters.isDigit(digit) else { throw .bad("malformed Content-Length") }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}
