import Glibc

/// Reads request heads from a stream of bytes, strictly (RFC 9112): whatever two readers could understand differently is
/// refused, since a proxy in front of us may be the other reader.
///
/// The caller keeps unread bytes and offers them again, longer, until a head is complete.
package struct RequestParser: Sendable {
    package struct Limits: Sendable {
        /// Bytes of request line and fields together; at most 65 535.
        package var headBytes = 32 * 1024
        package var fields = 100
        package var cookieBytes = 16 * 1024

        package init() {}
    }

    package enum Outcome {
        /// The head is incomplete; nothing was taken.
        case needMore
        /// A head, and how many bytes it took.
        case head(RequestHead, consumed: Int)
        case malformed(Fault)
    }

    private let limits: Limits
    /// Where the first line without a line break starts: lines before it are known to be complete.
    private var scanned = 0

    package init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Reads the head at the start of `input`.
    package mutating func parse(_ input: Span<UInt8>, _ origin: @autoclosure () -> Origin) -> Outcome {
        input.withUnsafeBufferPointer { input in
            do throws(Fault) {
                // One empty line before the request line is ignored (RFC 9112 §2.2).
                let lead = input.count >= 2 && input[0] == 13 && input[1] == 10 ? 2 : 0
                guard let end = try findEnd(input, lead) else { return .needMore }
                scanned = 0
                var builder = RequestHeadBuilder(limits)
                let head = try builder.build(UnsafeBufferPointer(rebasing: input[lead..<end]), origin())
                return .head(head, consumed: end + 2)
            } catch {
                return .malformed(error)
            }
        }
    }

    /// The position behind the last field's line break, where the empty line begins.
    private mutating func findEnd(_ input: UnsafeBufferPointer<UInt8>, _ lead: Int) throws(Fault) -> Int? {
        guard input.count > lead, let base = input.baseAddress else { return nil }
        var lineStart = max(lead, scanned)
        while let found = memchr(base + lineStart, 10, input.count - lineStart) {
            let lineFeed = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            guard lineFeed > lineStart, input[lineFeed - 1] == 13 else { throw .bad("bare line feed") }
            if lineFeed == lineStart + 1 {
                guard lineStart > lead else { throw .bad("malformed request line") }
                guard lineStart - lead <= limits.headBytes else { throw tooLarge(input, lead) }
                return lineStart
            }
            lineStart = lineFeed + 1
        }
        guard Characters.lowerToken[Int(input[lead])] != 0 else {
            // "\r" alone may still become an empty line.
            if lead == 0, input.count == 1, input[0] == 13 { return nil }
            throw .bad("malformed request line")
        }
        guard input.count - lead <= limits.headBytes else { throw tooLarge(input, lead) }
        scanned = lineStart
        return nil
    }

    private func tooLarge(_ input: UnsafeBufferPointer<UInt8>, _ lead: Int) -> Fault {
        let firstLine = input.firstIndex(of: 10) ?? input.count
        return firstLine - lead >= limits.headBytes
            ? Fault(.uriTooLong, "request line too long") : Fault(.headerFieldsTooLarge, "request head too large")
    }
}

/// Turns the bytes of one complete head into a ``RequestHead``.
private struct RequestHeadBuilder {
    let limits: RequestParser.Limits
    var host: Range<Int>?
    var contentLength: Int?
    var codings: [ArraySlice<UInt8>] = []
    var hasTransferEncoding = false
    var closes = false
    var asksKeepAlive = false
    var expectsContinue = false

    init(_ limits: RequestParser.Limits) { self.limits = limits }

    /// `input` ends with the line break of its last line.
    mutating func build(_ input: UnsafeBufferPointer<UInt8>, _ origin: Origin) throws(Fault) -> RequestHead {
        var bytes = [UInt8](unsafeUninitializedCapacity: input.count) { buffer, count in
            _ = buffer.initialize(from: input)
            count = input.count
        }
        let line = try RequestLine(input)
        var lines: [RequestHead.Line] = []
        lines.reserveCapacity(12)
        try readFields(&bytes, from: line.end, into: &lines)

        if host == nil, line.minorVersion == 1 { throw .bad("missing Host") }
        if let host, !HostSyntax.isValid(bytes[host]) { throw .bad("malformed Host") }
        var authority = host ?? 0..<0
        if let target = line.authority {
            guard HostSyntax.isValid(bytes[target]) else { throw .bad("malformed request target") }
            authority = target
        }
        return RequestHead(
            bytes: bytes, lines: lines, method: line.method, target: line.target, path: line.path, query: line.query,
            host: authority, minorVersion: line.minorVersion, framing: try framing(line.minorVersion),
            keepsAlive: line.minorVersion == 1 ? !closes : asksKeepAlive && !closes,
            expectsContinue: expectsContinue && line.minorVersion == 1, origin: origin)
    }

    private mutating func readFields(
        _ bytes: inout [UInt8], from start: Int, into lines: inout [RequestHead.Line]
    ) throws(Fault) {
        let end = bytes.count
        try bytes.withUnsafeMutableBufferPointer { (buffer) throws(Fault) in
            guard let base = buffer.baseAddress else { return }
            try FieldTables.with { (tables) throws(Fault) in
                var position = start
                while position < end {
                    // The input ends with a line break, so one is found.
                    guard let found = memchr(base + position, 13, end - position) else { throw .bad("malformed field") }
                    let lineEnd = UnsafeRawPointer(found) - UnsafeRawPointer(base)
                    guard lineEnd + 1 < end, buffer[lineEnd + 1] == 10 else { throw .bad("bare carriage return") }
                    guard lineEnd > position else { throw .bad("empty field line") }
                    guard lines.count < limits.fields else { throw Fault(.headerFieldsTooLarge, "too many fields") }
                    let field = try FieldLine(buffer, position..<lineEnd, tables)
                    lines.append(
                        RequestHead.Line(
                            name: UInt16(field.name.lowerBound), nameEnd: UInt16(field.name.upperBound),
                            value: UInt16(field.value.lowerBound), valueEnd: UInt16(field.value.upperBound),
                            signature: field.signature))
                    try note(field, buffer)
                    position = lineEnd + 2
                }
            }
        }
    }

    /// Remembers what framing and routing need.
    private mutating func note(_ field: FieldLine, _ buffer: UnsafeMutableBufferPointer<UInt8>) throws(Fault) {
        let name = UnsafeBufferPointer(rebasing: buffer[field.name]).span
        switch name.count {
        case 4 where name.equals("host"):
            guard host == nil else { throw .bad("more than one Host") }
            host = field.value
        case 6 where name.equals("cookie"):
            guard field.value.count <= limits.cookieBytes else {
                throw Fault(.headerFieldsTooLarge, "Cookie too large")
            }
        case 6 where name.equals("expect"):
            guard buffer[field.value].equalsIgnoringCase("100-continue") else {
                throw Fault(.expectationFailed, "unknown expectation")
            }
            expectsContinue = true
        case 10 where name.equals("connection"):
            for option in buffer[field.value].split(separator: UInt8(ascii: ",")) {
                let option = option.trimmed
                if option.equalsIgnoringCase("close") { closes = true }
                if option.equalsIgnoringCase("keep-alive") { asksKeepAlive = true }
            }
        case 14 where name.equals("content-length"):
            // Even equal duplicates are refused: a list is a sign of a joined or injected field (RFC 9112 §6.3).
            guard contentLength == nil else { throw .bad("more than one Content-Length") }
            contentLength = try ContentLength.read(buffer[field.value])
        case 17 where name.equals("transfer-encoding"):
            hasTransferEncoding = true
            for coding in buffer[field.value].split(separator: UInt8(ascii: ",")) {
                codings.append(Array(coding.trimmed)[...])
            }
        default: break
        }
    }

    private func framing(_ minorVersion: UInt8) throws(Fault) -> RequestHead.Framing {
        guard hasTransferEncoding else {
            guard let contentLength, contentLength > 0 else { return .none }
            return .length(contentLength)
        }
        // Both lengths at once is the classic of request smuggling (RFC 9112 §11.2).
        guard contentLength == nil else { throw .bad("both Transfer-Encoding and Content-Length") }
        guard minorVersion == 1 else { throw .bad("Transfer-Encoding in HTTP/1.0") }
        guard !codings.isEmpty else { throw .bad("empty Transfer-Encoding") }
        guard codings.allSatisfy({ $0.equalsIgnoringCase("chunked") }) else {
            throw Fault(.notImplemented, "unknown transfer coding")
        }
        guard codings.count == 1 else { throw .bad("chunked applied twice") }
        return .chunked
    }
}

extension BidirectionalCollection<UInt8> {
    /// Without surrounding spaces and tabs.
    var trimmed: SubSequence {
        var slice = self[...]
        while let first = slice.first, first == 0x20 || first == 0x09 { slice = slice.dropFirst() }
        while let last = slice.last, last == 0x20 || last == 0x09 { slice = slice.dropLast() }
        return slice
    }
}
