/// A reply of a server (RFC 5321 §4.2): three digits and lines of text.
struct SMTPReply: Equatable, Sendable {
    let code: Int
    /// Without codes and separators.
    let lines: [String]

    var isPositive: Bool { code / 100 == 2 }
    var isIntermediate: Bool { code / 100 == 3 }
}

/// Collects the lines of one reply, however they arrive.
struct SMTPReplyParser {
    /// Longer than the 512 octets of RFC 5321 §4.5.3.1.5, which some servers exceed.
    static let lineLimit = 2048
    static let lineCountLimit = 128

    /// Received and not yet part of a reply.
    private(set) var buffer: [UInt8] = []
    private var code: Int?
    private var lines: [String] = []

    mutating func append(_ bytes: [UInt8]) { buffer += bytes }

    /// The next complete reply, or `nil` until more bytes arrive.
    ///
    /// - Throws: ``MailError/malformed(_:)``.
    mutating func next() throws(MailError) -> SMTPReply? {
        while let end = buffer.firstIndex(of: 0x0A) {
            var line = buffer[..<end]
            guard line.count <= Self.lineLimit else { throw .malformed("a line is too long") }
            if line.last == 0x0D { line.removeLast() }
            let (code, isLast, text) = try Self.parts(of: line)
            buffer.removeFirst(end + 1)
            guard self.code == nil || self.code == code else { throw .malformed("a reply has two codes") }
            guard lines.count < Self.lineCountLimit else { throw .malformed("a reply has too many lines") }
            self.code = code
            lines.append(text)
            if isLast {
                defer { (self.code, lines) = (nil, []) }
                return SMTPReply(code: code, lines: lines)
            }
        }
        guard buffer.count <= Self.lineLimit else { throw .malformed("a line is too long") }
        return nil
    }

    private static func parts(of line: ArraySlice<UInt8>) throws(MailError) -> (Int, isLast: Bool, String) {
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let code = Int(String(decoding: digits, as: UTF8.self)), (200..<600).contains(code)
        else { throw .malformed("a line has no code") }
        let rest = line.dropFirst(3)
        guard let separator = rest.first else { return (code, true, "") }
        guard separator == 0x20 || separator == 0x2D else {
            throw .malformed("a code is followed by neither blank nor -")
        }
        guard !line.contains(0) else { throw .malformed("a line contains a NUL") }
        return (code, separator == 0x20, String(decoding: rest.dropFirst(), as: UTF8.self))
    }
}

/// What a server announces after EHLO (RFC 5321 §4.1.1.1).
struct SMTPExtensions: Equatable, Sendable {
    var startTLS = false
    var eightBit = false
    var international = false
    var mechanisms: Set<String> = []

    init(_ reply: SMTPReply) {
        // The first line is the server's name.
        for line in reply.lines.dropFirst() {
            // `AUTH=LOGIN` is how some old servers write it.
            let words = line.uppercased().split { $0 == " " || $0 == "=" }
            switch words.first {
            case "STARTTLS": startTLS = true
            case "8BITMIME": eightBit = true
            case "SMTPUTF8": international = true
            case "AUTH": mechanisms.formUnion(words.dropFirst().map(String.init))
            default: break
            }
        }
    }
}
